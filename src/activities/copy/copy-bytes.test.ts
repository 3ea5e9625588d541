import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { contentOf, copyJob, dataset, fill, linkedService, openStage, runJob } from '../../../test/copy/stage.ts';

let stage: Awaited<ReturnType<typeof openStage>>;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

const binary = (side: 'source' | 'sink', location: object, more = {}) =>
  dataset('Binary', linkedService(stage[side]), { ...location }, more);

test('files of every size arrive byte for byte, into a container that is made for them', async () => {
  const sizes = [0, 1, 1000, 4 * 2 ** 20 - 1, 8 * 2 ** 20, 8 * 2 ** 20 + 1, 20 * 2 ** 20 + 12345];
  const blobs = Object.fromEntries(sizes.map((size) => [`size/${size}.bin`, randomBytes(size)]));
  await fill(stage.source, 'sizes', blobs);
  const output = await runJob(
    copyJob(
      binary('source', { container: 'sizes', folderPath: 'size' }),
      binary('sink', { container: 'sizes-out', folderPath: 'a/b' }),
    ),
  );
  const arrived = await contentOf(stage.sink, 'sizes-out');
  assert.deepEqual(Object.keys(arrived).sort(), sizes.map((size) => `a/b/${size}.bin`).sort());
  for (const size of sizes) assert.ok(arrived[`a/b/${size}.bin`]!.equals(blobs[`size/${size}.bin`]!), `${size} bytes`);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  assert.equal(output.dataRead, total);
  assert.equal(output.dataWritten, total);
  assert.equal(output.filesRead, sizes.length);
  assert.equal(output.filesWritten, sizes.length);
  assert.equal(output.rowsCopied, undefined);
  assert.equal(output.effectiveIntegrationRuntime, 'sealed (West Europe)');
});

test('gzip', async () => {
  await fill(stage.source, 'gzip', { 'a.txt.gz': gzipSync('hello') });
  await runJob(
    copyJob(
      binary('source', { container: 'gzip' }, { compression: { type: 'GZip' } }),
      binary('sink', { container: 'gzip-out' }),
    ),
  );
  assert.equal((await contentOf(stage.sink, 'gzip-out'))['a.txt']?.toString(), 'hello');
});
