import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runOn } from '../../../test/copy/activity.ts';
import { openPostgresStage } from '../../../test/target/postgres-stage.ts';
import type { Json, JsonObject } from '../../base/json.ts';

let stage: Awaited<ReturnType<typeof openPostgresStage>>;
before(async () => {
  stage = await openPostgresStage();
});
after(() => stage.close());

const query = (text: string): JsonObject => ({ type: 'Query', text });
const nonQuery = (text: string): JsonObject => ({ type: 'NonQuery', text });
const script = (scripts: Json, more: JsonObject = {}) => runOn('Script', stage.linkedService(), { scripts, ...more });

test('scripts run in order, by one connection, and answer with their result sets and what they wrote', async () => {
  const output = await script([
    nonQuery('CREATE TABLE people (id int, name text); CREATE TEMP TABLE mine AS SELECT 7 AS n'),
    query(
      "INSERT INTO people VALUES (1, 'Ada'), (2, NULL); UPDATE people SET id = id; SELECT * FROM people ORDER BY id; SELECT n FROM mine",
    ),
    nonQuery('SELECT 1 AS unseen'),
    query('SELECT 9007199254740993 AS big WHERE false'),
  ]);
  assert.deepEqual(
    [output.resultSetCount, output.resultSets, output.recordsAffected, output.outputTruncated],
    [
      3,
      [
        {
          rowCount: 2,
          rows: [
            { id: 1, name: 'Ada' },
            { id: 2, name: null },
          ],
        },
        { rowCount: 1, rows: [{ n: 7 }] },
        { rowCount: 0, rows: [] },
      ],
      4,
      false,
    ],
  );
  assert.equal(output.effectiveIntegrationRuntime, 'sealed (West Europe)');
  const nothing = await script([query('SELECT 1 AS n')]);
  assert.equal(nothing.recordsAffected, -1, 'where nothing is written, as in Azure');
});

test('what is printed is told where it is asked for, and too many rows are counted and cut', async () => {
  const printing = [query("DO $$ BEGIN RAISE NOTICE 'half way'; END $$")];
  const logSettings = { logDestination: 'ActivityOutput' };
  assert.equal((await script(printing, { logSettings })).outputLogs, 'half way');
  assert.equal((await script(printing)).outputLogs, '');
  const many = await script([query('SELECT n FROM generate_series(1, 5001) n; SELECT 1 AS last')]);
  const [first, last] = many.resultSets as { rowCount: number; rows: Json[] }[];
  assert.deepEqual([first!.rowCount, first!.rows.length, last!.rows, many.outputTruncated], [5001, 5000, [], true]);
  const wide = await script([query("SELECT repeat('x', 1000000) AS x FROM generate_series(1, 6)")]);
  assert.equal(wide.outputTruncated, true);
  assert.ok(Buffer.byteLength(JSON.stringify(wide)) < 4.2 * 2 ** 20);
});

test('what fails names its error, and what was done before stays', async () => {
  await assert.rejects(script([nonQuery('CREATE TABLE early (n int)'), query('SELECT 1/0')]), {
    errorCode: 'AzurePostgreSqlOperationFailed',
    message: /22012/,
  });
  assert.deepEqual(await stage.query('SELECT count(*)::int AS n FROM early'), [{ n: 0 }]);
  const slow = { scriptBlockExecutionTimeout: '00:00:01' };
  await assert.rejects(script([query('SELECT pg_sleep(600)')], slow), {
    errorCode: 'ScriptTimedOut',
    message: /scripts\[0\] took longer.*1 seconds/,
  });
});

test('what cannot be run is refused by name, before anything is sent', async () => {
  const refusal = (name: RegExp) => ({ errorCode: 'UserErrorInvalidProperty', message: name });
  await assert.rejects(script([]), refusal(/scripts must hold at least one/));
  await assert.rejects(script([{ type: 'Query' }]), refusal(/scripts\[0\]\.text/));
  await assert.rejects(script([{ type: 'Select', text: 'SELECT 1' }]), refusal(/scripts\[0\]\.type/));
  await assert.rejects(script([query('SELECT 1')], { scriptBlockExecutionTimeout: 'soon' }), refusal(/Timeout/));
  await assert.rejects(
    script([query('SELECT 1')], { logSettings: { logDestination: 'ExternalStore' } }),
    refusal(/log/),
  );
  const parameters = [{ name: 'n', type: 'Int32', value: 1 }];
  await assert.rejects(script([{ ...query('SELECT 1'), parameters }]), refusal(/PostgreSQL/));
  const blob = { name: 'blobs', type: 'AzureBlobStorage', typeProperties: {} };
  await assert.rejects(runOn('Script', blob, { scripts: [query('SELECT 1')] }), {
    errorCode: 'UserErrorUnsupportedStore',
    message: /AzureBlobStorage.*AzureSqlDatabase/,
  });
  await assert.rejects(runOn('Script', null, { scripts: [query('SELECT 1')] }), {
    errorCode: 'UserErrorInvalidActivity',
  });
});
