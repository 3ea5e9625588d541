// What a file is called in the sink. Pure but for the random names.
import { randomUUID } from 'node:crypto';
import { choiceAt, type Properties, textAt } from '../../connectors/property.ts';
import { folderPrefix } from './selection.ts';

export const copyBehaviors = ['PreserveHierarchy', 'FlattenHierarchy', 'MergeFiles'] as const;

export type Destination = {
  merges: boolean;
  folder: string;
  /** The one name, where the sink's dataset has one. */
  fileName: string | undefined;
  /** Where a file goes that is at `relative` below the source's folder. */
  pathOf(relative: string): string;
  /** Where the one merged file goes; `relative` is that of the first file. */
  mergedPath(relative: string): string;
};

/** Where part `index` of a file goes that is divided. */
export const partPath = (path: string, index: number): string => {
  const extension = extensionsOf(path);
  return `${path.slice(0, path.length - extension.length)}_${String(index).padStart(5, '0')}${extension}`;
};

/** How names change on the way: what a file is no longer compressed by, the extension it gets, what it is compressed by. */
export type Renaming = {
  dropped: string;
  extension: string | undefined;
  added: string;
  /** What a name begins with that is made up. */
  namePrefix?: string | undefined;
};

const extensionsOf = (path: string) => /(\.[^./]+)?(\.(gz|deflate))?$/.exec(path)![0];
const extensionOf = (path: string) => /\.[^./]+$/.exec(path)?.[0] ?? '';

const rename = (path: string, { dropped, extension, added }: Renaming): string => {
  let name = path;
  if (dropped !== added && dropped !== '' && name.toLowerCase().endsWith(dropped))
    name = name.slice(0, -dropped.length);
  if (extension !== undefined) name = name.slice(0, name.length - extensionOf(name).length) + extension;
  return added !== '' && added !== dropped && !name.toLowerCase().endsWith(added) ? name + added : name;
};

// The shape of Azure's own generated names.
const generatedName = (extension: string, prefix = `data_${randomUUID()}_${randomUUID()}`) => prefix + extension;

/** Reads a sink's `storeSettings` with its dataset's `location`. */
export const readDestination = (location: Properties, settings: Properties, renaming: Renaming): Destination => {
  const behavior = choiceAt(settings, 'copyBehavior', copyBehaviors) ?? 'PreserveHierarchy';
  const folder = folderPrefix(textAt(location, 'folderPath'));
  const fileName = textAt(location, 'fileName') || undefined;
  const generated = (relative: string) =>
    folder + generatedName(extensionsOf(rename(relative, renaming)), renaming.namePrefix);
  return {
    merges: behavior === 'MergeFiles',
    folder,
    fileName,
    pathOf: (relative) => {
      if (fileName !== undefined) return folder + fileName;
      return behavior === 'FlattenHierarchy' ? generated(relative) : folder + rename(relative, renaming);
    },
    mergedPath: (relative) => (fileName === undefined ? generated(relative) : folder + fileName),
  };
};
