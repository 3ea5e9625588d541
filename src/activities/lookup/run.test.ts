import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runWith } from '../../../test/copy/activity.ts';
import { copyJob, dataset, fill, linkedService, openStage, runJob } from '../../../test/copy/stage.ts';
import { tableClient, tableDataset } from '../../../test/copy/table.ts';
import type { JsonObject } from '../../base/json.ts';
import { maxLineBytes } from '../../worker/protocol.ts';

let stage: Awaited<ReturnType<typeof openStage>>;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

const csv = async (container: string, text: string, fileName = 'in.csv') => {
  await fill(stage.source, container, { [fileName]: text });
  return dataset('DelimitedText', linkedService(stage.source), { container, fileName }, { firstRowAsHeader: true });
};
const lookup = (...[given, more]: [Parameters<typeof runWith>[1], JsonObject?]) =>
  runWith('Lookup', given, { source: { type: `${given.type}Source` }, ...more });
const all = { firstRowOnly: false };

test('the first row of a file, or all of them; no row is no error', async () => {
  const given = await csv('few', 'id,name\n1,Ångström\n2,\n');
  const first = await lookup(given);
  assert.deepEqual(first.firstRow, { id: '1', name: 'Ångström' });
  assert.equal(first.effectiveIntegrationRuntime, 'sealed (West Europe)');
  const { count, value } = await lookup(given, all);
  assert.deepEqual(
    [count, value],
    [
      2,
      [
        { id: '1', name: 'Ångström' },
        { id: '2', name: null },
      ],
    ],
  );
  const empty = await csv('few', 'id\n', 'empty.csv');
  assert.equal('firstRow' in (await lookup(empty)), false);
  assert.deepEqual((await lookup(empty, all)).value, []);
});

test('the rows of a table keep their types', async () => {
  const client = tableClient(stage.source, 'films');
  await client.createTable();
  await client.createEntity({
    partitionKey: 'p',
    rowKey: '1',
    year: 2001,
    big: { type: 'Int64', value: '9007199254740993' },
    seen: { type: 'DateTime', value: '1850-01-01T00:00:00.1234567Z' },
    good: true,
  });
  const schema = ['year', 'big', 'seen', 'good', 'none'].map((name) => ({ name }));
  const { firstRow } = await lookup(tableDataset(stage.source, 'films', { schema }));
  assert.deepEqual(firstRow, {
    year: 2001,
    big: '9007199254740993',
    seen: '1850-01-01T00:00:00.1234567Z',
    good: true,
    none: null,
  });
  await assert.rejects(lookup(tableDataset(stage.source, 'nowhere')), { errorCode: 'UserErrorAzureTableNotFound' });
});

test('the rows of JSON and of Parquet keep their types; a number that would be rounded is text', async () => {
  await fill(stage.source, 'typed', {
    'a.json': '{"id":1,"big":12345678901234567890,"half":0.5,"who":{"name":"Ann"}}',
  });
  const at = (type: string, fileName: string) =>
    dataset(type, linkedService(stage.source), { container: 'typed', fileName });
  const expected = { id: 1, big: '12345678901234567890', half: 0.5, who: '{"name":"Ann"}' };
  assert.deepEqual((await lookup(at('Json', 'a.json'))).firstRow, expected);
  await runJob(copyJob(at('Json', 'a.json'), at('Parquet', 'a.parquet')));
  assert.deepEqual((await lookup(at('Parquet', 'a.parquet'))).firstRow, expected);
  const { structure, columnCount } = await runWith('GetMetadata', at('Parquet', 'a.parquet'), {
    fieldList: ['structure', 'columnCount'],
  });
  assert.deepEqual(
    [columnCount, (structure as JsonObject[]).map(({ name, type }) => [name, type])],
    [
      4,
      [
        ['id', 'Int64'],
        ['big', 'Decimal'],
        ['half', 'Double'],
        ['who', 'String'],
      ],
    ],
  );
});

test('more than five thousand rows are cut, and it is said so; more than 4 MB are refused', async () => {
  const many = await csv('many', `id\n${'1\n'.repeat(5001)}`);
  const { count, limitation } = await lookup(many, all);
  assert.equal(count, 5000);
  assert.match(String(limitation), /more than 5000 rows/);
  const exactly = await lookup(await csv('many', `id\n${'1\n'.repeat(5000)}`, 'b.csv'), all);
  assert.deepEqual([exactly.count, exactly.limitation], [5000, undefined]);
  await assert.rejects(lookup(await csv('many', `a\n${`${'x'.repeat(1023)}\n`.repeat(4200)}`, 'c.csv'), all), {
    errorCode: 'LookupOutputTooLarge',
    message: /4 MB/,
  });
  const most = await lookup(await csv('many', `a\n${`${'x'.repeat(1000)}\n`.repeat(4100)}`, 'd.csv'), all);
  assert.ok(
    Buffer.byteLength(JSON.stringify(most)) < maxLineBytes,
    'what a lookup may answer fits a line of the worker',
  );
});

test('what has no rows cannot be looked up', async () => {
  const bytes = dataset('Binary', linkedService(stage.source), { container: 'few', fileName: 'in.csv' });
  await assert.rejects(lookup(bytes), { errorCode: 'UserErrorUnsupportedFormat' });
});
