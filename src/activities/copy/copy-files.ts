// A copy between two stores of files: as bytes, as streams that are compressed on the way, or as rows.
import { ActivityError } from '../../base/error.ts';
import type { FileStore, StoredFile } from '../../connectors/file-store.ts';
import { createBlockPool } from './block-pool.ts';
import { forEachConcurrently } from './concurrent.ts';
import { copyArchive } from './copy-archive.ts';
import { type BytePools, copyFile } from './copy-bytes.ts';
import { copyToFile, fileInputs, type Lane, type RowCopy, streamFiles } from './copy-rows.ts';
import type { FileSkips } from './file-skips.ts';
import { createLanes } from './lane.ts';
import type { OpenSink, OpenSource } from './open-side.ts';
import { type CopyPlan, type FileSink, type FileSource, filePath } from './plan.ts';
import { sourceFiles } from './source-file.ts';

const mebibyte = 2 ** 20;
/** What the blocks of a copy of bytes may take together: with Node itself, far below 300 MB. */
const bytesMemory = 24 * mebibyte;
const defaultBlockMiB = 8;
const mostConnections = 16;
/** Files that are moved whole in memory of that size; most files of a folder are. */
const smallBytes = mebibyte / 4;
const defaultParallelStreams = 4;

export type FileCopy = {
  plan: CopyPlan & { source: FileSource; sink: FileSink };
  source: OpenSource & { kind: 'files' };
  sink: OpenSink & { kind: 'files' };
  rows: RowCopy;
  /** Takes files that cannot be copied; undefined: they fail the copy. */
  skips: FileSkips | undefined;
  /** Told how many files are under way. */
  onParallel(count: number): void;
};

/** Where each file goes. A sink with one file name takes one file only. */
async function* withDestination(files: AsyncIterable<StoredFile>, plan: FileCopy['plan']) {
  const { selection } = plan.source;
  const { destination } = plan.sink;
  let first: StoredFile | undefined;
  for await (const file of files) {
    if (first && destination.fileName !== undefined)
      throw new ActivityError(
        'UserErrorSinkFileNameForManyFiles',
        `The source holds more than one file ('${first.path}', '${file.path}'), and the sink's dataset names one file, '${destination.fileName}'. Set copyBehavior to MergeFiles, or remove the fileName.`,
      );
    first ??= file;
    yield { file, path: destination.pathOf(selection.relative(file.path)) };
  }
}

// A copy into a folder below its own source must not find its own output.
const listedFirst = async (files: AsyncIterable<StoredFile>) => {
  const all: StoredFile[] = [];
  for await (const file of files) all.push(file);
  return all;
};
const replay = async function* (files: AsyncIterable<StoredFile>) {
  yield* await listedFirst(files);
};

const writeOne = async (
  { plan, source, sink, rows }: FileCopy,
  files: AsyncIterable<StoredFile> | Iterable<StoredFile>,
  path: string,
  lane: Lane,
  signal: AbortSignal,
) => {
  const { reader } = source;
  const { writer } = sink;
  if (reader && writer) {
    const inputs = async function* () {
      for await (const file of files)
        yield* fileInputs({ ...source, reader }, file, lane.read, rows.request, filePath(plan.source, file), signal);
    };
    await copyToFile(rows, inputs(), { ...sink, writer }, path, lane, signal, plan.sink.maxRows);
    return;
  }
  await streamFiles(source, files, sink, path, lane, signal);
  sink.tally.files += 1;
};

const finish = async ({ plan, source }: FileCopy, file: StoredFile, signal: AbortSignal) => {
  if (plan.source.deletesFiles) await source.store.remove(file, signal);
};

const merge = async (copy: FileCopy, files: AsyncGenerator<StoredFile>, signal: AbortSignal) => {
  const merged: StoredFile[] = [];
  const [lane] = createLanes(1, copy.plan);
  const first = await files.next();
  if (first.done) return;
  const all = async function* () {
    yield first.value;
    merged.push(first.value);
    for await (const file of files) {
      yield file;
      merged.push(file);
    }
  };
  const path = copy.plan.sink.destination.mergedPath(copy.plan.source.selection.relative(first.value.path));
  await writeOne(copy, all(), path, lane!, signal);
  for (const file of merged) await finish(copy, file, signal);
};

const copyStreams = async (copy: FileCopy, files: AsyncIterable<StoredFile>, outer: AbortSignal) => {
  const { source } = copy;
  const lanes = createLanes(Math.min(copy.plan.parallelCopies ?? defaultParallelStreams, 8), copy.plan);
  await forEachConcurrently(
    withDestination(files, copy.plan),
    lanes.length,
    outer,
    async ({ file, path }, signal, lane) => {
      if (source.archive) await copyArchive(copy, source.archive, file, lanes[lane]!, signal);
      else await writeOne(copy, [file], path, lanes[lane]!, signal);
      copy.onParallel(lane + 1);
      await finish(copy, file, signal);
    },
  );
};

/** As many buffers in all as there may be connections. */
const createPools = (most: number, blockBytes: number): BytePools => {
  const count = Math.max(1, Math.min(most, Math.floor(bytesMemory / blockBytes)));
  const blocks = createBlockPool(count, blockBytes);
  return { blocks, small: most > count ? createBlockPool(most - count, smallBytes) : blocks };
};

const copyBytes = async (copy: FileCopy, files: AsyncIterable<StoredFile>, outer: AbortSignal) => {
  const { plan, source, sink } = copy;
  // As in Azure, one file that is named is copied or the copy fails.
  const skips = plan.source.selection.file === undefined ? copy.skips : undefined;
  const blockBytes = (plan.sink.blockMiB ?? defaultBlockMiB) * mebibyte;
  const most = Math.min(plan.source.maxConnections ?? mostConnections, plan.sink.maxConnections ?? mostConnections);
  const pools = createPools(most, blockBytes);
  const limit = Math.min(plan.parallelCopies ?? mostConnections, most);
  await forEachConcurrently(withDestination(files, plan), limit, outer, async ({ file, path }, signal, lane) => {
    copy.onParallel(lane + 1);
    const copyFrom = async (from: FileStore) => {
      const found = plan.keepsAttributes ? await from.find(file.path, signal) : undefined;
      await copyFile(from, file, sink.store, path, pools, signal, found?.attributes);
    };
    if (!skips) await copyFrom(source.store);
    else if (!(await skips.attempt(file.path, source.store, copyFrom, signal))) return;
    source.tally.files += 1;
    sink.tally.files += 1;
    await finish(copy, file, signal);
  });
};

/** Copies all the files that the source's selection means. What was not finished when it ends early is not visible. */
export const copyFiles = async (copy: FileCopy, signal: AbortSignal): Promise<void> => {
  const { plan, source, sink } = copy;
  const { destination } = plan.sink;
  const { selection } = plan.source;
  const listing = sourceFiles(source.store, selection, signal);
  const isBelowItself = source.store.name === sink.store.name && destination.folder.startsWith(selection.prefix);
  const files = isBelowItself ? replay(listing) : listing;
  if (destination.merges) await merge(copy, files, signal);
  else if (source.reader || sink.compression || source.decompression || source.archive)
    await copyStreams(copy, files, signal);
  else await copyBytes(copy, files, signal);
};
