// Copies files as they are. A large file goes in blocks, many at once: each is read into memory of its own and written
// from there, so neither side waits for the other's order.
import { ActivityError } from '../../base/error.ts';
import type { FileAttributes, FileStore, StoredFile } from '../../connectors/file-store.ts';
import type { BlockPool } from './block-pool.ts';

/** Blocks that a store takes for one file, as Azure's limit has it. */
const maxBlocks = 50_000;

/** Memory of a copy of bytes: for blocks of large files, and for whole small ones, of which more are under way at once. */
export type BytePools = { blocks: BlockPool; small: BlockPool };

/** Copies one file, which gets the attributes. If anything fails, nothing of it is visible at `path`. */
export const copyFile = async (
  from: FileStore,
  file: StoredFile,
  to: FileStore,
  path: string,
  { blocks, small }: BytePools,
  outer: AbortSignal,
  attributes?: FileAttributes,
): Promise<void> => {
  const { blockBytes } = blocks;
  const pool = file.size <= small.blockBytes ? small : blocks;
  if (file.size <= blockBytes) {
    const block = await pool.take(outer);
    try {
      const bytes = block.subarray(0, file.size);
      if (file.size > 0) await from.read(file, 0, bytes, outer);
      await to.put(path, bytes, outer, attributes);
    } finally {
      pool.give(block);
    }
    return;
  }
  const count = Math.ceil(file.size / blockBytes);
  if (count > maxBlocks)
    throw new ActivityError(
      'UserErrorBlockSizeTooSmall',
      `The file '${file.path}' needs ${count} blocks and a blob has at most ${maxBlocks}: set blockSizeInMB of the sink's storeSettings to ${Math.ceil(file.size / maxBlocks / 2 ** 20)}.`,
    );
  const scope = new AbortController();
  const signal = AbortSignal.any([outer, scope.signal]);
  const staged = to.begin(path, blockBytes, attributes);
  const parts = new Set<Promise<void>>();
  const copyBlock = async (index: number, block: Buffer) => {
    try {
      const offset = index * blockBytes;
      const bytes = block.subarray(0, Math.min(blockBytes, file.size - offset));
      await from.read(file, offset, bytes, signal);
      await staged.stage(index, bytes, signal);
    } catch (error) {
      scope.abort(error);
    } finally {
      pool.give(block);
    }
  };
  try {
    try {
      for (let index = 0; index < count; index += 1) {
        const part = copyBlock(index, await pool.take(signal));
        parts.add(part);
        void part.then(() => parts.delete(part));
      }
    } finally {
      await Promise.all(parts);
    }
    outer.throwIfAborted();
    signal.throwIfAborted();
    await staged.commit(count, signal);
  } catch (error) {
    await staged.discard();
    throw error;
  }
};
