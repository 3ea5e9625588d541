// Copies the rows of a table to files, in the parts in which its store gives them: each into a file of its own, or all of
// them, read at once, into the one file that is named.
import type { RecordBatch } from '../../connectors/row/record-batch.ts';
import { forEachConcurrently } from './concurrent.ts';
import { copyToFile, type RowInput } from './copy-rows.ts';
import { type InputSource, mostAtOnce, partsOf } from './each-input.ts';
import { createLanes } from './lane.ts';
import type { OpenSink, OpenSource } from './open-side.ts';

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

/** Copies the table: a file of each part, or all of them into the one file that is named. A file is there whole or not at all. */
export const copyParts = async (
  { plan, source, rows, onParallel }: InputSource & { source: OpenSource & { kind: 'table' } },
  sink: OpenSink & { kind: 'files' },
  signal: AbortSignal,
): Promise<void> => {
  if (plan.sink.kind !== 'files' || !sink.writer) return;
  const { destination, maxRows } = plan.sink;
  const files = { ...sink, writer: sink.writer };
  const inputs = await partsOf(plan, source.table, rows, signal);
  const limit = Math.min(inputs.length, mostAtOnce);
  if (limit > 1 && (destination.fileName !== undefined || destination.merges)) {
    onParallel(limit);
    const read = (inner: AbortSignal) => readTogether(inputs, limit, inner);
    const all: RowInput = { name: source.table.name, path: '', read };
    await copyToFile(rows, [all], files, destination.mergedPath(''), createLanes(1, plan)[0]!, signal, maxRows);
    return;
  }
  const lanes = createLanes(limit, plan);
  await forEachConcurrently(inputs, limit, signal, async (input, inner, lane) => {
    onParallel(lane + 1);
    await copyToFile(rows, [input], files, destination.mergedPath(''), lanes[lane]!, inner, maxRows);
  });
};
