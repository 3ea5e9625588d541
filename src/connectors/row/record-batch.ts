// The one shape in which rows travel: a reader of any format or store makes batches, a writer of any takes them.
import type { ColumnType } from './column-type.ts';

/** A value of a row. How each column type stands in it: `column-type.ts`. */
export type Value = string | number | bigint | boolean | Uint8Array | null;

/** `precision` and `scale` are the digits of a Decimal, in all and behind the point, where they are known. */
export type Column = { name: string; type: ColumnType; precision?: number; scale?: number };

/**
 * Rows of text as it lies in memory. Field `row * width + column` is `bytes` from `starts` to `ends`; its kind is a value
 * (0), null (1), or a value that is written otherwise there (2): `textOf` gives it. Good until the next batch is asked for.
 */
export type TextBlock = {
  bytes: Uint8Array;
  starts: Uint32Array;
  ends: Uint32Array;
  kinds: Uint8Array;
  textOf(field: number): string;
  rows: number;
  width: number;
};

/**
 * Some rows of one table. Every row has a value for every column, in the columns' order. Where there is `text`, whoever can
 * do with it should: `rows` are made of it when they are asked for, and that is what costs.
 */
export type RecordBatch = { columns: readonly Column[]; rows: Value[][]; text?: TextBlock };

/** How many rows a batch has. */
export const rowsIn = (batch: RecordBatch): number => batch.text?.rows ?? batch.rows.length;

/** A batch of text. */
export const textBatch = (columns: readonly Column[], text: TextBlock): RecordBatch => {
  let made: Value[][] | undefined;
  const make = () => {
    const value = (field: number) => (text.kinds[field] === 1 ? null : text.textOf(field));
    return Array.from({ length: text.rows }, (_, row) =>
      Array.from({ length: text.width }, (_, at) => value(row * text.width + at)),
    );
  };
  return {
    columns,
    text,
    get rows() {
      made ??= make();
      return made;
    },
  };
};

/** About how many bytes the values of a batch are, as the stores themselves count them. */
export const bytesOf = ({ rows }: RecordBatch): number => {
  let bytes = 0;
  for (const row of rows)
    for (const value of row)
      bytes += typeof value === 'string' ? Buffer.byteLength(value) : value instanceof Uint8Array ? value.length : 8;
  return bytes;
};
