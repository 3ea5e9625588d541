// Copies rows: read from files or a table, put into the sink's columns and types, written to a file or a table.
import type { ActivityError } from '../../base/error.ts';
import type { FileStore, StoredFile } from '../../connectors/file-store.ts';
import type { ArchiveCodec, ArchiveEntry } from '../../connectors/formats/archive/definition.ts';
import { type Compression, compress, decompress } from '../../connectors/formats/compression.ts';
import type { FileRanges, FileRequest, RowReader, RowWriter } from '../../connectors/formats/definition.ts';
import { type Column, type RecordBatch, rowsIn, type Value } from '../../connectors/row/record-batch.ts';
import type { RowSink, RowSource, RowWriting, WantedColumn } from '../../connectors/row/row-store.ts';
import { type AdditionalColumn, addColumns } from './additional-column.ts';
import type { BlockPool } from './block-pool.ts';
import { readBlocks, writeChunks } from './block-stream.ts';
import { partPath } from './destination.ts';
import { applyProjection, missing, type Projection, type ProjectionSettings, project } from './projection.ts';
import type { Rejected, Rejections } from './rejection.ts';
import type { SkipLog } from './skip-log.ts';
import type { SideTally } from './tally.ts';

/** Memory of one file under way: what it is read into and what it is written from. */
export type Lane = { read: BlockPool; write: BlockPool };

/** Files that are read or written as streams, and what counts it. */
export type FileSource = {
  store: FileStore;
  tally: SideTally;
  decompression: Compression | undefined;
  archive: ArchiveCodec | undefined;
};
export type FileSink = { store: FileStore; tally: SideTally; compression: Compression | undefined };

/** What all the rows of a copy have in common. */
export type RowCopy = {
  projection: ProjectionSettings;
  request: FileRequest;
  added: readonly AdditionalColumn[];
  /** Takes rows that do not fit; undefined: they fail the copy. */
  skipped: SkipLog | undefined;
  /** Says how many those may be; undefined: any number. */
  rejections?: Rejections | undefined;
  source: SideTally;
  sink: SideTally;
};

/** Rows of one file or one table. `name` is for messages, `path` that of the file below the source's folder. */
export type RowInput = { name: string; path: string; read(signal: AbortSignal): AsyncIterable<RecordBatch> };

const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** The files in an archive, each with the bytes that are to be read before the next one. Then the archive is counted. */
export async function* unpackFile(
  { store, tally }: FileSource,
  codec: ArchiveCodec,
  file: StoredFile,
  pool: BlockPool,
  signal: AbortSignal,
): AsyncGenerator<ArchiveEntry> {
  const { readArchive } = await import('../../connectors/formats/archive/read-archive.ts');
  const archive = {
    name: file.path,
    size: file.size,
    read: (offset: number, into: Buffer) => store.read(file, offset, into, signal),
    stream: (start: number, end: number) => readBlocks(store, file, pool, signal, start, end),
  };
  yield* readArchive(archive, codec);
  tally.files += 1;
}

const readFile = (
  source: FileSource,
  file: StoredFile,
  pool: BlockPool,
  signal: AbortSignal,
): AsyncIterable<Buffer> => {
  const blocks = readBlocks(source.store, file, pool, signal);
  return source.decompression ? decompress(blocks, source.decompression, file.path) : blocks;
};

/** Writes the chunks as one file, compressed where the sink is. */
export const writeFile = (
  sink: FileSink,
  path: string,
  chunks: AsyncIterable<Buffer>,
  lane: Lane,
  signal: AbortSignal,
) => writeChunks(sink.store, path, sink.compression ? compress(chunks, sink.compression) : chunks, lane.write, signal);

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
      if (source.archive) {
        for await (const entry of unpackFile(source, source.archive, file, lane.read, signal)) yield* entry.chunks;
        continue;
      }
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
  path = file.path,
): RowInput => ({
  name: file.path,
  path,
  async *read(signal) {
    // Decompressed, a file can only be read in order.
    const ranges: FileRanges | undefined = source.decompression
      ? undefined
      : { size: file.size, read: (offset, into) => source.store.read(file, offset, into, signal) };
    yield* reader(readFile(source, file, pool, signal), baseName(file.path), { ...request, ranges });
    source.tally.files += 1;
  },
});

/** The rows of a file in an archive. `path` is the archive's below the source's folder. */
export const entryInput = (
  reader: RowReader,
  file: StoredFile,
  entry: ArchiveEntry,
  request: FileRequest,
  path: string,
): RowInput => ({
  name: `${file.path}/${entry.path}`,
  path: `${path}/${entry.path}`,
  read: () => reader(entry.chunks, baseName(entry.path), request),
});

/** The rows of a file, or of each file in it. */
export async function* fileInputs(
  source: FileSource & { reader: RowReader },
  file: StoredFile,
  pool: BlockPool,
  request: FileRequest,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<RowInput> {
  if (!source.archive) {
    yield fileInput(source, source.reader, file, pool, request, path);
    return;
  }
  for await (const entry of unpackFile(source, source.archive, file, pool, signal))
    yield entryInput(source.reader, file, entry, request, path);
}

/** The columns that are asked for: where every mapping names its column, only those; else undefined. */
export const wantedColumns = ({ mappings }: Pick<ProjectionSettings, 'mappings'>): WantedColumn[] | undefined => {
  const wanted = mappings?.flatMap(({ from }): WantedColumn[] => ('name' in from ? [from] : []));
  return wanted?.length === mappings?.length ? wanted : undefined;
};

/** The rows of a table. */
export const tableInput = (source: RowSource, { wanted }: FileRequest): RowInput => ({
  name: source.name,
  path: '',
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
    for await (const own of input.read(signal)) {
      const batch = addColumns(own, copy.added, input.path, (column) =>
        missing(
          column,
          input.name,
          own.columns.map(({ name }) => name),
        ),
      );
      projection ??= project(batch.columns, copy.projection, sinkColumns, input.name);
      sinkColumns ??= projection.columns;
      copy.source.rows += rowsIn(batch);
      const rejected: Rejected[] = [];
      const { skipped } = copy;
      const skip = (why: ActivityError, values: readonly Value[], at: number) => {
        rejected.push({ at, why });
        skipped!.skip(why, values);
      };
      const projected = applyProjection(batch, projection, rowsBefore, skipped && skip);
      copy.rejections?.tried(rowsIn(batch), rejected);
      await copy.skipped?.drained(signal);
      rowsBefore += rowsIn(batch);
      yield projected;
      copy.sink.rows += rowsIn(projected);
    }
  }
}

/** Batches that can be read in parts of so many rows, one part after the other. */
const createParts = (batches: AsyncGenerator<RecordBatch>, first: RecordBatch, maxRows: number) => {
  let rest: RecordBatch | undefined = first;
  return {
    /** Whether there is another row. */
    hasMore: async () => {
      while (!rest || rowsIn(rest) === 0) {
        const next = await batches.next();
        if (next.done) return false;
        rest = next.value;
      }
      return true;
    },
    async *next(): AsyncGenerator<RecordBatch> {
      for (let left = maxRows; left > 0; ) {
        if (!rest) {
          const next = await batches.next();
          if (next.done) return;
          rest = next.value;
        }
        const batch: RecordBatch = rest;
        rest = rowsIn(batch) > left ? { columns: batch.columns, rows: batch.rows.slice(left) } : undefined;
        const part = rest ? { columns: batch.columns, rows: batch.rows.slice(0, left) } : batch;
        left -= rowsIn(part);
        yield part;
      }
    },
  };
};

/**
 * Writes the rows of the inputs, one after the other, as one file: with one header, which the first input decides. With
 * `maxRows`, as files of at most so many rows.
 */
export const copyToFile = async (
  copy: RowCopy,
  inputs: AsyncIterable<RowInput> | Iterable<RowInput>,
  sink: FileSink & { writer: RowWriter },
  path: string,
  lane: Lane,
  signal: AbortSignal,
  maxRows?: number,
): Promise<void> => {
  const batches = projectedBatches(copy, inputs, signal);
  const first = await batches.next();
  const write = async (at: string, chunks: AsyncIterable<Buffer>) => {
    await writeFile(sink, at, chunks, lane, signal);
    sink.tally.files += 1;
  };
  try {
    if (first.done) {
      // A source without even a header has no columns to name: the sink's file is empty too.
      await write(path, (async function* () {})());
      return;
    }
    const { columns } = first.value;
    const parts = createParts(batches, first.value, maxRows ?? Number.POSITIVE_INFINITY);
    for (let index = 0; index === 0 || (await parts.hasMore()); index += 1)
      await write(maxRows === undefined ? path : partPath(path, index), sink.writer(columns, parts.next()));
  } finally {
    await batches.return(undefined);
  }
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
