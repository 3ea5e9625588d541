// Copies into tables by way of interim files in a store between.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { contentOf, copyJob, dataset, fill, linkedService, openStage, runJob } from '../../../test/copy/stage.ts';
import { rowJob } from '../../../test/copy/table.ts';
import { openPostgresStage } from '../../../test/target/postgres-stage.ts';
import { openSqlStage } from '../../../test/target/sql-stage.ts';
import type { JsonObject } from '../../base/json.ts';
import type { ResolvedDataset } from '../../connectors/resolved.ts';
import type { ActivityJob } from '../job.ts';

const openAll = () => Promise.all([openStage(), openSqlStage(), openPostgresStage()]);
let opened: Awaited<ReturnType<typeof openAll>>;
const accounts = () => opened[0];
const sql = () => opened[1];
const postgres = () => opened[2];
before(async () => {
  opened = await openAll();
  await fill(accounts().sink, 'staging', {});
});
after(() => Promise.all(opened?.map((one) => one.close()) ?? []));

const reference = { referenceName: 'Between', type: 'LinkedServiceReference' };
const staging = (more: JsonObject = {}): JsonObject => ({
  enableStaging: true,
  stagingSettings: { linkedServiceName: reference, path: 'staging/some/where', ...more },
});
/** The job with the account of the sinks as the store between. */
const between = (job: ActivityJob): ActivityJob => ({
  ...job,
  linkedServices: { between: { ...linkedService(accounts().sink), name: 'Between' } },
});
const job = (
  from: ResolvedDataset,
  to: ResolvedDataset,
  more: JsonObject = {},
  parts: Parameters<typeof rowJob>[2] = {},
) => {
  const side = (given: ResolvedDataset, word: string) => ({ type: given.type.replace('Table', word) });
  return between(
    rowJob(from, to, {
      source: { ...side(from, 'Source'), ...parts.source },
      sink: { ...side(to, 'Sink'), ...parts.sink },
      more: { ...staging(), ...more },
    }),
  );
};
const isEmpty = async () => assert.deepEqual(await contentOf(accounts().sink, 'staging'), {});
const legsOf = ({ executionDetails }: JsonObject) =>
  (executionDetails as { source: JsonObject; sink: JsonObject; status: string }[]).map(
    ({ source, sink, status }) => `${source.type} > ${sink.type}: ${status}`,
  );

const columns =
  'id int, big bigint, exact decimal(38,10), cash money, words nvarchar(max), unique_id uniqueidentifier, bytes varbinary(max), at datetime2(7), zoned datetimeoffset(7), clock time(7), r real, f float, yes bit';
const asText = `SELECT id, CONVERT(varchar(30), big) AS big, CONVERT(varchar(60), exact) AS exact, CONVERT(varchar(30), cash, 2) AS cash, words, unique_id, bytes,
  CONVERT(varchar(30), at, 121) AS at, CONVERT(varchar(40), zoned, 121) AS zoned, CONVERT(varchar(20), clock) AS clock, r, f, yes`;

test('every type arrives as it was, by two legs that the output tells; nothing is left between', async () => {
  const query = (text: string) => sql().query(text);
  await query(`CREATE TABLE types (${columns}); CREATE TABLE types_copy (${columns});
    INSERT INTO types VALUES (1, 9223372036854775807, 1234567890123456789012345678.0123456789, -922337203685477.5808, N'\\N, "東京"', 'A6F7B1F0-0000-4000-8000-00000000000A',
      0x00FF, '0001-01-01', '9999-12-31T23:59:59.999999 +05:30', '23:59:59.999999', 0.5, 1e300, 1), (2, NULL, NULL, NULL, N'', NULL, 0x, NULL, NULL, NULL, NULL, NULL, NULL)`);
  for (const enableCompression of [false, true]) {
    const sink = { preCopyScript: 'DELETE FROM types_copy' };
    const output = await runJob(
      job(sql().table('types'), sql().table('types_copy'), staging({ enableCompression }), { sink }),
    );
    assert.deepEqual([output.rowsRead, output.rowsCopied, output.errors], [2, 2, []]);
    assert.deepEqual(legsOf(output), [
      'AzureSqlDatabase > AzureBlobStorage: Succeeded',
      'AzureBlobStorage > AzureSqlDatabase: Succeeded',
    ]);
    assert.deepEqual(
      await query(`${asText} FROM types_copy ORDER BY id`),
      await query(`${asText} FROM types ORDER BY id`),
    );
    await isEmpty();
  }
});

test('files and parts are each an interim file; mapped, added and skipped columns and rows are as without staging', async () => {
  const { source: account } = accounts();
  await fill(account, 'given', { 'a.csv': 'n,word\n1,one\nx,bad\n', 'b.csv': 'n,word\n2,two\n', 'empty.csv': '' });
  const csv = dataset('DelimitedText', linkedService(account), { container: 'given' }, { firstRowAsHeader: true });
  await postgres().query('CREATE TABLE numbers (n int, word text, file text)');
  const source = {
    type: 'DelimitedTextSource',
    storeSettings: { type: 'AzureBlobStorageReadSettings' },
    additionalColumns: [{ name: 'file', value: '$$FILEPATH' }],
  };
  const mixed = job(csv, postgres().table('numbers'), { enableSkipIncompatibleRow: true }, { source });
  const output = await runJob(mixed);
  assert.deepEqual([output.rowsRead, output.rowsSkipped, output.rowsCopied, output.filesRead], [3, 1, 2, 3]);
  assert.deepEqual(await postgres().query('SELECT * FROM numbers ORDER BY n'), [
    { n: 1, word: 'one', file: 'a.csv' },
    { n: 2, word: 'two', file: 'b.csv' },
  ]);
  await postgres().query('CREATE TABLE many AS SELECT n FROM generate_series(1, 1000) AS n');
  const partitionSettings = { partitionColumnName: 'n' };
  const parts = await runJob(
    job(
      postgres().table('many'),
      postgres().table('many_copied'),
      { parallelCopies: 3 },
      {
        source: { partitionOption: 'DynamicRange', partitionSettings },
        sink: { tableOption: 'autoCreate' },
      },
    ),
  );
  assert.deepEqual([parts.rowsCopied, parts.usedParallelCopies], [1000, 3]);
  const found = await postgres().query('SELECT count(*)::int AS n, sum(n)::int AS sum FROM many_copied');
  assert.deepEqual(found, [{ n: 1000, sum: 500_500 }]);
  await isEmpty();
});

test('interim files are there while they are loaded, and gone after an abort', async () => {
  await postgres().query('CREATE TABLE slow (n int); CREATE TABLE source_rows AS SELECT 7 AS n');
  const { server } = postgres();
  // Whoever loads has to wait for this one.
  const holding = server.query('BEGIN; LOCK TABLE slow; SELECT pg_sleep(600) AS held');
  holding.catch(() => {});
  const held = "SELECT pid FROM pg_stat_activity WHERE query LIKE '%AS held' AND pid <> pg_backend_pid()";
  while ((await server.query(held)).length === 0);
  const controller = new AbortController();
  const copying = runJob(job(postgres().table('source_rows'), postgres().table('slow')), controller.signal);
  const waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'COPY%'";
  while ((await server.query(waiting)).length === 0);
  const files = Object.entries(await contentOf(accounts().sink, 'staging'));
  assert.equal(files.length, 1);
  const [name, bytes] = files[0]!;
  assert.match(name, /^some\/where\/interim-job-1-[0-9a-f]{16}-[0-9a-f-]{36}-00000\.parquet$/);
  assert.equal(String(bytes.subarray(0, 4)), 'PAR1');
  controller.abort(new Error('enough'));
  await assert.rejects(copying, { message: 'enough' });
  await isEmpty();
  await server.query(`SELECT pg_terminate_backend(pid) FROM (${held}) AS one`);
});

test('nothing is left after a failure of the source, of the store between, or of the sink', async () => {
  await postgres().query('CREATE TABLE once (n int PRIMARY KEY); INSERT INTO once VALUES (3)');
  const copy = (query: string, more: JsonObject = {}) =>
    runJob(job(postgres().table('once'), postgres().table('once'), more, { source: { query } }));
  await assert.rejects(copy('SELECT n FROM generate_series(1, 5) AS n'), {
    errorCode: 'AzurePostgreSqlOperationFailed',
    message: /23505/,
  });
  await isEmpty();
  await assert.rejects(copy('SELECT 10 / (n - 30000) AS n FROM generate_series(1, 50000) AS n'), {
    errorCode: 'AzurePostgreSqlOperationFailed',
    message: /22012/,
  });
  await isEmpty();
  const stranger = { ...accounts().sink, key: accounts().source.key };
  const unable = {
    ...job(postgres().table('once'), postgres().table('once')),
    linkedServices: { between: { ...linkedService(stranger), name: 'Between' } },
  };
  await assert.rejects(runJob(unable), { errorCode: 'AzureBlobOperationFailed', message: /refused the credential/ });
  assert.deepEqual(await postgres().query('SELECT n FROM once'), [{ n: 3 }]);
});

test('what staging is not for is refused by name', async () => {
  const { source: account } = accounts();
  const blobs = linkedService(account);
  const [bytes, text] = [
    dataset('Binary', blobs, { container: 'given' }),
    dataset('DelimitedText', blobs, { container: 'given' }),
  ];
  const table = sql().table('types');
  const refused = (given: ActivityJob, message: RegExp) =>
    assert.rejects(runJob(given), { errorCode: 'UserErrorInvalidProperty', message });
  await refused(between(copyJob(bytes, bytes, { more: staging() })), /enableStaging is only supported where rows/);
  await refused(between(copyJob(text, text, { more: staging() })), /enableStaging is only supported where rows/);
  await refused({ ...job(table, table), linkedServices: {} }, /stagingSettings\.linkedServiceName must be a Linked/);
  const lake = { name: 'Between', type: 'AzureBlobFS', typeProperties: { url: 'https://lake.dfs.core.windows.net' } };
  await refused(
    { ...job(table, table, staging({ path: '' })), linkedServices: { between: lake } },
    /stagingSettings\.path must begin with a fileSystem/,
  );
  await refused(job(table, table, staging({ path: 'staging/../x' })), /path must not hold `\.` or `\.\.`/);
  const shares = { name: 'Between', type: 'AzureFileStorage', typeProperties: {} };
  await refused(
    { ...job(table, table), linkedServices: { between: shares } },
    /linkedServiceName is of type AzureFileStorage; interim files go to AzureBlobStorage or AzureBlobFS/,
  );
  for (const name of ['allowPolyBase', 'allowCopyCommand'])
    await refused(job(table, table, {}, { sink: { [name]: true } }), new RegExp(`${name} is a setting of SqlDWSink`));
});
