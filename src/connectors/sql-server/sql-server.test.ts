import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runOn, runWith } from '../../../test/copy/activity.ts';
import { runJob } from '../../../test/copy/stage.ts';
import { rowJob } from '../../../test/copy/table.ts';
import { openSqlStage } from '../../../test/target/sql-stage.ts';
import type { JsonObject } from '../../base/json.ts';
import type { ResolvedDataset } from '../resolved.ts';

let stage: Awaited<ReturnType<typeof openSqlStage>>;
before(async () => {
  stage = await openSqlStage();
});
after(() => stage?.close());

const table: typeof stage.table = (...given) => stage.table(...given);
const rowsOf = (text: string) => stage.query(text);
const copyJob = (from: ResolvedDataset, to: ResolvedDataset, parts: Parameters<typeof rowJob>[2] = {}) =>
  rowJob(from, to, {
    ...parts,
    source: { type: 'AzureSqlSource', ...parts.source },
    sink: { type: 'AzureSqlSink', ...parts.sink },
  });
const copy = (...job: Parameters<typeof copyJob>) => runJob(copyJob(...job));

const everything = `
  id int NOT NULL PRIMARY KEY, yes bit, tiny tinyint, small smallint, big bigint, real4 real, real8 float, exact decimal(38,10),
  short decimal(9,2), cash money, words nvarchar(max), code char(4), name varchar(50), unique_id uniqueidentifier, bytes varbinary(max),
  day date, at datetime2(7), old datetime, zoned datetimeoffset(7), clock time(7)`;
const awkward = [
  `1, 1, 255, -32768, 9223372036854775807, 0.5, 1e300, 1234567890123456789012345678.0123456789, -1234567.89, -922337203685477.5808,
   N'tab	"東京" 😀', 'ab', 'Ångström', 'A6F7B1F0-0000-4000-8000-00000000000A', 0x00017FFF,
   '0001-01-01', '1850-01-01T00:00:00.123456', '2024-02-29T12:00:00.123', '9999-12-31T23:59:59.999999 +05:30', '23:59:59.999999'`,
  `2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, N'', NULL, NULL, NULL, 0x, NULL, NULL, NULL, NULL, NULL`,
];
const asText = `SELECT id, yes, tiny, small, CONVERT(varchar(30), big) AS big, real4, real8, CONVERT(varchar(60), exact) AS exact,
  CONVERT(varchar(30), short) AS short, CONVERT(varchar(30), cash, 2) AS cash, words, code, name, unique_id, bytes, CONVERT(varchar(10), day, 23) AS day,
  CONVERT(varchar(30), at, 121) AS at, CONVERT(varchar(30), old, 121) AS old, CONVERT(varchar(40), zoned, 121) AS zoned, CONVERT(varchar(20), clock) AS clock`;

test('every type arrives in another table as it was', async () => {
  await rowsOf(`CREATE TABLE types (${everything})`);
  await rowsOf(`CREATE TABLE types_copy (${everything})`);
  for (const row of awkward) await rowsOf(`INSERT INTO types VALUES (${row})`);
  const output = await copy(table('types'), table('types_copy'));
  assert.deepEqual([output.rowsRead, output.rowsCopied], [2, 2]);
  const [before, afterwards] = [
    await rowsOf(`${asText} FROM types ORDER BY id`),
    await rowsOf(`${asText} FROM types_copy ORDER BY id`),
  ];
  assert.equal(before[0]!.exact, '1234567890123456789012345678.0123456789');
  assert.deepEqual(afterwards, before);
});

test('a table that is not there is made with the columns of the rows, or refused', async () => {
  await assert.rejects(copy(table('types'), table('made')), {
    errorCode: 'SqlTableNotFound',
    message: /dbo\.made.*does not exist.*autoCreate/,
  });
  const sqlReaderQuery = 'SELECT id, yes, tiny, small, big, real4, real8, short, words, unique_id, zoned FROM types';
  await copy(table('types'), table('made'), { source: { sqlReaderQuery }, sink: { tableOption: 'autoCreate' } });
  const { structure } = await runWith('GetMetadata', table('made'), { fieldList: ['structure'] });
  assert.deepEqual((structure as { name: string; type: string }[]).slice(0, 8), [
    { name: 'id', type: 'int' },
    { name: 'yes', type: 'bit' },
    { name: 'tiny', type: 'tinyint' },
    { name: 'small', type: 'smallint' },
    { name: 'big', type: 'bigint' },
    { name: 'real4', type: 'real' },
    { name: 'real8', type: 'float' },
    { name: 'short', type: 'decimal(38,18)' },
  ]);
  const { exists } = await runWith('GetMetadata', table('nowhere'), { fieldList: ['exists'] });
  assert.equal(exists, false);
});

test('a query is read with its own columns; Lookup gives them, and what a procedure selects', async () => {
  const source = { type: 'AzureSqlSource' };
  const sqlReaderQuery = `SELECT CAST(9007199254740993 AS bigint) AS big, CAST(1.50 AS decimal(9,2)) AS exact, CAST(0 AS bit) AS no, N'x' AS [a b], CAST('2024-02-29' AS date) AS day`;
  const { firstRow } = await runWith('Lookup', table('types'), { source: { ...source, sqlReaderQuery } });
  assert.deepEqual(firstRow, {
    big: '9007199254740993',
    exact: '1.50',
    no: false,
    'a b': 'x',
    day: '2024-02-29T00:00:00Z',
  });
  const none = await runWith('Lookup', table('types'), {
    source: { ...source, sqlReaderQuery: 'SELECT id FROM types WHERE id > 99' },
    firstRowOnly: false,
  });
  assert.deepEqual([none.count, none.value], [0, []]);
  await assert.rejects(
    runWith('Lookup', table('types'), { source: { ...source, sqlReaderQuery: 'SELECT exact FROM types' } }),
    {
      errorCode: 'SqlPrecisionWouldBeLost',
      message: /'exact'.*CONVERT/,
    },
  );
  const kept = await runWith('Lookup', table('types'), {
    source: {
      ...source,
      sqlReaderQuery: 'SELECT id FROM types WHERE ?AdfDynamicRangePartitionCondition',
      partitionOption: 'DynamicRange',
    },
    firstRowOnly: false,
  });
  assert.equal(kept.count, 2);
  await rowsOf(
    'CREATE PROCEDURE pick @id int, @word nvarchar(20) AS SELECT id, @word AS word FROM types WHERE id = @id',
  );
  const called = await runWith('Lookup', table('types'), {
    source: {
      ...source,
      sqlReaderStoredProcedureName: '[dbo].[pick]',
      storedProcedureParameters: { id: { value: '2', type: 'Int32' }, word: { value: "it's" } },
    },
  });
  assert.deepEqual(called.firstRow, { id: 2, word: "it's" });
});

test('many rows stream through; rows are added, or put in the place of those with the same keys', async () => {
  await rowsOf('CREATE TABLE wide (id int, filler nvarchar(max))');
  await rowsOf(
    "CREATE TABLE wide_copy (id int NOT NULL PRIMARY KEY, filler nvarchar(max), number int IDENTITY(1,1), note varchar(10) DEFAULT 'kept')",
  );
  const ids = Array.from({ length: 1000 }, (_, at) => `(${at + 1}, REPLICATE(N'x', 2000))`);
  await rowsOf(`INSERT INTO wide VALUES ${ids.join(', ')}`);
  for (const more of [1000, 2000]) await rowsOf(`INSERT INTO wide SELECT id + ${more}, filler FROM wide`);
  const output = await copy(table('wide'), table('wide_copy'), { sink: { writeBatchSize: 1500 } });
  assert.equal(output.rowsCopied, 4000);
  assert.deepEqual(await rowsOf('SELECT COUNT(*) AS n, MAX(LEN(filler)) AS m FROM wide_copy'), [{ n: 4000, m: 2000 }]);
  const source = {
    sqlReaderQuery: `SELECT id, N'new' AS filler, N'is made by the server' AS number FROM (VALUES (1), (4001)) v (id) UNION ALL SELECT 1, N'newest', N''`,
  };
  const sink = { writeBehavior: 'Upsert', upsertSettings: { keys: ['ID'] } };
  await copy(table('wide'), table('wide_copy'), { source, sink });
  assert.deepEqual(await rowsOf('SELECT id, filler FROM wide_copy WHERE id IN (1, 4001) ORDER BY id'), [
    { id: 1, filler: 'newest' },
    { id: 4001, filler: 'new' },
  ]);
  await assert.rejects(copy(table('wide'), table('wide_copy'), { source: { sqlReaderQuery: 'SELECT 1 AS id' } }), {
    errorCode: 'SqlOperationFailed',
    message: /SqlErrorNumber=2627/,
  });
  await copy(table('wide'), table('wide_copy'), {
    source: { sqlReaderQuery: 'SELECT 7 AS id' },
    sink: { preCopyScript: 'DELETE FROM wide_copy' },
  });
  assert.deepEqual(await rowsOf('SELECT COUNT(*) AS n FROM wide_copy'), [{ n: 1 }]);
});

test('what a column cannot keep is refused, or cut and counted where that is allowed', async () => {
  await rowsOf(
    'CREATE TABLE moments (at datetime2(3), day date, small smalldatetime, old datetime, code varchar(5), price decimal(9,2))',
  );
  const from = table('types');
  const read = (sqlReaderQuery: string) => ({ source: { sqlReaderQuery } });
  const at = read("SELECT N'2024-01-31T08:00:00.1234567' AS at");
  await assert.rejects(copy(from, table('moments'), at), {
    errorCode: 'TypeConversionFailure',
    message: /column 'at' in row 1.*keeps 3 digits.*allowDataTruncation/,
  });
  await assert.rejects(copy(from, table('moments'), read("SELECT N'2024-01-31T08:00:00' AS day")), {
    errorCode: 'TypeConversionFailure',
    message: /whole days/,
  });
  const translator = { type: 'TabularTranslator', typeConversion: true };
  const cut = read(
    "SELECT N'2024-01-31T08:00:59.1234567' AS at, N'2024-01-31T08:00:00' AS day, N'2024-01-31T08:00:59' AS small, N'2024-01-31T08:00:59.001' AS old, N'1.009' AS price",
  );
  const output = await copy(from, table('moments'), { ...cut, more: { translator } });
  assert.deepEqual(output.typeConversion, { valuesTruncated: 5 });
  const stored =
    'SELECT CONVERT(varchar(30), at, 121) AS at, CONVERT(varchar(10), day, 23) AS day, CONVERT(varchar(20), small, 120) AS small, CONVERT(varchar(23), old, 121) AS old FROM moments';
  assert.deepEqual(await rowsOf(stored), [
    {
      at: '2024-01-31 08:00:59.123',
      day: '2024-01-31',
      small: '2024-01-31 08:00:00',
      old: '2024-01-31 08:00:59.000',
    },
  ]);
  await copy(from, table('moments'), read("SELECT N'2024-01-31T08:00:59.007' AS old, N'é€' AS code"));
  assert.deepEqual(
    await rowsOf('SELECT code, CONVERT(varchar(23), old, 121) AS old FROM moments WHERE code IS NOT NULL'),
    [{ code: 'é€', old: '2024-01-31 08:00:59.007' }],
  );
  for (const [query, errorCode, message] of [
    ["SELECT N'x' AS at", 'TypeConversionFailure', /no date and time/],
    ['SELECT 1 AS nowhere', 'SqlInvalidColumnName', /no column 'nowhere'.*at/],
    ["SELECT N'1850-01-01T00:00:00' AS small", 'TypeConversionFailure', /Out of range/],
    ["SELECT N'too long' AS code", 'SqlBulkCopyInvalidColumnLength', /SqlErrorNumber=4815/],
    ["SELECT N'2024-01-31T08:00:59.008' AS old", 'TypeConversionFailure', /three hundredth.*allowDataTruncation/],
    ["SELECT N'12345678' AS price", 'TypeConversionFailure', /'price' in row 1.*more than 7 digits before/],
    ["SELECT N'1.005' AS price", 'TypeConversionFailure', /keeps 2 decimal places.*allowDataTruncation/],
    ['SELECT 1/0 AS at', 'SqlOperationFailed', /SqlErrorNumber=8134/],
    ['SELEKT', 'SqlOperationFailed', /SqlErrorNumber=(2812|102)/],
    ['SELECT x FROM nowhere', 'SqlOperationFailed', /SqlErrorNumber=208/],
  ] as const)
    await assert.rejects(copy(from, table('moments'), read(query)), { errorCode, message }, query);
});

test('a wrong password, database, name or port gives an error that says what to change', async () => {
  const wrong = async (more: JsonObject, message: RegExp) =>
    assert.rejects(runWith('Lookup', table('types', more), { source: { type: 'AzureSqlSource' } }), (error: Error) => {
      assert.equal((error as Error & { errorCode?: string }).errorCode, 'SqlFailedToConnect', error.message);
      assert.match(error.message, message);
      assert.ok(!error.message.includes('wrong horse'));
      return true;
    });
  await wrong({ password: 'wrong horse' }, /refused the user name or the password.*SqlErrorNumber=18456/);
  await wrong({ database: 'nowhere' }, /database does not exist.*SqlErrorNumber=4060/);
  await wrong({ server: `other.database.windows.net,${stage.port}` }, /certificate/);
  await wrong({ server: 'nowhere.example' }, /Check the linked service configuration.*ENOTFOUND/);
  await wrong({ server: 'acme.database.windows.net,1' }, /Check the linked service configuration.*ESOCKET/);
});

test('one looks around by schemas and tables, and tests a connection by it', async () => {
  const browse = async (path: string) => (await runOn('Browse', stage.linkedService(), { path })).items as JsonObject[];
  assert.deepEqual(await browse(''), [{ name: 'dbo', kind: 'Schema', path: 'dbo' }]);
  assert.ok((await browse('dbo')).some(({ kind, path }) => kind === 'Table' && path === 'dbo/types'));
  await assert.rejects(browse("dbo' OR 1=1 --"), { errorCode: 'UserErrorInvalidPath' });
  assert.deepEqual(await runOn('TestConnection', stage.linkedService(), {}), {});
  await assert.rejects(runOn('TestConnection', stage.linkedService({ database: 'nowhere' }), {}), {
    errorCode: 'SqlFailedToConnect',
    message: /4060/,
  });
});
