import { type BlockPool, createBlockPool } from './block-pool.ts';
import type { Lane } from './copy-rows.ts';
import type { CopyPlan } from './plan.ts';
import type { FileSide, TableSide } from './side.ts';

const mebibyte = 2 ** 20;

type Connected = Pick<FileSide, 'kind' | 'maxConnections'> | Pick<TableSide, 'kind'>;

const connections = (side: Connected, usual: number) =>
  Math.min(usual, (side.kind === 'files' ? side.maxConnections : undefined) ?? usual);

/** Memory that one file is read into. */
export const createReadPool = (source: Connected): BlockPool => createBlockPool(connections(source, 4), mebibyte);

/** Lanes for so many files at once, whose memory together is bounded. */
export const createLanes = (count: number, { source, sink }: Pick<CopyPlan, 'source' | 'sink'>): Lane[] => {
  const blockMiB = (sink.kind === 'files' ? sink.blockMiB : undefined) ?? 4;
  const writeBehind = Math.max(1, Math.min(connections(sink, 3), Math.floor(48 / count / blockMiB)));
  return Array.from({ length: count }, () => ({
    read: createReadPool(source),
    write: createBlockPool(writeBehind, blockMiB * mebibyte),
  }));
};
