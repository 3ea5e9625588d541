import { ActivityError } from '../../base/error.ts';
import { type Properties, propertyError } from '../../connectors/property.ts';

/** Everything that GetMetadata can be asked for, in Azure's words. */
export const fields = [
  'itemName',
  'itemType',
  'size',
  'created',
  'lastModified',
  'childItems',
  'contentMD5',
  'structure',
  'columnCount',
  'exists',
] as const;
export type Field = (typeof fields)[number];

/** Which of them a file, a folder and a table have. A folder's times are told only where its store keeps them. */
const had: Readonly<Record<'file' | 'folder' | 'table', readonly Field[]>> = {
  file: fields.filter((field) => field !== 'childItems'),
  folder: ['itemName', 'itemType', 'created', 'lastModified', 'childItems', 'exists'],
  table: ['itemName', 'structure', 'columnCount', 'exists'],
};

/** Reads `fieldList`. */
export const readFields = (activity: Properties): ReadonlySet<Field> => {
  const given = activity.values.fieldList ?? [];
  if (!Array.isArray(given)) throw propertyError(activity, 'fieldList', 'must be a list of names');
  return new Set(
    given.map((name) => {
      const found = fields.find((field) => field.toLowerCase() === String(name).toLowerCase());
      if (!found) throw propertyError(activity, 'fieldList', `must hold names among ${fields.join(', ')}`);
      return found;
    }),
  );
};

/** Refuses a field that such a thing does not have. */
export const requireHad = (asked: ReadonlySet<Field>, what: keyof typeof had, name: string): void => {
  const wrong = [...asked].find((field) => !had[what].includes(field));
  if (wrong === undefined) return;
  throw new ActivityError(
    'UserErrorMetadataFieldNotSupported',
    `The field ${wrong} is not told of a ${what}, which '${name}' is. Of a ${what} there are: ${had[what].join(', ')}.`,
  );
};
