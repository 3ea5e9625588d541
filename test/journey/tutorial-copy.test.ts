// Azure's tutorial "copy data securely from Blob storage to a SQL database by using private endpoints", step by step: with
// Azure's own clients, and what its portal does (test connection, browse, preview, debug) by Postern's own operations.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import tls from 'node:tls';
import { DataFactoryManagementClient } from '@azure/arm-datafactory';
import { SqlManagementClient } from '@azure/arm-sql';
import { StorageManagementClient } from '@azure/arm-storage';
import { ClientSecretCredential } from '@azure/identity';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import type { JsonObject } from '../../src/base/json.ts';
import { storeEndpoints } from '../../src/cli/store.ts';
import { type RunningPostern, startPosternProcess } from '../postern.ts';
import { askSql } from '../target/sql-stage.ts';

const group = 'tutorial';
const factory = 'ADFTutorialDataFactory';
const account = 'adftutorialstore';
const server = 'adftutorialserver';
const host = `${server}.database.windows.net`;
const who = { user: 'sqladmin', password: 'Tutorial-2026!', database: 'adftutorialdb', host };
const employees = 'FirstName,LastName\nJohn,Doe\nJane,Doe\n';

let postern: RunningPostern;
let factories: DataFactoryManagementClient;
let storage: StorageManagementClient;
let sql: SqlManagementClient;
let storageKey: string;
let sqlPort: number;

const idOf = (provider: string) =>
  `/subscriptions/${postern.connection.subscriptionId}/resourceGroups/${group}/providers/${provider}`;
const accountId = () => idOf(`Microsoft.Storage/storageAccounts/${account}`);
const serverId = () => idOf(`Microsoft.Sql/servers/${server}`);
const rows = (text = 'SELECT ID, FirstName, LastName FROM dbo.emp ORDER BY ID') => askSql(sqlPort, text, who);

/** What the portal's buttons do. */
const ask = (operation: string, body: JsonObject) =>
  postern.admin.send(
    'POST',
    `${idOf(`Microsoft.DataFactory/factories/${factory}`)}/providers/Postern.Authoring/${operation}?api-version=2026-11-01`,
    body,
  );
const testConnection = async (referenceName: string) => {
  const { status, body } = await ask('testConnection', { linkedService: { referenceName } });
  assert.equal(status, 200, JSON.stringify(body));
  const { details = [] } = (body.error ?? {}) as { details?: { code: string }[] };
  return { succeeded: body.succeeded, why: details[0]?.code };
};

const reference = <Type extends string>(type: Type, referenceName: string) => ({ type, referenceName });
const sealed = { type: 'IntegrationRuntimeReference', referenceName: 'ManagedRuntime' } as const;

const ended = async (runId: string) => {
  for (;;) {
    const run = await factories.pipelineRuns.get(group, factory, runId);
    if (['Succeeded', 'Failed', 'Cancelled'].includes(run.status!)) return run;
    await pause(20);
  }
};
const outputOf = async (runId: string) => {
  const window = { lastUpdatedAfter: new Date('2000-01-01'), lastUpdatedBefore: new Date('2100-01-01') };
  const { value } = await factories.activityRuns.queryByPipelineRun(group, factory, runId, window);
  return value[0]!.output as JsonObject;
};

before(async () => {
  postern = await startPosternProcess();
  const { connection, admin } = postern;
  const authority = readFileSync(connection.caFile, 'utf8');
  tls.setDefaultCACertificates([authority]);
  const credential = new ClientSecretCredential(connection.tenantId, connection.clientId, connection.clientSecret, {
    authorityHost: connection.authorityHost,
    disableInstanceDiscovery: true,
    tlsOptions: { ca: authority },
  });
  const options = { endpoint: connection.armEndpoint, tlsOptions: { ca: authority } };
  factories = new DataFactoryManagementClient(credential, connection.subscriptionId, options);
  storage = new StorageManagementClient(credential, connection.subscriptionId, options);
  sql = new SqlManagementClient(credential, connection.subscriptionId, options);
  await admin.call(
    'PUT',
    `/subscriptions/${connection.subscriptionId}/resourceGroups/${group}?api-version=2021-04-01`,
    {
      location: 'westeurope',
    },
  );
});
after(() => postern?.discard());

test('1, 2: the stores, closed to the world, with a file and an empty table', async () => {
  await storage.storageAccounts.beginCreateAndWait(group, account, {
    location: 'westeurope',
    kind: 'StorageV2',
    sku: { name: 'Standard_LRS' },
    networkRuleSet: { defaultAction: 'Deny' },
  });
  const { keys } = await storage.storageAccounts.listKeys(group, account);
  storageKey = keys![0]!.value!;
  const { blob } = await storeEndpoints(postern.admin, accountId());
  const box = new BlobServiceClient(String(blob), new StorageSharedKeyCredential(account, storageKey));
  const container = box.getContainerClient('adftutorial');
  await container.create();
  assert.equal(Buffer.byteLength(employees), 37);
  await container.getBlockBlobClient('input/emp.txt').upload(employees, employees.length);

  await sql.servers.beginCreateOrUpdateAndWait(group, server, {
    location: 'westeurope',
    administratorLogin: who.user,
    administratorLoginPassword: who.password,
  });
  await sql.databases.beginCreateOrUpdateAndWait(group, server, who.database, { location: 'westeurope' });
  const { sqlServer } = await storeEndpoints(postern.admin, serverId());
  sqlPort = Number(/:(\d+)$/.exec(String(sqlServer))![1]);
  await rows(
    'CREATE TABLE dbo.emp (ID int IDENTITY(1,1) NOT NULL, FirstName varchar(50), LastName varchar(50)); CREATE CLUSTERED INDEX IX_emp_ID ON dbo.emp (ID)',
  );
});

test('3, 4: a factory, and a runtime in its managed virtual network', async () => {
  await factories.factories.createOrUpdate(group, factory, { location: 'westeurope' });
  await factories.managedVirtualNetworks.createOrUpdate(group, factory, 'default', { properties: {} });
  await factories.integrationRuntimes.createOrUpdate(group, factory, sealed.referenceName, {
    properties: {
      type: 'Managed',
      managedVirtualNetwork: reference('ManagedVirtualNetworkReference', 'default'),
    },
  });
});

test('8 to 12: the linked service of the store connects only once its owner has approved an endpoint', async () => {
  await factories.linkedServices.createOrUpdate(group, factory, 'AzureStorageLinkedService', {
    properties: {
      type: 'AzureBlobStorage',
      connectVia: sealed,
      connectionString: `DefaultEndpointsProtocol=https;AccountName=${account};AccountKey=${storageKey};EndpointSuffix=core.windows.net`,
    },
  });
  assert.deepEqual(await testConnection('AzureStorageLinkedService'), {
    succeeded: false,
    why: 'PrivateEndpointRequired',
  });
  await factories.managedPrivateEndpoints.createOrUpdate(group, factory, 'default', 'blob', {
    properties: { privateLinkResourceId: accountId(), groupId: 'blob' },
  });
  assert.deepEqual(await testConnection('AzureStorageLinkedService'), { succeeded: false, why: 'EndpointPending' });
  for await (const connection of storage.privateEndpointConnections.list(group, account))
    await storage.privateEndpointConnections.put(group, account, connection.name!, {
      privateLinkServiceConnectionState: { status: 'Approved', description: 'For the tutorial' },
    });
  const shown = await factories.managedPrivateEndpoints.get(group, factory, 'default', 'blob');
  assert.equal(shown.properties.connectionState?.status, 'Approved');
  assert.deepEqual(await testConnection('AzureStorageLinkedService'), { succeeded: true, why: undefined });
});

test('7, 13: the file is found by browsing, and its preview has two rows', async () => {
  const linkedService = { referenceName: 'AzureStorageLinkedService' };
  const { body } = await ask('browse', { linkedService, path: 'adftutorial/input' });
  assert.deepEqual(
    (body.items as JsonObject[]).map(({ path }) => path),
    ['adftutorial/input/emp.txt'],
  );
  await factories.datasets.createOrUpdate(group, factory, 'SourceBlobDataset', {
    properties: {
      type: 'DelimitedText',
      linkedServiceName: reference('LinkedServiceReference', 'AzureStorageLinkedService'),
      location: {
        type: 'AzureBlobStorageLocation',
        container: 'adftutorial',
        folderPath: 'input',
        fileName: 'emp.txt',
      },
      columnDelimiter: ',',
      firstRowAsHeader: true,
    },
  });
  const preview = await ask('preview', { dataset: { referenceName: 'SourceBlobDataset' } });
  assert.deepEqual(preview.body.rows, [
    ['John', 'Doe'],
    ['Jane', 'Doe'],
  ]);
});

test('14, 15: so does the linked service of the database; its table is found by browsing', async () => {
  await factories.linkedServices.createOrUpdate(group, factory, 'AzureSqlDatabaseLinkedService', {
    properties: {
      type: 'AzureSqlDatabase',
      connectVia: sealed,
      connectionString: `Server=tcp:${host},1433;Initial Catalog=${who.database};User ID=${who.user};Encrypt=True;TrustServerCertificate=False;Connection Timeout=30;Password=${who.password}`,
    },
  });
  const stored = await factories.linkedServices.get(group, factory, 'AzureSqlDatabaseLinkedService');
  assert.ok(!JSON.stringify(stored).includes(who.password));
  assert.equal((await testConnection('AzureSqlDatabaseLinkedService')).succeeded, false);
  await factories.managedPrivateEndpoints.createOrUpdate(group, factory, 'default', 'sql', {
    properties: { privateLinkResourceId: serverId(), groupId: 'sqlServer' },
  });
  assert.deepEqual(await testConnection('AzureSqlDatabaseLinkedService'), {
    succeeded: false,
    why: 'EndpointPending',
  });
  for await (const { name } of sql.privateEndpointConnections.listByServer(group, server))
    await sql.privateEndpointConnections.beginCreateOrUpdateAndWait(group, server, name!, {
      privateLinkServiceConnectionState: { status: 'Approved', description: 'For the tutorial' },
    });
  assert.deepEqual(await testConnection('AzureSqlDatabaseLinkedService'), { succeeded: true, why: undefined });
  const linkedService = { referenceName: 'AzureSqlDatabaseLinkedService' };
  const { body } = await ask('browse', { linkedService, path: 'dbo' });
  assert.deepEqual(
    (body.items as JsonObject[]).map(({ path }) => path),
    ['dbo/emp'],
  );
  await factories.datasets.createOrUpdate(group, factory, 'OutputSqlDataset', {
    properties: {
      type: 'AzureSqlTable',
      linkedServiceName: reference('LinkedServiceReference', 'AzureSqlDatabaseLinkedService'),
      schemaTypePropertiesSchema: 'dbo',
      table: 'emp',
    },
  });
});

test('5, 6, 16: the pipeline, debugged and then published, writes two rows each time', async () => {
  const activity = {
    name: 'CopyFromBlobToSql',
    type: 'Copy',
    inputs: [reference('DatasetReference', 'SourceBlobDataset')],
    outputs: [reference('DatasetReference', 'OutputSqlDataset')],
  };
  const [source, sink] = [
    { type: 'DelimitedTextSource', storeSettings: { type: 'AzureBlobStorageReadSettings', recursive: true } },
    { type: 'AzureSqlSink' },
  ] as const;
  const debugged = await ask('debugRun', {
    pipeline: { name: 'CopyPipeline', properties: { activities: [{ ...activity, typeProperties: { source, sink } }] } },
  });
  assert.equal(debugged.status, 200, JSON.stringify(debugged.body));
  const debugRun = await ended(String(debugged.body.runId));
  assert.equal(debugRun.status, 'Succeeded', debugRun.message);
  const { rowsRead, rowsCopied, filesRead } = await outputOf(debugRun.runId!);
  assert.deepEqual([rowsRead, rowsCopied, filesRead], [2, 2, 1]);
  assert.deepEqual(await rows(), [
    { ID: 1, FirstName: 'John', LastName: 'Doe' },
    { ID: 2, FirstName: 'Jane', LastName: 'Doe' },
  ]);

  await factories.pipelines.createOrUpdate(group, factory, 'CopyPipeline', {
    activities: [{ ...activity, type: 'Copy', source, sink }],
  });
  const { runId } = await factories.pipelines.createRun(group, factory, 'CopyPipeline');
  const run = await ended(runId);
  assert.equal(run.status, 'Succeeded', run.message);
  assert.deepEqual(
    (await rows()).map(({ ID, FirstName }) => [ID, FirstName]),
    [
      [1, 'John'],
      [2, 'Jane'],
      [3, 'John'],
      [4, 'Jane'],
    ],
  );
});
