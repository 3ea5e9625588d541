/** A fixed number of buffers of one size, handed out in turn: what bounds the memory of a copy. */
export type BlockPool = {
  blockBytes: number;
  count: number;
  /** The next free buffer; waits for one. Its content is whatever it last held. */
  take(signal: AbortSignal): Promise<Buffer>;
  give(block: Buffer): void;
};

/** Makes a pool. Buffers are allocated when they are first needed. */
export const createBlockPool = (count: number, blockBytes: number): BlockPool => {
  const free: Buffer[] = [];
  const waiting = new Set<(block: Buffer) => void>();
  let made = 0;
  return {
    blockBytes,
    count,
    take: (signal) => {
      signal.throwIfAborted();
      const block = free.pop();
      if (block) return Promise.resolve(block);
      if (made < count) {
        made += 1;
        return Promise.resolve(Buffer.allocUnsafeSlow(blockBytes));
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
        free.push(block);
        return;
      }
      waiting.delete(next);
      next(block);
    },
  };
};
