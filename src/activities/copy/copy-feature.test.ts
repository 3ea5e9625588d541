// What a copy does beside moving rows: columns that it adds, rows that it skips and tells of, files that it divides.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import {
  type CopyParts,
  contentOf,
  copyJob,
  dataset,
  fill,
  linkedService,
  openStage,
  runJob,
} from '../../../test/copy/stage.ts';
import { rowJob, tableClient, tableDataset } from '../../../test/copy/table.ts';
import type { JsonObject } from '../../base/json.ts';
import { readPlan } from './plan.ts';

let stage: Awaited<ReturnType<typeof openStage>>;
before(async () => {
  stage = await openStage();
  const client = tableClient(stage.source, 'people');
  await client.createTable();
  for (let at = 0; at < 5; at += 1) await client.createEntity({ partitionKey: 'p', rowKey: `${at}`, age: 20 + at });
});
after(() => stage.close());

const header = { firstRowAsHeader: true };
const text = (at: 'source' | 'sink', location: JsonObject, more: JsonObject = header) =>
  dataset('DelimitedText', linkedService(stage[at]), location, more);
const textsOf = async (container: string) =>
  Object.fromEntries(
    Object.entries(await contentOf(stage.sink, container)).map(([path, bytes]) => [path, bytes.toString()]),
  );
const copyText = async (
  container: string,
  blobs: Record<string, string>,
  parts: CopyParts & { source?: JsonObject; from?: JsonObject },
) => {
  await fill(stage.source, container, blobs);
  const job = copyJob(text('source', { container, ...parts.from }), text('sink', { container }), parts);
  Object.assign(job.typeProperties.source as JsonObject, parts.source);
  return { job, run: () => runJob(job) };
};
const types = (...columns: [name: string, type: string][]): JsonObject => ({
  translator: {
    type: 'TabularTranslator',
    mappings: columns.map(([name, type]) => ({ source: { name }, sink: { name, type } })),
  },
});

test('columns with a fixed value, the path of the file and the value of another column are added', async () => {
  const additionalColumns = [
    { name: 'origin', value: 'Oslo, "N"' },
    { name: 'file', value: '$$FILEPATH' },
    { name: 'again', value: '$$COLUMN:id' },
  ];
  const blobs = { 'in/a.csv': 'id\n1\n', 'in/deep/b.csv': 'id\n2\n' };
  const parts = {
    from: { folderPath: 'in' },
    source: { additionalColumns },
    write: { copyBehavior: 'MergeFiles' },
    writeFormat: { fileExtension: '.csv' },
  };
  await (await copyText('added', blobs, parts)).run();
  const [merged] = Object.values(await textsOf('added'));
  assert.equal(merged, 'id,origin,file,again\r\n1,"Oslo, \\"N\\"",a.csv,1\r\n2,"Oslo, \\"N\\"",deep/b.csv,2\r\n');
  const mapped = { ...types(['file', 'String'], ['again', 'String']) };
  await (await copyText('mapped', blobs, { ...parts, write: {}, more: mapped })).run();
  assert.equal((await textsOf('mapped'))['deep/b.csv'], 'file,again\r\ndeep/b.csv,2\r\n');
  const missing = await copyText('missing', blobs, {
    source: { additionalColumns: [{ name: 'x', value: '$$COLUMN:nothing' }] },
  });
  await assert.rejects(missing.run(), { errorCode: 'MappingColumnNameNotFoundInSourceFile', message: /'nothing'/ });
});

test('a table gets added columns too, but has no path', async () => {
  const from = tableDataset(stage.source, 'people');
  const columns = (value: string) => ({ additionalColumns: [{ name: 'added', value }] });
  const sink = { storeSettings: { type: 'AzureBlobStorageWriteSettings' } };
  const to = text('sink', { container: 'table', fileName: 'people.csv' });
  await runJob(
    rowJob(from, to, { source: columns('$$COLUMN:age'), sink, more: types(['RowKey', 'String'], ['added', 'Int64']) }),
  );
  assert.match((await textsOf('table'))['people.csv']!, /^RowKey,added\r\n0,20\r\n1,21\r\n/);
  assert.throws(() => readPlan(rowJob(from, to, { source: columns('$$FILEPATH'), sink })), {
    errorCode: 'UserErrorInvalidProperty',
    message: /the source is a table/,
  });
});

const broken = 'id,name\n1,Ann\nx,"B ""o"""\n3,Cy,too many\n4,\n';
const logTo = (path: string, isRedirect = false): JsonObject => {
  const place = { linkedServiceName: { type: 'LinkedServiceReference', referenceName: 'Logs' }, path };
  return isRedirect
    ? { redirectIncompatibleRowSettings: place }
    : {
        logSettings: {
          enableCopyActivityLog: true,
          copyActivityLogSettings: { logLevel: 'Warning' },
          logLocationSettings: place,
        },
      };
};
const skipping = async (container: string, log: JsonObject) => {
  const more = { enableSkipIncompatibleRow: true, ...log, ...types(['id', 'Int32'], ['name', 'String']) };
  const { job } = await copyText(container, { 'a.csv': broken }, { more });
  job.inputs[0]!.typeProperties.escapeChar = '"';
  job.outputs[0] = dataset('Json', linkedService(stage.sink), { container });
  (job.typeProperties.sink as JsonObject).type = 'JsonSink';
  job.linkedServices = { logs: { ...linkedService(stage.sink), name: 'Logs' } };
  return job;
};

test('rows that do not fit are skipped where that is asked, counted, and told of in a log of the store', async () => {
  const job = await skipping('skipped', logTo('logs/of/copies'));
  const output = await runJob(job);
  assert.deepEqual([output.rowsRead, output.rowsCopied, output.rowsSkipped], [4, 2, 2]);
  assert.equal((await textsOf('skipped'))['a.csv'], '{"id":1,"name":"Ann"}\r\n{"id":4,"name":null}\r\n');
  const path = String(output.logFilePath);
  assert.match(path, /^logs\/of\/copies\/copyactivity-logs\/Copy1\/job-1\/[0-9a-f-]{36}\.csv$/);
  const [head, ...lines] = (await textsOf('logs'))[path.slice('logs/'.length)]!.trim().split('\r\n');
  assert.equal(head, 'Timestamp,Level,OperationName,OperationItem,Message');
  assert.match(
    lines[0]!,
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{7},Warning,TabularRowSkip,"""3"",""Cy"",""too many""","Error found .*row number 4/,
  );
  assert.match(
    lines[1]!,
    /TabularRowSkip,"""x"",""B """"o""""""","Exception occurred .*'id' in row 2 .*not a whole number/,
  );
  assert.equal(lines.length, 2);
});

test('the older form of the log holds the rows with their errors; without a place they are only counted', async () => {
  const output = await runJob(await skipping('redirected', logTo('older', true)));
  assert.equal(output.redirectRowPath, 'older/job-1/');
  const [log] = Object.values(await textsOf('older'));
  assert.match(
    log!,
    /^"3","Cy","too many","DelimitedTextMoreColumnsThanDefined",".*\r\n"x","B ""o""","TypeConversionFailure",/,
  );
  const counted = await runJob(await skipping('counted', {}));
  assert.deepEqual([counted.rowsSkipped, counted.logFilePath, counted.redirectRowPath], [2, undefined, undefined]);
  const job = await skipping('strict', {});
  job.typeProperties.enableSkipIncompatibleRow = false;
  await assert.rejects(runJob(job), { errorCode: /DelimitedTextMoreColumnsThanDefined|TypeConversionFailure/ });
});

test('a row with a value that the sink does not have is skipped like one that cannot be converted', async () => {
  const more = { enableSkipIncompatibleRow: true, ...types(['x', 'Double']) };
  const { job } = await copyText('odd', { 'a.csv': 'x\n1.5\nNaN\n-0\n' }, { more });
  job.outputs[0] = dataset('Json', linkedService(stage.sink), { container: 'odd' });
  (job.typeProperties.sink as JsonObject).type = 'JsonSink';
  const output = await runJob(job);
  assert.deepEqual([output.rowsRead, output.rowsCopied, output.rowsSkipped], [3, 2, 1]);
  assert.equal((await textsOf('odd'))['a.csv'], '{"x":1.5}\r\n{"x":-0}\r\n');
});

test('a log that cannot be written, or that leads out of its folder, is refused', async () => {
  const job = await skipping('refused', logTo('logs'));
  for (const path of ['', '/', 'logs/../other', 'logs/./x'])
    assert.throws(() => readPlan({ ...job, typeProperties: { ...job.typeProperties, ...logTo(path) } }), {
      errorCode: 'UserErrorInvalidProperty',
      message: /logLocationSettings\.path must/,
    });
  assert.throws(() => readPlan({ ...job, linkedServices: {} }), {
    message: /linkedServiceName must be a LinkedServiceReference/,
  });
  const table = tableDataset(stage.sink, 'x').linkedService;
  assert.throws(() => readPlan({ ...job, linkedServices: { logs: table } }), { message: /holds no files/ });
  const closed = { ...linkedService({ ...stage.sink, key: Buffer.alloc(64).toString('base64') }), name: 'Logs' };
  await assert.rejects(runJob({ ...job, linkedServices: { logs: closed } }), { errorCode: 'AzureBlobOperationFailed' });
});

test('a sink divides rows into files of at most so many', async () => {
  const parts = { writeFormat: { maxRowsPerFile: 2 } };
  const { run } = await copyText('divided', { 'in/a.csv': 'id\n1\n2\n3\n4\n', 'in/b.csv': 'id\n5\n' }, parts);
  const output = await run();
  assert.deepEqual(await textsOf('divided'), {
    'in/a_00000.csv': 'id\r\n1\r\n2\r\n',
    'in/a_00001.csv': 'id\r\n3\r\n4\r\n',
    'in/b_00000.csv': 'id\r\n5\r\n',
  });
  assert.deepEqual([output.filesRead, output.filesWritten, output.rowsCopied], [2, 3, 5]);

  const from = tableDataset(stage.source, 'people', { schema: [{ name: 'age', type: 'Int32' }] });
  const to = (type: string, formatSettings: JsonObject, more: JsonObject = {}) =>
    runJob(
      rowJob(from, dataset(type, linkedService(stage.sink), { container: 'parts', folderPath: type }, more), {
        sink: {
          storeSettings: { type: 'AzureBlobStorageWriteSettings' },
          formatSettings: { maxRowsPerFile: 2, fileNamePrefix: 'people', ...formatSettings },
        },
      }),
    );
  await to('Json', { fileExtension: '.json', filePattern: 'arrayOfObjects' });
  await to('Parquet', { fileExtension: '.parquet' });
  await to('DelimitedText', { fileExtension: '.csv.gz' }, { compressionCodec: 'gzip' });
  const written = await contentOf(stage.sink, 'parts');
  const names = (type: string, end: string) => [0, 1, 2].map((at) => `${type}/people_0000${at}${end}`);
  assert.deepEqual(Object.keys(written).sort(), [
    ...names('DelimitedText', '.csv.gz'),
    ...names('Json', '.json'),
    ...names('Parquet', '.parquet'),
  ]);
  assert.deepEqual(JSON.parse(String(written['Json/people_00002.json'])), [{ age: 24 }]);
  assert.deepEqual(
    await parquetReadObjects({ file: new Uint8Array(written['Parquet/people_00001.parquet']!).buffer }),
    [{ age: 22 }, { age: 23 }],
  );
  assert.equal(String(gunzipSync(written['DelimitedText/people_00002.csv.gz']!)), '24\r\n');
});
