// What a source of rows is made of: its files, or the parts in which its table is read; several are worked on at once.
import type { RowSource } from '../../connectors/row/row-store.ts';
import { forEachConcurrently } from './concurrent.ts';
import { fileInputs, type Lane, type RowCopy, type RowInput, tableInput } from './copy-rows.ts';
import { createLanes } from './lane.ts';
import type { OpenSource } from './open-side.ts';
import { type CopyPlan, filePath } from './plan.ts';
import { sourceFiles } from './source-file.ts';

/** Azure's own where parts are asked for and `parallelCopies` is not given; and how many files are read at once. */
const defaultParallel = 4;
/** Parts and files that are under way at once, each with a connection and a batch of rows. */
export const mostAtOnce = 8;

/** The most that are under way at once. */
export const parallelOf = ({ parallelCopies }: CopyPlan): number =>
  Math.min(parallelCopies ?? defaultParallel, mostAtOnce);

export type InputSource = {
  plan: CopyPlan;
  source: OpenSource;
  rows: RowCopy;
  /** Told how many are under way. */
  onParallel(count: number): void;
};

/** The parts in which a table is read. */
export const partsOf = async (
  { parallelCopies }: CopyPlan,
  table: RowSource,
  rows: RowCopy,
  signal: AbortSignal,
): Promise<RowInput[]> => {
  const parts = (await table.parts?.(parallelCopies ?? defaultParallel, signal)) ?? [table];
  return parts.map((part) => tableInput(part, rows.request));
};

/** Works on each input once, in a lane that no other has at that time. The first failure ends the others. */
export const eachInput = async (
  { plan, source, rows, onParallel }: InputSource,
  signal: AbortSignal,
  work: (input: RowInput, signal: AbortSignal, lane: Lane) => Promise<void>,
): Promise<void> => {
  if (source.kind === 'table') {
    const inputs = await partsOf(plan, source.table, rows, signal);
    const lanes = createLanes(Math.min(inputs.length, mostAtOnce), plan);
    await forEachConcurrently(inputs, lanes.length, signal, (input, inner, lane) => {
      onParallel(lane + 1);
      return work(input, inner, lanes[lane]!);
    });
    return;
  }
  const from = plan.source;
  if (from.kind !== 'files' || !source.reader) return;
  const files = { ...source, reader: source.reader };
  const lanes = createLanes(parallelOf(plan), plan);
  await forEachConcurrently(
    sourceFiles(source.store, from.selection, signal),
    lanes.length,
    signal,
    async (file, inner, at) => {
      const lane = lanes[at]!;
      onParallel(at + 1);
      for await (const input of fileInputs(files, file, lane.read, rows.request, filePath(from, file), inner))
        await work(input, inner, lane);
    },
  );
};
