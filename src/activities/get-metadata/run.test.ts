import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { runWith } from '../../../test/copy/activity.ts';
import { dataset, fill, linkedService, openStage } from '../../../test/copy/stage.ts';
import { tableClient, tableDataset } from '../../../test/copy/table.ts';
import type { JsonObject } from '../../base/json.ts';

let stage: Awaited<ReturnType<typeof openStage>>;
const text = 'id,name\n1,x\n';
before(async () => {
  stage = await openStage();
  await fill(stage.source, 'box', { 'top.csv': text, 'in/a.csv': text, 'in/b/c.csv': text, 'in/b.csv': text });
});
after(() => stage.close());

const at = (location: JsonObject, type = 'DelimitedText', container = 'box') =>
  dataset(type, linkedService(stage.source), { container, ...location }, { firstRowAsHeader: true });
const tell = async (given: Parameters<typeof runWith>[1], ...fieldList: string[]) => {
  const { effectiveIntegrationRuntime, executionDuration, ...told } = await runWith('GetMetadata', given, {
    fieldList,
  });
  assert.equal(effectiveIntegrationRuntime, 'sealed (West Europe)');
  assert.equal(typeof executionDuration, 'number');
  return told;
};

test('of a file: its name, size, sum, times and columns, as far as they are asked for', async () => {
  const file = at({ folderPath: 'in', fileName: 'a.csv' });
  const told = await tell(file, 'itemName', 'itemType', 'size', 'contentMD5', 'exists', 'structure', 'columnCount');
  assert.deepEqual(told, {
    itemName: 'a.csv',
    itemType: 'File',
    size: text.length,
    contentMD5: createHash('md5').update(text).digest('base64'),
    structure: [
      { name: 'id', type: 'String' },
      { name: 'name', type: 'String' },
    ],
    columnCount: 2,
    exists: true,
  });
  const times = await tell(file, 'created', 'lastModified');
  for (const time of Object.values(times)) assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.equal(Object.keys(times).length, 2);
});

test('of a folder: what stands directly in it', async () => {
  const told = await tell(at({ folderPath: 'in' }, 'Binary'), 'itemName', 'itemType', 'childItems');
  const children = [...(told.childItems as JsonObject[])].sort((a, b) => (String(a.name) < String(b.name) ? -1 : 1));
  assert.deepEqual(
    { ...told, childItems: children },
    {
      itemName: 'in',
      itemType: 'Folder',
      childItems: [
        { name: 'a.csv', type: 'File' },
        { name: 'b', type: 'Folder' },
        { name: 'b.csv', type: 'File' },
      ],
    },
  );
  const root = await tell(at({}, 'Binary'), 'itemName', 'childItems');
  assert.equal(root.itemName, 'box');
  assert.equal((root.childItems as JsonObject[]).length, 2);
});

test('what is not there does not exist, if that is asked; else it is an error', async () => {
  for (const missing of [
    at({ fileName: 'no.csv' }),
    at({ folderPath: 'no' }),
    at({ fileName: 'a.csv' }, 'Binary', 'nobox'),
    at({}, 'Binary', 'nobox'),
    tableDataset(stage.source, 'notable'),
  ]) {
    assert.deepEqual(await tell(missing, 'exists', 'itemName'), { exists: false });
    await assert.rejects(tell(missing, 'itemName'), { errorCode: 'UserErrorMetadataNotFound', message: /exists/ });
  }
});

test('of a table: its columns', async () => {
  const client = tableClient(stage.source, 'films');
  await client.createTable();
  assert.deepEqual(await tell(tableDataset(stage.source, 'films'), 'exists', 'columnCount'), {
    columnCount: 0,
    exists: true,
  });
  await client.createEntity({ partitionKey: 'p', rowKey: '1', year: 2001 });
  assert.deepEqual((await tell(tableDataset(stage.source, 'films'), 'structure')).structure, [
    { name: 'PartitionKey', type: 'String' },
    { name: 'RowKey', type: 'String' },
    { name: 'Timestamp', type: 'DateTime' },
    { name: 'year', type: 'Int32' },
  ]);
});

test('a field that there is not, or not of such a thing, is refused by name', async () => {
  const file = at({ fileName: 'top.csv' });
  const zipped = (given: typeof file) => ({
    ...given,
    typeProperties: { ...given.typeProperties, compressionCodec: 'ZipDeflate' },
  });
  assert.deepEqual(await tell(zipped(file), 'itemName'), { itemName: 'top.csv' });
  await assert.rejects(tell(file, 'colour'), { errorCode: 'UserErrorInvalidProperty', message: /fieldList.*itemName/ });
  for (const [given, field] of [
    [file, 'childItems'],
    [at({ folderPath: 'in' }), 'size'],
    [tableDataset(stage.source, 'films'), 'size'],
    [at({ fileName: 'top.csv' }, 'Binary'), 'structure'],
    [zipped(file), 'columnCount'],
  ] as const)
    await assert.rejects(tell(given, field), {
      errorCode: 'UserErrorMetadataFieldNotSupported',
      message: new RegExp(field),
    });
});
