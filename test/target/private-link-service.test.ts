// A Private Link Service as a target, with a PostgreSQL of the user's own behind it: a sealed worker reaches it by the
// unmodified client at the user's own name, while its owner approves, and not otherwise.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JsonObject } from '../../src/base/json.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';
import { copyActivity, csv, csvSink, csvSource, openTrueEstate, reference, type TrueEstate } from './true-estate.ts';

const host = 'db.corp.example';
const secondHost = 'second.corp.example';
const networkVersion = 'api-version=2025-05-01';
let estate: TrueEstate;
let server: PostgresServer;
let second: PostgresServer;

const serviceId = (name: string) => estate.at(`Microsoft.Network/privateLinkServices/${name}`);
const decide = (service: string, status: string) => estate.decide(serviceId(service), networkVersion, service, status);
const offer = (name: string, { address, port }: PostgresServer, frontPort?: number) =>
  estate.put(`${serviceId(name)}?${networkVersion}`, {
    location: 'westeurope',
    ...(frontPort === undefined
      ? { tags: { 'postern-ports': String(port) }, properties: { destinationIPAddress: address } }
      : {
          tags: { [`postern-backend-${frontPort}`]: `${address}:${port}` },
          properties: {
            loadBalancerFrontendIpConfigurations: [{ id: estate.at('Microsoft.Network/loadBalancers/lb') }],
          },
        }),
  });
const login = (more: JsonObject = {}): JsonObject => ({
  server: host,
  port: server.port,
  database: 'postgres',
  username: server.user,
  password: { type: 'SecureString', value: server.password },
  ...more,
});
const films = (dataset = 'films', name = 'films') => reference('DatasetReference', dataset, { name });
const source = (query?: string): JsonObject => ({ type: 'AzurePostgreSqlSource', ...(query && { query }) });
const sink: JsonObject = { type: 'AzurePostgreSqlSink' };
const lookup = (query: string, dataset = 'films'): JsonObject => ({
  name: 'Look',
  type: 'Lookup',
  typeProperties: { source: source(query), dataset: films(dataset), firstRowOnly: false },
});

before(async () => {
  estate = await openTrueEstate('linkstore');
  [server, second] = (await Promise.all(
    [host, secondHost].map(async (name) => startPostgres(await estate.authority.issue([name]))),
  )) as [PostgresServer, PostgresServer];
  await Promise.all([offer('db', server), offer('second', second, 6432)]);
  await estate.request('db', serviceId('db'), { fqdns: [host, 'replica.corp.example'] });
  await estate.request('second', serviceId('second'), { fqdns: [secondHost] });
  for (const [name, typeProperties] of [
    ['films', login()],
    ['stranger', login({ password: { type: 'SecureString', value: 'guess' } })],
    ['nowhere', login({ database: 'nowhere' })],
    ['unknown', login({ server: 'other.corp.example' })],
    ['closed', login({ port: 3306 })],
    [
      'second',
      { ...login({ server: secondHost, port: 6432 }), password: { type: 'SecureString', value: second.password } },
    ],
  ] as const) {
    await estate.linkedService(name, 'AzurePostgreSql', typeProperties);
    await estate.dataset(
      name,
      'AzurePostgreSqlTable',
      name,
      { schema: 'public', table: { value: '@dataset().name', type: 'Expression' } },
      ['name'],
    );
  }
  await server.query('CREATE TABLE films (id int, title text, rating numeric(4, 2), seen timestamptz)');
  await estate.writeText(
    'in.csv',
    'id,title,rating,seen\n1,Ran,8.20,2026-01-31T08:00:00.123456+01:00\n2,"A, ""b""\tc",NULL,NULL\n',
  );
});
after(async () => {
  await Promise.all([server?.close(), second?.close()]);
  await estate?.close();
});

test('before approval nothing reaches the database, and the failure says who has to approve', async () => {
  const error = await estate.fails(
    copyActivity(csv('in.csv'), csvSource, films(), sink),
    'AzurePostgreSqlFailedToConnect',
    'EndpointPending',
  );
  assert.equal(error.details[0]!.host, host);
  assert.match(error.message, /'db'.*waits for the owner of 'db'/);
  assert.deepEqual(
    (await estate.flowsTo(host)).map(({ verdict }) => verdict).filter((verdict) => verdict !== 'denied'),
    [],
  );
  assert.deepEqual(await server.query('SELECT count(*)::int AS n FROM films'), [{ n: 0 }]);
});

test('while it is approved rows go in from a blob and out to a blob, and are looked up by a query', async () => {
  await decide('db', 'Approved');
  // Their column keeps the instant and not its offset: a loss, which has to be allowed.
  await estate.fails(copyActivity(csv('in.csv'), csvSource, films(), sink), 'TypeConversionFailure');
  const translator = { type: 'TabularTranslator', typeConversion: true };
  const written = await estate.succeeds(copyActivity(csv('in.csv'), csvSource, films(), sink, { translator }));
  assert.deepEqual([written.rowsRead, written.rowsCopied, written.filesRead], [2, 2, 1]);
  assert.deepEqual(written.typeConversion, { valuesTruncated: 1 });
  const stored = "SELECT id, title, rating::text, (seen AT TIME ZONE 'UTC')::text AS seen FROM films ORDER BY id";
  assert.deepEqual(await server.query(stored), [
    { id: 1, title: 'Ran', rating: '8.20', seen: '2026-01-31 07:00:00.123456' },
    { id: 2, title: 'A, "b"\tc', rating: null, seen: null },
  ]);
  const read = await estate.succeeds(
    copyActivity(films(), source('SELECT * FROM films ORDER BY id'), csv('out.csv'), csvSink),
  );
  assert.equal(read.rowsCopied, 2);
  assert.equal(
    await estate.readText('out.csv'),
    'id,title,rating,seen\n1,Ran,8.20,2026-01-31 07:00:00.1234560 +00:00\n2,"A, \\"b\\"\tc",NULL,NULL\n',
  );
  const { count, value } = await estate.succeeds(lookup('SELECT title FROM films WHERE rating > 8'));
  assert.deepEqual([count, value], [1, [{ title: 'Ran' }]]);
});

test('a second service has its own name and port, and each endpoint its own state', async () => {
  await estate.fails(lookup('SELECT 2 AS n', 'second'), 'AzurePostgreSqlFailedToConnect', 'EndpointPending');
  await decide('second', 'Approved');
  const { value } = await estate.succeeds(lookup(`SELECT ${second.port} AS n, inet_server_port() AS port`, 'second'));
  assert.deepEqual(value, [{ n: second.port, port: second.port }]);
});

test('a wrong password, database, name or port gives an error that says what to change', async () => {
  const stranger = await estate.fails(lookup('SELECT 1 AS n', 'stranger'), 'AzurePostgreSqlFailedToConnect');
  assert.match(stranger.message, /refused the user name or the password/);
  assert.ok(!JSON.stringify(stranger).includes('guess'));
  const nowhere = await estate.fails(lookup('SELECT 1 AS n', 'nowhere'), 'AzurePostgreSqlFailedToConnect');
  assert.match(nowhere.message, /no such database/);
  await estate.fails(lookup('SELECT 1 AS n', 'unknown'), 'AzurePostgreSqlFailedToConnect', 'PortNotAllowed');
  const closed = await estate.fails(lookup('SELECT 1 AS n', 'closed'), 'AzurePostgreSqlFailedToConnect', 'UnknownPort');
  assert.match(closed.message, new RegExp(`does not serve tcp port 3306; it serves ${server.port}`));
});

test('a query that is under way is cut when its owner rejects, and after that nothing is reached', async () => {
  const sleeping = estate.run(lookup('SELECT pg_sleep(600)::text AS n'));
  const running = 'SELECT pid FROM pg_stat_activity WHERE query LIKE $$SELECT pg_sleep%$$';
  while ((await server.query(running)).length === 0);
  await decide('db', 'Rejected');
  const { status, error } = await sleeping;
  assert.equal(status, 'Failed');
  assert.ok(
    error.details.some(({ code }) => code === 'EndpointRejected'),
    JSON.stringify(error),
  );
  await estate.fails(lookup('SELECT 1 AS n'), 'AzurePostgreSqlFailedToConnect', 'EndpointRejected');
});
