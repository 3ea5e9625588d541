// A table of SQL Server that is read in parts, each by a query of its own.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runWith } from '../../../test/copy/activity.ts';
import { openStages } from '../../../test/copy/several-stages.ts';
import { contentOf, dataset, fill, linkedService, openStage, runJob } from '../../../test/copy/stage.ts';
import { rowJob } from '../../../test/copy/table.ts';
import { openSqlStage } from '../../../test/target/sql-stage.ts';
import type { JsonObject } from '../../base/json.ts';

let opened: Awaited<ReturnType<typeof openBoth>>;
const openBoth = () => openStages(openStage, openSqlStage);
const accounts = () => opened.stages[0];
const database = () => opened.stages[1];
before(async () => {
  opened = await openBoth();
  await rowsOf(`CREATE TABLE events (id int NOT NULL PRIMARY KEY, small smallint, day date, at datetime2(7), zoned datetimeoffset(7), old datetime, name nvarchar(20));
    CREATE TABLE copied (id int, small smallint, day date, at datetime2(7), zoned datetimeoffset(7), old datetime, name nvarchar(20))`);
  const rows = Array.from({ length: 300 }, (_, at) => {
    const day = new Date(Date.UTC(2024, 0, 1 + at)).toISOString().slice(0, 10);
    const has = at % 7 !== 0;
    const nullable = (text: string) => (has ? `'${text}'` : 'NULL');
    return `(${at + 1}, ${has ? at - 150 : 'NULL'}, ${nullable(day)}, ${nullable(`${day}T08:00:00.123456`)}, ${nullable(`${day}T08:00:00+05:30`)}, ${nullable(`${day}T08:00:00`)}, N'n${at}')`;
  });
  await rowsOf(`INSERT INTO events VALUES ${rows.join(', ')}`);
});
after(() => opened?.close());

const table = (name: string) => database().table(name);
const rowsOf = (text: string) => database().query(text);
const copy = (source: JsonObject, more: JsonObject = {}, from = 'events') =>
  runJob(
    rowJob(table(from), table('copied'), {
      source: { type: 'AzureSqlSource', partitionOption: 'DynamicRange', ...source },
      sink: { type: 'AzureSqlSink', preCopyScript: 'DELETE FROM copied' },
      more,
    }),
  );
const facts = 'COUNT(*) AS n, COUNT(DISTINCT id) AS ids, COUNT(small) AS smalls';
const isWhole = async (message: string) =>
  assert.deepEqual(await rowsOf(`SELECT ${facts} FROM copied`), [{ n: 300, ids: 300, smalls: 257 }], message);

test('every row comes once, also without a value in the column and beyond the bounds; parts are read at once', async () => {
  for (const [partitionColumnName, lower, upper] of [
    ['id', '20', '80'],
    ['SMALL', undefined, '0'],
    ['day', '2024-02-01', '2024-03-01'],
    ['at', undefined, undefined],
    ['zoned', '2024-02-01', undefined],
    [undefined, undefined, undefined],
  ] as const) {
    const partitionSettings = {
      ...(partitionColumnName && { partitionColumnName }),
      ...(lower !== undefined && { partitionLowerBound: lower }),
      ...(upper !== undefined && { partitionUpperBound: upper }),
    };
    const shown = JSON.stringify(partitionSettings);
    const output = await copy({ partitionSettings }, { parallelCopies: 3 });
    await isWhole(shown);
    assert.deepEqual([output.rowsRead, output.rowsCopied], [300, 300], shown);
    assert.ok(Number(output.usedParallelCopies) > 1 && Number(output.usedParallelCopies) <= 3, shown);
    assert.ok(Number(output.sourcePeakConnections) > 1, shown);
  }
});

test('a query is divided where its condition stands, in a query inside of it too', async () => {
  const partitionSettings = { partitionColumnName: 'id', partitionLowerBound: '20', partitionUpperBound: '80' };
  for (const sqlReaderQuery of [
    'SELECT * FROM events WHERE ?AdfDynamicRangePartitionCondition AND small IS NOT NULL',
    'SELECT * FROM (SELECT * FROM events WHERE ?DfDynamicRangePartitionCondition) AS t WHERE small IS NOT NULL',
  ]) {
    const output = await copy({ sqlReaderQuery, partitionSettings });
    assert.deepEqual(await rowsOf(`SELECT ${facts} FROM copied`), [{ n: 257, ids: 257, smalls: 257 }]);
    assert.equal(output.usedParallelCopies, 4);
  }
  const sqlReaderQuery = 'SELECT * FROM events WHERE ?AdfDynamicRangePartitionCondition;';
  await copy({ sqlReaderQuery, partitionSettings: { partitionColumnName: 'at' } });
  await isWhole('found bounds of a query');
});

test('a table without rows, a lookup, and a table that is stored as one are read as one', async () => {
  await rowsOf('CREATE TABLE none (id int NOT NULL PRIMARY KEY)');
  const empty = await copy({}, {}, 'none');
  assert.deepEqual([empty.rowsRead, empty.usedParallelCopies], [0, 1]);
  const stored = await copy({ partitionOption: 'PhysicalPartitionsOfTable' });
  assert.equal(stored.usedParallelCopies, 1);
  await isWhole('physical');
  const source = { type: 'AzureSqlSource', partitionOption: 'DynamicRange' };
  const { count } = await runWith('Lookup', table('events'), { source, firstRowOnly: false });
  assert.equal(count, 300);
});

test('parts go to files of their own in a folder, and to the one file that is named', async () => {
  const account = accounts().sink;
  await fill(account, 'parts', {});
  const csv = (location: JsonObject) =>
    dataset('DelimitedText', linkedService(account), { container: 'parts', ...location }, { firstRowAsHeader: true });
  const toFiles = (location: JsonObject, format: JsonObject) =>
    runJob(
      rowJob(table('events'), csv(location), {
        source: { type: 'AzureSqlSource', partitionOption: 'DynamicRange' },
        sink: {
          storeSettings: { type: 'AzureBlobStorageWriteSettings' },
          formatSettings: { type: 'DelimitedTextWriteSettings', ...format },
        },
        more: { parallelCopies: 3 },
      }),
    );
  const idsIn = (text: string) =>
    text
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => Number(line.split(',')[0]));
  const all = Array.from({ length: 300 }, (_, at) => at + 1);
  const one = await toFiles({ fileName: 'one.csv' }, {});
  assert.deepEqual([one.usedParallelCopies, one.filesWritten], [3, 1]);
  const { 'one.csv': file, ...others } = await contentOf(account, 'parts');
  assert.deepEqual(others, {});
  assert.deepEqual(
    idsIn(String(file)).sort((a, b) => a - b),
    all,
  );

  const many = await toFiles(
    { folderPath: 'many' },
    { fileExtension: '.csv', fileNamePrefix: 'x', maxRowsPerFile: 60 },
  );
  assert.deepEqual([many.usedParallelCopies, many.filesWritten], [3, 6]);
  const { 'one.csv': _, ...parts } = await contentOf(account, 'parts');
  assert.ok(
    Object.keys(parts).every((name) => /^many\/data_[0-9a-f_-]+_0000[01]\.csv$/.test(name)),
    Object.keys(parts).join(),
  );
  assert.deepEqual(
    Object.values(parts)
      .flatMap((part) => idsIn(String(part)))
      .sort((a, b) => a - b),
    all,
  );
});

test('what cannot be divided is refused by name', async () => {
  await rowsOf('CREATE TABLE loose (word nvarchar(10), price decimal(9,2)); CREATE PROCEDURE give AS SELECT 1 AS id');
  const refused = (source: JsonObject, errorCode: string, message: RegExp, from?: string) =>
    assert.rejects(copy(source, {}, from), { errorCode, message }, JSON.stringify(source));
  const noColumn = 'SqlParallelFailedToDetectPartitionColumn';
  await refused({}, noColumn, /no key or index of the table dbo\.loose/, 'loose');
  await refused({ partitionSettings: { partitionColumnName: 'price' } }, noColumn, /'price'.*decimal\(9,2\)/, 'loose');
  await refused({ partitionSettings: { partitionColumnName: 'nowhere' } }, noColumn, /no column 'nowhere'/);
  await refused({ sqlReaderQuery: 'SELECT 1 AS id WHERE ?AdfDynamicRangePartitionCondition' }, noColumn, /no keys/);
  const named = { partitionSettings: { partitionColumnName: 'id' } };
  const unseen = 'SELECT name FROM events WHERE ?AdfDynamicRangePartitionCondition';
  await refused({ ...named, sqlReaderQuery: unseen }, noColumn, /SqlErrorNumber=207.*Give both partitionLowerBound/);
  const bounds = { partitionColumnName: 'id', partitionLowerBound: '1', partitionUpperBound: '300' };
  assert.equal((await copy({ sqlReaderQuery: unseen, partitionSettings: bounds })).rowsCopied, 300);
  for (const sqlReaderQuery of [
    'SELECT * FROM events',
    'SELECT * FROM events WHERE id <= ?AdfRangePartitionUpbound AND id >= ?AdfRangePartitionLowbound',
  ])
    await refused({ ...named, sqlReaderQuery }, 'UserErrorInvalidProperty', /sqlReaderQuery must hold \?AdfDynamic/);
  await refused({ sqlReaderStoredProcedureName: 'give' }, 'UserErrorInvalidProperty', /partitionOption must be None/);
  await refused({ partitionOption: 'Hash' }, 'UserErrorInvalidProperty', /partitionOption must be one of/);
  await refused(
    { partitionSettings: { partitionColumnName: 'day', partitionLowerBound: '1' } },
    'UserErrorInvalidProperty',
    /partitionLowerBound must be a date/,
  );
});

test('a part that fails ends the others, and an abort ends all', async () => {
  const partitionSettings = { partitionColumnName: 'id' };
  const sqlReaderQuery = 'SELECT id, 1 / (id - 7) AS small FROM events WHERE ?AdfDynamicRangePartitionCondition';
  await assert.rejects(copy({ sqlReaderQuery, partitionSettings }), {
    errorCode: 'SqlOperationFailed',
    message: /SqlErrorNumber=8134/,
  });
  const controller = new AbortController();
  controller.abort(new Error('enough'));
  const job = rowJob(table('events'), table('copied'), {
    source: { type: 'AzureSqlSource', partitionOption: 'DynamicRange' },
    sink: { type: 'AzureSqlSink' },
  });
  await assert.rejects(runJob(job, controller.signal), { message: 'enough' });
});
