// Copies from a SQL database as the factory and from Cosmos DB as a service principal, by real workers in a whole Postern;
// and what owners write to let them in.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import tls from 'node:tls';
import { SqlManagementClient } from '@azure/arm-sql';
import { SynapseManagementClient } from '@azure/arm-synapse';
import { CosmosClient } from '@azure/cosmos';
import { ClientSecretCredential } from '@azure/identity';
import { isJsonObject, type JsonObject } from '../../src/base/json.ts';
import { createPrincipal, deletePrincipal, type Principal, values } from '../../src/cli/identity.ts';
import { cosmosKey, storeEndpoints } from '../../src/cli/store.ts';
import { type RunningPostern, startPosternProcess } from '../postern.ts';
import { connectTo, type How } from '../sql/client.ts';

const adf = 'api-version=2018-06-01';
const sqlVersion = 'api-version=2021-11-01';
const cosmosVersion = 'api-version=2025-10-15';
const reader = '00000000-0000-0000-0000-000000000001';
const contributor = '00000000-0000-0000-0000-000000000002';
const password = 'Kept!Nowhere9';

let postern: RunningPostern;
let group: string;
let agent: Agent;
let app: Principal & { clientSecret: string };
let factoryPrincipal: string;
const serverId = () => `${group}/providers/Microsoft.Sql/servers/identitysql`;
const accountId = () => `${group}/providers/Microsoft.DocumentDB/databaseAccounts/identitydocs`;
const factoryId = () => `${group}/providers/Microsoft.DataFactory/factories/database-factory`;
const networkId = () => `${factoryId()}/managedVirtualNetworks/default`;
const put = (path: string, body: JsonObject) => postern.admin.call('PUT', path, body);
const reference = (type: string, referenceName: string) => ({ type, referenceName });

const link = (name: string, type: string, typeProperties: JsonObject) =>
  put(`${factoryId()}/linkedservices/${name}?${adf}`, {
    properties: { type, connectVia: reference('IntegrationRuntimeReference', 'sealed'), typeProperties },
  });
const database = { server: 'identitysql.database.windows.net', database: 'sales' };
const account = { accountEndpoint: 'https://identitydocs.documents.azure.com:443/', database: 'shop' };
const secret = () => ({ type: 'SecureString', value: app.clientSecret });
const linkDocs = (more: JsonObject = {}) =>
  link('docs', 'CosmosDb', {
    ...account,
    servicePrincipalId: app.clientId,
    servicePrincipalCredentialType: 'ServicePrincipalKey',
    servicePrincipalCredential: secret(),
    tenant: postern.connection.tenantId,
    ...more,
  });

const furnish = async () => {
  const { admin, connection } = postern;
  group = `/subscriptions/${connection.subscriptionId}/resourceGroups/databases`;
  await put(`${group}?api-version=2021-04-01`, { location: 'westeurope' });
  const factory = await put(`${factoryId()}?${adf}`, { location: 'westeurope', identity: { type: 'SystemAssigned' } });
  factoryPrincipal = String((factory.identity as JsonObject).principalId);
  app = await createPrincipal(admin, 'documents');
  await Promise.all([
    put(`${serverId()}?${sqlVersion}`, {
      location: 'westeurope',
      properties: { administratorLogin: 'keeper', administratorLoginPassword: password },
    }).then(() => put(`${serverId()}/databases/sales?${sqlVersion}`, { location: 'westeurope' })),
    put(`${accountId()}?${cosmosVersion}`, {
      location: 'westeurope',
      properties: { locations: [{ locationName: 'West Europe' }], databaseAccountOfferType: 'Standard' },
    }).then(async () => {
      await put(`${accountId()}/sqlDatabases/shop?${cosmosVersion}`, { properties: { resource: { id: 'shop' } } });
      for (const id of ['films', 'copies'])
        await put(`${accountId()}/sqlDatabases/shop/containers/${id}?${cosmosVersion}`, {
          properties: { resource: { id, partitionKey: { paths: ['/city'], kind: 'Hash' } } },
        });
    }),
    put(`${networkId()}?${adf}`, { properties: {} }),
  ]);
  for (const [name, privateLinkResourceId, groupId] of [
    ['sql', serverId(), 'sqlServer'],
    ['docs', accountId(), 'Sql'],
  ] as const)
    await put(`${networkId()}/managedPrivateEndpoints/${name}?${adf}`, {
      properties: { privateLinkResourceId, groupId },
    });
  for (const [target, version] of [
    [serverId(), sqlVersion],
    [accountId(), cosmosVersion],
  ] as const)
    for (const { id } of values(await admin.call('GET', `${target}/privateEndpointConnections?${version}`)))
      await put(`${id}?${version}`, { properties: { privateLinkServiceConnectionState: { status: 'Approved' } } });
  await put(`${factoryId()}/integrationRuntimes/sealed?${adf}`, {
    properties: {
      type: 'Managed',
      typeProperties: { computeProperties: { location: 'AutoResolve' } },
      managedVirtualNetwork: reference('ManagedVirtualNetworkReference', 'default'),
    },
  });
  await link('mine', 'AzureSqlDatabase', { ...database, authenticationType: 'SystemAssignedManagedIdentity' });
  await linkDocs();
  for (const [name, type, service, typeProperties] of [
    ['films', 'AzureSqlTable', 'mine', { schema: 'dbo', table: 'films' }],
    ['copied', 'AzureSqlTable', 'mine', { schema: 'dbo', table: 'copied' }],
    ['docs', 'CosmosDbSqlApiCollection', 'docs', { collectionName: 'films' }],
    ['copies', 'CosmosDbSqlApiCollection', 'docs', { collectionName: 'copies' }],
  ] as const)
    await put(`${factoryId()}/datasets/${name}?${adf}`, {
      properties: { type, linkedServiceName: reference('LinkedServiceReference', service), typeProperties },
    });
  for (const [name, source, sink, from, to] of [
    ['rows', 'AzureSqlSource', 'AzureSqlSink', 'films', 'copied'],
    ['documents', 'CosmosDbSqlApiSource', 'CosmosDbSqlApiSink', 'docs', 'copies'],
  ] as const)
    await put(`${factoryId()}/pipelines/${name}?${adf}`, {
      properties: {
        activities: [
          {
            name: 'Copy',
            type: 'Copy',
            inputs: [reference('DatasetReference', from)],
            outputs: [reference('DatasetReference', to)],
            typeProperties: { source: { type: source }, sink: { type: sink } },
          },
        ],
      },
    });
};

type Outcome = { status: string; error: JsonObject };
const run = async (pipeline: string): Promise<Outcome> => {
  const { runId } = await postern.admin.call('POST', `${factoryId()}/pipelines/${pipeline}/createRun?${adf}`, {});
  for (;;) {
    const { status } = await postern.admin.call('GET', `${factoryId()}/pipelineruns/${runId}?${adf}`);
    if (['Succeeded', 'Failed', 'Cancelled'].includes(String(status))) break;
    await pause(20);
  }
  const asked = { lastUpdatedAfter: '2000-01-01T00:00:00Z', lastUpdatedBefore: '2100-01-01T00:00:00Z' };
  const all = `${factoryId()}/pipelineruns/${runId}/queryActivityruns?${adf}`;
  const [activity] = values(await postern.admin.call('POST', all, asked));
  const text = JSON.stringify(activity);
  assert.ok(!text.includes(app.clientSecret) && !/eyJ[\w-]+\./.test(text), 'neither a secret nor a token is shown');
  return { status: String(activity?.status), error: isJsonObject(activity?.error) ? activity.error : {} };
};
const succeeds = async (pipeline: string) => {
  const { status, error } = await run(pipeline);
  assert.equal(status, 'Succeeded', JSON.stringify(error));
};
const fails = async (pipeline: string, errorCode: string, words: RegExp) => {
  const { status, error } = await run(pipeline);
  assert.deepEqual([status, error.errorCode], ['Failed', errorCode], JSON.stringify(error));
  assert.match(String(error.message), words);
};
const tries = async (referenceName: string) => {
  const path = `${factoryId()}/providers/Postern.Authoring/testConnection?api-version=2026-11-01`;
  const { body } = await postern.admin.send('POST', path, { linkedService: { referenceName } });
  return [body.succeeded, isJsonObject(body.error) ? String(body.error.message) : ''] as const;
};
const refused = async (path: string, body: JsonObject | undefined, status: number, code: string, method = 'PUT') => {
  const answer = await postern.admin.send(method, path, body);
  assert.deepEqual([answer.status, (answer.body.error as JsonObject | undefined)?.code], [status, code], path);
};

const credential = () => {
  const { tenantId, authorityHost } = postern.connection;
  const options = { authorityHost, disableInstanceDiscovery: true };
  return new ClientSecretCredential(tenantId, app.clientId, app.clientSecret, options);
};
const toServer = async (how: How = {}) => {
  const { sqlServer } = await storeEndpoints(postern.admin, serverId());
  return connectTo(Number(new URL(String(sqlServer)).port), readFileSync(postern.connection.caFile, 'utf8'), {
    server: database.server,
    user: 'keeper',
    password,
    ...how,
  });
};
const toAccount = async () => {
  const { Sql } = await storeEndpoints(postern.admin, accountId());
  const connectionPolicy = { enableEndpointDiscovery: false };
  return new CosmosClient({ endpoint: String(Sql), agent, aadCredentials: credential(), connectionPolicy });
};
const assign = (roleId: string, principalId: string, more: JsonObject = {}) => {
  const path = `${accountId()}/sqlRoleAssignments/${randomUUID()}?${cosmosVersion}`;
  const roleDefinitionId = `${accountId()}/sqlRoleDefinitions/${roleId}`;
  return { path, body: { properties: { roleDefinitionId, scope: accountId(), principalId, ...more } } };
};

before(async () => {
  postern = await startPosternProcess();
  const ca = readFileSync(postern.connection.caFile, 'utf8');
  tls.setDefaultCACertificates([ca]);
  agent = new Agent({ ca });
  await furnish();
});
after(async () => {
  agent?.destroy();
  await postern?.discard();
});

const administrator = () => `${serverId()}/administrators/ActiveDirectory?${sqlVersion}`;

test('a copy from SQL as the factory needs it to be let in, and is told how', async () => {
  const setUp = await toServer();
  await setUp.batch(
    "CREATE TABLE dbo.films (id int, title nvarchar(50)); INSERT INTO dbo.films VALUES (1, N'Metropolis')",
  );
  await setUp.batch('CREATE TABLE dbo.copied (id int, title nvarchar(50))');
  const whom = new RegExp(`database-factory.*${factoryPrincipal}.*Microsoft Entra administrator`);
  await fails('rows', 'SqlFailedToConnect', whom);
  assert.match((await tries('mine'))[1], whom);
  await put(administrator(), {
    properties: { administratorType: 'ActiveDirectory', login: 'the factory', sid: factoryPrincipal },
  });
  assert.deepEqual(await tries('mine'), [true, '']);
  await succeeds('rows');
  assert.deepEqual((await setUp.batch('SELECT id, title FROM dbo.copied')).rows, [[1, 'Metropolis']]);
  await setUp.close();
  // A connection string without a login says the same.
  const text = 'Server=tcp:identitysql.database.windows.net,1433;Database=sales;Connection Timeout=30';
  await link('mine', 'AzureSqlDatabase', { connectionString: { type: 'SecureString', value: text } });
  await succeeds('rows');
  await link('mine', 'AzureSqlDatabase', {
    connectionString: { type: 'SecureString', value: text },
    servicePrincipalId: app.clientId,
    servicePrincipalKey: secret(),
    tenant: postern.connection.tenantId,
  });
  await fails('rows', 'SqlFailedToConnect', new RegExp(`service principal 'documents'.*${app.objectId}`));
  await link('mine', 'AzureSqlDatabase', { ...database, authenticationType: 'SystemAssignedManagedIdentity' });
});

test('the SQL login of a server is closed and opened; its administrator stays as long as it is closed', async () => {
  const only = `${serverId()}/azureADOnlyAuthentications/Default?${sqlVersion}`;
  await put(only, { properties: { azureADOnlyAuthentication: true } });
  await assert.rejects(toServer(), { number: 18456, message: /only authentication is enabled/ });
  assert.deepEqual(await tries('mine'), [true, '']);
  const shown = (await postern.admin.call('GET', `${serverId()}?${sqlVersion}`)).properties as JsonObject;
  assert.partialDeepStrictEqual(shown.administrators, { sid: factoryPrincipal, azureADOnlyAuthentication: true });
  await refused(administrator(), undefined, 409, 'AadOnlyAuthenticationEnabled', 'DELETE');
  const other = { administratorType: 'ActiveDirectory', login: 'other', sid: randomUUID() };
  const written = { location: 'westeurope', properties: { administrators: other } };
  await refused(`${serverId()}?${sqlVersion}`, written, 400, 'InvalidParameterValue');
  await put(`${serverId()}?${sqlVersion}`, {
    location: 'westeurope',
    properties: { administrators: shown.administrators! },
  });
  await put(only, { properties: { azureADOnlyAuthentication: false } });
  await (await toServer()).close();
  await postern.admin.call('DELETE', administrator());
  assert.equal((await tries('mine'))[0], false);
  await refused(only, { properties: { azureADOnlyAuthentication: true } }, 400, 'AadAdminNotConfigured');
  const stranger = { properties: { ...other, tenantId: randomUUID() } };
  await refused(administrator(), stranger, 400, 'InvalidParameterValue');
  await refused(administrator(), { properties: { login: 'nobody' } }, 400, 'InvalidParameterValue');
});

test("a server made for tokens alone has no SQL login, and Azure's own clients on this machine open it", async (t) => {
  const id = `${group}/providers/Microsoft.Sql/servers/tokensql`;
  const administrators = { login: 'documents', sid: app.objectId, azureADOnlyAuthentication: true };
  await put(`${id}?${sqlVersion}`, { location: 'westeurope', properties: { administrators } });
  t.after(() => postern.admin.call('DELETE', `${id}?${sqlVersion}`));
  const { sqlServer } = await storeEndpoints(postern.admin, id);
  const open = (authentication: How['authentication']) =>
    connectTo(Number(new URL(String(sqlServer)).port), readFileSync(postern.connection.caFile, 'utf8'), {
      server: 'tokensql.database.windows.net',
      authentication,
      options: { database: 'master' },
    });
  const client = await open({ type: 'token-credential', options: { credential: credential() } });
  assert.deepEqual((await client.batch('SELECT DB_NAME()')).rows, [['master']]);
  await client.close();
  // A token that the issuer made for another resource.
  const { token } = await credential().getToken('https://storage.azure.com/.default');
  const other = { type: 'azure-active-directory-access-token', options: { token } } as const;
  await assert.rejects(open(other), { number: 18456, message: /is for 'https:\/\/storage\.azure\.com'/ });
});

const idsIn = async (client: CosmosClient, container: string) => {
  const { items } = client.database('shop').container(container);
  return (await items.query<string>('SELECT VALUE c.id FROM c ORDER BY c.id').fetchAll()).resources;
};

test("a workspace's pools are opened by its administrators, written by Azure's own management clients", async (t) => {
  const { subscriptionId, armEndpoint, tenantId, authorityHost, clientId, clientSecret } = postern.connection;
  const owner = new ClientSecretCredential(tenantId, clientId, clientSecret, {
    authorityHost,
    disableInstanceDiscovery: true,
  });
  const synapse = new SynapseManagementClient(owner, subscriptionId, { endpoint: armEndpoint });
  const sql = new SqlManagementClient(owner, subscriptionId, { endpoint: armEndpoint });
  const at = ['databases', 'identityws'] as const;
  const workspace = await synapse.workspaces.beginCreateOrUpdateAndWait(...at, {
    location: 'westeurope',
    sqlAdministratorLogin: 'keeper',
    sqlAdministratorLoginPassword: password,
  });
  t.after(() => synapse.workspaces.beginDeleteAndWait(...at));
  const { Sql } = await storeEndpoints(postern.admin, workspace.id!);
  const open = (authentication?: How['authentication']) =>
    connectTo(Number(new URL(String(Sql)).port), readFileSync(postern.connection.caFile, 'utf8'), {
      server: 'identityws.sql.azuresynapse.net',
      user: 'keeper',
      password,
      ...(authentication && { authentication }),
      options: { database: 'master' },
    });
  const byToken = { type: 'token-credential', options: { credential: credential() } } as const;
  await assert.rejects(open(byToken), { number: 18456, message: new RegExp(`'${app.objectId}' is not`) });
  const administrator = { administratorType: 'ActiveDirectory', login: 'documents', sid: app.objectId, tenantId };
  for (const kind of [synapse.workspaceAadAdmins, synapse.workspaceSqlAadAdmins]) {
    assert.equal((await kind.beginCreateOrUpdateAndWait(...at, administrator)).sid, app.objectId);
    await (await open(byToken)).close();
    await kind.beginDeleteAndWait(...at);
    await assert.rejects(open(byToken), { number: 18456 });
  }
  await synapse.workspaceSqlAadAdmins.beginCreateOrUpdateAndWait(...at, administrator);
  const only = synapse.azureADOnlyAuthentications;
  await only.beginCreateAndWait(...at, 'default', { azureADOnlyAuthentication: true });
  await assert.rejects(open(), { number: 18456, message: /only authentication is enabled/ });
  await (await open(byToken)).close();

  const server = ['databases', 'identitysql'] as const;
  const made = await sql.serverAzureADAdministrators.beginCreateOrUpdateAndWait(
    ...server,
    'ActiveDirectory',
    administrator,
  );
  assert.deepEqual([made.sid, made.tenantId], [app.objectId, tenantId]);
  const closed = { azureADOnlyAuthentication: true };
  await sql.serverAzureADOnlyAuthentications.beginCreateOrUpdateAndWait(...server, 'Default', closed);
  await assert.rejects(toServer(), { number: 18456 });
  await sql.serverAzureADOnlyAuthentications.beginDeleteAndWait(...server, 'Default');
  await (await toServer()).close();
});

test('a copy from Cosmos DB as a service principal needs roles for the data, which end with the next request', async (t) => {
  const { Sql } = await storeEndpoints(postern.admin, accountId());
  const keyed = new CosmosClient({ endpoint: String(Sql), agent, key: await cosmosKey(postern.admin, accountId()) });
  const mine = await toAccount();
  t.after(() => keyed.dispose());
  t.after(() => mine.dispose());
  await keyed.database('shop').container('films').items.create({ id: '1', city: 'Bonn' });

  await fails('documents', 'CosmosDbSqlApiOperationFailed', new RegExp(`'documents'.*${app.objectId}.*Data Reader`));
  await assert.rejects(idsIn(mine, 'films'), { code: 403, substatus: 5302 });
  const reading = assign(reader, app.objectId);
  await put(reading.path, reading.body);
  assert.deepEqual(await tries('docs'), [true, '']);
  await fails('documents', 'CosmosDbSqlApiOperationFailed', new RegExp(`${app.objectId}.*Built-in Data Contributor`));
  const writing = assign(contributor, app.objectId, { scope: `${accountId()}/dbs/shop/colls/copies` });
  await put(writing.path, writing.body);
  await succeeds('documents');
  assert.deepEqual(await idsIn(mine, 'copies'), ['1']);

  await linkDocs({ servicePrincipalCredential: { type: 'SecureString', value: 'not the secret' } });
  await fails('documents', 'ServicePrincipalRefused', /'docs'.*secret is wrong/);
  await linkDocs({ tenant: randomUUID() });
  await fails('documents', 'ServicePrincipalRefused', /no tenant/);
  await linkDocs();
  await postern.admin.call('DELETE', writing.path);
  await fails('documents', 'CosmosDbSqlApiOperationFailed', /Built-in Data Contributor/);
  await postern.admin.call('DELETE', reading.path);
  await assert.rejects(idsIn(mine, 'films'), { code: 403 });
});

test('an account that closes its keys goes on by tokens, also of the factory, and its containers are still resources', async () => {
  const shown = await postern.admin.call('GET', `${accountId()}?${cosmosVersion}`);
  const key = await cosmosKey(postern.admin, accountId());
  await postern.admin.call('PATCH', `${accountId()}?${cosmosVersion}`, { properties: { disableLocalAuth: true } });
  const { Sql } = await storeEndpoints(postern.admin, accountId());
  const keyed = new CosmosClient({ endpoint: String(Sql), agent, key });
  await assert.rejects(idsIn(keyed, 'films'), { code: 401, substatus: 5202 });
  keyed.dispose();
  await put(`${accountId()}/sqlDatabases/shop/containers/more?${cosmosVersion}`, {
    properties: { resource: { id: 'more', partitionKey: { paths: ['/p'], kind: 'Hash' } } },
  });
  await link('docs', 'CosmosDb', account);
  assert.match((await tries('docs'))[1], new RegExp(`database-factory.*${factoryPrincipal}.*Data Reader`));
  const reading = assign(reader, factoryPrincipal);
  await put(reading.path, reading.body);
  assert.deepEqual(await tries('docs'), [true, '']);
  assert.equal((shown.properties as JsonObject).disableLocalAuth, false);
  await linkDocs();
});

test('roles for data are listed and made, and what would grant nothing is refused', async (t) => {
  const roles = `${accountId()}/sqlRoleDefinitions`;
  const own = randomUUID();
  const dataActions = [
    'Microsoft.DocumentDB/databaseAccounts/readMetadata',
    'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items/read',
  ];
  const role = (more: JsonObject = {}): JsonObject => ({
    properties: { roleName: 'Pointer', type: 'CustomRole', permissions: [{ dataActions }], ...more },
  });
  await put(`${roles}/${own}?${cosmosVersion}`, role({ assignableScopes: [accountId()] }));
  const listed = values(await postern.admin.call('GET', `${roles}?${cosmosVersion}`));
  assert.deepEqual(
    listed.map(({ name, properties }) => [name, (properties as JsonObject).roleName]),
    [
      [reader, 'Cosmos DB Built-in Data Reader'],
      [contributor, 'Cosmos DB Built-in Data Contributor'],
      [own, 'Pointer'],
    ],
  );
  const pointing = assign(own, app.objectId);
  await put(pointing.path, pointing.body);
  const mine = await toAccount();
  t.after(() => mine.dispose());
  const films = mine.database('shop').container('films');
  assert.equal((await films.item('1', 'Bonn').read()).resource?.id, '1');
  await assert.rejects(idsIn(mine, 'films'), { code: 403, substatus: 5302, message: /executeQuery/ });
  await refused(`${roles}/${own}?${cosmosVersion}`, undefined, 409, 'Conflict', 'DELETE');

  const another = `${roles}/${randomUUID()}?${cosmosVersion}`;
  for (const more of [
    { permissions: [{ dataActions: ['Microsoft.Storage/*'] }] },
    { permissions: [{ dataActions: [`${'*'.repeat(60)}!`] }] },
    { permissions: [{ dataActions, notDataActions: dataActions }] },
    { assignableScopes: [`${accountId()}/dbs/shop`] },
    { type: 'BuiltInRole' },
  ] as JsonObject[])
    await refused(another, role(more), 400, 'BadRequest');
  await refused(`${roles}/${reader}?${cosmosVersion}`, role(), 400, 'BadRequest');
  for (const more of [
    { principalId: randomUUID() },
    { scope: `${accountId()}x` },
    { scope: `${accountId()}/dbs` },
    { scope: `${accountId()}/colls/films` },
    { scope: group },
    { roleDefinitionId: `${accountId()}x/sqlRoleDefinitions/${reader}` },
    { roleDefinitionId: `${accountId()}/sqlRoleDefinitions/${randomUUID()}` },
  ] as JsonObject[]) {
    const { path, body } = assign(reader, app.objectId, more);
    await refused(path, body, 400, 'BadRequest');
  }

  const { token } = await credential().getToken('https://cosmos.azure.com/.default');
  await deletePrincipal(postern.admin, 'documents');
  const left = new CosmosClient({
    endpoint: String((await storeEndpoints(postern.admin, accountId())).Sql),
    agent,
    aadCredentials: { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 300_000 }) },
  });
  t.after(() => left.dispose());
  await assert.rejects(left.getDatabaseAccount(), { code: 401, substatus: 5011 });
});
