// Storage accounts with a hierarchical namespace: what they say of themselves, and where a person on this machine finds
// their Data Lake and their shares.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { DataLakeServiceClient, StorageSharedKeyCredential } from '@azure/storage-file-datalake';
import { StorageSharedKeyCredential as ShareCredential, ShareServiceClient } from '@azure/storage-file-share';
import type { JsonObject } from '../../src/base/json.ts';
import { createLog } from '../../src/base/log.ts';
import { openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { type Estate, groupOf, openEstate, storageVersion } from './estate.ts';

let folder: string;
let sandbox: Sandbox;
let estate: Estate;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'postern-hierarchy-'));
  const authority = await openCertificateAuthority(path.join(folder, 'ca'));
  const log = createLog({ level: 'silent' });
  tls.setDefaultCACertificates([await readFile(authority.caFile, 'utf8')]);
  sandbox = await startSandbox({ folder: path.join(folder, 'stores'), authority, log, processes: 1 });
  estate = await openEstate({ sandbox, log });
  await estate.admin.call('PUT', `${groupOf(estate)}?api-version=2021-04-01`, { location: 'westeurope' });
});
after(async () => {
  await estate?.discard();
  await sandbox?.close();
  await rm(folder, { recursive: true, force: true });
});

const accountAt = (name: string) => `${groupOf(estate)}/providers/Microsoft.Storage/storageAccounts/${name}`;
const send = (method: string, name: string, body: JsonObject) =>
  estate.admin.send(method, `${accountAt(name)}?${storageVersion}`, body);
const body = (properties: JsonObject, kind = 'StorageV2'): JsonObject => ({
  location: 'westeurope',
  kind,
  sku: { name: 'Standard_LRS' },
  properties,
});
const shown = (reply: { body: JsonObject }) => (reply.body.properties as JsonObject).isHnsEnabled;

test('an account has a hierarchical namespace from its making on, or never', async () => {
  const made = await send('PUT', 'acmelake', body({ isHnsEnabled: true }));
  assert.deepEqual([made.status, shown(made)], [200, true]);
  assert.equal(shown(await send('PUT', 'acmelake', body({}))), true);
  await send('PUT', 'acmeflat', body({}));
  for (const [method, name, content] of [
    ['PUT', 'acmelake', body({ isHnsEnabled: false })],
    ['PATCH', 'acmelake', { properties: { isHnsEnabled: false } }],
    ['PATCH', 'acmeflat', { properties: { isHnsEnabled: true } }],
  ] as const) {
    const refused = await send(method, name, content);
    const { code, target } = refused.body.error as JsonObject;
    assert.deepEqual(
      [refused.status, code, target],
      [400, 'AccountPropertyCannotBeUpdated', 'properties.isHnsEnabled'],
    );
  }
  const wrongKind = await send('PUT', 'acmeother', body({ isHnsEnabled: true }, 'BlobStorage'));
  assert.equal((wrongKind.body.error as JsonObject).code, 'InvalidRequestPropertyValue');
  const wrongType = await send('PUT', 'acmeother', body({ isHnsEnabled: 'yes' }));
  assert.equal(wrongType.status, 400);
});

test('a person on this machine reaches every sub-resource by the address that is listed for it', async () => {
  const list = `${accountAt('acmelake')}/providers/Postern.Sandbox/listEndpoints?api-version=2026-11-01`;
  const endpoints = await estate.admin.call('POST', list, {});
  assert.deepEqual(Object.keys(endpoints).sort(), ['blob', 'dfs', 'file', 'queue', 'table']);
  const { keys } = await estate.admin.call('POST', `${accountAt('acmelake')}/listKeys?${storageVersion}`, {});
  const [key] = (keys as { value: string }[]).map(({ value }) => value);

  const lake = new DataLakeServiceClient(String(endpoints.dfs), new StorageSharedKeyCredential('acmelake', key!));
  const films = lake.getFileSystemClient('films');
  await films.create();
  const file = films.getFileClient('a/ran.txt');
  await file.upload(Buffer.from('Ran'));
  await films.getDirectoryClient('a').move('b');
  const moved = films.getFileClient('b/ran.txt');
  assert.equal((await moved.readToBuffer()).toString(), 'Ran');
  // Access control lists are there, so the store knows what the account is.
  assert.equal((await moved.getAccessControl()).owner, '$superuser');

  const shares = new ShareServiceClient(String(endpoints.file), new ShareCredential('acmelake', key!));
  await shares.getShareClient('films').create();
  const shared = shares.getShareClient('films').rootDirectoryClient.getFileClient('ran.txt');
  await shared.uploadData(Buffer.from('Ran'));
  assert.equal((await shared.downloadToBuffer()).toString(), 'Ran');
});
