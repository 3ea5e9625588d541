import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TransactionAction } from '@azure/data-tables';
import { contentOf, dataset, fill, linkedService, openStage, runJob } from '../../../test/copy/stage.ts';
import { entitiesOf, rowJob, tableClient, tableDataset } from '../../../test/copy/table.ts';
import type { JsonObject } from '../../base/json.ts';

let stage: Awaited<ReturnType<typeof openStage>>;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

let places = 0;
const nextName = () => {
  places += 1;
  return `place${places}`;
};

const header = { firstRowAsHeader: true };
const csvIn = async (text: string, more: JsonObject = {}) => {
  const container = nextName();
  await fill(stage.source, container, { 'in.csv': text });
  return dataset(
    'DelimitedText',
    linkedService(stage.source),
    { container, fileName: 'in.csv' },
    { ...header, ...more },
  );
};
const csvOut = () => {
  const container = nextName();
  const to = dataset(
    'DelimitedText',
    linkedService(stage.sink),
    { container, fileName: 'out.csv' },
    {
      ...header,
      rowDelimiter: '\n',
      nullValue: 'NULL',
    },
  );
  return { to, text: async () => String((await contentOf(stage.sink, container))['out.csv']) };
};

const awkward = {
  partitionKey: 'p',
  D: { type: 'Double', value: 5 },
  E: { type: 'Double', value: 0.1 },
  I: { type: 'Int32', value: -7 },
  L: { type: 'Int64', value: '9007199254740993' },
  G: { type: 'Guid', value: 'a6f7b1f0-0000-4000-8000-00000000000a' },
  T: { type: 'DateTime', value: '1850-01-01T00:00:00.1234567Z' },
  B: { type: 'Binary', value: 'AAH/' },
  S: 'Ångström, "東京"\n\u{1f600}',
  O: true,
};
const plain = { partitionKey: 'p', S: '', E: { type: 'Double', value: 'NaN' } };
const make = async (table: string, entities: Record<string, object>) => {
  const client = tableClient(stage.source, table);
  await client.createTable();
  await client.submitTransaction(
    Object.entries(entities).map(([rowKey, entity]) => ['create', { rowKey, ...entity }]) as TransactionAction[],
  );
};

test('every type of a table arrives in another table as it was, and a column that an entity lacks stays away', async () => {
  const [from, to] = [nextName(), nextName()];
  await make(from, { '1': awkward, '2': plain });
  const output = await runJob(rowJob(tableDataset(stage.source, from), tableDataset(stage.sink, to)));
  assert.deepEqual(await entitiesOf(stage.sink, to), await entitiesOf(stage.source, from));
  assert.deepEqual([output.rowsRead, output.rowsCopied, output.filesRead], [2, 2, undefined]);
  // The client takes 5.0 for an Int32; the answer itself says what the store holds.
  let body = '';
  const onResponse = (answer: { bodyAsText?: string | null }) => {
    body = answer.bodyAsText ?? '';
  };
  await tableClient(stage.sink, to).listEntities({ onResponse }).byPage().next();
  assert.match(body, /"D":5\.0,/);
});

test('a table becomes delimited text, with every digit and every tick', async () => {
  const from = nextName();
  await make(from, { '1': awkward, '2': plain });
  const { to, text } = csvOut();
  const names = ['RowKey', 'D', 'E', 'I', 'L', 'G', 'T', 'B', 'O', 'S'];
  const mappings = names.map((name) => ({ source: { name }, sink: { name } }));
  await runJob(
    rowJob(tableDataset(stage.source, from), to, { more: { translator: { type: 'TabularTranslator', mappings } } }),
  );
  assert.equal(
    await text(),
    `${names.join(',')}\n1,5,0.1,-7,9007199254740993,a6f7b1f0-0000-4000-8000-00000000000a,1850-01-01 00:00:00.1234567,AAH/,True,"Ångström, ""東京""\n\u{1f600}"\n2,NULL,NaN,NULL,NULL,NULL,NULL,NULL,NULL,\n`.replaceAll(
      '""',
      '\\"',
    ),
  );
});

test('a table with no schema gives its keys and all the columns of its first entities', async () => {
  const from = nextName();
  await make(from, { '1': { partitionKey: 'p', a: 1 }, '2': { partitionKey: 'p', b: 'x' } });
  const { to, text } = csvOut();
  await runJob(rowJob(tableDataset(stage.source, from), to));
  assert.match(await text(), /^PartitionKey,RowKey,Timestamp,a,b\np,1,[\d :.-]+,1,NULL\np,2,[\d :.-]+,NULL,x\n$/);
  const filtered = csvOut();
  const source = { azureTableSourceQuery: "RowKey eq '2'" };
  const schema = [{ name: 'b', type: 'String' }];
  await runJob(rowJob(tableDataset(stage.source, from, { schema }), filtered.to, { source }));
  assert.equal(await filtered.text(), 'b\nx\n');
});

test('delimited text becomes typed entities, by mapping and by the schema of the sink', async () => {
  const mappings = [
    { source: { name: 'city' }, sink: { name: 'City' } },
    { source: { name: 'id' }, sink: { name: 'Id', type: 'Int64' } },
    { source: { name: 'at', type: 'DateTimeOffset' }, sink: { name: 'At', type: 'DateTime' } },
    { source: { name: 'ok' }, sink: { name: 'Ok', type: 'Boolean' } },
    { source: { name: 'rate' }, sink: { name: 'Rate' } },
  ];
  const from = await csvIn(
    'id,city,at,ok,rate\n9007199254740993,Oslo,1899-12-31T23:30:00+01:00,true,1.50\n2,Bergen,,False,\n',
  );
  const to = nextName();
  const translator = {
    type: 'TabularTranslator',
    mappings,
    typeConversion: true,
    typeConversionSettings: { allowDataTruncation: true },
  };
  const schema = [{ name: 'Rate', type: 'Double' }];
  const sink = { azureTablePartitionKeyName: 'City', azureTableRowKeyName: 'Id' };
  const output = await runJob(rowJob(from, tableDataset(stage.sink, to, { schema }), { sink, more: { translator } }));
  assert.deepEqual(await entitiesOf(stage.sink, to), {
    '9007199254740993': {
      partitionKey: 'Oslo',
      City: { type: 'String', value: 'Oslo' },
      Id: { type: 'Int64', value: '9007199254740993' },
      At: { type: 'DateTime', value: '1899-12-31T22:30:00.0000000Z' },
      Ok: { type: 'Boolean', value: 'true' },
      Rate: { type: 'Double', value: '1.5' },
    },
    '2': {
      partitionKey: 'Bergen',
      City: { type: 'String', value: 'Bergen' },
      Id: { type: 'Int64', value: '2' },
      Ok: { type: 'Boolean', value: 'false' },
    },
  });
  assert.deepEqual(output.typeConversion, { valuesTruncated: 1 });

  const strict = { ...translator, typeConversionSettings: { allowDataTruncation: false } };
  await assert.rejects(
    runJob(rowJob(from, tableDataset(stage.sink, nextName()), { sink, more: { translator: strict } })),
    {
      errorCode: 'TypeConversionFailure',
      message: /column 'at' in row 1.*offset.*allowDataTruncation/,
    },
  );
});

test('three thousand rows of many partitions arrive; merge keeps what replace removes', async () => {
  const lines = Array.from({ length: 3000 }, (_, index) => `p${index % 7},${index % 1500},${index}`);
  const from = await csvIn(`PartitionKey,RowKey,n\n${lines.join('\n')}\n`);
  const to = nextName();
  const output = await runJob(rowJob(from, tableDataset(stage.sink, to), { sink: { writeBatchSize: 30 } }));
  assert.equal(output.rowsCopied, 3000);
  const found = new Map<string, string>();
  for await (const entity of tableClient(stage.sink, to).listEntities())
    found.set(`${entity.partitionKey},${entity.rowKey}`, String(entity.n));
  const expected = new Map(lines.map((line) => [line.replace(/,\d+$/, ''), line.split(',')[2]!]));
  assert.deepEqual([...found].sort(), [...expected].sort());

  const other = await csvIn('PartitionKey,RowKey,m\np0,0,x\n');
  const columns = async (type: string) => {
    const sink = { azureTableInsertType: type };
    await runJob(rowJob(other, tableDataset(stage.sink, to), { sink }));
    const { n, m } = await tableClient(stage.sink, to).getEntity('p0', '0');
    return [n, m];
  };
  assert.deepEqual(await columns('merge'), [expected.get('p0,0'), 'x']);
  assert.deepEqual(await columns('replace'), [undefined, 'x']);
});

test('of two rows of one key the later one stays, also where its batch is the smaller one', async () => {
  const big = 'x'.repeat(30_000);
  const keys = [...Array.from({ length: 99 }, (_, at) => String(at)), 'same', 'same'];
  const from = await csvIn(
    `PartitionKey,RowKey,n,big\n${keys.map((key, at) => `p,${key},${at},${at < 100 ? big : 'x'}`).join('\n')}\n`,
  );
  const to = nextName();
  await tableClient(stage.sink, to).createTable();
  await runJob(rowJob(from, tableDataset(stage.sink, to)));
  assert.equal((await tableClient(stage.sink, to).getEntity('p', 'same')).n, '100');
});

test('keys that nobody names are one value and made up', async () => {
  const from = await csvIn('a\n1\n2\n');
  const to = nextName();
  await runJob(rowJob(from, tableDataset(stage.sink, to), { sink: { azureTableDefaultPartitionKeyValue: 'all' } }));
  const entities = await entitiesOf(stage.sink, to);
  assert.deepEqual(
    Object.values(entities).map(({ partitionKey }) => partitionKey),
    ['all', 'all'],
  );
  for (const key of Object.keys(entities)) assert.match(key, /^[0-9a-f-]{36}$/);
  await assert.rejects(runJob(rowJob(from, tableDataset(stage.sink, to))), {
    errorCode: 'UserErrorInvalidProperty',
    message: /azureTablePartitionKeyName must name a column/,
  });
});

test('what a table cannot take is refused, by name', async () => {
  for (const [text, errorCode, message] of [
    ['PartitionKey,RowKey\na/b,1\n', 'UserErrorInvalidTableKey', /Row 1.*'PartitionKey' holds a character/],
    ['PartitionKey,RowKey\na,\n', 'UserErrorInvalidTableKey', /'RowKey' is null/],
    ['PartitionKey,RowKey,two words\na,1,x\n', 'UserErrorInvalidTableColumn', /'two words'/],
    ['PartitionKey,RowKey,etag\na,1,x\n', 'UserErrorInvalidTableColumn', /'etag'/],
    [`PartitionKey,RowKey,big\na,1,${'x'.repeat(70_000)}\n`, 'TypeConversionFailure', /'big' in row 1 .*64 KiB/],
  ] as const)
    await assert.rejects(runJob(rowJob(await csvIn(text), tableDataset(stage.sink, nextName()))), {
      errorCode,
      message,
    });
});

test('a wrong key, a missing table and a filter that is none give errors that a person can act on', async () => {
  const { to } = csvOut();
  const name = nextName();
  await make(name, { '1': plain });
  const key = Buffer.alloc(64).toString('base64');
  const wrongKey = { errorCode: 'AzureTableOperationFailed', message: /refused the credential.*check the key/ };
  await assert.rejects(runJob(rowJob(tableDataset(stage.source, name, { key }), to)), wrongKey);
  const from = await csvIn('PartitionKey,RowKey\na,1\n');
  await assert.rejects(runJob(rowJob(from, tableDataset(stage.source, name, { key }))), wrongKey);
  const missing = tableDataset(stage.source, nextName());
  await assert.rejects(runJob(rowJob(missing, to)), {
    errorCode: 'UserErrorAzureTableNotFound',
    message: /does not exist.*azureTableSourceIgnoreTableNotFound/,
  });
  const ignored = await runJob(rowJob(missing, to, { source: { azureTableSourceIgnoreTableNotFound: true } }));
  assert.equal(ignored.rowsCopied, 0);
  const source = { azureTableSourceQuery: 'where is it' };
  await assert.rejects(runJob(rowJob(tableDataset(stage.source, name), to, { source })), {
    errorCode: 'AzureTableOperationFailed',
    message: /InvalidInput.*azureTableSourceQuery/,
  });
  await assert.rejects(runJob(rowJob(tableDataset(stage.source, 'no table'), to)), {
    errorCode: 'UserErrorInvalidProperty',
    message: /tableName/,
  });
});

test('an entity with a column that the first thousand lack is refused, not cut', async () => {
  const from = nextName();
  const client = tableClient(stage.source, from);
  await client.createTable();
  for (let page = 0; page < 10; page += 1)
    await client.submitTransaction(
      Array.from({ length: 100 }, (_, at) => [
        'create',
        { partitionKey: 'p', rowKey: String(page * 100 + at).padStart(4, '0'), a: 1 },
      ]),
    );
  await client.createEntity({ partitionKey: 'p', rowKey: '9999', a: 1, late: 'x' });
  const { to, text } = csvOut();
  await assert.rejects(runJob(rowJob(tableDataset(stage.source, from), to)), {
    errorCode: 'UserErrorTableColumnNotInSchema',
    message: /RowKey '9999'.*'late'.*schema/,
  });
  const schema = [
    { name: 'RowKey', type: 'String' },
    { name: 'late', type: 'String' },
  ];
  await runJob(rowJob(tableDataset(stage.source, from, { schema }), to));
  assert.match(await text(), /^RowKey,late\n0000,NULL\n[\s\S]*\n9999,x\n$/);
});
