/** A fixed number of buffers of one size, handed out in turn: what bounds the memory of a copy. */
export type BlockPool = {
  blockBytes: number;
  count: number;
  /** The next free buffer; waits for one. Its content is whatever it last held. */
  take(signal: AbortSignal): Promise<Buffer>;
  give(block: Buffer): void;
};

/** What is kept of the blocks that pools have back, for the worker's next copy: to take new ones is a tenth of what a copy costs. */
const mostKeptBytes = 24 * 2 ** 20;
const kept: Buffer[] = [];

const allocate = (blockBytes: number): Buffer => {
  const at = kept.findLastIndex(({ length }) => length === blockBytes);
  return at < 0 ? Buffer.allocUnsafeSlow(blockBytes) : kept.splice(at, 1)[0]!;
};

const keep = (block: Buffer): void => {
  kept.push(block);
  let bytes = kept.reduce((sum, { length }) => sum + length, 0);
  while (bytes > mostKeptBytes) bytes -= kept.shift()!.length;
};

/** Makes a pool. Its buffers are allocated when they are first needed, or are those that a pool before it gave back. */
export const createBlockPool = (count: number, blockBytes: number): BlockPool => {
  const waiting = new Set<(block: Buffer) => void>();
  let taken = 0;
  return {
    blockBytes,
    count,
    take: (signal) => {
      signal.throwIfAborted();
      if (taken < count) {
        taken += 1;
        return Promise.resolve(allocate(blockBytes));
      }
      return new Promise((resolve, reject) => {
        const stop = () => {
          waiting.delete(receive);
          reject(signal.reason);
        };
        const receive = (given: Buffer) => {
          signal.removeEventListener('abort', stop);
          resolve(given);
        };
        signal.addEventListener('abort', stop, { once: true });
        waiting.add(receive);
      });
    },
    give: (block) => {
      const [next] = waiting;
      if (!next) {
        taken -= 1;
        return keep(block);
      }
      waiting.delete(next);
      next(block);
    },
  };
};
