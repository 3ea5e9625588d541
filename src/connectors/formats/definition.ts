import type { TSchema } from 'typebox';
import type { ActivityError } from '../../base/error.ts';
import type { Properties } from '../property.ts';
import type { ColumnType } from '../row/column-type.ts';
import type { ConversionSettings, Converter } from '../row/convert.ts';
import type { Column, RecordBatch, Value } from '../row/record-batch.ts';
import type { WantedColumn } from '../row/row-store.ts';

/** A file that can be read in any order. */
export type FileRanges = {
  size: number;
  /** Fills `into` with the bytes from `offset`. */
  read(offset: number, into: Buffer): Promise<void>;
};

/** What is asked of a file beside all of its bytes in order. */
export type FileRequest = {
  /** The file in any order, where it is read as it is stored. */
  ranges?: FileRanges | undefined;
  /** Columns that are asked for by name or path; undefined: all that there are. */
  wanted?: readonly WantedColumn[] | undefined;
  /** The path of the list whose items are the rows, in a format whose values can be nested. */
  collection?: string | undefined;
  /** Whether batches may have their values as text in memory, and had better. */
  asText?: boolean | undefined;
  /** Takes what is no row of the table, where such rows are skipped; without it they fail. */
  onBadRow?: ((error: ActivityError, values: readonly Value[]) => void) | undefined;
};

/** Turns a file's bytes into rows. `fileName` is for messages. A chunk is not kept past the next one. */
export type RowReader = (
  chunks: AsyncIterable<Buffer>,
  fileName: string,
  request?: FileRequest,
) => AsyncIterable<RecordBatch>;

/** Turns rows into a file's bytes. `columns` are those of the table, also where there is no row. */
export type RowWriter = (columns: readonly Column[], batches: AsyncIterable<RecordBatch>) => AsyncIterable<Buffer>;

/** A format's code. */
export type OpenFormat = {
  /** What makes a column's values such that a file keeps them exactly, where it keeps less than the type has. */
  fit?(column: Column, settings: ConversionSettings): Converter | undefined;
  /** Reads what the dataset and the source's `formatSettings` say. */
  openReader(dataset: Properties, formatSettings: Properties): RowReader;
  openWriter(dataset: Properties, formatSettings: Properties): RowWriter;
};

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
  /** Whether `compressionCodec` is the format's own affair, and not that of the file as a whole. */
  compressesItself?: true;
  /** Whether values can be nested: then mappings may name paths. */
  isHierarchical?: true;
  /** Whether its writer takes text as it lies in memory. */
  writesText?: true;
  /** The type in which a file of this format keeps a column of the given one. */
  keeps(type: ColumnType): ColumnType;
  open(): Promise<OpenFormat>;
};
