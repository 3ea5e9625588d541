import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  type CopyParts,
  contentOf,
  copyJob,
  dataset,
  fill,
  linkedService,
  openStage,
  runJob,
} from '../../../test/copy/stage.ts';
import type { JsonObject } from '../../base/json.ts';
import type { ResolvedLinkedService } from '../../connectors/resolved.ts';

let stage: Awaited<ReturnType<typeof openStage>>;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

const input = (location: JsonObject, more: JsonObject = {}, service?: ResolvedLinkedService) =>
  dataset('Binary', service ?? linkedService(stage.source), location, more);
const output = (location: JsonObject, more: JsonObject = {}) =>
  dataset('Binary', linkedService(stage.sink), location, more);

const tree = { 'in/a.bin': 'A', 'in/b.txt': 'B', 'in/deep/c.bin': 'C', 'in/deep/er/d.bin': 'D', 'inner/e.bin': 'E' };
let containers = 0;
const copyTree = async (
  from: JsonObject,
  to: JsonObject,
  parts: CopyParts = {},
  blobs: Record<string, string> = tree,
) => {
  containers += 1;
  const container = `tree${containers}`;
  await fill(stage.source, container, blobs);
  const result = await runJob(copyJob(input({ container, ...from }), output({ container, ...to }), parts));
  const arrived = Object.entries(await contentOf(stage.sink, container)).map(([path, bytes]) => [
    path,
    bytes.toString(),
  ]);
  return { container, result, arrived: Object.fromEntries(arrived) as Record<string, string> };
};

test('files of every size arrive byte for byte, into a container that is made for them', async () => {
  const sizes = [0, 1, 1000, 2 ** 20 - 1, 2 ** 20, 2 ** 20 + 1, 7 * 2 ** 20 + 12345];
  const blobs = Object.fromEntries(sizes.map((size) => [`size/${size}.bin`, randomBytes(size)]));
  await fill(stage.source, 'sizes', blobs);
  const result = await runJob(
    copyJob(input({ container: 'sizes', folderPath: 'size' }), output({ container: 'sizes', folderPath: 'a/b' }), {
      write: { blockSizeInMB: 1 },
      more: { validateDataConsistency: true },
    }),
  );
  const arrived = await contentOf(stage.sink, 'sizes');
  assert.equal(Object.keys(arrived).length, sizes.length);
  for (const size of sizes) assert.ok(arrived[`a/b/${size}.bin`]!.equals(blobs[`size/${size}.bin`]!), `${size} bytes`);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const { dataRead, dataWritten, filesRead, filesWritten, effectiveIntegrationRuntime } = result;
  assert.deepEqual([dataRead, dataWritten, filesRead, filesWritten], [total, total, sizes.length, sizes.length]);
  assert.equal(effectiveIntegrationRuntime, 'sealed (West Europe)');
  assert.ok(!('rowsCopied' in result));
  assert.deepEqual(result.dataConsistencyVerification, { VerificationResult: 'Verified', InconsistentData: 'None' });
});

test('a folder keeps its hierarchy, or loses it', async () => {
  const kept = await copyTree({ folderPath: 'in' }, { folderPath: 'out' });
  assert.deepEqual(kept.arrived, {
    'out/a.bin': 'A',
    'out/b.txt': 'B',
    'out/deep/c.bin': 'C',
    'out/deep/er/d.bin': 'D',
  });
  const alone = await copyTree({ folderPath: 'in' }, {}, { read: { recursive: false } });
  assert.deepEqual(alone.arrived, { 'a.bin': 'A', 'b.txt': 'B' });
  const flat = await copyTree({ folderPath: 'in' }, {}, { write: { copyBehavior: 'FlattenHierarchy' } });
  assert.deepEqual(Object.values(flat.arrived).sort(), ['A', 'B', 'C', 'D']);
  for (const path of Object.keys(flat.arrived)) assert.match(path, /^data_[-0-9a-f]{36}_[-0-9a-f]{36}\.(bin|txt)$/);
});

test('wildcards, one file, and merging', async () => {
  const wild = await copyTree({}, {}, { read: { wildcardFolderPath: 'in*', wildcardFileName: '*.bin' } });
  assert.deepEqual(Object.keys(wild.arrived).sort(), ['in/a.bin', 'in/deep/c.bin', 'in/deep/er/d.bin', 'inner/e.bin']);
  const one = await copyTree({ folderPath: 'in/deep', fileName: 'c.bin' }, { folderPath: 'x', fileName: 'y.bin' });
  assert.deepEqual(one.arrived, { 'x/y.bin': 'C' });
  const merged = await copyTree({ folderPath: 'in' }, { fileName: 'all' }, { write: { copyBehavior: 'mergeFiles' } });
  assert.deepEqual(merged.arrived, { all: 'ABCD' });
  assert.deepEqual([merged.result.filesRead, merged.result.filesWritten], [4, 1]);
  await assert.rejects(copyTree({ folderPath: 'in' }, { fileName: 'all' }), {
    errorCode: 'UserErrorSinkFileNameForManyFiles',
  });
});

test('files are removed after they were copied, where that is asked', async () => {
  const { container } = await copyTree({ folderPath: 'in' }, {}, { read: { deleteFilesAfterCompletion: true } });
  assert.deepEqual(Object.keys(await contentOf(stage.source, container)), ['inner/e.bin']);
});

test('a copy into a folder below its source does not find its own output', async () => {
  await fill(stage.source, 'self', { 'a.bin': 'A' });
  const result = await runJob(
    copyJob(
      input({ container: 'self' }),
      dataset('Binary', linkedService(stage.source), { container: 'self', folderPath: 'a' }),
    ),
  );
  assert.equal(result.filesWritten, 1);
});

test('compression is taken off and put on', async () => {
  const text = 'hello '.repeat(100_000);
  await fill(stage.source, 'packed', { 'a.txt.gz': gzipSync(text), 'b.txt': text });
  const gzip = { compression: { type: 'GZip', level: 'Fastest' } };
  await runJob(copyJob(input({ container: 'packed', fileName: 'a.txt.gz' }, gzip), output({ container: 'packed' })));
  await runJob(copyJob(input({ container: 'packed', fileName: 'b.txt' }), output({ container: 'packed' }, gzip)));
  const arrived = await contentOf(stage.sink, 'packed');
  assert.equal(arrived['a.txt']!.toString(), text);
  assert.equal(gunzipSync(arrived['b.txt.gz']!).toString(), text);
});

test('a shared access signature opens what it was made for', async () => {
  await fill(stage.source, 'shared', { 'a.bin': 'A' });
  const { ContainerSASPermissions } = await import('@azure/storage-blob');
  const sasUri = await stage.source.service
    .getContainerClient('shared')
    .generateSasUrl({ permissions: ContainerSASPermissions.parse('rl'), expiresOn: new Date(Date.now() + 3600_000) });
  const service = { name: 'sas', type: 'AzureBlobStorage', typeProperties: { sasUri } };
  const result = await runJob(copyJob(input({ container: 'shared' }, {}, service), output({ container: 'shared' })));
  assert.equal(result.filesWritten, 1);
});

test('nothing of a copy that is cancelled midway is visible, and what was there before still is', async () => {
  await fill(stage.source, 'cut', { 'big.bin': randomBytes(24 * 2 ** 20) });
  await fill(stage.sink, 'cut', { 'big.bin': 'earlier' });
  const controller = new AbortController();
  const reason = new Error('enough');
  const store = stage.sink.service.getContainerClient('cut').getBlockBlobClient('big.bin');
  const job = copyJob(input({ container: 'cut' }), output({ container: 'cut' }), { write: { blockSizeInMB: 1 } });
  const running = runJob(job, controller.signal);
  const staged = (async () => {
    for (;;) if (((await store.getBlockList('uncommitted')).uncommittedBlocks ?? []).length > 0) return;
  })();
  await Promise.race([staged, running]);
  controller.abort(reason);
  await assert.rejects(running, reason);
  assert.equal((await contentOf(stage.sink, 'cut'))['big.bin']!.toString(), 'earlier');
});

test('a source that changes while it is read fails the copy', async () => {
  await fill(stage.source, 'moving', { 'big.bin': randomBytes(24 * 2 ** 20) });
  const running = runJob(
    copyJob(input({ container: 'moving' }), output({ container: 'moving' }), {
      read: { maxConcurrentConnections: 1 },
      write: { blockSizeInMB: 1 },
    }),
  );
  const failed = assert.rejects(running, { errorCode: 'AzureBlobOperationFailed', message: /changed/ });
  await fill(stage.source, 'moving', { 'big.bin': randomBytes(24 * 2 ** 20) });
  await failed;
});

test('what a store refuses is told in its own code, without its secrets', async () => {
  await fill(stage.source, 'there', { 'a.bin': 'A' });
  const wrongKey = Buffer.from('not the key').toString('base64');
  const account = (typeProperties: JsonObject) => ({ name: 'ls', type: 'AzureBlobStorage', typeProperties });
  const withKey = (endpoint: string) =>
    account({ connectionString: `AccountName=acmesource;AccountKey=${wrongKey};BlobEndpoint=${endpoint}` });
  for (const [from, service, errorCode, code] of [
    [{ container: 'there', fileName: 'b.bin' }, undefined, 'UserErrorSourceBlobNotExist', undefined],
    [{ container: 'nowhere' }, undefined, 'UserErrorSourceBlobNotExist', 'ContainerNotFound'],
    [{ container: 'nowhere', fileName: 'a.bin' }, undefined, 'UserErrorSourceBlobNotExist', undefined],
    [{ container: 'there', folderPath: 'empty' }, undefined, 'UserErrorSourceBlobNotExist', undefined],
    [{ container: 'there' }, withKey(stage.source.endpoint), 'AzureBlobOperationFailed', 'AuthorizationFailure'],
    [
      { container: 'there' },
      withKey('https://acmesource.blob.core.windows.net:1'),
      'AzureBlobOperationFailed',
      'ECONNREFUSED',
    ],
    [{ container: 'there' }, withKey('https://no.such.host'), 'AzureBlobOperationFailed', 'ENOTFOUND'],
  ] as const)
    await assert.rejects(
      runJob(copyJob(input(from, {}, service), output({ container: 'there' }))),
      (error: { errorCode: string; message: string; details: { code: string; message: string; host?: string }[] }) => {
        assert.equal(error.errorCode, errorCode);
        assert.equal(error.details[0]?.code, code);
        assert.ok(!JSON.stringify([error.message, error.details]).includes(wrongKey));
        return true;
      },
      JSON.stringify(from),
    );
});
