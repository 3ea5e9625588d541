import type { Readable } from 'node:stream';

/** Keeps the last `maxBytes` of a stream, and no more; answers them as text. An error of the stream is its end. */
export const keepTail = (stream: Readable, maxBytes: number): (() => string) => {
  let tail = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk.subarray(-maxBytes)]).subarray(-maxBytes);
  });
  stream.on('error', () => {});
  return () => tail.toString('utf8');
};
