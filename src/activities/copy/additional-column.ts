// Columns that a source adds to its rows: a fixed value, the path of the row's file, or another column's value. Pure.
import { groupsAt, type Properties, propertyError, textAt } from '../../connectors/property.ts';
import type { Column, RecordBatch, Value } from '../../connectors/row/record-batch.ts';
import type { WantedColumn } from '../../connectors/row/row-store.ts';

export type AdditionalColumn = { name: string } & ({ value: string } | { column: string } | { isFilePath: true });

const columnWord = '$$COLUMN:';

/** Reads a source's `additionalColumns`. `hasFiles`: whether its rows are in files. */
export const readAdditionalColumns = (source: Properties, hasFiles: boolean): AdditionalColumn[] =>
  (groupsAt(source, 'additionalColumns') ?? []).map((column) => {
    const name = textAt(column, 'name');
    if (!name) throw propertyError(column, 'name', 'must be given');
    const given = column.values.value;
    if (typeof given === 'number' || typeof given === 'boolean') return { name, value: String(given) };
    const value = textAt(column, 'value');
    if (value === undefined) throw propertyError(column, 'value', 'must be text, `$$FILEPATH` or `$$COLUMN:name`');
    if (value.toUpperCase() === '$$FILEPATH') {
      if (!hasFiles) throw propertyError(column, 'value', 'cannot be $$FILEPATH, for the source is a table');
      return { name, isFilePath: true };
    }
    if (!value.toUpperCase().startsWith(columnWord)) return { name, value };
    const other = value.slice(columnWord.length);
    if (other === '') throw propertyError(column, 'value', 'must name a column after $$COLUMN:');
    return { name, column: other };
  });

/** What is asked of the source itself, for these columns to be added to it. */
export const withoutAdditional = (
  wanted: readonly WantedColumn[] | undefined,
  added: readonly AdditionalColumn[],
): readonly WantedColumn[] | undefined => {
  if (!wanted) return undefined;
  const own = wanted.filter(({ name }) => !added.some((column) => column.name === name));
  const copied = added.flatMap((column) => ('column' in column ? [column.column] : []));
  const missing = copied.filter((name) => !own.some((column) => column.name === name));
  return [...own, ...missing.map((name) => ({ name, type: undefined }))];
};

/** The batch with the columns added behind its own. `fail` makes the error for a column that is to be copied and is not there. */
export const addColumns = (
  batch: RecordBatch,
  added: readonly AdditionalColumn[],
  filePath: string,
  fail: (column: string) => Error,
): RecordBatch => {
  if (added.length === 0) return batch;
  const { columns, rows } = batch;
  const parts = added.map((column): { place: number; value: Value; of: Omit<Column, 'name'> } => {
    if (!('column' in column))
      return { place: -1, value: 'value' in column ? column.value : filePath, of: { type: 'String' } };
    const place = columns.findIndex(({ name }) => name === column.column);
    if (place < 0) throw fail(column.column);
    return { place, value: null, of: columns[place]! };
  });
  return {
    columns: [...columns, ...parts.map(({ of }, at) => ({ ...of, name: added[at]!.name }))],
    rows: rows.map((row) => [...row, ...parts.map(({ place, value }) => (place < 0 ? value : row[place]!))]),
  };
};
