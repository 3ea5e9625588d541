// The one shape in which rows travel: a reader of any format or store makes batches, a writer of any takes them.
import type { ColumnType } from './column-type.ts';

/** A value of a row. How each column type stands in it: `column-type.ts`. */
export type Value = string | number | bigint | boolean | Uint8Array | null;

/** `precision` and `scale` are the digits of a Decimal, in all and behind the point, where they are known. */
export type Column = { name: string; type: ColumnType; precision?: number; scale?: number };

/** Some rows of one table. Every row has a value for every column, in the columns' order. */
export type RecordBatch = { columns: readonly Column[]; rows: Value[][] };

/** About how many bytes the values of a batch are, as the stores themselves count them. */
export const bytesOf = ({ rows }: RecordBatch): number => {
  let bytes = 0;
  for (const row of rows)
    for (const value of row)
      bytes += typeof value === 'string' ? Buffer.byteLength(value) : value instanceof Uint8Array ? value.length : 8;
  return bytes;
};
