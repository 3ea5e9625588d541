import type { HostMessage } from './protocol.ts';

/** A line that is not a message of the host. */
export class BadLine extends Error {}

/** Cuts bytes into lines of at most `limit` bytes and gives each as a message. Throws `BadLine`. */
export const createInput = (limit: number, take: (message: HostMessage) => void): ((chunk: Buffer) => void) => {
  let held: Buffer[] = [];
  let heldBytes = 0;
  const end = (piece: Buffer) => {
    if (heldBytes + piece.length > limit) throw new BadLine(`A line is longer than ${limit} bytes.`);
    const line = Buffer.concat([...held, piece]).toString('utf8');
    held = [];
    heldBytes = 0;
    if (line.trim() !== '') take(read(line));
  };
  return (chunk) => {
    let start = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, start)) {
      end(chunk.subarray(start, at));
      start = at + 1;
    }
    const rest = chunk.subarray(start);
    if (heldBytes + rest.length > limit) throw new BadLine(`A line is longer than ${limit} bytes.`);
    if (rest.length > 0) held.push(Buffer.from(rest));
    heldBytes += rest.length;
  };
};

const read = (line: string): HostMessage => {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new BadLine('A line is not JSON.');
  }
  const kind = (value as { kind?: unknown } | null)?.kind;
  if (kind === 'run' || kind === 'cancel' || kind === 'stop') return value as HostMessage;
  throw new BadLine('A line is not a message.');
};
