// What is inside of storage accounts, as resources: made by Azure's own management client, it is there for the clients of
// the stores at once, and the other way round. Real stores.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import type { StorageManagementClient } from '@azure/arm-storage';
import { AzureNamedKeyCredential, TableServiceClient } from '@azure/data-tables';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { StorageSharedKeyCredential as ShareCredential, ShareServiceClient } from '@azure/storage-file-share';
import type { JsonObject } from '../../src/base/json.ts';
import { createLog } from '../../src/base/log.ts';
import type { Client } from '../../src/cli/client.ts';
import { openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { type Estate, groupOf, openEstate, storageVersion } from './estate.ts';
import { officialClients } from './official-client.ts';

const reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
const blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe';
const storageAccountContributor = '17d1049b-9a84-46fb-8f53-869881c3d3ab';

let folder: string;
let sandbox: Sandbox;
let estate: Estate;
let arm: StorageManagementClient;
let blobs: BlobServiceClient;
let shares: ShareServiceClient;
let tables: TableServiceClient;
const clients: Client[] = [];

const account = (name = 'acmesales') => `${groupOf(estate)}/providers/Microsoft.Storage/storageAccounts/${name}`;
const send = (method: string, place: string, body?: JsonObject, headers?: Record<string, string>) =>
  estate.send(method, `${account()}/${place}${place.includes('?') ? '&' : '?'}${storageVersion}`, body, headers);
const make = (name: string, more: JsonObject = {}) =>
  estate.admin.call('PUT', `${account(name)}?${storageVersion}`, {
    location: 'westeurope',
    kind: 'StorageV2',
    sku: { name: 'Standard_LRS' },
    ...more,
  });
const principal = async (name: string, role: string, scope: string) => {
  const client = await estate.principal(name, [role, scope]);
  clients.push(client);
  return client;
};

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'postern-content-'));
  const authority = await openCertificateAuthority(path.join(folder, 'ca'));
  const log = createLog({ level: 'silent' });
  sandbox = await startSandbox({ folder: path.join(folder, 'stores'), authority, log, processes: 1 });
  estate = await openEstate({ sandbox, log });
  await estate.admin.call('PUT', `${groupOf(estate)}?api-version=2021-04-01`, { location: 'westeurope' });
  await Promise.all([
    make('acmesales'),
    make('acmepublic', { properties: { allowBlobPublicAccess: true } }),
    make('acmeattached', { tags: { 'postern-backend': '127.0.0.1:9999' } }),
  ]);
  const { keys } = await estate.admin.call('POST', `${account()}/listKeys?${storageVersion}`, {});
  const [{ value: key } = { value: '' }] = keys as { value: string }[];
  const at = await estate.admin.call(
    'POST',
    `${account()}/providers/Postern.Sandbox/listEndpoints?api-version=2026-11-01`,
    {},
  );
  // For the clients of this test. The control plane has the authority from its sandbox.
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), await readFile(authority.caFile, 'utf8')]);
  blobs = new BlobServiceClient(String(at.blob), new StorageSharedKeyCredential('acmesales', key));
  shares = new ShareServiceClient(String(at.file), new ShareCredential('acmesales', key));
  tables = new TableServiceClient(String(at.table), new AzureNamedKeyCredential('acmesales', key));
  arm = officialClients(estate).storage;
});
after(async () => {
  for (const client of clients) client.close();
  await estate?.discard();
  await sandbox?.close();
  await rm(folder, { recursive: true, force: true });
});

const all = async <Item extends { name?: string }>(items: AsyncIterable<Item>) => {
  const names: (string | undefined)[] = [];
  for await (const { name } of items) names.push(name);
  return names;
};
const isCode = (status: number, code: string) => (error: unknown) => {
  const { statusCode, code: told } = error as { statusCode: number; code: string };
  assert.deepEqual([statusCode, told], [status, code], String(error));
  return true;
};
const outcome = (answer: { status: number; body: JsonObject }) => [
  answer.status,
  (answer.body.error as JsonObject | undefined)?.code,
];
const refused = async (status: number, code: string, target: string | undefined, ask: ReturnType<typeof send>) => {
  const answer = await ask;
  assert.deepEqual([...outcome(answer), answer.body.error?.target], [status, code, target], answer.text);
};

test('a container made as a resource is there for its clients, and theirs is there as a resource', async () => {
  const made = await arm.blobContainers.create('group', 'acmesales', 'films', { metadata: { Shelf: 'top' } });
  assert.equal(made.id, `${account()}/blobServices/default/containers/films`);
  assert.equal(made.type, 'Microsoft.Storage/storageAccounts/blobServices/containers');
  const { etag, metadata, lastModified } = await blobs.getContainerClient('films').getProperties();
  assert.equal(made.etag, etag);
  assert.deepEqual(metadata, { shelf: 'top' });
  assert.equal(made.lastModifiedTime?.getTime(), lastModified?.getTime());
  assert.deepEqual([made.publicAccess, made.leaseState, made.hasLegalHold], ['None', 'Available', false]);

  await blobs.getContainerClient('theirs').create({ metadata: { a: 'b' } });
  const theirs = await arm.blobContainers.get('group', 'acmesales', 'theirs');
  assert.deepEqual([theirs.name, theirs.metadata], ['theirs', { a: 'b' }]);
  await arm.blobContainers.delete('group', 'acmesales', 'theirs');
  assert.equal(await blobs.getContainerClient('theirs').exists(), false);
  await assert.rejects(arm.blobContainers.get('group', 'acmesales', 'theirs'), isCode(404, 'ContainerNotFound'));
  await arm.blobContainers.delete('group', 'acmesales', 'theirs');
  await blobs.getContainerClient('films').delete();
  await assert.rejects(arm.blobContainers.get('group', 'acmesales', 'films'), isCode(404, 'ContainerNotFound'));
});

test('a PUT makes with 201 and changes with 200; what a body does not name stays', async () => {
  const place = 'blobServices/default/containers/twice';
  const made = await send('PUT', place, { properties: { metadata: { a: '1' } } });
  assert.deepEqual([made.status, made.headers.etag], [201, made.body.etag]);
  const container = blobs.getContainerClient('twice');
  await container.getBlockBlobClient('kept').uploadData(Buffer.from('1'));
  await container.setAccessPolicy(undefined, [{ id: 'policy', accessPolicy: { permissions: 'r' } as never }]);
  const again = await send('PUT', place, {});
  assert.deepEqual([again.status, (again.body.properties as JsonObject).metadata], [200, { a: '1' }]);
  const changed = await send('PATCH', place, { properties: { publicAccess: 'None', metadata: { b: '2' } } });
  assert.deepEqual([changed.status, (changed.body.properties as JsonObject).metadata], [200, { b: '2' }]);
  assert.deepEqual(await all(container.listBlobsFlat()), ['kept']);
  assert.deepEqual(
    (await container.getAccessPolicy()).signedIdentifiers.map(({ id }) => id),
    ['policy'],
  );
  // A client sends back what it has read.
  assert.deepEqual(outcome(await send('PUT', place, (await send('GET', place)).body)), [200, undefined]);
  assert.equal((await send('HEAD', place)).status, 204);
  await refused(
    404,
    'ContainerNotFound',
    `${account()}/blobServices/default/containers/none`,
    send('PATCH', 'blobServices/default/containers/none', {}),
  );
});

test('conditions are kept to', async () => {
  const place = 'blobServices/default/containers/conditions';
  await refused(412, 'PreconditionFailed', 'If-Match', send('PUT', place, {}, { 'if-match': '*' }));
  const { body } = await send('PUT', place, {}, { 'if-none-match': '*' });
  await refused(412, 'PreconditionFailed', 'If-None-Match', send('PUT', place, {}, { 'if-none-match': '*' }));
  await refused(412, 'PreconditionFailed', 'If-Match', send('DELETE', place, undefined, { 'if-match': '"other"' }));
  assert.equal((await send('DELETE', place, undefined, { 'if-match': String(body.etag) })).status, 200);
  assert.equal((await send('DELETE', place)).status, 204);
});

test('what a store refuses is told in its words', async () => {
  const leased = blobs.getContainerClient('leased');
  await leased.create();
  const lease = leased.getBlobLeaseClient();
  await lease.acquireLease(-1);
  const place = 'blobServices/default/containers/leased';
  const { leaseState, leaseDuration } = (await send('GET', place)).body.properties as JsonObject;
  assert.deepEqual([leaseState, leaseDuration], ['Leased', 'Infinite']);
  const answer = await send('DELETE', place);
  assert.deepEqual(outcome(answer), [412, 'LeaseIdMissing']);
  assert.match(answer.body.error.message, /^There is currently a lease on the container[^\n]*$/);
  await lease.releaseLease();
  assert.equal((await send('DELETE', place)).status, 200);
});

test('lists are in pages, by the beginning of names', async () => {
  for (const name of ['page-a', 'page-b', 'page-c', 'page-d', 'other']) await blobs.getContainerClient(name).create();
  const first = await send('GET', 'blobServices/default/containers?$maxpagesize=3&$filter=page-');
  assert.deepEqual(
    (first.body.value as JsonObject[]).map(({ name }) => name),
    ['page-a', 'page-b', 'page-c'],
  );
  const next = await estate.send('GET', String(first.body.nextLink));
  assert.deepEqual(
    [(next.body.value as JsonObject[]).map(({ name }) => name), next.body.nextLink],
    [['page-d'], undefined],
  );
  const paged = arm.blobContainers.list('group', 'acmesales', {
    maxpagesize: '1',
    filter: 'page-',
    include: 'deleted',
  });
  assert.deepEqual(await all(paged), ['page-a', 'page-b', 'page-c', 'page-d']);
  assert.ok((await all(arm.blobContainers.list('group', 'acmesales'))).includes('other'));
  const bad = (query: string) => send('GET', `blobServices/default/containers?${query}`);
  await refused(400, 'InvalidParameter', '$maxpagesize', bad('$maxpagesize=0'));
  await refused(400, 'InvalidParameter', '$filter', bad(`$filter=${encodeURIComponent('.*')}`));
  await refused(400, 'InvalidParameter', '$include', bad('$include=versions'));
  await refused(400, 'InvalidParameter', '$skiptoken', bad('$skiptoken=%00'));
  for (const made of ['AAAA', '____']) assert.equal((await bad(`$skiptoken=${made}`)).status, 200);
});

test('a container is open to the public where its account allows that, and nowhere else', async () => {
  const open = (accountName: string) =>
    arm.blobContainers.create('group', accountName, 'open', { publicAccess: 'Blob' });
  await assert.rejects(open('acmesales'), isCode(409, 'PublicAccessNotPermitted'));
  assert.equal(await blobs.getContainerClient('open').exists(), false);
  assert.equal((await open('acmepublic')).publicAccess, 'Blob');
  const shut = await arm.blobContainers.update('group', 'acmepublic', 'open', { publicAccess: 'None' });
  assert.equal(shut.publicAccess, 'None');
});

test('what a store would not do is refused by name', async () => {
  const container = 'blobServices/default/containers/refused';
  for (const [place, properties, target] of [
    [container, { enableNfsV3RootSquash: true }, 'enableNfsV3RootSquash'],
    [container, { immutableStorageWithVersioning: { enabled: true } }, 'immutableStorageWithVersioning'],
    [container, { defaultEncryptionScope: 'own' }, 'defaultEncryptionScope'],
    ['blobServices/default', { isVersioningEnabled: true }, 'isVersioningEnabled'],
    ['blobServices/default', { deleteRetentionPolicy: { enabled: true, days: 7 } }, 'deleteRetentionPolicy'],
    ['fileServices/default', { shareDeleteRetentionPolicy: { enabled: true, days: 7 } }, 'shareDeleteRetentionPolicy'],
    [
      'fileServices/default',
      {
        cors: {
          corsRules: [
            {
              allowedOrigins: ['*'],
              allowedMethods: ['GET'],
              allowedHeaders: [],
              exposedHeaders: [],
              maxAgeInSeconds: 1,
            },
          ],
        },
      },
      'cors',
    ],
    ['fileServices/default/shares/refused', { enabledProtocols: 'NFS' }, 'enabledProtocols'],
    ['fileServices/default/shares/refused', { accessTier: 'Cool' }, 'accessTier'],
    ['fileServices/default/shares/refused', { signedIdentifiers: [{ id: 'a' }] }, 'signedIdentifiers'],
  ] as const)
    await refused(
      400,
      'FeatureNotSupportedForAccount',
      `properties.${target}`,
      send('PUT', place, { properties: properties as never }),
    );
  assert.equal(await blobs.getContainerClient('refused').exists(), false);
  assert.deepEqual(await all(shares.listShares()), []);
});

test('names and metadata are Azure’s, and nothing else goes to a store', async () => {
  const blob = 'blobServices/default/containers';
  for (const name of ['Upper', 'ab', 'a--b', '-ab', 'ab-', 'a_b', 'x'.repeat(64), 'a%25b', '%24root', 'a%3Fb'])
    await refused(400, 'InvalidResourceName', 'name', send('PUT', `${blob}/${name}`, {}));
  for (const name of ['%2e%2e', 'a%2Fb', 'a%00b'])
    await refused(400, 'InvalidResourceName', 'path', send('PUT', `${blob}/${name}`, {}));
  for (const name of ['ab', '1abc', 'a-b', 'tables', 'Tables', 'a.*', 'x'.repeat(64)])
    await refused(400, 'InvalidResourceName', 'name', send('PUT', `tableServices/default/tables/${name}`, {}));
  await refused(400, 'InvalidResourceName', 'name', send('PUT', 'fileServices/default/shares/A', {}));
  await refused(400, 'InvalidResourceName', 'name', send('PUT', 'blobServices/other', {}));
  for (const metadata of [{ 'a b': '1' }, { 'a\r\nx-ms-blob-public-access': 'c' }, { a: '1\r\nx: y' }, { a: 'é' }])
    await refused(
      400,
      'InvalidMetadata',
      `properties.metadata.${Object.keys(metadata)[0]}`,
      send('PUT', `${blob}/meta`, { properties: { metadata: metadata as never } }),
    );
  await refused(
    400,
    'InvalidMetadata',
    'properties.metadata',
    send('PUT', `${blob}/meta`, { properties: { metadata: { a: 'x'.repeat(9000) } } }),
  );
  await refused(
    400,
    'InvalidRequestContent',
    'properties.metadata',
    send('PUT', `${blob}/meta`, { properties: { metadata: 'x' } }),
  );
  await refused(
    400,
    'InvalidRequestContent',
    'properties.publicAccess',
    send('PUT', `${blob}/meta`, { properties: { publicAccess: 'Open' } }),
  );
  await refused(
    400,
    'InvalidRequestContent',
    'properties.shareQuota',
    send('PUT', 'fileServices/default/shares/abc', { properties: { shareQuota: 0 } }),
  );
  for (const [place, code] of [
    [`${blob}/Upper`, 'ContainerNotFound'],
    [`${blob}/..%2e`, 'ContainerNotFound'],
    ['blobServices/other/containers/films', 'ResourceNotFound'],
    ['tableServices/default/tables/a.*', 'TableNotFound'],
  ] as const)
    assert.deepEqual(outcome(await send('GET', place)), [404, code], place);
  assert.equal((await send('GET', `${blob}/meta`)).status, 404);
  assert.deepEqual(outcome(await send('DELETE', 'blobServices/default')), [405, 'MethodNotAllowed']);
});

test('shares have quota, metadata and usage', async () => {
  const made = await arm.fileShares.create('group', 'acmesales', 'films', {
    shareQuota: 7,
    metadata: { Shelf: 'top' },
  });
  assert.deepEqual([made.shareQuota, made.enabledProtocols, made.accessTier], [7, 'SMB', 'TransactionOptimized']);
  assert.equal((await shares.getShareClient('films').getProperties()).quota, 7);
  await shares.getShareClient('films').rootDirectoryClient.getFileClient('f').uploadData(Buffer.from('12345'));
  const used = await arm.fileShares.get('group', 'acmesales', 'films', { expand: 'stats' });
  assert.equal(used.shareUsageBytes, 5);
  const changed = await arm.fileShares.update('group', 'acmesales', 'films', { shareQuota: 9 });
  assert.deepEqual([changed.shareQuota, changed.metadata], [9, made.metadata]);
  await shares.getShareClient('theirs').create();
  assert.deepEqual(await all(arm.fileShares.list('group', 'acmesales', { maxpagesize: '1' })), ['films', 'theirs']);
  await arm.fileShares.delete('group', 'acmesales', 'films');
  assert.deepEqual(await all(shares.listShares()), ['theirs']);
  await assert.rejects(arm.fileShares.get('group', 'acmesales', 'films'), isCode(404, 'ShareNotFound'));
});

test('tables have stored access policies', async () => {
  const policy = {
    id: 'readers',
    accessPolicy: {
      permission: 'r',
      expiryTime: new Date('2030-01-01T00:00:00Z'),
      startTime: new Date('2026-01-01T00:00:00Z'),
    },
  };
  const made = await arm.table.create('group', 'acmesales', 'Films', {
    parameters: { signedIdentifiers: [policy] },
  });
  assert.deepEqual([made.tableName, made.signedIdentifiers], ['Films', [policy]]);
  await tables.createTable('Theirs');
  await tables.createTable('Third');
  assert.deepEqual(await all(tables.listTables()), ['Films', 'Theirs', 'Third']);
  assert.deepEqual(await all(arm.table.list('group', 'acmesales')), ['Films', 'Theirs', 'Third']);
  const page = await send('GET', 'tableServices/default/tables?$maxpagesize=2');
  assert.equal((page.body.value as JsonObject[]).length, 2);
  const rest = await estate.send('GET', String(page.body.nextLink));
  assert.deepEqual(
    (rest.body.value as JsonObject[]).map(({ name }) => name),
    ['Third'],
  );
  // A token is a place in the order, whoever made it up.
  for (const made of ['AAAA', '____'])
    assert.equal((await send('GET', `tableServices/default/tables?$skiptoken=${made}`)).status, 200);
  assert.deepEqual((await arm.table.create('group', 'acmesales', 'Films')).signedIdentifiers, [policy]);
  await arm.table.delete('group', 'acmesales', 'Films');
  await assert.rejects(arm.table.get('group', 'acmesales', 'Films'), isCode(404, 'TableNotFound'));
  assert.deepEqual(await all(tables.listTables()), ['Theirs', 'Third']);
});

test('services keep rules for browsers where their stores do, and take back what they have said', async () => {
  const corsRules = [
    {
      allowedOrigins: ['https://a.example', '*'],
      allowedMethods: ['GET', 'PUT'],
      allowedHeaders: ['x-ms-meta-*'],
      exposedHeaders: [],
      maxAgeInSeconds: 5,
    },
  ];
  for (const service of ['blobServices', 'tableServices'] as const) {
    assert.deepEqual((await arm[service].getServiceProperties('group', 'acmesales')).cors, { corsRules: [] });
    assert.deepEqual((await arm[service].setServiceProperties('group', 'acmesales', { cors: { corsRules } })).cors, {
      corsRules,
    });
  }
  const theirs = await blobs.getProperties();
  assert.equal(theirs.cors?.[0]?.allowedOrigins, 'https://a.example,*');
  for (const service of ['blobServices', 'fileServices', 'tableServices']) {
    const { body } = await send('GET', `${service}/default`);
    assert.equal((body.sku as JsonObject).name, 'Standard_LRS');
    const again = await send('PUT', `${service}/default`, body);
    assert.deepEqual([again.status, again.body], [200, body]);
    assert.deepEqual((await send('GET', service)).body.value, [body]);
  }
  const off = { isVersioningEnabled: false, deleteRetentionPolicy: { enabled: false, days: 7 } };
  const kept = await arm.blobServices.setServiceProperties('group', 'acmesales', off);
  assert.deepEqual([kept.isVersioningEnabled, kept.cors], [false, { corsRules }]);
  assert.deepEqual(
    (await arm.blobServices.setServiceProperties('group', 'acmesales', { cors: { corsRules: [] } })).cors,
    { corsRules: [] },
  );
  await refused(
    400,
    'InvalidRequestContent',
    'properties.cors.corsRules.0.allowedOrigins.0',
    send('PUT', 'blobServices/default', {
      properties: { cors: { corsRules: [{ ...corsRules[0]!, allowedOrigins: ['a,b'] }] } },
    }),
  );
});

test('each role may do what it may in Azure', async () => {
  const container = `${account()}/blobServices/default/containers/roles`;
  const can = async (client: Client, method: string, place: string) =>
    (await client.send(method, `${place}?${storageVersion}`, method === 'PUT' ? {} : undefined)).status;
  const looker = await principal('looker', reader, account());
  const keeper = await principal('keeper', storageAccountContributor, account());
  const writer = await principal('writer', blobDataContributor, account());
  assert.equal(await can(looker, 'PUT', container), 403);
  assert.equal(await can(keeper, 'PUT', container), 201);
  assert.equal(await can(looker, 'GET', container), 200);
  assert.equal(await can(looker, 'GET', `${account()}/blobServices/default/containers`), 200);
  assert.equal(await can(looker, 'DELETE', container), 403);
  assert.equal(await can(writer, 'PUT', container), 200);
  assert.equal(await can(writer, 'PUT', `${account()}/tableServices/default/tables/roles`), 403);
  assert.equal(await can(writer, 'GET', `${account()}/fileServices/default/shares`), 403);
  assert.equal(await can(writer, 'DELETE', container), 200);
});

test('a store that is attached, does not run or does not answer says so', async () => {
  const place = (name: string) => `${account(name)}/blobServices/default/containers/films?${storageVersion}`;
  for (const method of ['GET', 'PUT', 'DELETE'])
    await refused(
      409,
      'Conflict',
      account('acmeattached'),
      estate.send(method, place('acmeattached'), method === 'PUT' ? {} : undefined),
    );
  await refused(404, 'ParentResourceNotFound', undefined, estate.send('PUT', place('acmenone'), {}));
  await make('acmegone');
  assert.equal((await estate.send('PUT', place('acmegone'), {})).status, 201);
  const before = await estate.admin.call('POST', `${account('acmegone')}/regenerateKey?${storageVersion}`, {
    keyName: 'key1',
  });
  assert.ok(before);
  assert.equal((await estate.send('GET', place('acmegone'))).status, 200);
  await sandbox.removeStorageAccount('acmegone');
  await refused(409, 'StoreUnavailable', account('acmegone'), estate.send('GET', place('acmegone')));
});
