// The Copy activity inside a worker: opens both stores, chooses how to copy, counts, and tells how far it is.
import { ActivityError } from '../../base/error.ts';
import type { StoredFile } from '../../connectors/file-store.ts';
import type { ActivityContext } from '../definition.ts';
import type { ActivityJob } from '../job.ts';
import { createBlockPool } from './block-pool.ts';
import { forEachConcurrently } from './concurrent.ts';
import { copyFile } from './copy-bytes.ts';
import { copyRows, type Lane, type RowCopy, type StreamCopy, streamFiles } from './copy-rows.ts';
import { copyOutput } from './output.ts';
import { type CopyPlan, readPlan, type Side } from './plan.ts';
import { sourceFiles } from './source-file.ts';
import { tallied } from './tally.ts';

const mebibyte = 2 ** 20;
/** What the blocks of a copy of bytes may take together: with Node itself, far below 300 MB. */
const bytesMemory = 24 * mebibyte;
const defaultBlockMiB = 4;
const mostConnections = 16;
const defaultParallelFiles = 8;
const defaultParallelStreams = 4;
const progressMs = 250;

const openSide = async ({ connector, linkedService, location }: Side, digests: boolean) => {
  const { openFileStore } = await connector.files.open();
  return tallied(openFileStore(linkedService, location, { digests }));
};

const createLanes = (count: number, plan: CopyPlan): Lane[] => {
  const readAhead = Math.min(4, plan.source.maxConnections ?? 4);
  const writeBehind = Math.min(3, plan.sink.maxConnections ?? 3);
  const blockMiB = plan.sink.blockMiB ?? 4;
  return Array.from({ length: count }, () => ({
    read: createBlockPool(readAhead, mebibyte),
    write: createBlockPool(Math.max(1, Math.min(writeBehind, Math.floor(48 / count / blockMiB))), blockMiB * mebibyte),
  }));
};

/** Where each file goes. A sink with one file name takes one file only. */
async function* withDestination(files: AsyncIterable<StoredFile>, plan: CopyPlan) {
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

const openFormats = async (plan: CopyPlan, streams: StreamCopy): Promise<RowCopy | undefined> => {
  const { source, sink } = plan;
  if (!source.format || !sink.format) return undefined;
  const [reading, writing] = await Promise.all([source.format.open(), sink.format.open()]);
  return {
    ...streams,
    reader: reading.openReader(source.dataset, source.formatSettings),
    writer: writing.openWriter(sink.dataset, sink.formatSettings),
    mappings: plan.mappings,
  };
};

/** Runs the job to its output. Errors: `ActivityError`. What was not finished when it ends early is not visible. */
export const run = async (job: ActivityJob, context: ActivityContext) => {
  const startedAt = new Date();
  const since = performance.now();
  const plan = readPlan(job);
  const [source, sink] = await Promise.all([openSide(plan.source, false), openSide(plan.sink, plan.validates)]);
  const streams: StreamCopy = {
    from: source.store,
    to: sink.store,
    source: source.tally,
    sink: sink.tally,
    decompression: plan.source.compression,
    compression: plan.sink.compression,
  };
  const rows = await openFormats(plan, streams);
  const { destination } = plan.sink;
  let parallelCopies = 1;
  const output = (status: 'InProgress' | 'Succeeded') =>
    copyOutput(
      source.tally,
      sink.tally,
      {
        startedAt,
        elapsedMs: performance.now() - since,
        effectiveIntegrationRuntime: job.effectiveIntegrationRuntime,
        sourceType: plan.source.connector.type,
        sinkType: plan.sink.connector.type,
        countsRows: rows !== undefined,
        parallelCopies,
        dataIntegrationUnits: plan.dataIntegrationUnits,
        verification: !plan.validates ? 'NotVerified' : rows ? 'Unsupported' : 'Verified',
      },
      status,
    );

  const listing = sourceFiles(source.store, plan.source.selection, context.signal);
  const isBelowItself =
    source.store.name === sink.store.name && destination.folder.startsWith(plan.source.selection.prefix);
  const files = isBelowItself ? replay(listing) : listing;
  const finish = async (file: StoredFile, signal: AbortSignal) => {
    if (plan.source.deletesFiles) await source.store.remove(file, signal);
  };

  const merge = async () => {
    const merged: StoredFile[] = [];
    const [lane] = createLanes(1, plan);
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
    const path = destination.mergedPath(plan.source.selection.relative(first.value.path));
    if (rows) await copyRows(rows, all(), path, lane!, context.signal);
    else await streamFiles(streams, all(), path, lane!, context.signal);
    sink.tally.files += 1;
    for (const file of merged) await finish(file, context.signal);
  };
  const copyStreams = async () => {
    const lanes = createLanes(Math.min(plan.parallelCopies ?? defaultParallelStreams, 8), plan);
    await forEachConcurrently(
      withDestination(files, plan),
      lanes.length,
      context.signal,
      async (item, signal, lane) => {
        if (rows) await copyRows(rows, [item.file], item.path, lanes[lane]!, signal);
        else await streamFiles(streams, [item.file], item.path, lanes[lane]!, signal);
        sink.tally.files += 1;
        parallelCopies = Math.max(parallelCopies, Math.min(lanes.length, lane + 1));
        await finish(item.file, signal);
      },
    );
  };
  const copyBytes = async () => {
    const blockBytes = (plan.sink.blockMiB ?? defaultBlockMiB) * mebibyte;
    const most = Math.min(plan.source.maxConnections ?? mostConnections, plan.sink.maxConnections ?? mostConnections);
    const pool = createBlockPool(Math.max(1, Math.min(most, Math.floor(bytesMemory / blockBytes))), blockBytes);
    const limit = Math.min(plan.parallelCopies ?? defaultParallelFiles, pool.count);
    await forEachConcurrently(
      withDestination(files, plan),
      limit,
      context.signal,
      async ({ file, path }, signal, lane) => {
        parallelCopies = Math.max(parallelCopies, lane + 1);
        await copyFile(source.store, file, sink.store, path, pool, signal);
        source.tally.files += 1;
        sink.tally.files += 1;
        await finish(file, signal);
      },
    );
  };

  const timer = setInterval(() => context.progress(output('InProgress')), progressMs);
  try {
    if (destination.merges) await merge();
    else if (rows || streams.compression || streams.decompression) await copyStreams();
    else await copyBytes();
    return output('Succeeded');
  } finally {
    clearInterval(timer);
  }
};
