// Copies files as rows: read, put into the sink's columns, written in the sink's format.

import type { FileStore, StoredFile } from '../../connectors/file-store.ts';
import { type Compression, compress, decompress } from '../../connectors/formats/compression.ts';
import type { RowReader, RowWriter } from '../../connectors/formats/definition.ts';
import type { RecordBatch } from '../../connectors/formats/record-batch.ts';
import type { BlockPool } from './block-pool.ts';
import { readBlocks, writeChunks } from './block-stream.ts';
import type { SideTally } from './tally.ts';
import { applyProjection, type ColumnMapping, type Projection, project } from './translator.ts';

/** Memory of one file under way: what it is read into and what it is written from. */
export type Lane = { read: BlockPool; write: BlockPool };

export type StreamCopy = {
  from: FileStore;
  to: FileStore;
  source: SideTally;
  sink: SideTally;
  decompression: Compression | undefined;
  compression: Compression | undefined;
};

export type RowCopy = StreamCopy & {
  reader: RowReader;
  writer: RowWriter;
  mappings: readonly ColumnMapping[] | undefined;
};

const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);

const readFile = (copy: StreamCopy, file: StoredFile, lane: Lane, signal: AbortSignal): AsyncIterable<Buffer> => {
  const blocks = readBlocks(copy.from, file, lane.read, signal);
  return copy.decompression ? decompress(blocks, copy.decompression, file.path) : blocks;
};

const writeFile = (copy: StreamCopy, path: string, chunks: AsyncIterable<Buffer>, lane: Lane, signal: AbortSignal) =>
  writeChunks(copy.to, path, copy.compression ? compress(chunks, copy.compression) : chunks, lane.write, signal);

/** Writes the bytes of the files, one after the other, as one file. */
export const streamFiles = async (
  copy: StreamCopy,
  files: AsyncIterable<StoredFile> | Iterable<StoredFile>,
  path: string,
  lane: Lane,
  signal: AbortSignal,
): Promise<void> => {
  const chunks = async function* () {
    for await (const file of files) {
      yield* readFile(copy, file, lane, signal);
      copy.source.files += 1;
    }
  };
  await writeFile(copy, path, chunks(), lane, signal);
};

async function* projectedBatches(
  copy: RowCopy,
  files: AsyncIterable<StoredFile> | Iterable<StoredFile>,
  lane: Lane,
  signal: AbortSignal,
): AsyncGenerator<RecordBatch> {
  let sinkColumns: readonly string[] | undefined;
  for await (const file of files) {
    let projection: Projection | undefined;
    for await (const batch of copy.reader(readFile(copy, file, lane, signal), baseName(file.path))) {
      projection ??= project(batch.columns, copy.mappings, sinkColumns, file.path);
      sinkColumns ??= projection.columns;
      copy.source.rows += batch.rows.length;
      yield applyProjection(batch, projection);
      copy.sink.rows += batch.rows.length;
    }
    copy.source.files += 1;
  }
}

/** Writes the rows of the files, one after the other, as one file: with one header, which the first file decides. */
export const copyRows = async (
  copy: RowCopy,
  files: AsyncIterable<StoredFile> | Iterable<StoredFile>,
  path: string,
  lane: Lane,
  signal: AbortSignal,
): Promise<void> => {
  const batches = projectedBatches(copy, files, lane, signal);
  const first = await batches.next();
  const rest = async function* () {
    if (first.done) return;
    yield first.value;
    yield* batches;
  };
  const columns = first.done ? undefined : first.value.columns;
  // A source without even a header has no columns to name: the sink's file is empty too.
  const chunks = columns ? copy.writer(columns, rest()) : (async function* () {})();
  await writeFile(copy, path, chunks, lane, signal);
};
