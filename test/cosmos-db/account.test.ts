// Cosmos DB accounts as resources, with real stores behind them, driven by Azure's own management client.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { CosmosDBManagementClient } from '@azure/arm-cosmosdb';
import { CosmosClient } from '@azure/cosmos';
import type { JsonObject } from '../../src/base/json.ts';
import { createLog } from '../../src/base/log.ts';
import { openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { type Estate, factoryVersion, furnish, openEstate } from '../api/estate.ts';
import { officialOptions } from '../api/official-client.ts';

const version = 'api-version=2025-10-15';
const dataFactoryContributor = '673868aa-7521-48a0-acc6-0f60742d39f5';
const accountContributor = '5bd9cd88-fe45-4216-938b-f97437e15450';

let folder: string;
let sandbox: Sandbox;
let estate: Estate;
let place: Awaited<ReturnType<typeof furnish>>;
let cosmos: CosmosDBManagementClient;
let agent: Agent;
const [group, name] = ['group', 'acme-docs'];
const id = () => `${place.group}/providers/Microsoft.DocumentDB/databaseAccounts/${name}`;

const open = async (dataDir?: string) => {
  const authority = await openCertificateAuthority(path.join(folder, 'ca'));
  const log = createLog({ level: 'trace', file: path.join(folder, 'log') });
  agent = new Agent({ ca: await readFile(authority.caFile) });
  sandbox = await startSandbox({ folder: path.join(folder, 'stores'), authority, log, processes: 1 });
  estate = await openEstate({ sandbox, log, ...(dataDir !== undefined && { dataDir }) });
  const { credential, options } = officialOptions(estate);
  cosmos = new CosmosDBManagementClient(credential, estate.subscriptionId, options);
};

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'postern-cosmos-account-'));
  await open();
  place = await furnish(estate, 'acme', []);
});
after(async () => {
  agent?.destroy();
  await estate?.discard();
  await sandbox?.close();
  await rm(folder, { recursive: true, force: true });
});

const definition = {
  location: 'westeurope',
  locations: [{ locationName: 'West Europe', failoverPriority: 0 }],
  databaseAccountOfferType: 'Standard' as const,
};
const create = () => cosmos.databaseAccounts.beginCreateOrUpdateAndWait(group, name, definition);
const put = (more: JsonObject = {}, properties: JsonObject = {}, account = id()) =>
  estate.admin.send('PUT', `${account}?${version}`, {
    location: 'westeurope',
    ...more,
    properties: { locations: definition.locations, databaseAccountOfferType: 'Standard', ...properties },
  });
const codeOf = ({ status, body }: { status: number; body: JsonObject }) => [
  status,
  (body.error as JsonObject | undefined)?.code,
];

/** The databases of the account, by its official client on this machine. */
const databases = async (key: string) => {
  const { Sql } = await estate.admin.call(
    'POST',
    `${id()}/providers/Postern.Sandbox/listEndpoints?api-version=2026-11-01`,
    {},
  );
  const client = new CosmosClient({ endpoint: String(Sql), key, agent });
  try {
    return { client, ids: (await client.databases.readAll().fetchAll()).resources.map((one) => one.id) };
  } finally {
    client.dispose();
  }
};
const verdict = () => estate.verdict({ network: place.network.toLowerCase(), host: `${name}.documents.azure.com` });

test('an account is made, read, listed, changed, and its keys open its store', async () => {
  const made = await create();
  assert.deepEqual(
    [made.provisioningState, made.documentEndpoint, made.kind, made.writeLocations?.[0]?.locationName],
    ['Succeeded', `https://${name}.documents.azure.com:443/`, 'GlobalDocumentDB', 'West Europe'],
  );
  assert.equal((await cosmos.databaseAccounts.get(group, name)).publicNetworkAccess, 'Enabled');
  const listed = [];
  for await (const one of cosmos.databaseAccounts.list()) listed.push(one.name);
  for await (const one of cosmos.databaseAccounts.listByResourceGroup(group)) listed.push(one.name);
  assert.deepEqual(listed, [name, name]);
  const keys = await cosmos.databaseAccounts.listKeys(group, name);
  const readonly = await cosmos.databaseAccounts.listReadOnlyKeys(group, name);
  assert.equal(readonly.primaryReadonlyMasterKey, keys.primaryReadonlyMasterKey);
  assert.equal('primaryMasterKey' in readonly, false);
  const { connectionStrings } = await cosmos.databaseAccounts.listConnectionStrings(group, name);
  assert.equal(
    connectionStrings![0]!.connectionString,
    `AccountEndpoint=https://${name}.documents.azure.com:443/;AccountKey=${keys.primaryMasterKey};`,
  );
  const { client } = await databases(keys.primaryMasterKey!);
  await client.databases.create({ id: 'shop' });
  assert.deepEqual((await databases(readonly.secondaryReadonlyMasterKey!)).ids, ['shop']);
  await cosmos.databaseAccounts.beginRegenerateKeyAndWait(group, name, { keyKind: 'primary' });
  await assert.rejects(databases(keys.primaryMasterKey!), { code: 401 });
  const renewed = await cosmos.databaseAccounts.listKeys(group, name);
  assert.equal(renewed.secondaryMasterKey, keys.secondaryMasterKey);
  assert.deepEqual((await databases(renewed.primaryMasterKey!)).ids, ['shop']);
});

test('its own firewall closes the public path at once, and nothing of it is lost', async () => {
  assert.equal(verdict().code, 'Allowed.PublicHttps');
  for (const closed of [
    { publicNetworkAccess: 'Disabled' },
    { ipRules: [{ ipAddressOrRange: '203.0.113.7' }] },
    { isVirtualNetworkFilterEnabled: true },
  ]) {
    const { body } = await put({}, closed);
    assert.partialDeepStrictEqual(body.properties, closed);
    assert.equal(verdict().code, 'PublicAccessDisabled', JSON.stringify(closed));
  }
  await cosmos.databaseAccounts.beginUpdateAndWait(group, name, {
    isVirtualNetworkFilterEnabled: false,
    tags: { team: 'sales' },
  });
  assert.equal(verdict().code, 'Allowed.PublicHttps');
  assert.deepEqual((await cosmos.databaseAccounts.get(group, name)).tags, { team: 'sales' });
});

test('what could not be served or obeyed is refused by name', async () => {
  const wrong: [JsonObject, JsonObject, string][] = [
    [{ kind: 'MongoDB' }, {}, 'BadRequest'],
    [{}, { capabilities: [{ name: 'EnableCassandra' }] }, 'BadRequest'],
    [{}, { locations: [] }, 'InvalidRequestContent'],
    [{}, { databaseAccountOfferType: 'Free' }, 'InvalidRequestContent'],
    [{}, { publicNetworkAccess: 'maybe' }, 'InvalidRequestContent'],
  ];
  for (const [more, properties, expected] of wrong)
    assert.deepEqual(codeOf(await put(more, properties)), [400, expected]);
  const at = (other: string) => `${place.group}/providers/Microsoft.DocumentDB/databaseAccounts/${other}`;
  assert.deepEqual(codeOf(await put({}, {}, at('Acme--Docs'))), [400, 'InvalidResourceName']);
  const elsewhere = id().replace('/group/', '/others/');
  await estate.admin.call('PUT', `${elsewhere.split('/providers')[0]}?api-version=2021-04-01`, {
    location: 'westeurope',
  });
  assert.deepEqual(codeOf(await put({}, {}, elsewhere)), [409, 'Conflict']);
  const attached = at('attached');
  const tags = { 'postern-backend': '127.0.0.1:9' };
  assert.deepEqual(codeOf(await put({ tags: { 'postern-backend': '10.0.0.1:9' } }, {}, attached)), [
    403,
    'AddressNotAttachable',
  ]);
  assert.equal((await put({ tags }, {}, attached)).status, 200);
  assert.deepEqual(codeOf(await put({}, {}, attached)), [409, 'Conflict']);
  assert.deepEqual(codeOf(await estate.admin.send('POST', `${attached}/listKeys?${version}`, {})), [409, 'Conflict']);
  const store = estate.snapshots.at(-1)?.stores.find(({ host }) => host === 'attached.documents.azure.com');
  assert.deepEqual(store?.backend, { address: '127.0.0.1', port: 9 });
});

test('databases and containers are made in the store, changed and removed as resources', async () => {
  const sql = cosmos.sqlResources;
  await sql.beginCreateUpdateSqlDatabaseAndWait(group, name, 'ware', { resource: { id: 'ware' } });
  const definition = { id: 'films', partitionKey: { paths: ['/city'], kind: 'Hash' as const } };
  const made = await sql.beginCreateUpdateSqlContainerAndWait(group, name, 'ware', 'films', {
    resource: definition,
    options: { throughput: 600 },
  });
  assert.deepEqual([made.resource?.id, made.resource?.partitionKey?.paths], ['films', ['/city']]);
  assert.match(String(made.resource?.rid), /^.{12}$/);
  await sql.beginCreateUpdateSqlContainerAndWait(group, name, 'ware', 'films', {
    resource: { ...definition, defaultTtl: 60 },
  });
  const { primaryMasterKey: key } = await cosmos.databaseAccounts.listKeys(group, name);
  const { client } = await databases(key!);
  const container = client.database('ware').container('films');
  const { resource } = await container.read();
  assert.deepEqual([resource!.partitionKey!.paths, resource!.defaultTtl], [['/city'], 60]);
  assert.equal((await container.readOffer()).resource!.content!.offerThroughput, 600);
  await assert.rejects(
    sql.beginCreateUpdateSqlContainerAndWait(group, name, 'ware', 'films', {
      resource: { ...definition, partitionKey: { paths: ['/other'] } },
    }),
    { statusCode: 400, message: /'partitionKey' of a container does not change/ },
  );
  await assert.rejects(
    sql.beginCreateUpdateSqlContainerAndWait(group, name, 'nowhere', 'films', { resource: definition }),
    { statusCode: 404, code: 'ParentResourceNotFound' },
  );
  await assert.rejects(sql.beginCreateUpdateSqlDatabaseAndWait(group, name, 'ware', { resource: { id: 'other' } }), {
    statusCode: 400,
    message: /resource.id/,
  });
  const listed = [];
  for await (const one of sql.listSqlContainers(group, name, 'ware')) listed.push(one.name);
  assert.deepEqual(listed, ['films']);
  await sql.beginDeleteSqlContainerAndWait(group, name, 'ware', 'films');
  await assert.rejects(container.read(), { code: 404 });
  await sql.beginDeleteSqlDatabaseAndWait(group, name, 'ware');
  assert.deepEqual((await databases(key!)).ids, ['shop']);
});

test('a new account is empty, whatever an earlier one of its name has left', async () => {
  const keys = { writing: [Buffer.alloc(64).toString('base64')], reading: [] };
  await sandbox.ensureCosmosAccount({ name: 'leftover', keys, location: 'West Europe' });
  const made = await sandbox.askCosmosAccount('leftover', { method: 'POST', segments: ['dbs'], body: { id: 'old' } });
  assert.equal(made.status, 201);
  const id = `${place.group}/providers/Microsoft.DocumentDB/databaseAccounts/leftover`;
  assert.equal((await put({}, {}, id)).status, 200);
  const { body } = await sandbox.askCosmosAccount('leftover', { method: 'GET', segments: ['dbs'] });
  assert.deepEqual(body.Databases, []);
});

test('connections are decided by the owner of the account, with an operation to poll', async () => {
  const engineer = await estate.principal('engineer', [dataFactoryContributor, place.group]);
  const owner = await estate.principal('owner', [accountContributor, id()]);
  const endpoint = `${place.network}/managedPrivateEndpoints/docs?${factoryVersion}`;
  const wish = (groupId: string) =>
    engineer.send('PUT', endpoint, { properties: { privateLinkResourceId: id(), groupId } });
  assert.equal((await wish('MongoDB')).status, 400);
  const made = await wish('sql');
  assert.equal((made.body.properties as JsonObject).groupId, 'Sql');
  assert.deepEqual((made.body.properties as JsonObject).fqdns, [`${name}.documents.azure.com`]);
  const resources = [];
  for await (const one of cosmos.privateLinkResources.listByDatabaseAccount(group, name)) resources.push(one);
  assert.deepEqual(
    resources.map(({ groupId, requiredMembers, requiredZoneNames }) => [groupId, requiredMembers, requiredZoneNames]),
    [['Sql', ['Sql'], ['privatelink.documents.azure.com']]],
  );
  const connections = [];
  for await (const one of cosmos.privateEndpointConnections.listByDatabaseAccount(group, name)) connections.push(one);
  const [connection] = connections;
  assert.deepEqual(
    [connection!.groupId, connection!.provisioningState, connection!.privateLinkServiceConnectionState!.status],
    ['Sql', 'Succeeded', 'Pending'],
  );
  const [embedded] = (await cosmos.databaseAccounts.get(group, name)).privateEndpointConnections!;
  assert.deepEqual([embedded!.id, embedded!.name], [connection!.id, undefined]);

  const decide = (status: string) => ({ properties: { privateLinkServiceConnectionState: { status } } });
  const own = await engineer.send('PUT', `${connection!.id}?${version}`, decide('Approved'));
  assert.deepEqual(codeOf(own), [403, 'AuthorizationFailed']);
  const answer = await owner.send('PUT', `${connection!.id}?${version}`, decide('Approved'));
  assert.equal(answer.status, 200);
  const polled = await owner.call('GET', String(answer.headers['azure-asyncoperation']));
  assert.equal(polled.status, 'Succeeded');
  assert.equal(verdict().code, 'Allowed.PrivateEndpoint');
  await cosmos.privateEndpointConnections.beginCreateOrUpdateAndWait(group, name, connection!.name!, {
    privateLinkServiceConnectionState: { status: 'Rejected', description: 'no' },
  });
  assert.equal(verdict().code, 'EndpointRejected');
  await cosmos.privateEndpointConnections.beginDeleteAndWait(group, name, connection!.name!);
  assert.equal(verdict().code, 'EndpointDisconnected');
});

test('after a restart the store runs with its data and keys; keys lie nowhere in clear; a deleted account is gone', async () => {
  const { primaryMasterKey: key } = await cosmos.databaseAccounts.listKeys(group, name);
  const { dataDir } = estate;
  await estate.shut();
  await sandbox.close();
  agent.destroy();
  await open(dataDir);
  assert.deepEqual((await databases(key!)).ids, ['shop']);
  const places = [path.join(folder, 'log')];
  for (const root of [estate.dataDir, path.join(folder, 'stores/.cosmos-db', name)])
    for (const file of await readdir(root)) if (/\.db|sqlite/.test(file)) places.push(path.join(root, file));
  assert.ok(places.length >= 3);
  for (const file of places) assert.equal((await readFile(file)).includes(key!), false, file);
  await cosmos.databaseAccounts.beginDeleteAndWait(group, name);
  await assert.rejects(cosmos.databaseAccounts.get(group, name), { code: 'ResourceNotFound' });
  await create();
  const fresh = await cosmos.databaseAccounts.listKeys(group, name);
  assert.notEqual(fresh.primaryMasterKey, key);
  assert.deepEqual((await databases(fresh.primaryMasterKey!)).ids, []);
});
