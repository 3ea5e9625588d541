// Copies rows: read from files or a table, put into the sink's columns and types, written to a file or a table.
import type { FileStore, StoredFile } from '../../connectors/file-store.ts';
import { type Compression, compress, decompress } from '../../connectors/formats/compression.ts';
import type { FileRanges, FileRequest, RowReader, RowWriter } from '../../connectors/formats/definition.ts';
import type { Column, RecordBatch } from '../../connectors/row/record-batch.ts';
import type { RowSink, RowSource, RowWriting, WantedColumn } from '../../connectors/row/row-store.ts';
import type { BlockPool } from './block-pool.ts';
import { readBlocks, writeChunks } from './block-stream.ts';
import { applyProjection, type Projection, type ProjectionSettings, project } from './projection.ts';
import type { SideTally } from './tally.ts';

/** Memory of one file under way: what it is read into and what it is written from. */
export type Lane = { read: BlockPool; write: BlockPool };

/** Files that are read or written as streams, and what counts it. */
export type FileSource = { store: FileStore; tally: SideTally; decompression: Compression | undefined };
export type FileSink = { store: FileStore; tally: SideTally; compression: Compression | undefined };

/** What all the rows of a copy have in common. */
export type RowCopy = { projection: ProjectionSettings; request: FileRequest; source: SideTally; sink: SideTally };

/** Rows of one file or one table. `name` is for messages. */
export type RowInput = { name: string; read(signal: AbortSignal): AsyncIterable<RecordBatch> };

const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);

const readFile = (
  source: FileSource,
  file: StoredFile,
  pool: BlockPool,
  signal: AbortSignal,
): AsyncIterable<Buffer> => {
  const blocks = readBlocks(source.store, file, pool, signal);
  return source.decompression ? decompress(blocks, source.decompression, file.path) : blocks;
};

const writeFile = (sink: FileSink, path: string, chunks: AsyncIterable<Buffer>, lane: Lane, signal: AbortSignal) =>
  writeChunks(sink.store, path, sink.compression ? compress(chunks, sink.compression) : chunks, lane.write, signal);

/** Writes the bytes of the files, one after the other, as one file. */
export const streamFiles = async (
  source: FileSource,
  files: AsyncIterable<StoredFile> | Iterable<StoredFile>,
  sink: FileSink,
  path: string,
  lane: Lane,
  signal: AbortSignal,
): Promise<void> => {
  const chunks = async function* () {
    for await (const file of files) {
      yield* readFile(source, file, lane.read, signal);
      source.tally.files += 1;
    }
  };
  await writeFile(sink, path, chunks(), lane, signal);
};

/** The rows of a file, read into the blocks of `pool`. */
export const fileInput = (
  source: FileSource,
  reader: RowReader,
  file: StoredFile,
  pool: BlockPool,
  request: FileRequest = {},
): RowInput => ({
  name: file.path,
  async *read(signal) {
    // Decompressed, a file can only be read in order.
    const ranges: FileRanges | undefined = source.decompression
      ? undefined
      : { size: file.size, read: (offset, into) => source.store.read(file, offset, into, signal) };
    yield* reader(readFile(source, file, pool, signal), baseName(file.path), { ...request, ranges });
    source.tally.files += 1;
  },
});

/** The columns that are asked for: where every mapping names its column, only those; else undefined. */
export const wantedColumns = ({ mappings }: Pick<ProjectionSettings, 'mappings'>): WantedColumn[] | undefined => {
  const wanted = mappings?.flatMap(({ from }): WantedColumn[] => ('name' in from ? [from] : []));
  return wanted?.length === mappings?.length ? wanted : undefined;
};

/** The rows of a table. */
export const tableInput = (source: RowSource, { wanted }: FileRequest): RowInput => ({
  name: source.name,
  read: (signal) => source.read(wanted, signal),
});

async function* projectedBatches(
  copy: RowCopy,
  inputs: AsyncIterable<RowInput> | Iterable<RowInput>,
  signal: AbortSignal,
): AsyncGenerator<RecordBatch> {
  let sinkColumns: readonly Column[] | undefined;
  for await (const input of inputs) {
    let projection: Projection | undefined;
    let rowsBefore = 0;
    for await (const batch of input.read(signal)) {
      projection ??= project(batch.columns, copy.projection, sinkColumns, input.name);
      sinkColumns ??= projection.columns;
      copy.source.rows += batch.rows.length;
      yield applyProjection(batch, projection, rowsBefore);
      rowsBefore += batch.rows.length;
      copy.sink.rows += batch.rows.length;
    }
  }
}

/** Writes the rows of the inputs, one after the other, as one file: with one header, which the first input decides. */
export const copyToFile = async (
  copy: RowCopy,
  inputs: AsyncIterable<RowInput> | Iterable<RowInput>,
  sink: FileSink & { writer: RowWriter },
  path: string,
  lane: Lane,
  signal: AbortSignal,
): Promise<void> => {
  const batches = projectedBatches(copy, inputs, signal);
  const first = await batches.next();
  const rest = async function* () {
    if (first.done) return;
    yield first.value;
    yield* batches;
  };
  const columns = first.done ? undefined : first.value.columns;
  // A source without even a header has no columns to name: the sink's file is empty too.
  const chunks = columns ? sink.writer(columns, rest()) : (async function* () {})();
  await writeFile(sink, path, chunks, lane, signal);
};

/** Writes the rows of the input into a table. What is written before a failure may stay there. */
export const copyToTable = async (copy: RowCopy, input: RowInput, sink: RowSink, outer: AbortSignal): Promise<void> => {
  const scope = new AbortController();
  const signal = AbortSignal.any([outer, scope.signal]);
  let writing: RowWriting | undefined;
  try {
    for await (const batch of projectedBatches(copy, [input], signal)) {
      writing ??= sink.begin(batch.columns, copy.projection.conversion);
      await writing.write(batch, signal);
    }
    await writing?.end(signal);
  } catch (error) {
    // Nothing of it may still be under way when the activity has ended.
    scope.abort(error);
    await writing?.end(signal).catch(() => {});
    throw error;
  }
};
