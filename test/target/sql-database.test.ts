// Azure SQL Database as a target: a sealed worker reaches it by the unmodified client at its real host name, while its owner
// approves, and not otherwise. The same server behind a Private Link Service is a SQL Server of one's own.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JsonObject } from '../../src/base/json.ts';
import { askSql } from './sql-stage.ts';
import { copyActivity, csv, csvSink, csvSource, openTrueEstate, reference, type TrueEstate } from './true-estate.ts';

const host = 'acmefilms.database.windows.net';
const sqlVersion = 'api-version=2021-11-01';
const who = { user: 'owner', password: 'Correct-horse-7', database: 'films' };
let estate: TrueEstate;
let port: number;

const serverId = () => estate.at('Microsoft.Sql/servers/acmefilms');
const decide = (status: string) => estate.decide(serverId(), 'api-version=2020-11-01-preview', 'films', status);
const query = (text: string) => askSql(port, text, { ...who, host });

const login = (more: JsonObject = {}): JsonObject => ({
  server: host,
  database: who.database,
  authenticationType: 'SQL',
  userName: who.user,
  password: { type: 'SecureString', value: who.password },
  ...more,
});
const films = (dataset = 'films', name = 'films') => reference('DatasetReference', dataset, { name });
const source = (sqlReaderQuery?: string): JsonObject => ({
  type: 'AzureSqlSource',
  ...(sqlReaderQuery && { sqlReaderQuery }),
});
const sink: JsonObject = { type: 'AzureSqlSink' };
const lookup = (sqlReaderQuery: string, dataset = 'films'): JsonObject => ({
  name: 'Look',
  type: 'Lookup',
  typeProperties: { source: source(sqlReaderQuery), dataset: films(dataset), firstRowOnly: false },
});
const onDatabase = (type: string, typeProperties: JsonObject): JsonObject => ({
  name: type,
  type,
  linkedServiceName: reference('LinkedServiceReference', 'films'),
  typeProperties,
});

before(async () => {
  estate = await openTrueEstate('sqlstore');
  await estate.put(`${serverId()}?${sqlVersion}`, {
    location: 'westeurope',
    properties: {
      administratorLogin: who.user,
      administratorLoginPassword: who.password,
      publicNetworkAccess: 'Disabled',
    },
  });
  await estate.put(`${serverId()}/databases/films?${sqlVersion}`, { location: 'westeurope' });
  await estate.request('films', serverId(), { groupId: 'sqlServer' });
  for (const [name, typeProperties] of [
    ['films', login()],
    ['stranger', login({ password: { type: 'SecureString', value: 'guess' } })],
    ['nowhere', login({ database: 'nowhere' })],
    ['unknown', login({ server: 'other.database.windows.net' })],
  ] as const) {
    await estate.linkedService(name, 'AzureSqlDatabase', typeProperties);
    await estate.dataset(
      name,
      'AzureSqlTable',
      name,
      { schema: 'dbo', table: { value: '@dataset().name', type: 'Expression' } },
      ['name'],
    );
  }
  ({ port } = await estate.endpointOf(serverId()));
  await query(
    'CREATE TABLE films (id int NOT NULL PRIMARY KEY, title nvarchar(100), rating decimal(20,10), seen datetimeoffset(6))',
  );
  await estate.writeText(
    'in.csv',
    'id,title,rating,seen\n1,Ran,1234567890.0123456789,2026-01-31T08:00:00.123456+01:00\n2,"A, ""b""\tc",NULL,NULL\n',
  );
});
after(() => estate?.close());

test('before approval nothing reaches the database, and the failure says who has to approve', async () => {
  const error = await estate.fails(
    copyActivity(csv('in.csv'), csvSource, films(), sink),
    'SqlFailedToConnect',
    'EndpointPending',
  );
  assert.equal(error.details[0]!.host, host);
  const flows = await estate.flowsTo(host);
  assert.ok(flows.length > 0 && flows.every(({ verdict }) => verdict === 'denied'));
  assert.deepEqual(await query('SELECT COUNT(*) AS n FROM films'), [{ n: 0 }]);
});

test('while it is approved rows go in from a blob and out to a blob, every digit of them', async () => {
  await decide('Approved');
  const written = await estate.succeeds(copyActivity(csv('in.csv'), csvSource, films(), sink));
  assert.deepEqual([written.rowsRead, written.rowsCopied, written.filesRead], [2, 2, 1]);
  const read = await estate.succeeds(copyActivity(films(), source(), csv('out.csv'), csvSink));
  assert.equal(read.rowsCopied, 2);
  const lines = (await estate.readText('out.csv')).split('\n');
  assert.deepEqual(lines.toSorted(), [
    '',
    '1,Ran,1234567890.0123456789,2026-01-31 08:00:00.1234560 +01:00',
    '2,"A, \\"b\\"\tc",NULL,NULL',
    'id,title,rating,seen',
  ]);
});

test('a table is read in parts by one worker, each by a connection of its own', async () => {
  await query('CREATE TABLE parts (id int, title nvarchar(100), rating decimal(20,10), seen datetimeoffset(6))');
  const inParts = { ...source(), partitionOption: 'DynamicRange', partitionSettings: { partitionColumnName: 'id' } };
  const output = await estate.succeeds(copyActivity(films(), inParts, films('films', 'parts'), sink));
  assert.deepEqual([output.rowsCopied, output.usedParallelCopies], [2, 2]);
  assert.deepEqual(await query('SELECT id FROM parts ORDER BY id'), [{ id: 1 }, { id: 2 }]);
});

test('rows go by way of a store between that the network reaches, and by no other', async () => {
  const staged = (linkedServiceName: string) => ({
    enableStaging: true,
    stagingSettings: {
      linkedServiceName: reference('LinkedServiceReference', linkedServiceName),
      path: 'between/films',
    },
  });
  await query('CREATE TABLE staged (id int, title nvarchar(100), rating decimal(20,10), seen datetimeoffset(6))');
  const copy = (service: string) => copyActivity(films(), source(), films('films', 'staged'), sink, staged(service));
  const output = await estate.succeeds(copy('blobs'));
  assert.equal(output.rowsCopied, 2);
  assert.equal((output.executionDetails as JsonObject[]).length, 2);
  const same =
    'SELECT COUNT(*) AS n FROM films AS f JOIN staged AS s ON f.id = s.id AND f.title = s.title AND ISNULL(f.rating, -1) = ISNULL(s.rating, -1)';
  assert.deepEqual(await query(same), [{ n: 2 }]);

  const other = estate.at('Microsoft.Storage/storageAccounts/sqlbetween');
  await estate.put(`${other}?api-version=2025-08-01`, {
    location: 'westeurope',
    kind: 'StorageV2',
    sku: { name: 'Standard_LRS' },
  });
  await estate.linkedService('between', 'AzureBlobStorage', {
    connectionString: `DefaultEndpointsProtocol=https;AccountName=sqlbetween;AccountKey=${Buffer.alloc(64).toString('base64')};EndpointSuffix=core.windows.net`,
  });
  await estate.fails(copy('between'), 'AzureBlobOperationFailed', 'PrivateEndpointRequired');
  assert.deepEqual(await query('SELECT COUNT(*) AS n FROM staged'), [{ n: 2 }]);
});

test('a query is looked up, a script and a stored procedure run', async () => {
  const { count, value } = await estate.succeeds(lookup('SELECT title FROM films WHERE rating > 8'));
  assert.deepEqual([count, value], [1, [{ title: 'Ran' }]]);
  const script = onDatabase('Script', {
    scripts: [
      {
        type: 'NonQuery',
        text: 'CREATE PROCEDURE rename @id int, @title nvarchar(100) AS UPDATE films SET title = @title WHERE id = @id',
      },
      { type: 'Query', text: 'SELECT COUNT(*) AS n FROM films' },
    ],
  });
  const { resultSets } = await estate.succeeds(script);
  assert.deepEqual(resultSets, [{ rowCount: 1, rows: [{ n: 2 }] }]);
  await estate.succeeds(
    onDatabase('SqlServerStoredProcedure', {
      storedProcedureName: 'rename',
      storedProcedureParameters: {
        id: { value: 1, type: 'Int32' },
        title: { value: 'Throne of Blood', type: 'String' },
      },
    }),
  );
  assert.deepEqual(await query('SELECT title FROM films WHERE id = 1'), [{ title: 'Throne of Blood' }]);
});

test('a wrong password, database or server gives an error that says what to change', async () => {
  const stranger = await estate.fails(lookup('SELECT 1 AS n', 'stranger'), 'SqlFailedToConnect');
  assert.match(stranger.message, /refused the user name or the password.*18456/);
  assert.ok(!JSON.stringify(stranger).includes('guess'));
  const nowhere = await estate.fails(lookup('SELECT 1 AS n', 'nowhere'), 'SqlFailedToConnect');
  assert.match(nowhere.message, /database does not exist.*4060/);
  await estate.fails(lookup('SELECT 1 AS n', 'unknown'), 'SqlFailedToConnect', 'PortNotAllowed');
  const missing = await estate.fails(lookup('SELECT x FROM nowhere'), 'SqlOperationFailed');
  assert.match(missing.message, /SqlErrorNumber=208/);
});

test('the same server behind a Private Link Service is a SQL Server of one’s own, at another name and port', async () => {
  const service = estate.at('Microsoft.Network/privateLinkServices/onpremises');
  const version = 'api-version=2025-05-01';
  await estate.put(`${service}?${version}`, {
    location: 'westeurope',
    tags: { 'postern-backend-1434': `127.0.0.1:${port}` },
    properties: { loadBalancerFrontendIpConfigurations: [{ id: estate.at('Microsoft.Network/loadBalancers/lb') }] },
  });
  await estate.request('onpremises', service, { fqdns: ['sql.corp.internal'] });
  const { password } = login();
  await estate.linkedService('onpremises', 'SqlServer', {
    connectionString: `Server=sql.corp.internal,1434;Database=films;User ID=${who.user};Encrypt=True;HostNameInCertificate=${host}`,
    password: password!,
  });
  await estate.dataset('onpremises', 'SqlServerTable', 'onpremises', { tableName: '[dbo].[films]' });
  const look = {
    name: 'Look',
    type: 'Lookup',
    typeProperties: {
      source: { type: 'SqlServerSource', sqlReaderQuery: 'SELECT COUNT(*) AS n FROM films' },
      dataset: reference('DatasetReference', 'onpremises'),
    },
  };
  await estate.fails(look, 'SqlFailedToConnect', 'EndpointPending');
  await estate.decide(service, version, 'onpremises', 'Approved');
  assert.deepEqual((await estate.succeeds(look)).firstRow, { n: 2 });
});

test('a dedicated SQL pool is reached by its own endpoint, at the name of its workspace', async () => {
  const workspace = estate.at('Microsoft.Synapse/workspaces/acmesynapse');
  const version = 'api-version=2021-06-01';
  await estate.put(`${workspace}?${version}`, {
    location: 'westeurope',
    identity: { type: 'SystemAssigned' },
    properties: { sqlAdministratorLogin: who.user, sqlAdministratorLoginPassword: who.password },
  });
  await estate.put(`${workspace}/sqlPools/films?${version}`, { location: 'westeurope', sku: { name: 'DW100c' } });
  await estate.request('pool', workspace, { groupId: 'Sql' });
  await estate.linkedService('pool', 'AzureSqlDW', login({ server: 'acmesynapse.sql.azuresynapse.net,1433' }));
  await estate.dataset('pool', 'AzureSqlDWTable', 'pool', { schema: 'dbo', table: 'films' });
  const pool = reference('DatasetReference', 'pool');
  const load = copyActivity(csv('in.csv'), csvSource, pool, { type: 'SqlDWSink', tableOption: 'autoCreate' });
  await estate.fails(load, 'SqlFailedToConnect', 'EndpointPending');
  await estate.decide(workspace, version, 'pool', 'Approved');
  assert.equal((await estate.succeeds(load)).rowsCopied, 2);
  await estate.succeeds(copyActivity(pool, { type: 'SqlDWSource' }, csv('pool.csv'), csvSink));
  assert.match(await estate.readText('pool.csv'), /^1,Ran,1234567890\.0123456789,2026-01-31T08:00:00\.123456\+01:00$/m);

  // What asks for COPY is loaded by the worker: no store is reached that it may not reach itself.
  const byCopy = (between: string) =>
    copyActivity(
      csv('in.csv'),
      csvSource,
      pool,
      {
        type: 'SqlDWSink',
        allowCopyCommand: true,
        copyCommandSettings: {
          defaultValues: [{ columnName: 'rating', defaultValue: '-1' }],
          additionalOptions: { MAXERRORS: '10', DATEFORMAT: "'ymd'" },
        },
      },
      {
        enableStaging: true,
        stagingSettings: { linkedServiceName: reference('LinkedServiceReference', between), enableCompression: true },
      },
    );
  const { rowsCopied, rowsSkipped, sqlDwPolyBase, executionDetails } = await estate.succeeds(byCopy('blobs'));
  assert.deepEqual([rowsCopied, rowsSkipped, sqlDwPolyBase], [2, 0, false]);
  assert.equal((executionDetails as JsonObject[]).length, 2);
  const filled = { type: 'SqlDWSource', sqlReaderQuery: 'SELECT id FROM films WHERE rating = -1' };
  await estate.succeeds(copyActivity(pool, filled, csv('filled.csv'), csvSink));
  assert.equal(await estate.readText('filled.csv'), 'id\n2\n');
  await estate.fails(byCopy('between'), 'AzureBlobOperationFailed', 'PrivateEndpointRequired');
});

test('after a rejection nothing is reached any more', async () => {
  await decide('Rejected');
  const error = await estate.fails(
    copyActivity(csv('in.csv'), csvSource, films(), sink),
    'SqlFailedToConnect',
    'EndpointRejected',
  );
  assert.match(error.message, /Rejected by the test/);
});
