// The baseline of the copy: what a careful person would write with the official SDK and no Postern. Parallel ranged
// reads into parallel blocks with their digests, blob to blob; or all blobs of a folder, many at once. Answers
// { from, to, blob } and { from, to, folder } with the milliseconds it took; without `from` it fills `to`.

import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { buffer } from 'node:stream/consumers';
import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import { openContainers, type Place } from './container-at.ts';

const containerAt = openContainers();

const blockSize = 8 * 1024 * 1024;
const parallel = 4;
const parallelFiles = 16;

const copy = async (from: BlockBlobClient, to: BlockBlobClient): Promise<void> => {
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
};

const copyFolder = async (from: ContainerClient, to: ContainerClient, folder: string): Promise<void> => {
  const names = from.listBlobsFlat({ prefix: `${folder}/` });
  const lane = async (): Promise<void> => {
    for (let item = await names.next(); !item.done; item = await names.next()) {
      const { name } = item.value;
      const bytes = await from.getBlockBlobClient(name).downloadToBuffer();
      await to.getBlockBlobClient(name).upload(bytes, bytes.length);
    }
  };
  await Promise.all(Array.from({ length: parallelFiles }, lane));
};

const fill = async (to: BlockBlobClient, bytes: number): Promise<void> => {
  const block = Buffer.alloc(Math.min(blockSize, bytes));
  for (let at = 0; at < block.length; at += 4) block.writeUInt32LE((at * 2654435761) >>> 0, at);
  const ids: string[] = [];
  for (let sent = 0; sent < bytes; sent += blockSize) {
    ids.push(Buffer.from(String(ids.length).padStart(8, '0')).toString('base64'));
    const part = block.subarray(0, Math.min(blockSize, bytes - sent));
    const transactionalContentMD5 = createHash('md5').update(part).digest();
    await to.stageBlock(ids.at(-1)!, part, part.length, { transactionalContentMD5 });
  }
  await to.commitBlockList(ids);
};

type Question = { from?: Place; to: Place; blob?: string; folder?: string; bytes?: number; files?: number };

const answer = async ({ from, to, blob, folder = '', bytes = 0, files = 0 }: Question): Promise<void> => {
  const [source, sink] = [from && containerAt(from), containerAt(to)];
  if (source && blob) return copy(source.getBlockBlobClient(blob), sink.getBlockBlobClient(blob));
  if (source) return copyFolder(source, sink, folder);
  if (blob) return fill(sink.getBlockBlobClient(blob), bytes);
  for (let at = 0; at < files; at += 1) await fill(sink.getBlockBlobClient(`${folder}/${at}.bin`), bytes);
};

process.stdout.write('{"ready":true}\n');
for await (const line of createInterface({ input: process.stdin })) {
  const started = performance.now();
  const said = await answer(JSON.parse(line) as Question).then(
    () => ({ elapsedMs: performance.now() - started }),
    (error: Error) => ({ error: error.message }),
  );
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
