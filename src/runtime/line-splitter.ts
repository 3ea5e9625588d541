const newline = 10;

/**
 * Cuts a stream of bytes into lines. A line longer than `maxBytes` is told once, before its bytes are kept, and
 * nothing is taken after it.
 */
export const createLineSplitter = (
  maxBytes: number,
  on: { line(line: Buffer): void; tooLong(): void },
): { push(chunk: Buffer): void; stop(): void } => {
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let stopped = false;
  const stop = () => {
    stopped = true;
    kept = [];
    keptBytes = 0;
  };
  return {
    stop,
    push: (chunk) => {
      let start = 0;
      while (!stopped && start < chunk.length) {
        const found = chunk.indexOf(newline, start);
        const end = found === -1 ? chunk.length : found;
        if (keptBytes + end - start > maxBytes) {
          stop();
          return on.tooLong();
        }
        const piece = chunk.subarray(start, end);
        start = end + 1;
        if (found === -1) {
          // A copy: the chunk is a view of a larger buffer, which a slow writer would otherwise keep alive.
          kept.push(Buffer.from(piece));
          keptBytes += piece.length;
        } else {
          const line = kept.length === 0 ? piece : Buffer.concat([...kept, piece]);
          kept = [];
          keptBytes = 0;
          on.line(line);
        }
      }
    },
  };
};
