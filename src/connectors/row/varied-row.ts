// Rows of stores whose rows need not be alike: the dataset's schema, a mapping, or the first rows say which columns there
// are. What does not fit them later is refused, never left out. Pure.
import { ActivityError } from '../../base/error.ts';
import { type Properties, propertyError, textAt } from '../property.ts';
import { type ColumnType, columnTypeAt } from './column-type.ts';
import { converterOf, Inconvertible, plainConversion } from './convert.ts';
import type { Column, RecordBatch, Value } from './record-batch.ts';
import type { WantedColumn } from './row-store.ts';

/** A value of such a row, with its type, and the text that it has been found in, which a column of texts keeps as it is. */
export type Property = { type: ColumnType; value: Exclude<Value, null>; text?: string };

/** A row that has what it has. */
export type VariedRow = ReadonlyMap<string, Property>;

/** What a store knows of its rows beside them: the columns that every row has, and how messages name one. */
export type VariedStore = { always: readonly Column[]; nameOf(row: VariedRow): string };

/** The type that holds values of both without loss. */
const both = (one: ColumnType, other: ColumnType): ColumnType => {
  if (one === other) return one;
  const pair = new Set([one, other]);
  if (pair.has('Int32') && pair.has('Int64')) return 'Int64';
  return pair.has('Int32') && pair.has('Double') ? 'Double' : 'String';
};

/** The columns of these rows, those of every row first, then in order of appearance. */
export const columnsOf = (rows: readonly VariedRow[], { always }: VariedStore): Column[] => {
  const types = new Map<string, ColumnType>(always.map(({ name, type }) => [name, type]));
  for (const row of rows) for (const [name, { type }] of row) types.set(name, both(types.get(name) ?? type, type));
  return [...types].map(([name, type]) => ({ name, type }));
};

/** The columns that somebody named: of the type that the schema gives them, else that the first rows have. */
export const settleColumns = (
  wanted: readonly WantedColumn[],
  schema: readonly WantedColumn[],
  first: readonly VariedRow[],
  store: VariedStore,
): Column[] => {
  const declared = new Map(schema.map(({ name, type }) => [name, type]));
  const seen = new Map(columnsOf(first, store).map(({ name, type }) => [name, type]));
  return wanted.map(({ name, type }) => ({ name, type: declared.get(name) ?? seen.get(name) ?? type ?? 'String' }));
};

const wayOut = 'Give the dataset a schema with this column and its type, or map the columns that are wanted.';

const toBatch = (
  columns: readonly Column[],
  varied: readonly VariedRow[],
  isClosed: boolean,
  { nameOf }: VariedStore,
): RecordBatch => {
  const names = new Set(columns.map(({ name }) => name));
  const rows = varied.map((row) => {
    const extra = isClosed ? [...row.keys()].find((name) => !names.has(name)) : undefined;
    if (extra !== undefined)
      throw new ActivityError(
        'UserErrorTableColumnNotInSchema',
        `In ${nameOf(row)} there is a column '${extra}', which none of the first ones has. ${wayOut}`,
      );
    return columns.map(({ name, type }): Value => {
      const property = row.get(name);
      if (!property) return null;
      if (property.type === type) return property.value;
      if (type === 'String' && property.text !== undefined) return property.text;
      const refuse = (why: string) =>
        new ActivityError(
          'UserErrorTableColumnType',
          `In ${nameOf(row)} the column '${name}' is of type ${property.type} and cannot be read as ${type}: ${why}. ${wayOut}`,
        );
      const convert = converterOf(property.type, type, plainConversion);
      if (!convert) throw refuse('there is no such conversion');
      try {
        return convert(property.value);
      } catch (error) {
        throw error instanceof Inconvertible ? refuse(error.message) : error;
      }
    });
  });
  return { columns, rows };
};

/** The columns of a dataset's schema. Errors: the column that has no name, or a type that is none. */
export const readSchema = (schema: readonly Properties[]): WantedColumn[] =>
  schema.map((column) => {
    const name = textAt(column, 'name');
    if (!name) throw propertyError(column, 'name', 'must be given');
    return { name, type: columnTypeAt(column, 'type') };
  });

/** Turns pages of rows into batches with the same columns: those of `list`, or all that the first page has. */
export async function* variedBatches(
  pages: AsyncIterable<readonly VariedRow[]>,
  list: readonly WantedColumn[] | undefined,
  schema: readonly WantedColumn[],
  store: VariedStore,
): AsyncGenerator<RecordBatch> {
  let columns: Column[] | undefined;
  for await (const rows of pages) {
    columns ??= list ? settleColumns(list, schema, rows, store) : columnsOf(rows, store);
    yield toBatch(columns, rows, list === undefined, store);
  }
  if (!columns) yield { columns: list ? settleColumns(list, schema, [], store) : columnsOf([], store), rows: [] };
}
