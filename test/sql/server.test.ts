// SQL servers and Synapse workspaces as resources, with real stores behind them, driven by Azure's own management clients.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { SqlManagementClient } from '@azure/arm-sql';
import { SynapseManagementClient } from '@azure/arm-synapse';
import type { JsonObject } from '../../src/base/json.ts';
import { createLog } from '../../src/base/log.ts';
import { openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { type Estate, factoryVersion, furnish, openEstate } from '../api/estate.ts';
import { officialOptions } from '../api/official-client.ts';
import { connectTo } from './client.ts';

const version = 'api-version=2021-11-01';
const [group, name, password] = ['group', 'acme-sql', 'Kept!Nowhere9'];

let folder: string;
let caFile: string;
let sandbox: Sandbox;
let estate: Estate;
let place: Awaited<ReturnType<typeof furnish>>;
let sql: SqlManagementClient;
const id = () => `${place.group}/providers/Microsoft.Sql/servers/${name}`;

const open = async (dataDir?: string) => {
  const authority = await openCertificateAuthority(path.join(folder, 'ca'));
  ({ caFile } = authority);
  const log = createLog({ level: 'trace', file: path.join(folder, 'log') });
  sandbox = await startSandbox({ folder: path.join(folder, 'stores'), authority, log, processes: 1 });
  estate = await openEstate({ sandbox, log, ...(dataDir !== undefined && { dataDir }) });
  const { credential, options } = officialOptions(estate);
  sql = new SqlManagementClient(credential, estate.subscriptionId, options);
};

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'postern-sql-server-'));
  await open();
  place = await furnish(estate, 'acme', []);
});
after(async () => {
  await estate?.discard();
  await sandbox?.close();
  await rm(folder, { recursive: true, force: true });
});

const definition = {
  location: 'westeurope',
  administratorLogin: 'keeper',
  administratorLoginPassword: password,
};
const put = (properties: JsonObject, more: JsonObject = {}, target = id()) =>
  estate.admin.send('PUT', `${target}?${version}`, { location: 'westeurope', ...more, properties });
const codeOf = ({ status, body }: { status: number; body: JsonObject }) => [
  status,
  (body.error as JsonObject | undefined)?.code,
];

const portOf = async (resourceId: string, groupId: string): Promise<number> => {
  const endpoints = await estate.admin.call(
    'POST',
    `${resourceId}/providers/Postern.Sandbox/listEndpoints?api-version=2026-11-01`,
    {},
  );
  return Number(new URL(String(endpoints[groupId])).port);
};
const connect = async (
  server: string,
  groupId: string,
  resourceId: string,
  how: { password?: string; database: string },
) =>
  connectTo(await portOf(resourceId, groupId), readFileSync(caFile, 'utf8'), {
    server,
    user: 'keeper',
    password: how.password ?? password,
    options: { database: how.database },
  });
const toServer = (database: string, secret = password) =>
  connect(`${name}.database.windows.net`, 'sqlServer', id(), { database, password: secret });

test('a server and a database are made, listed and opened by their login; the password is never told', async () => {
  const made = await sql.servers.beginCreateOrUpdateAndWait(group, name, definition);
  assert.deepEqual(
    [made.state, made.fullyQualifiedDomainName, made.administratorLogin, made.version, made.publicNetworkAccess],
    ['Ready', `${name}.database.windows.net`, 'keeper', '12.0', 'Enabled'],
  );
  assert.equal(made.administratorLoginPassword, undefined);
  const database = await sql.databases.beginCreateOrUpdateAndWait(group, name, 'sales', { location: 'westeurope' });
  assert.equal(database.status, 'Online');
  const databases = [];
  for await (const one of sql.databases.listByServer(group, name)) databases.push(one.name);
  assert.deepEqual(databases.sort(), ['master', 'sales']);
  const servers = [];
  for await (const one of sql.servers.list()) servers.push(one.name);
  assert.deepEqual(servers, [name]);
  const client = await toServer('sales');
  await client.batch('CREATE TABLE dbo.kept (id int); INSERT INTO dbo.kept VALUES (7)');
  assert.deepEqual((await client.batch('SELECT @@SERVERNAME, DB_NAME()')).rows, [[name, 'sales']]);
  await client.close();
  await assert.rejects(toServer('sales', 'Another!Password9'), { code: 'ELOGIN' });
  const everything = [readFileSync(path.join(folder, 'log'), 'utf8')];
  for (const file of await readdir(estate.dataDir, { recursive: true, withFileTypes: true }))
    if (file.isFile()) everything.push(readFileSync(path.join(file.parentPath, file.name), 'latin1'));
  assert.equal(
    everything.some((text) => text.includes(password)),
    false,
  );
});

test('a new password is the one from then on', async () => {
  await sql.servers.beginUpdateAndWait(group, name, { administratorLoginPassword: 'Renewed!Word77' });
  await assert.rejects(toServer('sales'), { code: 'ELOGIN' });
  await (await toServer('sales', 'Renewed!Word77')).close();
  await sql.servers.beginUpdateAndWait(group, name, { administratorLoginPassword: password });
});

test('a connection is approved and removed by operations that the official client polls', async () => {
  const endpoint = `${place.network}/managedPrivateEndpoints/to-sql?${factoryVersion}`;
  await estate.admin.call('PUT', endpoint, { properties: { privateLinkResourceId: id(), groupId: 'sqlServer' } });
  const list = async () => {
    const found = [];
    for await (const one of sql.privateEndpointConnections.listByServer(group, name)) found.push(one);
    return found;
  };
  const [connection] = await list();
  assert.equal(connection?.privateLinkServiceConnectionState?.status, 'Pending');
  assert.equal(connection?.privateEndpoint?.id?.includes('to-sql'), true);
  const approved = await sql.privateEndpointConnections.beginCreateOrUpdateAndWait(group, name, connection!.name!, {
    privateLinkServiceConnectionState: { status: 'Approved', description: 'by its owner' },
  });
  assert.equal(approved.privateLinkServiceConnectionState?.status, 'Approved');
  const flow = { network: place.network.toLowerCase(), host: `${name}.database.windows.net` };
  const endpointNow = (await estate.admin.call('GET', endpoint)).properties as JsonObject;
  assert.equal((endpointNow.connectionState as JsonObject).status, 'Approved');
  const held = estate.snapshots.at(-1)!.networks.flatMap(({ endpoints }) => endpoints);
  assert.deepEqual(
    held.map(({ ports, backend }) => [ports, backend?.port]),
    [[[1433], await portOf(id(), 'sqlServer')]],
  );
  assert.equal(estate.verdict({ ...flow, address: held[0]!.address, port: 1433 }).allow, true);
  assert.deepEqual((await sql.privateLinkResources.get(group, name, 'sqlServer')).properties?.requiredZoneNames, [
    'privatelink.database.windows.net',
  ]);
  await sql.privateEndpointConnections.beginDeleteAndWait(group, name, connection!.name!);
  await estate.admin.call('DELETE', endpoint);
  assert.deepEqual(await list(), []);
});

test('a firewall rule opens the public path to workers if it is for all of Azure, and no narrower one does', async () => {
  const codes = async () => {
    const said = estate.verdict({
      network: place.network.toLowerCase(),
      host: `${name}.database.windows.net`,
      port: 443,
    });
    return 'code' in said ? said.code : null;
  };
  assert.equal(await codes(), 'PublicAccessDisabled');
  await sql.firewallRules.createOrUpdate(group, name, 'office', {
    startIpAddress: '20.1.1.1',
    endIpAddress: '20.1.1.9',
  });
  assert.equal(await codes(), 'PublicAccessDisabled');
  await sql.firewallRules.createOrUpdate(group, name, 'AllowAllWindowsAzureIps', {
    startIpAddress: '0.0.0.0',
    endIpAddress: '0.0.0.0',
  });
  assert.notEqual(await codes(), 'PublicAccessDisabled');
  await sql.firewallRules.delete(group, name, 'AllowAllWindowsAzureIps');
  assert.equal(await codes(), 'PublicAccessDisabled');
  const rule = `${id()}/firewallRules/odd?${version}`;
  const odd = (properties: JsonObject) => estate.admin.send('PUT', rule, { properties });
  assert.deepEqual(codeOf(await odd({ startIpAddress: 'home', endIpAddress: '1.1.1.1' })), [
    400,
    'InvalidFirewallRuleAddress',
  ]);
  assert.deepEqual(codeOf(await odd({ startIpAddress: '2.1.1.1', endIpAddress: '1.1.1.1' })), [
    400,
    'InvalidFirewallRuleRange',
  ]);
});

test('what a server cannot be is refused by name', async () => {
  const other = `${place.group}/providers/Microsoft.Sql/servers/other-sql`;
  const good = { administratorLogin: 'keeper', administratorLoginPassword: password };
  const refusals: [JsonObject, string][] = [
    [{ administratorLogin: 'sa', administratorLoginPassword: password }, 'InvalidParameterValue'],
    [{ ...good, administratorLoginPassword: 'short' }, 'PasswordNotComplex'],
    [{ ...good, administratorLoginPassword: 'xKeeper!12345' }, 'PasswordNotComplex'],
    [{ administratorLogin: 'keeper' }, 'PasswordNotComplex'],
    [{ ...good, minimalTlsVersion: '1.3' }, 'InvalidParameterValue'],
    [{ ...good, administrators: { azureADOnlyAuthentication: true } }, 'InvalidParameterValue'],
  ];
  for (const [properties, code] of refusals) assert.deepEqual(codeOf(await put(properties, {}, other)), [400, code]);
  assert.deepEqual(codeOf(await put(good, {}, `${place.group}/providers/Microsoft.Sql/servers/Not_A_Name`)), [
    400,
    'InvalidResourceName',
  ]);
  assert.deepEqual(codeOf(await put({ administratorLogin: 'another' })), [400, 'InvalidParameterValue']);
  assert.deepEqual(codeOf(await put({}, {}, `${id()}/databases/master`)), [400, 'InvalidParameterValue']);
  assert.deepEqual(codeOf(await put({ createMode: 'Copy' }, {}, `${id()}/databases/copy`)), [
    400,
    'InvalidParameterValue',
  ]);
  assert.deepEqual(codeOf(await put({}, { tags: { 'postern-backend': 'db.example:1433' } }, other)), [
    400,
    'InvalidTag',
  ]);
  assert.deepEqual(codeOf(await put({}, { tags: { 'postern-backend': '10.1.2.3:1433' } }, other)), [
    403,
    'AddressNotAttachable',
  ]);
});

test('a data warehouse is a database of its kind, and a workspace has pools and a serverless server', async () => {
  await sql.databases.beginCreateOrUpdateAndWait(group, name, 'dw', {
    location: 'westeurope',
    sku: { name: 'DW100c' },
  });
  const warehouse = await toServer('dw');
  const copied = await warehouse.batch(
    "CREATE TABLE dbo.facts (id int NOT NULL PRIMARY KEY NONCLUSTERED NOT ENFORCED) WITH (DISTRIBUTION = ROUND_ROBIN, HEAP); INSERT INTO dbo.facts VALUES (1), (1); CREATE TABLE dbo.more WITH (DISTRIBUTION = HASH (id)) AS SELECT id FROM dbo.facts; SELECT COUNT(*) FROM dbo.more; COPY INTO dbo.facts FROM 'https://x'",
  );
  assert.deepEqual(copied.errors, [40517]);
  const plain = await warehouse.batch(
    'CREATE TABLE dbo.facts (id int NOT NULL PRIMARY KEY NONCLUSTERED NOT ENFORCED) WITH (DISTRIBUTION = ROUND_ROBIN, HEAP); INSERT INTO dbo.facts VALUES (1), (1); CREATE TABLE dbo.more WITH (DISTRIBUTION = HASH (id)) AS SELECT id FROM dbo.facts; SELECT COUNT(*) FROM dbo.more',
  );
  assert.deepEqual([plain.errors, plain.rows], [[], [[2]]]);
  await warehouse.close();

  const { credential, options } = officialOptions(estate);
  const synapse = new SynapseManagementClient(credential, estate.subscriptionId, options);
  const workspace = await synapse.workspaces.beginCreateOrUpdateAndWait(group, 'acme-ws', {
    location: 'westeurope',
    sqlAdministratorLogin: 'keeper',
    sqlAdministratorLoginPassword: password,
  });
  assert.equal(workspace.provisioningState, 'Succeeded');
  assert.deepEqual(workspace.connectivityEndpoints, {
    sql: 'acme-ws.sql.azuresynapse.net',
    sqlOnDemand: 'acme-ws-ondemand.sql.azuresynapse.net',
    dev: 'https://acme-ws.dev.azuresynapse.net',
  });
  await synapse.sqlPools.beginCreateAndWait(group, 'acme-ws', 'pool1', {
    location: 'westeurope',
    sku: { name: 'DW100c' },
  });
  const pools = [];
  for await (const one of synapse.sqlPools.listByWorkspace(group, 'acme-ws')) pools.push([one.name, one.status]);
  assert.deepEqual(pools, [['pool1', 'Online']]);
  const workspaceId = workspace.id!;
  const pool = await connect('acme-ws.sql.azuresynapse.net', 'Sql', workspaceId, { database: 'pool1' });
  assert.deepEqual((await pool.batch('SELECT DB_NAME()')).rows, [['pool1']]);
  await pool.close();
  const serverless = await connect('acme-ws-ondemand.sql.azuresynapse.net', 'SqlOnDemand', workspaceId, {
    database: 'master',
  });
  await serverless.close();
  await assert.rejects(
    connect('acme-ws-ondemand.sql.azuresynapse.net', 'SqlOnDemand', workspaceId, { database: 'pool1' }),
    { code: 'ELOGIN' },
  );
  await synapse.workspaces.beginDeleteAndWait(group, 'acme-ws');
});

test('databases are there again after a restart, and gone for good once they are deleted', async () => {
  const { dataDir } = estate;
  await estate.shut();
  await sandbox.close();
  await open(dataDir);
  const client = await toServer('sales');
  assert.deepEqual((await client.batch('SELECT id FROM dbo.kept')).rows, [[7]]);
  await client.close();
  await sql.databases.beginDeleteAndWait(group, name, 'sales');
  await assert.rejects(toServer('sales'), { code: 'ELOGIN' });
  await sql.databases.beginCreateOrUpdateAndWait(group, name, 'sales', { location: 'westeurope' });
  const anew = await toServer('sales');
  assert.deepEqual((await anew.batch('SELECT id FROM dbo.kept')).errors, [208]);
  await anew.close();
  await sql.servers.beginDeleteAndWait(group, name);
  const left = await readdir(path.join(folder, 'stores', '.sql-server'));
  assert.deepEqual(left, []);
});
