// The one shape in which rows travel: a reader of any format makes batches, a writer of any format takes them.

/** A value of a row. Delimited text only has text and null; other formats bring types. */
export type Value = string | number | bigint | boolean | Date | Uint8Array | null;

/** Some rows of one table. Every row has a value for every column, in the columns' order. */
export type RecordBatch = { columns: readonly string[]; rows: Value[][] };
