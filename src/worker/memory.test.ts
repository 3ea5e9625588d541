import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { copyJob, dataset, linkedService, openStage } from '../../test/copy/stage.ts';
import type { WorkerMessage } from './protocol.ts';

const mebibyte = 2 ** 20;
const sizeMiB = 256;
const mostMiB = 300;

// The worker's own process has no namespace here that leads the store's name to the store.
const toLoopback =
  'data:text/javascript,import dns from "node:dns"; const { lookup } = dns; dns.lookup = (_, options, answer) => lookup("127.0.0.1", options, answer);';

const socketsOf = (pid: number) =>
  readdirSync(`/proc/${pid}/fd`).filter((descriptor) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${descriptor}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;

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

  const program = new URL('./main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--max-old-space-size=256', '--import', toLoopback, program], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { NODE_EXTRA_CA_CERTS: stage.caFile },
  });
  context.after(() => child.kill('SIGKILL'));
  const location = { container: 'big' };
  const job = copyJob(
    dataset('Binary', linkedService(stage.source), location),
    dataset('Binary', linkedService(stage.sink), location),
  );
  const said: WorkerMessage[] = [];
  let socketsBefore = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const message = JSON.parse(line) as WorkerMessage;
    said.push(message);
    if (message.kind === 'ready') {
      socketsBefore = socketsOf(child.pid!);
      child.stdin.write(`${JSON.stringify({ kind: 'run', job })}\n`);
    } else if (message.kind !== 'progress') break;
  }
  const peakKiB = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]);
  const last = said.at(-1)!;
  assert.equal(last.kind, 'done', JSON.stringify(last));
  assert.ok(last.kind === 'done' && last.output.dataWritten === sizeMiB * mebibyte);
  assert.ok(said.some((message) => message.kind === 'progress' && Number(message.progress.dataRead) > 0));
  assert.ok(peakKiB / 1024 < mostMiB, `the worker took ${Math.round(peakKiB / 1024)} MiB`);
  // The store would keep them for two minutes.
  const deadline = Date.now() + 10_000;
  while (socketsOf(child.pid!) > socketsBefore && Date.now() < deadline) await new Promise(setImmediate);
  assert.equal(socketsOf(child.pid!), socketsBefore, 'connections end with their job');
  const arrived = createHash('md5');
  for await (const chunk of (await stage.sink.service.getContainerClient('big').getBlobClient('big.bin').download())
    .readableStreamBody!)
    arrived.update(chunk as Buffer);
  const sent = createHash('md5');
  for (const _ of ids) sent.update(block);
  assert.equal(arrived.digest('hex'), sent.digest('hex'));
});
