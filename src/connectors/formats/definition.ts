import type { TSchema } from 'typebox';
import type { Properties } from '../property.ts';
import type { ColumnType } from '../row/column-type.ts';
import type { Column, RecordBatch } from '../row/record-batch.ts';

/** Turns a file's bytes into rows. `fileName` is for messages. A chunk is not kept past the next one. */
export type RowReader = (chunks: AsyncIterable<Buffer>, fileName: string) => AsyncIterable<RecordBatch>;

/** Turns rows into a file's bytes. `columns` are those of the table, also where there is no row. */
export type RowWriter = (columns: readonly Column[], batches: AsyncIterable<RecordBatch>) => AsyncIterable<Buffer>;

/** A format of files that hold rows: one folder, one line in the registry. Its code is loaded in the worker only. */
export type FormatDefinition = {
  /** Azure's dataset type, and the types of a copy's source and sink for it. */
  type: string;
  source: string;
  sink: string;
  /** One sentence for documentation. */
  summary: string;
  /** Schema of the dataset's `typeProperties` beside `location` and compression. */
  typeProperties: TSchema;
  /** The type in which a file of this format keeps a column of the given one. */
  keeps(type: ColumnType): ColumnType;
  open(): Promise<{
    /** Reads what the dataset and the source's `formatSettings` say. */
    openReader(dataset: Properties, formatSettings: Properties): RowReader;
    openWriter(dataset: Properties, formatSettings: Properties): RowWriter;
  }>;
};
