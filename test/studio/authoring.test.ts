// What somebody who writes a pipeline asks before it is saved, through a whole Postern: does it connect, what is there,
// how does it look, does it run. By sealed workers, so that an owner who has not approved is in the way here too.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { AzureNamedKeyCredential, TableClient } from '@azure/data-tables';
import { ClientSecretCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import type { Json, JsonObject } from '../../src/base/json.ts';
import type { Client } from '../../src/cli/client.ts';
import { assignRole, createPrincipal, findRole, propertiesOf, values } from '../../src/cli/identity.ts';
import { storeEndpoints, storeKey } from '../../src/cli/store.ts';
import { type RunningPostern, startPosternProcess } from '../postern.ts';
import { adf, own, sealFactory, storage } from './studio-estate.ts';

const vaults = 'api-version=2023-07-01';
const host = 'authorstore.blob.core.windows.net';

let postern: RunningPostern;
let group: string;
let key: string;
const at = (provider: string) => `${group}/providers/${provider}`;
const accountId = () => at('Microsoft.Storage/storageAccounts/authorstore');
const vaultId = () => at('Microsoft.KeyVault/vaults/author-keys');
const factoryId = () => at('Microsoft.DataFactory/factories/author-factory');
const networkId = () => `${factoryId()}/managedVirtualNetworks/default`;
const put = (path: string, body: JsonObject) => postern.admin.call('PUT', path, body);
const reference = (type: string, referenceName: string) => ({ type, referenceName });
const connectVia = reference('IntegrationRuntimeReference', 'sealed');

const ask = (operation: string, body: JsonObject, client: Client = postern.admin) =>
  client.send('POST', `${factoryId()}/providers/Postern.Authoring/${operation}?${own}`, body);

type Failure = { code: string; message: string; target?: string; details: JsonObject[] };
const errorOf = ({ body }: { body: JsonObject }) => body.error as unknown as Failure;

const blobService = (accountKey: string, more: JsonObject = {}): JsonObject => ({
  type: 'AzureBlobStorage',
  connectVia,
  typeProperties: {
    connectionString: `DefaultEndpointsProtocol=https;AccountName=authorstore;AccountKey=${accountKey};EndpointSuffix=core.windows.net`,
  },
  ...more,
});
const tableService = (): JsonObject => ({ ...blobService(key), type: 'AzureTableStorage' });
const csv = (fileName: string, service: string): JsonObject => ({
  type: 'DelimitedText',
  linkedServiceName: reference('LinkedServiceReference', service),
  typeProperties: {
    location: { type: 'AzureBlobStorageLocation', container: 'box', folderPath: 'films', fileName },
    firstRowAsHeader: true,
  },
});

const decide = async (target: string, version: string, groupId: string, status: string) => {
  const found = values(await postern.admin.call('GET', `${target}/privateEndpointConnections?${version}`));
  const connection = found.find((one) => (propertiesOf(one).groupIds as Json[])[0] === groupId);
  await put(`${connection?.id}?${version}`, {
    properties: { privateLinkServiceConnectionState: { status, description: `${status} by the test` } },
  });
};

const fillStore = async () => {
  const { blob, table } = await storeEndpoints(postern.admin, accountId());
  const service = new BlobServiceClient(String(blob), new StorageSharedKeyCredential('authorstore', key));
  const box = service.getContainerClient('box');
  await box.create();
  const films = box.getBlockBlobClient('films/2026.csv');
  await films.uploadData(
    Buffer.from(`title,year\n${Array.from({ length: 150 }, (_, n) => `Film ${n},${n}`).join('\n')}\n`),
  );
  await box.getBlockBlobClient('films/@odd/one.csv').uploadData(Buffer.from('a\n1\n'));
  const ratings = new TableClient(String(table), 'ratings', new AzureNamedKeyCredential('authorstore', key));
  await ratings.createTable();
  await ratings.createEntity({
    partitionKey: 'p',
    rowKey: '1',
    votes: { type: 'Int64', value: '9007199254740993' },
    isGood: true,
  });
};

before(async () => {
  postern = await startPosternProcess();
  tls.setDefaultCACertificates([readFileSync(postern.connection.caFile, 'utf8')]);
  group = `/subscriptions/${postern.connection.subscriptionId}/resourceGroups/author`;
  await put(`${group}?api-version=2021-04-01`, { location: 'westeurope' });
  const account = { location: 'westeurope', kind: 'StorageV2', sku: { name: 'Standard_LRS' } };
  await put(`${accountId()}?${storage}`, account);
  await sealFactory(put, factoryId());
  key = await storeKey(postern.admin, accountId());
  await fillStore();
  await put(`${factoryId()}/linkedservices/store?${adf}`, { properties: blobService(key) });
  await put(`${factoryId()}/datasets/films?${adf}`, { properties: csv('2026.csv', 'store') });
});
after(() => postern?.discard());

const stored = (referenceName: string) => ({ linkedService: { referenceName } });

test('without an endpoint the answer says which one to ask for; a stranger to the store is not told whose it is', async () => {
  const tried = await ask('testConnection', stored('store'));
  assert.equal(tried.status, 200);
  assert.equal(tried.body.succeeded, false);
  const [why] = errorOf(tried).details;
  assert.deepEqual(
    [why?.code, why?.host, why?.resourceId, why?.groupId],
    ['PrivateEndpointRequired', host, accountId(), 'blob'],
  );
  assert.match(String(why?.remedy), /managed private endpoint/i);

  const engineer = await createPrincipal(postern.admin, 'engineer');
  const role = await findRole(postern.admin, 'Data Factory Contributor');
  await assignRole(postern.admin, engineer.objectId, role, factoryId());
  const client = postern.admin.as(engineer);
  const theirs = errorOf(await ask('testConnection', stored('store'), client)).details[0];
  assert.deepEqual([theirs?.code, theirs?.resourceId], ['PrivateEndpointRequired', undefined]);
});

test('pending, no question reaches the store, and each answer says who has to approve', async () => {
  for (const groupId of ['blob', 'table'])
    await put(`${networkId()}/managedPrivateEndpoints/${groupId}?${adf}`, {
      properties: { privateLinkResourceId: accountId(), groupId },
    });
  const tried = await ask('testConnection', stored('store'));
  assert.deepEqual([tried.status, tried.body.succeeded], [200, false]);
  const [why] = errorOf(tried).details;
  assert.deepEqual(
    [why?.code, why?.host, why?.endpoint],
    ['EndpointPending', host, `${networkId()}/managedPrivateEndpoints/blob`],
  );
  assert.ok(String(why?.remedy).length > 0);
  for (const [operation, body] of [
    ['browse', stored('store')],
    ['preview', { dataset: { referenceName: 'films' } }],
    ['schema', { dataset: { referenceName: 'films' } }],
  ] as const) {
    const refused = await ask(operation, body);
    assert.equal(refused.status, 400, operation);
    assert.equal(errorOf(refused).details[0]?.code, 'EndpointPending');
    assert.ok(errorOf(refused).details[0]?.remedy);
  }
});

test('approved, a linked service connects, stored or not; a wrong key is said and kept nowhere', async () => {
  for (const groupId of ['blob', 'table']) await decide(accountId(), storage, groupId, 'Approved');
  for (const linkedService of [
    { referenceName: 'store' },
    { properties: blobService(key) },
    { name: 'new', properties: tableService() },
  ]) {
    const tried = await ask('testConnection', { linkedService });
    assert.equal(tried.body.succeeded, true, JSON.stringify(tried.body));
    assert.ok(Number(tried.body.durationInMs) > 0);
  }
  const wrong = await ask('testConnection', {
    linkedService: { name: 'wrong', properties: blobService(Buffer.alloc(64, 7).toString('base64')) },
  });
  assert.equal(wrong.body.succeeded, false);
  assert.match(errorOf(wrong).message, /refused the credential/);
  const gone = await postern.admin.send('GET', `${factoryId()}/linkedservices/wrong?${adf}`);
  assert.equal(gone.status, 404);
});

test('a stored secret serves its own linked service, as it was stored, and no changed one', async () => {
  const shown = await postern.admin.call('GET', `${factoryId()}/linkedservices/store?${adf}`);
  const properties = propertiesOf(shown);
  const same = await ask('testConnection', { linkedService: { name: 'store', properties } });
  assert.equal(same.body.succeeded, true, JSON.stringify(same.body));
  const typeProperties = properties.typeProperties as JsonObject;
  const connectionString = String(typeProperties.connectionString).replace('authorstore', 'thief');
  const changed = await ask('testConnection', {
    linkedService: {
      name: 'store',
      properties: { ...properties, typeProperties: { ...typeProperties, connectionString } },
    },
  });
  assert.deepEqual([changed.status, errorOf(changed).code], [400, 'InvalidResourceRequest']);
  assert.match(String(errorOf(changed).target), /^linkedService\.properties\.typeProperties/);
});

test('browsing goes from containers to files, with what a listing tells', async () => {
  const browse = async (path: string) => {
    const { status, body } = await ask('browse', { ...stored('store'), path });
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.truncated, false);
    return (body.items as JsonObject[]).map(
      ({ modifiedAt, ...item }): JsonObject => ({
        ...item,
        isDated: modifiedAt !== undefined,
      }),
    );
  };
  assert.deepEqual(await browse(''), [{ name: 'box', kind: 'Container', path: 'box', isDated: true }]);
  assert.deepEqual(await browse('box'), [{ name: 'films', kind: 'Folder', path: 'box/films', isDated: false }]);
  const films = await browse('box/films');
  assert.deepEqual(films[0], { name: '@odd', kind: 'Folder', path: 'box/films/@odd', isDated: false });
  assert.deepEqual(
    [films[1]?.name, films[1]?.kind, films[1]?.path, Number(films[1]?.size) > 1000],
    ['2026.csv', 'File', 'box/films/2026.csv', true],
  );
  assert.deepEqual((await browse('box/films/@odd'))[0]?.path, 'box/films/@odd/one.csv');
  const tables = await ask('browse', { linkedService: { properties: tableService() } });
  assert.deepEqual(tables.body.items, [{ name: 'ratings', kind: 'Table', path: 'ratings' }]);
  for (const [path, code] of [
    ['../etc', 'UserErrorInvalidProperty'],
    ['nowhere', 'UserErrorSourceBlobNotExist'],
  ]) {
    const refused = await ask('browse', { ...stored('store'), path: path! });
    assert.deepEqual([refused.status, errorOf(refused).code], [400, code]);
  }
});

test('a preview shows columns and rows, of what is stored and of what is not', async () => {
  const films = await ask('preview', { dataset: { referenceName: 'films' }, rows: 2 });
  assert.deepEqual(films.body, {
    columns: [
      { name: 'title', type: 'String' },
      { name: 'year', type: 'String' },
    ],
    rows: [
      ['Film 0', '0'],
      ['Film 1', '1'],
    ],
    truncated: true,
  });
  const all = await ask('preview', { dataset: { properties: csv('2026.csv', 'store') } });
  assert.equal((all.body.rows as Json[]).length, 100);
  const both = await ask('preview', {
    dataset: { properties: csv('2026.csv', 'unheard-of') },
    linkedService: { properties: blobService(key) },
    rows: 1,
  });
  assert.deepEqual(both.body.rows, [['Film 0', '0']]);

  const table = {
    dataset: {
      properties: {
        type: 'AzureTable',
        linkedServiceName: reference('LinkedServiceReference', 'tables'),
        typeProperties: { tableName: 'ratings' },
      },
    },
    linkedService: { properties: tableService() },
  };
  const ratings = await ask('preview', table);
  const columns = ratings.body.columns as { name: string; type: string }[];
  const [row] = ratings.body.rows as Json[][];
  const cell = (name: string) => row![columns.findIndex((column) => column.name === name)];
  assert.deepEqual([cell('votes'), cell('isGood'), ratings.body.truncated], ['9007199254740993', true, false]);
  const schema = await ask('schema', table);
  assert.deepEqual(schema.body, { columns });
  const header = await ask('schema', { dataset: { referenceName: 'films' } });
  assert.deepEqual(header.body, { columns: films.body.columns });
});

test("what is wrong with a person's input names the field", async () => {
  for (const [operation, body, code, target] of [
    ['testConnection', {}, 'InvalidRequestContent', 'linkedService'],
    ['testConnection', { linkedService: {} }, 'InvalidRequestContent', 'linkedService'],
    ['testConnection', stored('nobody'), 'InvalidRequestContent', 'linkedService.referenceName'],
    ['testConnection', stored('../datasets/films'), 'InvalidRequestContent', 'linkedService.referenceName'],
    [
      'testConnection',
      { linkedService: { properties: { type: 'AzureKeyVault' } } },
      'InvalidRequestContent',
      'linkedService.properties.typeProperties.baseUrl',
    ],
    [
      'testConnection',
      {
        linkedService: { properties: blobService(key, { connectVia: reference('IntegrationRuntimeReference', 'x') }) },
      },
      'BadRequest',
      'linkedService.properties.connectVia.referenceName',
    ],
    ['preview', { dataset: { referenceName: 'films' }, rows: 101 }, 'InvalidRequestContent', 'rows'],
    [
      'preview',
      { dataset: { properties: csv('x.csv', 'nobody') } },
      'BadRequest',
      'dataset.properties.linkedServiceName.referenceName',
    ],
    ['preview', { dataset: { referenceName: 'films' }, ...stored('store') }, 'InvalidRequestContent', 'linkedService'],
    [
      'debugRun',
      { pipeline: { name: 'p', properties: { activities: [{}] } } },
      'InvalidRequestContent',
      'pipeline.properties.activities.0.name',
    ],
  ] as const) {
    const refused = await ask(operation, body as unknown as JsonObject);
    assert.deepEqual(
      [refused.status, errorOf(refused).code, errorOf(refused).target],
      [400, code, target],
      JSON.stringify([operation, body]),
    );
  }
  const missing = await ask('preview', { dataset: { properties: csv('none.csv', 'store') } });
  assert.deepEqual([missing.status, errorOf(missing).code], [400, 'UserErrorSourceBlobNotExist']);
  const unknown = await ask('testConnection', { linkedService: { properties: { type: 'Oracle' } } });
  assert.deepEqual([unknown.body.succeeded, errorOf(unknown).code], [false, 'UserErrorUnsupportedStore']);
});

const copyPipeline = (activity: JsonObject = {}): JsonObject => ({
  activities: [
    {
      name: 'Look',
      type: 'Lookup',
      typeProperties: {
        source: { type: 'DelimitedTextSource', storeSettings: { type: 'AzureBlobStorageReadSettings' } },
        dataset: reference('DatasetReference', 'films'),
      },
      ...activity,
    },
  ],
  parameters: { word: { type: 'String' } },
});

const definitionOf = (runId: string) => `${factoryId()}/providers/Postern.Authoring/runDefinitions/${runId}?${own}`;

test('a debug run runs what is on the screen, says so, and saves no pipeline', async () => {
  const started = await ask('debugRun', {
    pipeline: { name: 'draft', properties: copyPipeline() },
    parameters: { word: 'hello' },
  });
  assert.equal(started.status, 200, JSON.stringify(started.body));
  const place = `${factoryId()}/pipelineruns/${started.body.runId}?${adf}`;
  let run = await postern.admin.call('GET', place);
  while (['Queued', 'InProgress'].includes(String(run.status))) run = await postern.admin.call('GET', place);
  assert.equal(run.status, 'Succeeded', String(run.message));
  assert.deepEqual(
    [run.debugRunId, run.annotations, run.pipelineName, (run.invokedBy as JsonObject).invokedByType, run.parameters],
    [run.runId, ['Debug'], 'draft', 'Manual', { word: 'hello' }],
  );
  assert.deepEqual(Object.keys(run.invokedBy as JsonObject).sort(), ['id', 'invokedByType', 'name']);
  const saved = await postern.admin.send('GET', `${factoryId()}/pipelines/draft?${adf}`);
  assert.equal(saved.status, 404);
  const defined = await postern.admin.call('GET', definitionOf(String(started.body.runId)));
  assert.deepEqual(defined, { name: 'draft', properties: copyPipeline() });
  const none = await postern.admin.send('GET', definitionOf('none'));
  assert.deepEqual([none.status, errorOf(none).code], [404, 'PipelineRunNotFound']);
  const secret = await ask('debugRun', {
    pipeline: {
      name: 'draft',
      properties: { ...copyPipeline(), parameters: { word: { type: 'SecureString', defaultValue: 'hush' } } },
    },
  });
  assert.deepEqual([secret.status, errorOf(secret).code], [400, 'SecretInUnsavedPipeline']);
});

test('who may only read may not ask; nor may a stranger', async () => {
  for (const [name, role] of [
    ['reader', 'Reader'],
    ['stranger', null],
  ] as const) {
    const principal = await createPrincipal(postern.admin, name);
    if (role) await assignRole(postern.admin, principal.objectId, await findRole(postern.admin, role), group);
    const client = postern.admin.as(principal);
    for (const operation of ['testConnection', 'browse', 'preview', 'schema', 'debugRun']) {
      const refused = await ask(operation, stored('store'), client);
      assert.deepEqual([refused.status, errorOf(refused).code], [403, 'AuthorizationFailed'], `${name} ${operation}`);
    }
    // To read a pipeline as it ran is no question to a store.
    const defined = await client.send('GET', definitionOf('none'));
    assert.deepEqual(
      [defined.status, errorOf(defined).code],
      role ? [404, 'PipelineRunNotFound'] : [403, 'AuthorizationFailed'],
    );
  }
});

test("a vault is asked as the factory's identity, for the names of its secrets", async () => {
  const { tenantId, authorityHost } = postern.connection;
  await put(`${vaultId()}?${vaults}`, {
    location: 'westeurope',
    properties: {
      tenantId,
      sku: { family: 'A', name: 'standard' },
      enableRbacAuthorization: true,
      publicNetworkAccess: 'Disabled',
    },
  });
  const officer = await createPrincipal(postern.admin, 'officer');
  const assign = async (objectId: string, role: string) =>
    assignRole(postern.admin, objectId, await findRole(postern.admin, role), vaultId());
  await assign(officer.objectId, 'Key Vault Secrets Officer');
  const { vault } = await storeEndpoints(postern.admin, vaultId());
  const credential = new ClientSecretCredential(tenantId, officer.clientId, officer.clientSecret, {
    authorityHost,
    disableInstanceDiscovery: true,
  });
  const secrets = new SecretClient(String(vault), credential, { disableChallengeResourceVerification: true });
  await Promise.all(Array.from({ length: 30 }, (_, n) => secrets.setSecret(`key-${n + 10}`, 'x')));
  await secrets.setSecret('one', 'x');
  await put(`${networkId()}/managedPrivateEndpoints/keys?${adf}`, {
    properties: { privateLinkResourceId: vaultId(), groupId: 'vault' },
  });
  const linkedService = {
    properties: {
      type: 'AzureKeyVault',
      connectVia,
      typeProperties: { baseUrl: 'https://author-keys.vault.azure.net/' },
    },
  };
  const pending = await ask('testConnection', { linkedService });
  assert.equal(errorOf(pending)?.details[0]?.code, 'EndpointPending', JSON.stringify(pending.body));
  await decide(vaultId(), vaults, 'vault', 'Approved');
  const forbidden = await ask('testConnection', { linkedService });
  assert.equal(errorOf(forbidden).code, 'AzureKeyVaultForbidden');
  const { identity } = await postern.admin.call('GET', `${factoryId()}?${adf}`);
  await assign(String((identity as JsonObject).principalId), 'Key Vault Secrets User');
  const tried = await ask('testConnection', { linkedService });
  assert.equal(tried.body.succeeded, true, JSON.stringify(tried.body));
  const found = await ask('browse', { linkedService });
  const items = found.body.items as JsonObject[];
  assert.deepEqual(
    [items.length, items.at(-1)],
    [31, { name: 'one', kind: 'Secret', path: 'one' }],
    'more than a page',
  );
});
