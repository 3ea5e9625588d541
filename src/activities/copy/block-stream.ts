// A file as a stream of blocks, either way: read ahead, written behind, in memory that does not grow.
import type { FileStore, StagedFile, StoredFile } from '../../connectors/file-store.ts';
import type { BlockPool } from './block-pool.ts';

/** The file's bytes, or those from `start` to before `end`, in order, several reads under way at once. A block is only valid until the next one is asked for. */
export async function* readBlocks(
  store: FileStore,
  file: StoredFile,
  pool: BlockPool,
  outer: AbortSignal,
  start = 0,
  end = file.size,
): AsyncGenerator<Buffer> {
  const scope = new AbortController();
  const signal = AbortSignal.any([outer, scope.signal]);
  const ahead: { block: Buffer; done: Promise<void> }[] = [];
  let offset = start;
  const readNext = async () => {
    const block = await pool.take(signal);
    const bytes = block.subarray(0, Math.min(pool.blockBytes, end - offset));
    const done = store.read(file, offset, bytes, signal);
    // It is awaited in its turn, perhaps after another one has failed.
    done.catch(() => {});
    offset += bytes.length;
    ahead.push({ block: bytes, done });
  };
  try {
    while (offset < end || ahead.length > 0) {
      while (offset < end && ahead.length < pool.count) await readNext();
      const { block, done } = ahead[0]!;
      await done;
      yield block;
      ahead.shift();
      pool.give(Buffer.from(block.buffer, 0, pool.blockBytes));
    }
  } finally {
    scope.abort();
    await Promise.allSettled(ahead.map(({ done }) => done));
    for (const { block } of ahead) pool.give(Buffer.from(block.buffer, 0, pool.blockBytes));
  }
}

/**
 * Writes the chunks as one file: at once where they fit one block, else in parts that are committed at the end. If
 * anything fails before, nothing of it is ever visible.
 */
export const writeChunks = async (
  store: FileStore,
  path: string,
  chunks: AsyncIterable<Buffer>,
  pool: BlockPool,
  outer: AbortSignal,
): Promise<void> => {
  const scope = new AbortController();
  const signal = AbortSignal.any([outer, scope.signal]);
  const parts = new Set<Promise<void>>();
  let staged: StagedFile | undefined;
  let count = 0;
  let block: Buffer | undefined;
  let used = 0;
  const stage = () => {
    const [full, bytes] = [block!, block!.subarray(0, used)];
    block = undefined;
    used = 0;
    staged ??= store.begin(path, pool.blockBytes);
    const part = staged
      .stage(count, bytes, signal)
      .catch((error: unknown) => scope.abort(error))
      .finally(() => {
        pool.give(full);
        parts.delete(part);
      });
    count += 1;
    parts.add(part);
  };
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; ) {
        if (block && used === pool.blockBytes) stage();
        block ??= await pool.take(signal);
        const copied = chunk.copy(block, used, at);
        used += copied;
        at += copied;
      }
      signal.throwIfAborted();
    }
    if (staged) {
      if (used > 0) stage();
      await Promise.all(parts);
      signal.throwIfAborted();
      await staged.commit(count, signal);
    } else await store.put(path, block ? block.subarray(0, used) : Buffer.alloc(0), signal);
  } catch (error) {
    scope.abort(error);
    await Promise.all(parts);
    await staged?.discard();
    throw error;
  } finally {
    await Promise.all(parts);
    if (block) pool.give(block);
  }
};
