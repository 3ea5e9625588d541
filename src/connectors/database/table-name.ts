// The table that a dataset names: `schema` and `table`, or both in the older `tableName`. Pure.
import { type Properties, propertyError, textAt } from '../property.ts';
import type { TableName } from './session.ts';

const longest = 128;
const part = /\s*(?:\[((?:[^\]]|\]\])*)\]|"((?:[^"]|"")*)"|([^.[\]"\s]+))\s*(\.|$)/y;

/** The parts of `a.b`, `[a].[b]` or `"a"."b"`; undefined where the text is none of these. */
const partsOf = (text: string): string[] | undefined => {
  const parts: string[] = [];
  part.lastIndex = 0;
  for (;;) {
    const found = part.exec(text);
    if (!found) return undefined;
    const [, bracketed, quotedName, plain, end] = found;
    parts.push(bracketed?.replaceAll(']]', ']') ?? quotedName?.replaceAll('""', '"') ?? plain!);
    if (end === '') return parts;
  }
};

const check = (from: Properties, name: string, value: string | undefined): string | undefined => {
  if (value === undefined || value === '') return undefined;
  if (value.length > longest || value.includes('\u0000'))
    throw propertyError(from, name, `must be a name of at most ${longest} characters`);
  return value;
};

/** Reads the name from a dataset's `typeProperties`; undefined where it names no table, as one for queries may. */
export const readTableName = (dataset: Properties): TableName | undefined => {
  const table = check(dataset, 'table', textAt(dataset, 'table'));
  const schema = check(dataset, 'schema', textAt(dataset, 'schema'));
  if (table !== undefined) return { schema, table };
  const old = textAt(dataset, 'tableName');
  if (old === undefined || old === '') return undefined;
  const parts = partsOf(old);
  if (!parts || parts.length > 2) throw propertyError(dataset, 'tableName', 'must be a table, or schema.table');
  const [last, first] = [parts.at(-1), parts.at(-2)];
  return {
    schema: check(dataset, 'tableName', first) ?? schema,
    table: check(dataset, 'tableName', last)!,
  };
};

/** The name, for those who need one. */
export const requireTableName = (dataset: Properties): TableName => {
  const name = readTableName(dataset);
  if (name) return name;
  throw propertyError(dataset, 'table', 'must name a table (or tableName, schema.table)');
};
