import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { copyJob, dataset, linkedService, openStage } from '../../test/copy/stage.ts';
import { openWorker } from '../../test/copy/worker.ts';

const mebibyte = 2 ** 20;
const sizeMiB = 256;
const mostMiB = 300;

test(`a blob of ${sizeMiB} MiB passes through a worker of less than ${mostMiB} MiB, and is told of on the way`, async (context) => {
  const stage = await openStage();
  context.after(() => stage.close());
  const container = stage.source.service.getContainerClient('big');
  await container.create();
  const block = randomBytes(16 * mebibyte);
  const transactionalContentMD5 = createHash('md5').update(block).digest();
  const ids = Array.from({ length: sizeMiB / 16 }, (_, at) =>
    Buffer.from(String(at).padStart(8, '0')).toString('base64'),
  );
  const blob = container.getBlockBlobClient('big.bin');
  for (const id of ids) await blob.stageBlock(id, block, block.length, { transactionalContentMD5 });
  await blob.commitBlockList(ids);

  const worker = await openWorker(stage.caFile);
  context.after(worker.close);
  const socketsBefore = worker.sockets();
  const location = { container: 'big' };
  const { said, output } = await worker.run(
    copyJob(
      dataset('Binary', linkedService(stage.source), location),
      dataset('Binary', linkedService(stage.sink), location),
    ),
  );
  const { peak } = worker.memory();
  assert.equal(output.dataWritten, sizeMiB * mebibyte);
  assert.ok(said.some((message) => message.kind === 'progress' && Number(message.progress.dataRead) > 0));
  assert.ok(peak < mostMiB, `the worker took ${Math.round(peak)} MiB`);
  // The store would keep them for two minutes.
  const deadline = Date.now() + 10_000;
  while (worker.sockets() > socketsBefore && Date.now() < deadline) await new Promise(setImmediate);
  assert.equal(worker.sockets(), socketsBefore, 'connections end with their job');
  const arrived = createHash('md5');
  for await (const chunk of (await stage.sink.service.getContainerClient('big').getBlobClient('big.bin').download())
    .readableStreamBody!)
    arrived.update(chunk as Buffer);
  const sent = createHash('md5');
  for (const _ of ids) sent.update(block);
  assert.equal(arrived.digest('hex'), sent.digest('hex'));
});
