// The one shape that every store of rows has. What copies knows nothing of a store but this; a new store is one adapter.
import type { ColumnType } from './column-type.ts';
import type { ConversionSettings, Converter } from './convert.ts';
import type { Column, RecordBatch } from './record-batch.ts';

/** A column that somebody asks for by name, and the type to read it as where the table itself tells none. */
export type WantedColumn = { name: string; type: ColumnType | undefined };

/** Errors of every call: `ActivityError` with the store's own code, or the abort's reason. */
export type RowSource = {
  /** The table as messages name it. */
  name: string;
  /**
   * The rows, all batches with the same columns; a table without rows gives one empty batch. Where `wanted` is given, a
   * store whose rows need not be alike gives at least those columns, null where a row has none.
   */
  read(wanted: readonly WantedColumn[] | undefined, signal: AbortSignal): AsyncIterable<RecordBatch>;
  /** The rows in about so many parts, which can be read at once and together are all rows, each once. Absent: as one. */
  parts?(count: number, signal: AbortSignal): Promise<readonly RowSource[]>;
};

/** Rows under way into a table. What is written may stay there when a later write fails, as in Azure. */
export type RowWriting = {
  /** Takes a batch; it need not be stored yet when this resolves. */
  write(batch: RecordBatch, signal: AbortSignal): Promise<void>;
  /** Resolves once all that was written is stored. */
  end(signal: AbortSignal): Promise<void>;
};

export type RowSink = {
  name: string;
  /** The type in which the table keeps a column of the given one. */
  keeps(type: ColumnType): ColumnType;
  /** What makes a column's values such that the table keeps them exactly, where it keeps less than the type has. */
  fit?(column: Column, settings: ConversionSettings): Converter | undefined;
  /**
   * Refuses values that `begin` or the store would refuse, so that their rows can be left out; as far as that is known
   * once the table is ready. Values stay as they are.
   */
  limits?(column: Column, settings: ConversionSettings): Converter | undefined;
  /** The types that columns must have there, by name, as far as they are known. */
  demands: readonly Column[];
  /** Makes the table ready, once, before anything is read, and answers with what it demands. Where it is absent, `demands` holds. */
  prepare?(signal: AbortSignal): Promise<readonly Column[]>;
  /** `conversion` is what the copy says of values that lose precision, for what only the table itself knows. */
  begin(columns: readonly Column[], conversion?: ConversionSettings): RowWriting;
};

/** What a table says of itself. `columns` are undefined where there is no table. */
export type TableFacts = { exists: boolean; columns: readonly { name: string; type: string }[] | undefined };
