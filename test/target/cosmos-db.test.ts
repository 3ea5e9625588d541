// A Cosmos DB account as a target: a sealed worker reaches it by its official client at its real host name, while its
// owner approves, and not otherwise.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { type Container, CosmosClient } from '@azure/cosmos';
import { BlobServiceClient, type ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { activities } from '../../src/activities/registry.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { createLog } from '../../src/base/log.ts';
import type { Endpoint } from '../../src/network/policy/model.ts';
import type { SealedNetwork } from '../../src/network/sealed-network.ts';
import { openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { managedKey, sampleEndpoint, sampleNetwork } from '../network/sample.ts';
import { startForWorkers } from '../network/start-sealed.ts';
import { type Factory, openFactory } from '../stand-in/factory.ts';

const host = 'acmedocs.documents.azure.com';
const [key, blobKey] = [randomBytes(64).toString('base64'), randomBytes(64).toString('base64')];
let folder: string;
let sandbox: Sandbox;
let network: SealedNetwork;
let factory: Factory;
let cosmos: Endpoint;
let blob: Endpoint;
let near: CosmosClient;
let box: ContainerClient;
let version = 0;

const apply = (state: Endpoint['state']) => {
  version += 1;
  const endpoints = [{ ...cosmos, state }, blob];
  return network.apply({ version, networks: [sampleNetwork({ endpoints })], stores: [] });
};

const reference = (type: string, referenceName: string, parameters: JsonObject = {}) => ({
  type,
  referenceName,
  parameters,
});
const documents = (dataset: string, name: string) => reference('DatasetReference', dataset, { name });
const file = (name: string) => reference('DatasetReference', 'file', { name });

/** The collection as its owner sees it from this machine. */
const ownersContainer = (id: string): Container => near.database('shop').container(id);
const idsOf = async (id: string) =>
  (await ownersContainer(id).items.query<string>('SELECT VALUE c.id FROM c ORDER BY c.id').fetchAll()).resources;

const furnish = async () => {
  await factory.furnish();
  const connectVia = reference('IntegrationRuntimeReference', 'sealed');
  const account = (name: string, accountKey: string, database: string) =>
    factory.put(
      'linkedservices',
      name,
      {
        type: 'CosmosDb',
        connectVia,
        typeProperties: {
          connectionString: `AccountEndpoint=https://${host}:443/;Database=${database}`,
          accountKey: { type: 'SecureString', value: accountKey },
        },
      },
      (at) => at.endsWith('accountKey.value'),
    );
  await account('docs', key, 'shop');
  await account('stranger', Buffer.alloc(64).toString('base64'), 'shop');
  await account('lost', key, 'nowhere');
  for (const name of ['docs', 'stranger', 'lost'])
    await factory.put('datasets', name, {
      type: 'CosmosDbSqlApiCollection',
      linkedServiceName: reference('LinkedServiceReference', name),
      parameters: { name: { type: 'String' } },
      typeProperties: { collectionName: { value: '@dataset().name', type: 'Expression' } },
    });
  await factory.put(
    'linkedservices',
    'blobs',
    {
      type: 'AzureBlobStorage',
      connectVia,
      typeProperties: {
        connectionString: `DefaultEndpointsProtocol=https;AccountName=acmebox;AccountKey=${blobKey};EndpointSuffix=core.windows.net`,
      },
    },
    (at) => at.endsWith('connectionString'),
  );
  await factory.put('datasets', 'file', {
    type: 'DelimitedText',
    linkedServiceName: reference('LinkedServiceReference', 'blobs'),
    parameters: { name: { type: 'String' } },
    typeProperties: {
      location: {
        type: 'AzureBlobStorageLocation',
        container: 'box',
        fileName: { value: '@dataset().name', type: 'Expression' },
      },
      firstRowAsHeader: true,
      rowDelimiter: '\n',
    },
  });
};

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'postern-cosmos-target-'));
  const authority = await openCertificateAuthority(path.join(folder, 'ca'));
  const log = createLog({ level: 'silent' });
  tls.setDefaultCACertificates([readFileSync(authority.caFile, 'utf8')]);
  sandbox = await startSandbox({ folder: path.join(folder, 'stores'), authority, log, processes: 1 });
  const [docs, storage] = await Promise.all([
    sandbox.ensureCosmosAccount({ name: 'acmedocs', keys: { writing: [key], reading: [] }, location: 'West Europe' }),
    sandbox.ensureStorageAccount({ name: 'acmebox', keys: [blobKey] }),
  ]);
  const names = [{ host, privateLinkName: 'acmedocs.privatelink.documents.azure.com' }];
  cosmos = sampleEndpoint({ groupId: 'Sql', names, backend: docs.endpoints.Sql! });
  blob = sampleEndpoint({
    id: `${managedKey}/managedPrivateEndpoints/box`,
    name: 'box',
    groupId: 'blob',
    address: '10.64.0.9',
    names: [{ host: 'acmebox.blob.core.windows.net', privateLinkName: 'acmebox.privatelink.blob.core.windows.net' }],
    backend: storage.endpoints.blob!,
    state: 'Approved',
  });
  const { address, port } = docs.endpoints.Sql!;
  near = new CosmosClient({ endpoint: `https://${address}:${port}`, key });
  const { database } = await near.databases.create({ id: 'shop' });
  await database.containers.create({ id: 'films', partitionKey: { paths: ['/city'] } });
  const service = new BlobServiceClient(
    `https://${storage.endpoints.blob!.address}:${storage.endpoints.blob!.port}/acmebox`,
    new StorageSharedKeyCredential('acmebox', blobKey),
  );
  box = service.getContainerClient('box');
  await box.create();
  await box.getBlockBlobClient('in.csv').uploadData(Buffer.from('id,city,year\n1,Tokyo,1985\n2,Kyoto,1952\n'));
  network = await startForWorkers(folder, authority.caFile);
  factory = await openFactory({ sealed: network, activityTypes: activities.map(({ type }) => type) });
  await furnish();
});

after(async () => {
  near?.dispose();
  await factory?.close();
  await network?.close();
  await sandbox?.close();
  await rm(folder, { recursive: true, force: true });
});

const copy = (input: JsonObject, output: JsonObject, source: JsonObject, sink: JsonObject, more: JsonObject = {}) => ({
  name: 'Copy',
  type: 'Copy',
  policy: { timeout: '0.00:01:00' },
  inputs: [input],
  outputs: [output],
  typeProperties: { source, sink, ...more },
});
const blobRead = { type: 'DelimitedTextSource', storeSettings: { type: 'AzureBlobStorageReadSettings' } };
const blobWrite = { type: 'DelimitedTextSink', storeSettings: { type: 'AzureBlobStorageWriteSettings' } };
const mappings = [
  { source: { name: 'id' }, sink: { name: 'id' } },
  { source: { name: 'city' }, sink: { name: 'city' } },
  { source: { name: 'year' }, sink: { name: 'year', type: 'Int32' } },
];
const copyIn = (dataset = 'docs', collection = 'films') =>
  copy(
    file('in.csv'),
    documents(dataset, collection),
    blobRead,
    { type: 'CosmosDbSqlApiSink', writeBehavior: 'upsert' },
    { translator: { type: 'TabularTranslator', mappings } },
  );
const lookup = (dataset: string, collection: string, query = 'SELECT * FROM c'): JsonObject => ({
  name: 'Look',
  type: 'Lookup',
  typeProperties: {
    source: { type: 'CosmosDbSqlApiSource', query },
    dataset: documents(dataset, collection),
    firstRowOnly: false,
  },
});

type Run = Awaited<ReturnType<Factory['run']>>;
const errorOf = (run: Run) =>
  run.activities[0]!.error as { errorCode: string; message: string; details: { code: string; host: string }[] };
const flowsToCosmos = async () => (await network.flows({})).filter((flow) => flow.host === host);

test('before approval no document is reached, and the failure says who has to approve', async () => {
  await apply('Pending');
  for (const activity of [copyIn(), lookup('docs', 'films')]) {
    const run = await factory.run([activity]);
    assert.equal(run.status, 'Failed');
    const { errorCode, details } = errorOf(run);
    assert.equal(errorCode, 'CosmosDbSqlApiOperationFailed');
    assert.deepEqual([details[0]!.code, details[0]!.host], ['EndpointPending', host]);
  }
  const flows = await flowsToCosmos();
  assert.ok(flows.length > 0);
  for (const { verdict } of flows) assert.equal(verdict, 'denied');
  assert.deepEqual(await idsOf('films'), []);
});

test('while it is approved rows become documents and documents rows, and a query is looked up', async () => {
  await apply('Approved');
  const copied = await factory.run([copyIn()]);
  assert.equal(copied.status, 'Succeeded', JSON.stringify(errorOf(copied)));
  assert.deepEqual(await idsOf('films'), ['1', '2']);
  const source = { type: 'CosmosDbSqlApiSource', query: 'SELECT c.id, c.city, c.year FROM c ORDER BY c.year' };
  const back = await factory.run([copy(documents('docs', 'films'), file('out.csv'), source, blobWrite)]);
  assert.equal(back.status, 'Succeeded', JSON.stringify(errorOf(back)));
  const out = await box.getBlobClient('out.csv').downloadToBuffer();
  assert.equal(String(out), 'id,city,year\n2,Kyoto,1952\n1,Tokyo,1985\n');
  await ownersContainer('films').items.create({ id: '3', city: 'Nara', year: 2001 });
  const looked = await factory.run([lookup('docs', 'films', 'SELECT VALUE MAX(c.year) FROM c')]);
  assert.deepEqual((looked.activities[0]!.output as JsonObject).value, [{ $1: 2001 }]);
  const hosts = new Set((await network.flows({})).map((flow) => flow.host));
  assert.deepEqual(hosts, new Set([host, 'acmebox.blob.core.windows.net']), 'no other host was asked for');
});

test('a wrong key, a wrong database and a missing collection give errors that a person can act on', async () => {
  await apply('Approved');
  for (const [activity, errorCode, words] of [
    [lookup('stranger', 'films'), 'CosmosDbSqlApiOperationFailed', /refused the credential.*check AccountKey/],
    [copyIn('stranger'), 'CosmosDbSqlApiOperationFailed', /refused the credential/],
    [lookup('lost', 'films'), 'UserErrorCosmosDbDatabaseNotFound', /'nowhere' does not exist.*Database/],
    [copyIn('docs', 'missing'), 'UserErrorCosmosDbCollectionNotFound', /'missing' does not exist.*collectionName/],
    [lookup('docs', 'films', 'SELECT x FROM c'), 'CosmosDbSqlApiOperationFailed', /query in the source.*'x'/],
  ] as const) {
    const error = errorOf(await factory.run([activity]));
    assert.equal(error.errorCode, errorCode, error.message);
    assert.match(error.message, words);
    assert.ok(!JSON.stringify(error).includes(key));
  }
});

test('after a rejection nothing is reached any more', async () => {
  await ownersContainer('films').item('1', 'Tokyo').delete();
  await apply('Rejected');
  const run = await factory.run([copyIn()]);
  assert.equal(run.status, 'Failed');
  assert.equal(errorOf(run).details[0]!.code, 'EndpointRejected');
  assert.deepEqual(await idsOf('films'), ['2', '3']);
});
