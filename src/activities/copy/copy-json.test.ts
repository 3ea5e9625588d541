import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
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
import { entitiesOf, rowJob, tableDataset } from '../../../test/copy/table.ts';
import type { JsonObject } from '../../base/json.ts';
import { readPlan } from './plan.ts';

let stage: Awaited<ReturnType<typeof openStage>>;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

const translator = (mappings: [from: JsonObject, to: JsonObject][], more: JsonObject = {}): JsonObject => ({
  translator: { type: 'TabularTranslator', mappings: mappings.map(([source, sink]) => ({ source, sink })), ...more },
});
const orders =
  '{"id":1,"who":{"name":"Ann"},"lines":[{"sku":"a","n":2},{"sku":"b","n":3}]}\n{"id":2,"who":{"name":"Bo"},"lines":[]}';

const copyJson = async (
  container: string,
  blobs: Record<string, string>,
  to: string,
  parts: CopyParts = {},
  settings = {},
) => {
  await fill(stage.source, container, blobs);
  const input = dataset('Json', linkedService(stage.source), { container });
  const output = await runJob(copyJob(input, dataset(to, linkedService(stage.sink), { container }, settings), parts));
  const arrived = Object.entries(await contentOf(stage.sink, container));
  return { output, arrived: Object.fromEntries(arrived.map(([path, bytes]) => [path, bytes.toString()])) };
};

test('objects become lines of text by path, one for each item of a list', async () => {
  const parts = {
    more: translator(
      [
        [{ path: "$['id']" }, { name: 'order' }],
        [{ path: "$['who']['name']" }, { name: 'who' }],
        [{ path: "['sku']" }, { name: 'sku' }],
        [{ path: "['n']", type: 'Int32' }, { name: 'n' }],
      ],
      { collectionReference: "$['lines']" },
    ),
    writeFormat: { fileExtension: '.csv' },
  };
  const { output, arrived } = await copyJson('lines', { 'o.json': orders }, 'DelimitedText', parts, {
    firstRowAsHeader: true,
  });
  assert.deepEqual(arrived, { 'o.csv': 'order,who,sku,n\r\n1,Ann,a,2\r\n1,Ann,b,3\r\n' });
  assert.deepEqual([output.rowsRead, output.rowsCopied], [2, 2]);
});

test('files of objects are merged into one list, in objects as the mapping says', async () => {
  const parts = {
    write: { copyBehavior: 'MergeFiles' },
    writeFormat: { filePattern: 'arrayOfObjects' },
    more: translator([
      [{ path: '$.id' }, { path: "$['key']['id']" }],
      [{ path: '$.lines' }, { path: '$.lines' }],
    ]),
  };
  const { arrived } = await copyJson('merged', { 'a.json': orders, 'b.json': '[{"id":3}]' }, 'Json', parts);
  assert.deepEqual(JSON.parse(Object.values(arrived)[0]!), [
    { key: { id: 1 }, lines: '[{"sku":"a","n":2},{"sku":"b","n":3}]' },
    { key: { id: 2 }, lines: '[]' },
    { key: { id: 3 }, lines: null },
  ]);
});

test('objects become entities of a table with their types', async () => {
  await fill(stage.source, 'entities', {
    'e.json': '{"RowKey":"1","year":2001,"score":7.5,"good":true,"big":12345678901234567890}',
  });
  const input = dataset('Json', linkedService(stage.source), { container: 'entities' });
  await runJob(
    rowJob(input, tableDataset(stage.sink, 'entities'), {
      source: { storeSettings: { type: 'AzureBlobStorageReadSettings' } },
      sink: { azureTableDefaultPartitionKeyValue: 'p', azureTableRowKeyName: 'RowKey' },
    }),
  );
  assert.deepEqual((await entitiesOf(stage.sink, 'entities'))['1'], {
    partitionKey: 'p',
    year: { value: '2001', type: 'Int64' },
    score: { value: '7.5', type: 'Double' },
    good: { value: 'true', type: 'Boolean' },
    big: { value: '12345678901234567890', type: 'String' },
  });
});

test('paths are for formats with nested values only, and must be paths', () => {
  const of = (type: string) => dataset(type, linkedService(stage.source), { container: 'lines' });
  const more = translator([[{ path: '$.a' }, { name: 'a' }]]);
  assert.throws(() => readPlan(copyJob(of('DelimitedText'), of('Json'), { more })), {
    message: /source\.path is not supported/,
  });
  assert.throws(
    () => readPlan(copyJob(of('Json'), of('Json'), { more: translator([[{ path: '$..a' }, { name: 'a' }]]) })),
    {
      errorCode: 'UserErrorInvalidProperty',
      message: /source\.path must be a path/,
    },
  );
  assert.throws(
    () =>
      readPlan(
        copyJob(of('DelimitedText'), of('Json'), {
          more: { translator: { type: 'TabularTranslator', collectionReference: '$.a' } },
        }),
      ),
    {
      message: /collectionReference is not supported/,
    },
  );
});
