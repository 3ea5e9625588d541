// Copies the rows of a table, in the parts in which its store gives them: each part on its way by itself into a table or a
// file of its own, or all of them, read at once, into the one file that is named.
import type { RecordBatch } from '../../connectors/row/record-batch.ts';
import type { RowSource } from '../../connectors/row/row-store.ts';
import { forEachConcurrently } from './concurrent.ts';
import { copyToFile, copyToTable, type RowCopy, type RowInput, tableInput } from './copy-rows.ts';
import { createLanes } from './lane.ts';
import type { OpenSink } from './open-side.ts';
import type { CopyPlan } from './plan.ts';

/** Azure's own where parts are asked for and `parallelCopies` is not given. */
const defaultParts = 4;
/** Parts that are under way at once, each with a connection and a batch of rows. */
const mostAtOnce = 8;

/** The rows of inputs that are read at once, at most `limit` of them, in whatever order they come. */
async function* readTogether(
  inputs: readonly RowInput[],
  limit: number,
  outer: AbortSignal,
): AsyncGenerator<RecordBatch> {
  const scope = new AbortController();
  const signal = AbortSignal.any([outer, scope.signal]);
  const waiting = inputs.values();
  type Reading = AsyncIterator<RecordBatch>;
  const underWay = new Map<Reading, Promise<{ reading: Reading; next: IteratorResult<RecordBatch> }>>();
  const ask = (reading: Reading) => {
    // Behind the others, so that none is forgotten.
    underWay.delete(reading);
    const asked = reading.next().then((next) => ({ reading, next }));
    // It is awaited in its turn, perhaps after another one has failed.
    asked.catch(() => {});
    underWay.set(reading, asked);
  };
  const start = () => {
    const { value, done } = waiting.next();
    if (!done) ask(value.read(signal)[Symbol.asyncIterator]());
  };
  try {
    for (let at = 0; at < limit; at += 1) start();
    while (underWay.size > 0) {
      const { reading, next } = await Promise.race(underWay.values());
      if (next.done) {
        underWay.delete(reading);
        start();
      } else {
        ask(reading);
        yield next.value;
      }
    }
  } finally {
    scope.abort(new Error('the copy has ended'));
    await Promise.allSettled(underWay.values());
    await Promise.allSettled([...underWay.keys()].map((reading) => reading.return?.()));
  }
}

export type PartCopy = {
  plan: CopyPlan;
  source: RowSource;
  sink: OpenSink;
  rows: RowCopy;
  /** Told how many parts are under way. */
  onParallel(count: number): void;
};

/** Copies the table. What was written of it before a failure may stay in a table; a file is there whole or not at all. */
export const copyParts = async ({ plan, source, sink, rows, onParallel }: PartCopy, signal: AbortSignal) => {
  const parts = (await source.parts?.(plan.parallelCopies ?? defaultParts, signal)) ?? [source];
  const inputs = parts.map((part) => tableInput(part, rows.request));
  const limit = Math.min(parts.length, mostAtOnce);
  if (sink.kind === 'table') {
    await forEachConcurrently(inputs, limit, signal, (input, inner, lane) => {
      onParallel(lane + 1);
      return copyToTable(rows, input, sink.table, inner);
    });
    return;
  }
  if (plan.sink.kind !== 'files' || !sink.writer) return;
  const { destination, maxRows } = plan.sink;
  const files = { ...sink, writer: sink.writer };
  if (limit > 1 && (destination.fileName !== undefined || destination.merges)) {
    onParallel(limit);
    const all: RowInput = { name: source.name, path: '', read: (inner) => readTogether(inputs, limit, inner) };
    await copyToFile(rows, [all], files, destination.mergedPath(''), createLanes(1, plan)[0]!, signal, maxRows);
    return;
  }
  const lanes = createLanes(limit, plan);
  await forEachConcurrently(inputs, limit, signal, async (input, inner, lane) => {
    onParallel(lane + 1);
    await copyToFile(rows, [input], files, destination.mergedPath(''), lanes[lane]!, inner, maxRows);
  });
};
