// Bodies of requests and answers, as the official clients take and give them.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { BrokenDownload } from './failure.ts';

/** A body, opened anew for each attempt. A Buffer would go through a Blob, which costs a copy and a third of the client's time. */
export const streamOf = (bytes: Buffer): Readable => Readable.from([bytes], { objectMode: false });

export const md5 = (bytes: Buffer): Buffer => createHash('md5').update(bytes).digest();

/** Fills `into` with exactly what the stream holds. The client calls an answer that breaks off an abort too: `signal` knows better. */
export const fill = async (stream: Readable, into: Buffer, signal: AbortSignal): Promise<void> => {
  let at = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) at += chunk.copy(into, at);
  } catch (error) {
    signal.throwIfAborted();
    throw new BrokenDownload(`The answer broke off after ${at} of ${into.length} bytes.`, error);
  }
  if (at !== into.length) throw new BrokenDownload(`The store sent ${at} of ${into.length} bytes.`);
};
