// Names of tables, views and procedures: their parts, and where they are found.
import type { ObjectName } from '../language/syntax.ts';
import { SqlError } from '../sql-error.ts';
import type { Catalog, Context, ModuleInfo, TableInfo } from './context.ts';

/** Reads a name from text, as OBJECT_ID and sp_ procedures take it. */
export const readName = (text: string): ObjectName => {
  const parts: string[] = [];
  const part = /\s*(?:\[((?:[^\]]|\]\])*)\]|"((?:[^"]|"")*)"|([^.[\]"]*))\s*(\.|$)/y;
  while (part.lastIndex <= text.length && parts.length < 4) {
    const found = part.exec(text);
    if (!found) return { parts: [text] };
    parts.push(found[1]?.replaceAll(']]', ']') ?? found[2]?.replaceAll('""', '"') ?? (found[3] ?? '').trim());
    if (found[4] === '') break;
  }
  return { parts };
};

export const isTemporary = (name: ObjectName): boolean => name.parts.at(-1)!.startsWith('#');

/** The schema of a name, `dbo` where it has none. */
export const schemaOf = (name: ObjectName): string => (isTemporary(name) ? '#' : name.parts.at(-2) || 'dbo');

/** The key under which the catalogue has a name. */
export const objectKey = (name: ObjectName): string => `${schemaOf(name)}.${name.parts.at(-1)!}`.toLowerCase();

/** A name as a message prints it. */
export const printName = (name: ObjectName): string => name.parts.join('.');

/** Refuses names that lead out of the database. */
export const requireLocal = (name: ObjectName, { facts }: Pick<Context, 'facts'>): void => {
  const { parts } = name;
  const database = parts.length >= 3 ? parts.at(-3)! : '';
  const isHere = database === '' || database.toLowerCase() === facts.database.toLowerCase();
  if (parts.length === 4 || (!isHere && !(isTemporary(name) && database.toLowerCase() === 'tempdb')))
    throw new SqlError(
      40515,
      `Reference to database and/or server name in '${printName(name)}' is not supported in this version of SQL Server.`,
    );
};

const findIn = <Found>(
  objects: ReadonlyMap<string, Found>,
  name: ObjectName,
  context: Pick<Context, 'facts'>,
): Found | undefined => {
  requireLocal(name, context);
  return objects.get(objectKey(name));
};

/** The table or view of a name; 208 where there is none. */
export const findTable = (name: ObjectName, context: Pick<Context, 'facts' | 'catalog'>): TableInfo => {
  const found = findIn(context.catalog.tables, name, context);
  if (found) return found;
  throw new SqlError(208, `Invalid object name '${printName(name)}'.`);
};

/** The procedure of a name; undefined where there is none. */
export const findModule = (
  name: ObjectName,
  context: { facts: Context['facts']; catalog: Catalog },
): ModuleInfo | undefined => findIn(context.catalog.modules, name, context);
