// A table of PostgreSQL that is read in parts, each by a query of its own over a connection of its own.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runWith } from '../../../test/copy/activity.ts';
import { runJob } from '../../../test/copy/stage.ts';
import { rowJob } from '../../../test/copy/table.ts';
import { openPostgresStage } from '../../../test/target/postgres-stage.ts';
import type { JsonObject } from '../../base/json.ts';

let stage: Awaited<ReturnType<typeof openPostgresStage>>;
before(async () => {
  stage = await openPostgresStage();
  await rowsOf(`CREATE TABLE events (id bigint PRIMARY KEY, small smallint, day date, at timestamp, zoned timestamptz);
    INSERT INTO events SELECT n, nullif(n % 7, 0), date '2024-01-01' + n, timestamp '2024-01-01' + n * interval '0.000001 seconds',
      CASE WHEN n % 3 > 0 THEN timestamptz '2024-01-01 00:00:00+05:30' + n * interval '1 hour' END FROM generate_series(1, 500) AS n;
    CREATE TABLE copied (LIKE events);
    CREATE TABLE by_year (id int, year int) PARTITION BY RANGE (year);
    CREATE TABLE old PARTITION OF by_year FOR VALUES FROM (1900) TO (2000);
    CREATE TABLE "new ones" PARTITION OF by_year DEFAULT;
    INSERT INTO by_year SELECT n, 1950 + n FROM generate_series(1, 100) AS n;
    CREATE TABLE by_year_copied (id int, year int)`);
});
after(() => stage?.close());

const table = (name: string) => stage.table(name);
const rowsOf = (text: string) => stage.query(text);
const job = (source: JsonObject, more: JsonObject = {}, from = 'events', to = 'copied') =>
  rowJob(table(from), table(to), {
    source: { type: 'AzurePostgreSqlSource', partitionOption: 'DynamicRange', ...source },
    sink: { type: 'AzurePostgreSqlSink', preCopyScript: `DELETE FROM ${to}` },
    more,
  });
const copy = (...given: Parameters<typeof job>) => runJob(job(...given));
const difference = `SELECT count(*)::int AS n FROM (
  (SELECT * FROM events EXCEPT ALL SELECT * FROM copied) UNION ALL (SELECT * FROM copied EXCEPT ALL SELECT * FROM events)) AS d`;

test('every row comes once, also without a value in the column and beyond the bounds', async () => {
  for (const partitionSettings of [
    {},
    { partitionColumnName: 'id', partitionLowerBound: '20', partitionUpperBound: '80' },
    { partitionColumnName: 'small' },
    { partitionColumnName: 'day', partitionUpperBound: '2024-03-01' },
    { partitionColumnName: 'at' },
    { partitionColumnName: 'zoned', partitionLowerBound: '2030-01-01T00:00:00Z' },
  ]) {
    const shown = JSON.stringify(partitionSettings);
    const output = await copy({ partitionSettings }, { parallelCopies: 7 });
    assert.deepEqual(await rowsOf(difference), [{ n: 0 }], shown);
    assert.equal(output.rowsCopied, 500, shown);
    assert.ok(Number(output.usedParallelCopies) > 1, shown);
  }
});

test('a query with its own two ends is divided between the bounds, which then filter, as in Azure', async () => {
  const query = `SELECT * FROM ?AdfTabularPartitionName
    WHERE ?AdfRangePartitionColumnName <= ?AdfRangePartitionUpbound AND ?AdfRangePartitionColumnName >= ?AdfRangePartitionLowbound AND id > 10`;
  for (const [partitionSettings, rows] of [
    [{ partitionColumnName: 'id', partitionLowerBound: '1', partitionUpperBound: '80' }, 70],
    [{}, 490],
    [{ partitionColumnName: 'at', partitionLowerBound: '2024-01-01T00:00:00.000021' }, 480],
    [{ partitionColumnName: 'day', partitionUpperBound: '2024-01-21' }, 10],
    [{ partitionColumnName: 'small' }, 420],
    [{ partitionColumnName: 'id', partitionLowerBound: '600' }, 0],
  ] as const) {
    const shown = JSON.stringify(partitionSettings);
    const output = await copy({ query, partitionSettings });
    const [found] = await rowsOf('SELECT count(*)::int AS n, count(DISTINCT id)::int AS ids FROM copied');
    assert.deepEqual([output.rowsCopied, found], [rows, { n: rows, ids: rows }], shown);
  }
  const source = { type: 'AzurePostgreSqlSource', partitionOption: 'DynamicRange', query };
  const bounds = { partitionColumnName: 'id', partitionLowerBound: '1', partitionUpperBound: '80' };
  const { count } = await runWith('Lookup', table('events'), {
    source: { ...source, partitionSettings: bounds },
    firstRowOnly: false,
  });
  assert.equal(count, 70);
});

test('parts are connections of their own, and all are under way at once', async () => {
  // Each part waits until four are there.
  await rowsOf(`CREATE SEQUENCE arrivals; CREATE FUNCTION meet() RETURNS int LANGUAGE plpgsql VOLATILE AS $$ BEGIN
    PERFORM nextval('arrivals');
    WHILE (SELECT last_value FROM arrivals) < 4 LOOP PERFORM pg_sleep(0.002); END LOOP;
    RETURN pg_backend_pid(); END $$`);
  const query = `WITH met AS MATERIALIZED (SELECT meet() AS pid)
    SELECT id, met.pid::bigint AS small FROM events, met WHERE ?AdfDynamicRangePartitionCondition`;
  const bounds = { partitionColumnName: 'id', partitionLowerBound: '100', partitionUpperBound: '300' };
  await rowsOf('CREATE TABLE met (id bigint, small bigint)');
  const output = await copy({ query, partitionSettings: bounds, queryTimeout: '00:00:30' }, {}, 'events', 'met');
  assert.equal(output.usedParallelCopies, 4);
  const found = await rowsOf('SELECT count(DISTINCT small)::int AS connections, count(*)::int AS n FROM met');
  assert.deepEqual(found, [{ connections: 4, n: 500 }]);
});

test('physical partitions are read each by itself, all or those that are named; a table without any as one', async () => {
  const stored = (more: JsonObject, from = 'by_year') =>
    copy(
      { partitionOption: 'PhysicalPartitionsOfTable', ...more },
      {},
      from,
      from === 'events' ? 'copied' : 'by_year_copied',
    );
  const years = () => rowsOf('SELECT count(*)::int AS n, min(year) AS first, max(year) AS last FROM by_year_copied');
  assert.equal((await stored({})).usedParallelCopies, 2);
  assert.deepEqual(await years(), [{ n: 100, first: 1951, last: 2050 }]);
  const partitionSettings = { partitionNames: ['new ones'] };
  const query = 'SELECT * FROM ?AdfTabularPartitionName WHERE year < 2010';
  assert.equal((await stored({ query, partitionSettings })).rowsCopied, 10);
  assert.deepEqual(await years(), [{ n: 10, first: 2000, last: 2009 }]);
  await assert.rejects(stored({ partitionSettings: { partitionNames: ['events'] } }), {
    errorCode: 'UserErrorInvalidProperty',
    message: /partitionNames names 'events', which is no partition of public\.by_year/,
  });
  assert.equal((await stored({}, 'events')).usedParallelCopies, 1);
  assert.deepEqual(await rowsOf(difference), [{ n: 0 }]);
});

test('a part that fails ends the queries of the others, and so does an abort', async () => {
  const running = 'SELECT pid FROM pg_stat_activity WHERE query LIKE $$SELECT id FROM events CROSS JOIN%$$';
  const query = (more: string) =>
    `SELECT id FROM events CROSS JOIN (SELECT pg_sleep(${more})) AS slow WHERE ?AdfDynamicRangePartitionCondition`;
  const bounds = { partitionColumnName: 'id', partitionLowerBound: '100', partitionUpperBound: '300' };
  const controller = new AbortController();
  const slow = runJob(job({ query: query('600'), partitionSettings: bounds }), controller.signal);
  while ((await rowsOf(running)).length < 4);
  controller.abort(new Error('enough'));
  await assert.rejects(slow, { message: 'enough' });
  while ((await rowsOf(running)).length > 0);

  await rowsOf(`CREATE FUNCTION stop_at(id bigint) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN
    IF id > 300 THEN RAISE EXCEPTION 'no more'; END IF; PERFORM pg_sleep(600); RETURN id; END $$`);
  const bad = 'SELECT stop_at(id) AS id FROM events WHERE ?AdfDynamicRangePartitionCondition';
  await assert.rejects(copy({ query: bad, partitionSettings: bounds }), {
    errorCode: 'AzurePostgreSqlOperationFailed',
    message: /no more/,
  });
  while ((await rowsOf('SELECT pid FROM pg_stat_activity WHERE query LIKE $$SELECT stop_at%$$')).length > 0);
});
