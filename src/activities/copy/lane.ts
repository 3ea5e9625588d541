import { createBlockPool } from './block-pool.ts';
import type { Lane } from './copy-rows.ts';
import type { CopyPlan } from './plan.ts';

const mebibyte = 2 ** 20;

/** Lanes for so many files at once, whose memory together is bounded. */
export const createLanes = (count: number, { source, sink }: Pick<CopyPlan, 'source' | 'sink'>): Lane[] => {
  const most = (side: CopyPlan['source'] | CopyPlan['sink'], usual: number) =>
    Math.min(usual, (side.kind === 'files' ? side.maxConnections : undefined) ?? usual);
  const blockMiB = (sink.kind === 'files' ? sink.blockMiB : undefined) ?? 4;
  const writeBehind = Math.max(1, Math.min(most(sink, 3), Math.floor(48 / count / blockMiB)));
  return Array.from({ length: count }, () => ({
    read: createBlockPool(most(source, 4), mebibyte),
    write: createBlockPool(writeBehind, blockMiB * mebibyte),
  }));
};
