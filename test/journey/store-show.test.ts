// What `postern store show` prints of a storage account is enough for each of Azure's clients, as it comes.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { BlobServiceClient } from '@azure/storage-blob';
import { DataLakeServiceClient } from '@azure/storage-file-datalake';
import { ShareServiceClient } from '@azure/storage-file-share';
import { type RunningPostern, startPosternProcess } from '../postern.ts';

const program = path.resolve(import.meta.dirname, '../../bin/postern.js');
let postern: RunningPostern;
let connectionString: string;

before(async () => {
  postern = await startPosternProcess();
  const group = `/subscriptions/${postern.connection.subscriptionId}/resourceGroups/demo`;
  await postern.admin.call('PUT', `${group}?api-version=2021-04-01`, { location: 'westeurope' });
  const account = `${group}/providers/Microsoft.Storage/storageAccounts/acmelake?api-version=2025-08-01`;
  await postern.admin.call('PUT', account, {
    location: 'westeurope',
    kind: 'StorageV2',
    sku: { name: 'Standard_LRS' },
    properties: { isHnsEnabled: true },
  });
  const show = [program, 'store', 'show', 'acmelake', '--json', '--data', postern.dataDir];
  const { stdout } = await promisify(execFile)(process.execPath, show);
  const shown = JSON.parse(stdout) as { connectionString: string; caFile: string };
  ({ connectionString } = shown);
  tls.setDefaultCACertificates([await readFile(shown.caFile, 'utf8')]);
});
after(() => postern?.discard());

test('one connection string opens blobs, Data Lake and shares', async () => {
  const films = DataLakeServiceClient.fromConnectionString(connectionString).getFileSystemClient('films');
  await films.create();
  await films.getFileClient('a/ran.txt').upload(Buffer.from('Ran'));
  await films.getDirectoryClient('a').move('b');
  assert.equal((await films.getFileClient('b/ran.txt').readToBuffer()).toString(), 'Ran');
  const container = BlobServiceClient.fromConnectionString(connectionString).getContainerClient('films');
  assert.equal((await container.getBlobClient('b/ran.txt').downloadToBuffer()).toString(), 'Ran');
  const share = ShareServiceClient.fromConnectionString(connectionString).getShareClient('films');
  await share.create();
  const file = share.rootDirectoryClient.getFileClient('ran.txt');
  await file.uploadData(Buffer.from('Ran'));
  assert.equal((await file.downloadToBuffer()).toString(), 'Ran');
});
