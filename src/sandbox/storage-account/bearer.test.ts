import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { setDefaultCACertificates } from 'node:tls';
import { TableClient, TableServiceClient } from '@azure/data-tables';
import { BlobBatchClient, BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { DataLakeServiceClient } from '@azure/storage-file-datalake';
import { ShareServiceClient } from '@azure/storage-file-share';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createLog } from '../../base/log.ts';
import { openCertificateAuthority } from '../certificate-authority.ts';
import { type Sandbox, type SandboxStore, type StoragePermission, storagePermissions } from '../sandbox.ts';
import { startSandbox } from '../start-sandbox.ts';

const tenantId = '10000000-0000-4000-8000-000000000001';
const name = 'acmetokens';
const key = randomBytes(64).toString('base64');
const keys = await generateKeyPair('RS256');
const others = await generateKeyPair('RS256');
const reads = storagePermissions.filter((one) => one.endsWith('/read'));
const people = new Map<string, readonly StoragePermission[]>([
  ['owner', storagePermissions],
  ['contributor', storagePermissions.filter((one) => !one.endsWith('/action'))],
  ['reader', reads],
  ['stranger', []],
]);
let isSilent = false;
const gate = {
  tenantId,
  key: { ...(await exportJWK(keys.publicKey)) },
  authority: () => 'https://localhost:1',
  permissionsOf: async (objectId: string) => {
    if (isSilent) throw new Error('not to be told');
    return people.get(objectId) ?? null;
  },
};

type Claims = {
  oid?: string | undefined;
  aud?: string | string[];
  tid?: string;
  postern_host?: string;
  life?: number;
  by?: typeof keys.privateKey;
};
const tokenFor = ({ by, life, aud, ...more }: Claims = {}) =>
  new SignJWT({ oid: 'owner', appid: 'app', tid: tenantId, ...more })
    .setProtectedHeader({ alg: 'RS256' })
    .setAudience(aud ?? 'https://storage.azure.com')
    .setExpirationTime(Math.floor(Date.now() / 1000) + (life ?? 300))
    .sign(by ?? keys.privateKey);
const as = (oid: string) => ({
  getToken: async () => ({ token: await tokenFor({ oid }), expiresOnTimestamp: Date.now() + 300_000 }),
});

let root: string;
let sandbox: Sandbox;
let store: SandboxStore;
let other: SandboxStore;
const urlOf = (at: SandboxStore, account: string, face: string) =>
  `https://127.0.0.1:${at.endpoints[face]!.port}/${account}`;
const url = (face: string) => urlOf(store, name, face);
const single = { retryOptions: { maxTries: 1 } };

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'postern-tokens-'));
  const authority = await openCertificateAuthority(join(root, 'ca'));
  setDefaultCACertificates([await readFile(authority.caFile, 'utf8')]);
  const log = createLog({ level: 'silent' });
  sandbox = await startSandbox({ folder: join(root, 'stores'), authority, log, processes: 1 });
  [store, other] = await Promise.all([
    sandbox.ensureStorageAccount({ name, keys: [key], isHierarchical: true, gate }),
    sandbox.ensureStorageAccount({ name: 'acmeclosed', keys: [key] }),
  ]);
  const box = new BlobServiceClient(url('blob'), new StorageSharedKeyCredential(name, key), single);
  await box.getContainerClient('box').create();
  await box.getContainerClient('box').getBlockBlobClient('one').uploadData(Buffer.from('1'));
});
after(async () => {
  await sandbox?.close();
  await rm(root, { recursive: true, force: true });
});

type Reply = { status: number; code: string; challenge: string; body: string };
const send = async (
  address: string,
  authorization: string | undefined,
  more: { method?: string; headers?: Record<string, string> } = {},
): Promise<Reply> => {
  const headers = { 'x-ms-version': '2021-12-02', ...(authorization && { authorization }), ...more.headers };
  const sent = request(address, { method: more.method ?? 'GET', headers });
  sent.end();
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve).on('error', reject);
  });
  return {
    status: response.statusCode!,
    code: String(response.headers['x-ms-error-code']),
    challenge: String(response.headers['www-authenticate']),
    body: await text(response),
  };
};

/** One reading request to each face, and what it takes to be let in there. */
const faces = () =>
  [
    ['blob', `${url('blob')}/box/one`, {}],
    ['blob at the lake', `${url('lake')}/box/one`, {}],
    ['lake', `${url('dfs')}/box?resource=filesystem&recursive=false`, {}],
    ['table', `${url('table')}/Tables`, { accept: 'application/json' }],
    ['file', `${url('file')}/?comp=list`, { 'x-ms-file-request-intent': 'backup' }],
  ] as const;

test('every face checks signature, time, audience, tenant and host itself, and challenges', async () => {
  for (const [face, address, headers] of faces()) {
    assert.equal((await send(address, `Bearer ${await tokenFor()}`, { headers })).status, 200, face);
    for (const aud of ['https://storage.azure.com/', `https://${name}.blob.core.windows.net`])
      assert.equal(
        (await send(address, `bearer ${await tokenFor({ aud })}`, { headers })).status,
        200,
        `${face} ${aud}`,
      );
    const bound = { postern_host: `${name}.dfs.core.windows.net` };
    assert.equal((await send(address, `Bearer ${await tokenFor(bound)}`, { headers })).status, 200, face);
    const wrong: Claims[] = [
      { by: others.privateKey },
      { life: -60 },
      { aud: 'https://vault.azure.net' },
      { aud: 'https://management.azure.com' },
      { aud: 'https://acmeclosed.blob.core.windows.net' },
      { tid: '20000000-0000-4000-8000-000000000002' },
      { postern_host: 'acmeclosed.blob.core.windows.net' },
      { oid: undefined },
      { oid: 'nobody' },
    ];
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(
      JSON.stringify({ oid: 'owner', tid: tenantId, aud: 'https://storage.azure.com', exp: 9_999_999_999 }),
    ).toString('base64url')}.`;
    for (const token of [...(await Promise.all(wrong.map(tokenFor))), unsigned, `${unsigned}AA`, 'x']) {
      const reply = await send(address, `Bearer ${token}`, { headers });
      assert.deepEqual(
        [reply.status, reply.code],
        [401, 'InvalidAuthenticationInfo'],
        `${face} ${token} ${reply.body}`,
      );
      assert.equal(
        reply.challenge,
        `Bearer authorization_uri=https://localhost:1/${tenantId}/oauth2/authorize resource_id=https://storage.azure.com`,
        face,
      );
    }
  }
});

test('rights are asked for each request, and where nobody answers nobody is let in', async () => {
  for (const [face, address, headers] of faces()) {
    const authorization = `Bearer ${await tokenFor({ oid: 'passing' })}`;
    const once = () => send(address, authorization, { headers });
    people.set('passing', reads);
    assert.equal((await once()).status, 200, face);
    people.set('passing', []);
    const refused = await once();
    assert.deepEqual([refused.status, refused.code], [403, 'AuthorizationPermissionMismatch'], face);
    assert.match(refused.body, /oid=passing.*Give it a role such as Storage (Blob|Table|File) Data/);
    people.delete('passing');
    assert.equal((await once()).status, 401, face);
    isSilent = true;
    assert.equal((await once()).status, 503, face);
    isSilent = false;
  }
});

test('a store without an issuer takes no token, and a listener serves no account but its own', async () => {
  const authorization = `Bearer ${await tokenFor()}`;
  for (const face of ['blob', 'dfs', 'table', 'file'] as const) {
    const path = face === 'table' ? 'Tables' : '?comp=list&resource=account';
    const { status } = await send(`${urlOf(other, 'acmeclosed', face)}/${path}`, authorization);
    assert.ok(status === 401 || status === 403, `${face} ${status}`);
    const elsewhere = await send(`${urlOf(store, 'acmeclosed', face)}/${path}`, authorization);
    assert.ok([400, 403, 404].includes(elsewhere.status), `${face} ${elsewhere.status}`);
  }
});

test('a copy asks nobody for its source, whatever the client calls the server', async (t) => {
  let asked = 0;
  const bait = createServer((_, response) => {
    asked += 1;
    response.end();
  }).listen(0, '127.0.0.1');
  t.after(() => bait.close());
  await once(bait, 'listening');
  const host = `127.0.0.1:${(bait.address() as AddressInfo).port}`;
  const headers = { host, 'x-ms-copy-source': `http://${host}/elsewhere/box/one`, 'content-length': '0' };
  for (const sync of [{}, { 'x-ms-requires-sync': 'true' }]) {
    const authorization = `Bearer ${await tokenFor()}`;
    const reply = await send(`${url('blob')}/box/two`, authorization, {
      method: 'PUT',
      headers: { ...headers, ...sync },
    });
    assert.deepEqual([reply.status, reply.code], [404, 'CannotVerifyCopySource'], reply.body);
  }
  assert.equal(asked, 0);
});

test('what reads reads, what writes writes, and access lists are for owners, by the official clients', async () => {
  const writer = new BlobServiceClient(url('blob'), as('contributor'), single);
  const reader = new BlobServiceClient(url('blob'), as('reader'), single);
  const denied = { statusCode: 403, code: 'AuthorizationPermissionMismatch' };
  const made = writer.getContainerClient('made');
  await made.create();
  await made.getBlockBlobClient('a').uploadData(Buffer.from('hello'));
  assert.equal((await reader.getContainerClient('made').getBlobClient('a').downloadToBuffer()).toString(), 'hello');
  await assert.rejects(reader.getContainerClient('other').create(), denied);
  await assert.rejects(reader.getContainerClient('made').getBlockBlobClient('b').uploadData(Buffer.from('x')), denied);
  await assert.rejects(reader.getContainerClient('made').getBlobClient('a').delete(), denied);
  await assert.rejects(
    reader
      .getContainerClient('made')
      .getBlobClient('b')
      .syncCopyFromURL(`${url('blob')}/made/a`),
    denied,
  );
  await assert.rejects(writer.getContainerClient('made').setAccessPolicy('container'), denied);
  await assert.rejects(writer.getUserDelegationKey(new Date(), new Date(Date.now() + 60_000)), denied);
  await assert.rejects(
    new BlobBatchClient(url('blob'), as('owner'), single).deleteBlobs([`${url('blob')}/made/a`], as('owner')),
    denied,
  );

  const lake = (who: string) => new DataLakeServiceClient(url('lake'), as(who), single).getFileSystemClient('made');
  await lake('contributor').getFileClient('f/b').upload(Buffer.from('lake'));
  await lake('contributor').getFileClient('f/b').move('f/c');
  assert.equal((await lake('reader').getFileClient('f/c').readToBuffer()).toString(), 'lake');
  await assert.rejects(lake('reader').getFileClient('f/c').move('f/d'), { statusCode: 403 });
  await assert.rejects(lake('reader').getFileClient('x').create(), { statusCode: 403 });
  await assert.rejects(
    lake('contributor')
      .getFileClient('f/c')
      .setPermissions({
        owner: { read: true, write: true, execute: false },
        group: { read: false, write: false, execute: false },
        other: { read: false, write: false, execute: false },
        stickyBit: false,
        extendedAcls: false,
      }),
    { statusCode: 403 },
  );
  await assert.rejects(lake('reader').deleteIfExists(), { statusCode: 403 });

  const tables = (who: string) => new TableServiceClient(url('table'), as(who), { retryOptions: { maxRetries: 0 } });
  const table = (who: string) => new TableClient(url('table'), 'rows', as(who), { retryOptions: { maxRetries: 0 } });
  await tables('contributor').createTable('rows');
  await table('contributor').submitTransaction([['create', { partitionKey: 'a', rowKey: '1' }]]);
  assert.equal((await table('reader').getEntity('a', '1')).rowKey, '1');
  await assert.rejects(table('reader').createEntity({ partitionKey: 'a', rowKey: '2' }), { statusCode: 403 });
  await assert.rejects(table('reader').submitTransaction([['delete', { partitionKey: 'a', rowKey: '1' }]]), {
    statusCode: 403,
  });
  await assert.rejects(tables('reader').deleteTable('rows'), { statusCode: 403 });

  const options = { ...single, fileRequestIntent: 'backup' as const };
  const share = (who: string) => new ShareServiceClient(url('file'), as(who), options).getShareClient('made');
  await share('contributor').create();
  const file = share('contributor').rootDirectoryClient.getFileClient('a');
  await file.uploadData(Buffer.from('share'));
  assert.equal((await share('reader').rootDirectoryClient.getFileClient('a').downloadToBuffer()).toString(), 'share');
  await assert.rejects(share('reader').rootDirectoryClient.getFileClient('b').create(1), { statusCode: 403 });
  const plain = await send(`${url('file')}/?comp=list`, `Bearer ${await tokenFor()}`);
  assert.deepEqual([plain.status, plain.code], [400, 'InvalidHeaderValue']);
});
