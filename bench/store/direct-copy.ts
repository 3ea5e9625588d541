// The baseline of the copy: what a careful person would write with the official SDK and no Postern. Parallel ranged
// reads into parallel blocks with their digests, blob to blob. Answers { from, to, blob } with the seconds it took.

import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { buffer } from 'node:stream/consumers';
import type { BlockBlobClient } from '@azure/storage-blob';
import { openBlobs, type Place } from './blob-at.ts';

const blobAt = openBlobs();

const blockSize = 8 * 1024 * 1024;
const parallel = 4;

const copy = async (from: BlockBlobClient, to: BlockBlobClient): Promise<object> => {
  const started = performance.now();
  const { contentLength = 0 } = await from.getProperties();
  const count = Math.ceil(contentLength / blockSize);
  const ids = Array.from({ length: count }, (_, at) => Buffer.from(String(at).padStart(8, '0')).toString('base64'));
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const at = next++;
      const size = Math.min(blockSize, contentLength - at * blockSize);
      const { readableStreamBody } = await from.download(at * blockSize, size);
      const block = await buffer(readableStreamBody!);
      const transactionalContentMD5 = createHash('md5').update(block).digest();
      await to.stageBlock(ids[at]!, block, block.length, { transactionalContentMD5 });
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  await to.commitBlockList(ids);
  return { megabytesPerSecond: contentLength / 1e6 / ((performance.now() - started) / 1000) };
};

const fill = async (to: BlockBlobClient, bytes: number): Promise<object> => {
  const block = Buffer.alloc(blockSize);
  for (let at = 0; at < block.length; at += 4) block.writeUInt32LE((at * 2654435761) >>> 0, at);
  const ids: string[] = [];
  for (let sent = 0; sent < bytes; sent += blockSize) {
    ids.push(Buffer.from(String(ids.length).padStart(8, '0')).toString('base64'));
    const part = block.subarray(0, Math.min(blockSize, bytes - sent));
    const transactionalContentMD5 = createHash('md5').update(part).digest();
    await to.stageBlock(ids.at(-1)!, part, part.length, { transactionalContentMD5 });
  }
  await to.commitBlockList(ids);
  return {};
};

type Question = { from?: Place; to: Place; blob: string; bytes?: number };

process.stdout.write('{"ready":true}\n');
for await (const line of createInterface({ input: process.stdin })) {
  const { from, to, blob, bytes } = JSON.parse(line) as Question;
  const work = from ? copy(blobAt(from, blob), blobAt(to, blob)) : fill(blobAt(to, blob), bytes ?? 0);
  const said = await work.catch((error: Error) => ({ error: error.message }));
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
