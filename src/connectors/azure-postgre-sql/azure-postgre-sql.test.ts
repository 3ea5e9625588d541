import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runOn, runWith } from '../../../test/copy/activity.ts';
import { runJob } from '../../../test/copy/stage.ts';
import { rowJob } from '../../../test/copy/table.ts';
import { openPostgresStage } from '../../../test/target/postgres-stage.ts';
import type { JsonObject } from '../../base/json.ts';
import type { ResolvedDataset } from '../resolved.ts';

let stage: Awaited<ReturnType<typeof openPostgresStage>>;
before(async () => {
  stage = await openPostgresStage();
});
after(() => stage.close());

const table: typeof stage.table = (...given) => stage.table(...given);
const copyJob = (from: ResolvedDataset, to: ResolvedDataset, parts: Parameters<typeof rowJob>[2] = {}) =>
  rowJob(from, to, {
    ...parts,
    source: { type: 'AzurePostgreSqlSource', ...parts.source },
    sink: { type: 'AzurePostgreSqlSink', ...parts.sink },
  });
const copy = (...job: Parameters<typeof copyJob>) => runJob(copyJob(...job));
const rowsOf = (text: string) => stage.query(text);

const everything = `
  id integer PRIMARY KEY, yes boolean, small smallint, big bigint, real4 real, real8 double precision, exact numeric,
  words text, code character(4), unique_id uuid, bytes bytea, day date, at timestamp, zoned timestamptz, clock time,
  doc jsonb, list integer[], span interval`;
const awkward = [
  `1, true, -32768, 9223372036854775807, 0.1, 1e308, 12345678901234567890123456789012345678.0000000001,
   E'tab\\tline\\nback\\\\slash "東京" \\u{1f600}', 'ab', 'A6F7B1F0-0000-4000-8000-00000000000A', '\\x00017fff',
   '0001-01-01', '1850-01-01 00:00:00.123456', '9999-12-31 23:59:59.999999+00', '23:59:59.999999',
   '{"a": [1, null]}', '{1,NULL,3}', '1 month 2 days'`,
  `2, NULL, NULL, NULL, 'NaN', '-Infinity', NULL, '', NULL, NULL, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL`,
];

test('every type arrives in another table as it was', async () => {
  await rowsOf(
    `CREATE TABLE types (${everything}); INSERT INTO types VALUES (${awkward.join('), (')});
    CREATE TABLE types_copy (LIKE types INCLUDING ALL)`.replaceAll('\\u{1f600}', '\\U0001f600'),
  );
  const output = await copy(table('types'), table('types_copy'));
  assert.deepEqual([output.rowsRead, output.rowsCopied], [2, 2]);
  const [{ same }] = (await rowsOf(
    `SELECT count(*) = 2 AS same FROM types a JOIN types_copy b ON a.id = b.id AND a::text = b::text`,
  )) as [{ same: boolean }];
  assert.ok(same, JSON.stringify(await rowsOf('SELECT types_copy::text FROM types_copy')));
});

test('a table that is not there is made with the columns of the rows, or refused', async () => {
  await assert.rejects(copy(table('types'), table('made')), {
    errorCode: 'AzurePostgreSqlTableNotFound',
    message: /'?public\.made.*does not exist.*autoCreate/,
  });
  await copy(table('types'), table('made'), { sink: { tableOption: 'autoCreate' } });
  const { structure } = await runWith('GetMetadata', table('made'), { fieldList: ['structure'] });
  assert.deepEqual((structure as { name: string; type: string }[]).slice(0, 8), [
    { name: 'id', type: 'integer' },
    { name: 'yes', type: 'boolean' },
    { name: 'small', type: 'smallint' },
    { name: 'big', type: 'bigint' },
    { name: 'real4', type: 'real' },
    { name: 'real8', type: 'double precision' },
    { name: 'exact', type: 'numeric' },
    { name: 'words', type: 'text' },
  ]);
  const { exists } = await runWith('GetMetadata', table('nowhere'), { fieldList: ['exists'] });
  assert.equal(exists, false);
});

test('a query is read with its own columns; Lookup gives them to the pipeline', async () => {
  const query = `SELECT 9007199254740993 AS big, 1.50::numeric AS exact, now() IS NULL AS no, 'x' AS "a b", date '2024-02-29' AS day`;
  const source = { type: 'AzurePostgreSqlSource', query };
  const { firstRow } = await runWith('Lookup', table('types'), { source });
  assert.deepEqual(firstRow, {
    big: '9007199254740993',
    exact: '1.50',
    no: false,
    'a b': 'x',
    day: '2024-02-29T00:00:00Z',
  });
  const none = await runWith('Lookup', table('types'), {
    source: { ...source, query: 'SELECT 1 AS n WHERE false' },
    firstRowOnly: false,
  });
  assert.deepEqual([none.count, none.value], [0, []]);
});

test('the newer name of Azure for servers of one’s own reads by the same client, and is no sink', async () => {
  const { user: username, password, port } = stage.server;
  const dataset: ResolvedDataset = {
    name: 'own',
    type: 'PostgreSqlV2Table',
    typeProperties: { schema: 'public', table: 'types' },
    linkedService: {
      name: 'own',
      type: 'PostgreSqlV2',
      typeProperties: { server: 'db.corp.example', port, database: 'postgres', username, password, sslMode: 2 },
    },
  };
  const { count } = await runWith('Lookup', dataset, { source: { type: 'PostgreSqlV2Source' }, firstRowOnly: false });
  assert.equal(count, 2);
  await assert.rejects(copy(table('types'), dataset, { sink: { type: 'PostgreSqlV2Sink' } }), {
    errorCode: 'UserErrorInvalidProperty',
    message: /PostgreSqlV2 does not support it/,
  });
});

test('many wide rows stream through; rows are added, or put in the place of those with the same keys', async () => {
  await rowsOf(`CREATE TABLE wide AS SELECT n AS id, repeat(md5(n::text), 100) AS filler FROM generate_series(1, 20000) n;
    CREATE TABLE wide_copy (id integer PRIMARY KEY, filler text, note text DEFAULT 'kept')`);
  const output = await copy(table('wide'), table('wide_copy'), {
    sink: { writeMethod: 'BulkInsert', writeBatchSize: 7000 },
  });
  assert.equal(output.rowsCopied, 20_000);
  const same = 'SELECT count(*)::int AS n FROM wide JOIN wide_copy USING (id, filler)';
  assert.deepEqual(await rowsOf(same), [{ n: 20_000 }]);

  const source = {
    query: `SELECT id, 'new' AS filler FROM (VALUES (1), (20001)) v (id) UNION ALL SELECT 1, 'newest'`,
  };
  const sink = { writeMethod: 'Upsert', upsertSettings: { keys: ['ID'] } };
  await copy(table('wide'), table('wide_copy'), { source, sink });
  assert.deepEqual(await rowsOf('SELECT * FROM wide_copy WHERE id IN (1, 20001) ORDER BY id'), [
    { id: 1, filler: 'newest', note: 'kept' },
    { id: 20001, filler: 'new', note: 'kept' },
  ]);
  await assert.rejects(copy(table('wide'), table('wide_copy'), { source: { query: 'SELECT 1 AS id' } }), {
    errorCode: 'AzurePostgreSqlOperationFailed',
    message: /23505/,
  });
  await copy(table('wide'), table('wide_copy'), {
    source,
    sink: { preCopyScript: 'SELECT 1; TRUNCATE wide_copy' },
  }).catch(() => {});
  assert.deepEqual(
    await rowsOf('SELECT count(*)::int AS n FROM wide_copy'),
    [{ n: 0 }],
    'a failed COPY leaves nothing',
  );
});

test('what a column cannot keep is refused, or cut and counted where that is allowed', async () => {
  await rowsOf('CREATE TABLE moments (at timestamp, short time(0), price numeric(9, 2))');
  const from = table('types');
  const source = { query: "SELECT '2024-01-31T08:00:00.1234567'::text AS at" };
  const translator = (settings: JsonObject): JsonObject => ({
    type: 'TabularTranslator',
    typeConversion: true,
    typeConversionSettings: settings,
  });
  await assert.rejects(copy(from, table('moments'), { source }), {
    errorCode: 'TypeConversionFailure',
    message: /column 'at' in row 1.*keeps 6 digits.*allowDataTruncation/,
  });
  const output = await copy(from, table('moments'), {
    source,
    more: { translator: translator({ allowDataTruncation: true }) },
  });
  assert.deepEqual(output.typeConversion, { valuesTruncated: 1 });
  assert.deepEqual(await rowsOf('SELECT at::text FROM moments'), [{ at: '2024-01-31 08:00:00.123456' }]);
  for (const [query, errorCode, message] of [
    ["SELECT 'x' AS at", 'TypeConversionFailure', /no date and time/],
    ['SELECT 1 AS nowhere', 'AzurePostgreSqlInvalidColumnName', /no column 'nowhere'.*at/],
    ["SELECT 'infinity'::timestamp AS at", 'AzurePostgreSqlValueNotSupported', /'infinity'.*[Cc]ast/],
    ["SELECT '12:00:00.5' AS short", 'TypeConversionFailure', /keeps 0 digits/],
    ["SELECT '1.005' AS price", 'TypeConversionFailure', /keeps 2 decimal places/],
    ['SELECT 1/0 AS at', 'AzurePostgreSqlOperationFailed', /22012/],
    ['SELEKT', 'AzurePostgreSqlOperationFailed', /42601/],
    ['SELECT 1; SELECT 2', 'AzurePostgreSqlOperationFailed', /42601/],
  ] as const)
    await assert.rejects(copy(from, table('moments'), { source: { query } }), { errorCode, message }, query);
});

test('a wrong password, database, name or port gives an error that says what to change', async () => {
  const wrong = async (more: JsonObject, message: RegExp) =>
    assert.rejects(
      runWith('Lookup', table('types', more), { source: { type: 'AzurePostgreSqlSource' } }),
      (error: Error) => {
        assert.equal(
          (error as Error & { errorCode?: string }).errorCode,
          'AzurePostgreSqlFailedToConnect',
          error.message,
        );
        assert.match(error.message, message);
        assert.ok(!error.message.includes('wrong horse'));
        return true;
      },
    );
  await wrong({ password: 'wrong horse' }, /refused the user name or the password.*28P01/);
  await wrong({ database: 'nowhere' }, /no such database.*3D000/);
  await wrong({ server: 'other.corp.example' }, /certificate.*ERR_TLS_CERT_ALTNAME_INVALID/);
  await wrong({ server: 'nowhere.example' }, /Check the host and the port.*ENOTFOUND/);
  await wrong({ port: 1 }, /Check the host and the port.*ECONNREFUSED/);
  await assert.rejects(
    runWith('Lookup', table('types', { connectionString: 'nonsense' }), { source: { type: 'AzurePostgreSqlSource' } }),
    { errorCode: 'UserErrorInvalidProperty', message: /connectionString/ },
  );
});

test('one looks around by schemas and tables, and tests a connection by it', async () => {
  await rowsOf(
    `CREATE SCHEMA "o'dd/one"; CREATE TABLE "o'dd/one"."two words" (n int); CREATE VIEW "o'dd/one".seen AS SELECT 1 AS n`,
  );
  const browse = async (path: string) =>
    ((await runOn('Browse', stage.linkedService(), { path })).items as JsonObject[]).map(({ kind, path: at }) => [
      kind,
      at,
    ]);
  assert.deepEqual(await browse(''), [
    ['Schema', "o'dd/one"],
    ['Schema', 'public'],
  ]);
  assert.deepEqual(await browse("o'dd/one"), [
    ['Table', "o'dd/one/seen"],
    ['Table', "o'dd/one/two words"],
  ]);
  await assert.rejects(browse('nowhere'), { errorCode: 'UserErrorInvalidPath' });
  assert.deepEqual(await runOn('TestConnection', stage.linkedService(), {}), {});
  await assert.rejects(runOn('TestConnection', stage.linkedService({ password: 'wrong' }), {}), {
    errorCode: 'AzurePostgreSqlFailedToConnect',
  });
});

test('an abort ends a query that is under way, there too', async () => {
  const controller = new AbortController();
  const source = { query: 'SELECT pg_sleep(600) AS at' };
  const job = runJob(copyJob(table('types'), table('moments'), { source }), controller.signal);
  const running = 'SELECT pid FROM pg_stat_activity WHERE query LIKE $$SELECT pg_sleep%$$';
  while ((await rowsOf(running)).length === 0);
  controller.abort(new Error('enough'));
  await assert.rejects(job, { message: 'enough' });
  while ((await rowsOf(running)).length > 0);
});
