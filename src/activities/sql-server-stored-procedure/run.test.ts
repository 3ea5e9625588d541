// The activities that run statements, on SQL Server: stored procedures, and scripts with parameters.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runOn } from '../../../test/copy/activity.ts';
import { openSqlStage } from '../../../test/target/sql-stage.ts';
import type { Json, JsonObject } from '../../base/json.ts';

let stage: Awaited<ReturnType<typeof openSqlStage>>;
before(async () => {
  stage = await openSqlStage();
  await stage.query(
    'CREATE TABLE seen (id bigint, word nvarchar(50), price decimal(38,10), at datetime2(6), good bit)',
  );
  await stage.query(
    `CREATE PROCEDURE note @id bigint, @word nvarchar(50), @price decimal(38,10) = 0, @at datetime2(6) = NULL, @good bit = 1
     AS BEGIN INSERT INTO seen VALUES (@id, @word, @price, @at, @good); SELECT 'nobody reads this' AS x END`,
  );
});
after(() => stage?.close());

const call = (storedProcedureName: string, storedProcedureParameters: JsonObject = {}) =>
  runOn('SqlServerStoredProcedure', stage.linkedService(), { storedProcedureName, storedProcedureParameters });
const script = (scripts: Json, more: JsonObject = {}) => runOn('Script', stage.linkedService(), { scripts, ...more });
const typed = (type: string, value: Json): JsonObject => ({ type, value });

test('a procedure is called with typed arguments, every digit of them', async () => {
  const output = await call('[dbo].[note]', {
    id: typed('Int64', '9007199254740993'),
    word: typed('String', "it's; DROP TABLE seen --"),
    price: typed('Decimal', '1234567890123456789012345678.0123456789'),
    at: typed('DateTime', '1850-01-01T00:00:00.123456'),
    good: typed('Boolean', 'false'),
  });
  assert.equal(output.effectiveIntegrationRuntime, 'sealed (West Europe)');
  await call('note', { '@id': 2, word: null });
  assert.deepEqual(
    await stage.query(
      'SELECT id, word, CONVERT(varchar(60), price) AS price, CONVERT(varchar(30), at, 121) AS at, good FROM seen ORDER BY id',
    ),
    [
      { id: '2', word: null, price: '0.0000000000', at: null, good: true },
      {
        id: '9007199254740993',
        word: "it's; DROP TABLE seen --",
        price: '1234567890123456789012345678.0123456789',
        at: '1850-01-01 00:00:00.123456',
        good: false,
      },
    ],
  );
});

test('a procedure that is not there, that fails, or an argument that is none names its error', async () => {
  await assert.rejects(call('nowhere'), { errorCode: 'SqlOperationFailed', message: /SqlErrorNumber=2812/ });
  await assert.rejects(call('note', { id: 1 }), { errorCode: 'SqlOperationFailed', message: /SqlErrorNumber=201/ });
  await stage.query("CREATE PROCEDURE refuse AS THROW 50123, 'Not today', 1");
  await assert.rejects(call('refuse'), {
    errorCode: 'SqlOperationFailed',
    message: /'Not today'.*SqlErrorNumber=50123/,
  });
  for (const [argument, message] of [
    [typed('Int32', 'many'), /id\.value cannot be made a Int32/],
    [typed('Number', 1), /id\.type must be a type/],
  ] as const)
    await assert.rejects(call('note', { id: argument, word: '' }), { errorCode: 'UserErrorInvalidProperty', message });
  await assert.rejects(call(''), { errorCode: 'UserErrorInvalidProperty', message: /storedProcedureName/ });
});

test('scripts run in order by one connection, with parameters both ways', async () => {
  const output = await script(
    [
      { type: 'NonQuery', text: 'CREATE TABLE #mine (n int); INSERT INTO #mine VALUES (1), (2), (3)' },
      {
        type: 'Query',
        text: "SELECT n FROM #mine WHERE n > @least ORDER BY n; SET @most = (SELECT MAX(n) FROM #mine); PRINT N'counted'",
        parameters: [
          { name: 'least', type: 'Int32', value: 1, direction: 'Input' },
          { name: 'most', type: 'Int32', value: null, direction: 'Output' },
        ],
      },
      { type: 'NonQuery', text: 'DELETE FROM #mine WHERE n = 2' },
    ],
    { logSettings: { logDestination: 'ActivityOutput' } },
  );
  assert.deepEqual(
    [output.resultSets, output.recordsAffected, output.outputParameters, output.outputLogs],
    [[{ rowCount: 2, rows: [{ n: 2 }, { n: 3 }] }], 4, { most: 3 }, 'counted'],
  );
  await assert.rejects(script([{ type: 'Query', text: 'SELECT x FROM nowhere' }]), {
    errorCode: 'SqlOperationFailed',
    message: /SqlErrorNumber=208/,
  });
});

test('a script that takes too long is ended, and so is one that is given up', async () => {
  await stage.query(
    `CREATE TABLE many (n int); INSERT INTO many VALUES ${Array.from({ length: 999 }, (_, n) => `(${n})`).join()}`,
  );
  const text =
    'SELECT MAX(a.n * b.n + c.n * d.n) AS x FROM many a CROSS JOIN many b CROSS JOIN many c CROSS JOIN many d';
  const slow = [{ type: 'Query', text }];
  await assert.rejects(script(slow, { scriptBlockExecutionTimeout: '00:00:01' }), { errorCode: 'ScriptTimedOut' });
  const controller = new AbortController();
  const running = runOn('Script', stage.linkedService(), { scripts: slow }, controller.signal);
  setImmediate(() => controller.abort(new Error('enough')));
  await assert.rejects(running, { message: 'enough' });
});
