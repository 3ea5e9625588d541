// Files that a copy of bytes leaves out instead of failing, and the log of them.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { ContainerSASPermissions } from '@azure/storage-blob';
import { ShareServiceClient, StorageSharedKeyCredential } from '@azure/storage-file-share';
import { contentOf, copyJob, dataset, fill, linkedService, openStage, runJob } from '../../../test/copy/stage.ts';
import type { JsonObject } from '../../base/json.ts';
import type { ResolvedDataset, ResolvedLinkedService } from '../../connectors/resolved.ts';

let stage: Awaited<ReturnType<typeof openStage>>;
before(async () => {
  stage = await openStage();
});
after(() => stage?.close());

const big = 12 * 2 ** 20;
const binary = (service: ResolvedLinkedService, location: JsonObject) => dataset('Binary', service, location);
const skipping = (skipErrorFile: JsonObject, more: JsonObject = {}): JsonObject => ({
  skipErrorFile,
  logSettings: {
    enableCopyActivityLog: true,
    logLocationSettings: {
      linkedServiceName: { referenceName: 'Log', type: 'LinkedServiceReference' },
      path: 'logs/of',
    },
  },
  ...more,
});
const run = (from: ResolvedDataset, to: ResolvedDataset, more: JsonObject, read: JsonObject = {}) =>
  runJob({
    ...copyJob(from, to, { more: { parallelCopies: 1, ...more }, read, write: { blockSizeInMB: 1 } }),
    linkedServices: { log: linkedService(stage.sink) },
  });
/** The log that an output names. */
const logOf = async ({ logFilePath }: JsonObject) =>
  String((await contentOf(stage.sink, 'logs'))[String(logFilePath).replace(/^logs\//, '')])
    .trim()
    .split('\r\n');

/** Copies a container whose first file is large, and does something to the others once it is under way. */
const whileCopying = async (container: string, more: JsonObject, doing: () => Promise<unknown>) => {
  await fill(stage.source, container, { 'a.bin': randomBytes(big), 'b.bin': 'B', 'c.bin': 'C' });
  const to = stage.sink.service.getContainerClient(container);
  await to.createIfNotExists();
  const from = binary(linkedService(stage.source), { container });
  const running = run(from, binary(linkedService(stage.sink), { container }), more, { maxConcurrentConnections: 1 });
  running.catch(() => {});
  const blob = to.getBlockBlobClient('a.bin');
  for (;;) {
    const list = await blob.getBlockList('uncommitted').catch(() => undefined);
    if ((list?.uncommittedBlocks ?? []).length > 0) break;
  }
  await doing();
  return running;
};

test('files that are gone meanwhile are skipped unless that is off, and the log tells of them', async () => {
  const gone = (container: string, skipErrorFile: JsonObject) =>
    whileCopying(container, skipping(skipErrorFile), () =>
      stage.source.service.getContainerClient(container).deleteBlob('b.bin'),
    );
  const output = await gone('gone', { fileForbidden: false });
  assert.deepEqual([output.filesRead, output.filesWritten, output.filesSkipped], [2, 2, 1]);
  assert.deepEqual(Object.keys(await contentOf(stage.sink, 'gone')).sort(), ['a.bin', 'c.bin']);
  const [header, line, ...others] = await logOf(output);
  assert.deepEqual(others, []);
  assert.equal(header, 'Timestamp,Level,OperationName,OperationItem,Message');
  assert.match(
    line!,
    /^\d{4}-\d\d-\d\d [\d:.]+,Warning,FileSkip,"b\.bin","File is skipped after read 0 bytes: ErrorCode=UserErrorSourceBlobNotExist, /,
  );
  await assert.rejects(gone('goneoff', { fileMissing: false }), { errorCode: 'AzureBlobOperationFailed' });
});

test('files that changed meanwhile are skipped where the data are checked and that is asked', async () => {
  const changed = (container: string, more: JsonObject) =>
    whileCopying(container, skipping({ dataInconsistency: true }, more), () =>
      fill(stage.source, container, { 'b.bin': 'other' }),
    );
  const output = await changed('changed', { validateDataConsistency: true });
  assert.deepEqual([output.filesWritten, output.filesSkipped], [2, 1]);
  assert.deepEqual(output.dataConsistencyVerification, { VerificationResult: 'Verified', InconsistentData: 'Skipped' });
  assert.match((await logOf(output))[1]!, /FileSkip,"b\.bin",.*changed by somebody else/);
  await assert.rejects(changed('changedoff', {}), { errorCode: 'AzureBlobOperationFailed', message: /changed/ });
});

test('files that may not be read are skipped where that is asked; what the sink forbids fails', async () => {
  await fill(stage.source, 'forbidden', { 'a.bin': 'A', 'b.bin': 'B' });
  const signed = async (permissions: string, account = stage.source, container = 'forbidden') => {
    const sasUri = await account.service.getContainerClient(container).generateSasUrl({
      permissions: ContainerSASPermissions.parse(permissions),
      expiresOn: new Date(Date.now() + 3_600_000),
    });
    return { name: 'sas', type: 'AzureBlobStorage', typeProperties: { sasUri } };
  };
  const from = binary(await signed('l'), { container: 'forbidden' });
  const to = binary(linkedService(stage.sink), { container: 'forbidden' });
  const output = await run(from, to, skipping({ fileForbidden: true }));
  assert.deepEqual([output.filesWritten, output.filesSkipped, (await logOf(output)).length], [0, 2, 3]);
  await assert.rejects(run(from, to, skipping({ fileForbidden: false })), { errorCode: 'AzureBlobOperationFailed' });
  // One file that is named is copied or the copy fails.
  const one = binary(await signed('l'), { container: 'forbidden', fileName: 'a.bin' });
  await assert.rejects(run(one, to, skipping({ fileForbidden: true })), { errorCode: 'AzureBlobOperationFailed' });
  await fill(stage.sink, 'readonly', {});
  const closed = binary(await signed('rl', stage.sink, 'readonly'), { container: 'readonly' });
  const open = binary(linkedService(stage.source), { container: 'forbidden' });
  await assert.rejects(run(open, closed, skipping({ fileForbidden: true })), {
    errorCode: 'AzureBlobOperationFailed',
    message: /refused the credential/,
  });
});

test('files whose name the sink does not take are skipped where that is asked', async () => {
  await fill(stage.source, 'names', { 'good.bin': 'G', 'what:now?.bin': 'W' });
  const { key } = stage.sink;
  const { endpoints } = await stage.sandbox.ensureStorageAccount({ name: stage.sink.name, keys: [key] });
  const endpoint = `https://${stage.sink.name}.file.core.windows.net:${endpoints.file!.port}`;
  const share = new ShareServiceClient(endpoint, new StorageSharedKeyCredential(stage.sink.name, key)).getShareClient(
    'data',
  );
  await share.create();
  const service = {
    name: 'share',
    type: 'AzureFileStorage',
    typeProperties: {
      connectionString: `AccountName=${stage.sink.name};AccountKey=${key};FileEndpoint=${endpoint}`,
      fileShare: 'data',
    },
  };
  const to = dataset('Binary', service, { type: 'AzureFileStorageLocation' });
  const from = binary(linkedService(stage.source), { container: 'names' });
  const copy = (skipErrorFile: JsonObject) => {
    const job = copyJob(from, to, { more: skipping(skipErrorFile), write: { type: 'AzureFileStorageWriteSettings' } });
    return runJob({ ...job, linkedServices: { log: linkedService(stage.sink) } });
  };
  const output = await copy({ invalidFileName: true });
  assert.deepEqual([output.filesWritten, output.filesSkipped], [1, 1]);
  assert.match((await logOf(output))[1]!, /FileSkip,"what:now\?\.bin",.*a name in the path is not one/);
  await assert.rejects(copy({ invalidFileName: false }), { errorCode: 'AzureFileOperationFailed' });
});

test('rows, compressed files and files that are merged are not skipped', async () => {
  const refused = async (more: JsonObject, to: JsonObject, write: JsonObject = {}) =>
    assert.rejects(
      runJob(
        copyJob(
          binary(linkedService(stage.source), { container: 'names' }),
          dataset('Binary', linkedService(stage.sink), { container: 'names' }, to),
          { more, write },
        ),
      ),
      { errorCode: 'UserErrorInvalidProperty', message: /skipErrorFile is only supported for Binary/ },
    );
  await refused({ skipErrorFile: { fileForbidden: true } }, { compression: { type: 'GZip' } });
  await refused({ skipErrorFile: { fileForbidden: true } }, {}, { copyBehavior: 'MergeFiles' });
});
