import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as ask, createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { runWith } from '../../../test/copy/activity.ts';
import {
  type CosmosStage,
  cosmosDataset,
  cosmosSink,
  cosmosSource,
  documentsOf,
  openCosmos,
} from '../../../test/copy/cosmos.ts';
import { contentOf, dataset, fill, linkedService, openStage, runJob } from '../../../test/copy/stage.ts';
import { rowJob } from '../../../test/copy/table.ts';
import type { JsonObject } from '../../base/json.ts';

let stage: Awaited<ReturnType<typeof openStage>>;
let cosmos: CosmosStage;
before(async () => {
  stage = await openStage();
  cosmos = await openCosmos(stage);
});
after(async () => {
  cosmos?.close();
  await stage?.close();
});

let places = 0;
const nextName = () => {
  places += 1;
  return `place${places}`;
};

const csvIn = async (text: string) => {
  const container = nextName();
  await fill(stage.source, container, { 'in.csv': text });
  const location = { container, fileName: 'in.csv' };
  return dataset('DelimitedText', linkedService(stage.source), location, { firstRowAsHeader: true, nullValue: 'NULL' });
};
const csvOut = () => {
  const container = nextName();
  const to = dataset(
    'DelimitedText',
    linkedService(stage.sink),
    { container, fileName: 'out.csv' },
    { firstRowAsHeader: true, rowDelimiter: '\n', nullValue: 'NULL' },
  );
  return { to, text: async () => String((await contentOf(stage.sink, container))['out.csv']) };
};
const mapped = (columns: Record<string, string | undefined>) => ({
  translator: {
    type: 'TabularTranslator',
    mappings: Object.entries(columns).map(([name, type]) => ({
      source: { name },
      sink: { name, ...(type && { type }) },
    })),
  },
});
const copyIn = async (text: string, collection: string, more: { sink?: JsonObject; translator?: JsonObject } = {}) => {
  const { sink = { writeBehavior: 'upsert' }, ...rest } = more;
  return runJob(rowJob(await csvIn(text), cosmosDataset(cosmos, collection), { sink: cosmosSink(sink), more: rest }));
};
const copyOut = async (collection: string, source: JsonObject = {}, more: JsonObject = {}, schema?: JsonObject[]) => {
  const { to, text } = csvOut();
  const from = cosmosDataset(cosmos, collection, schema ? { schema } : {});
  await runJob(rowJob(from, to, { source: cosmosSource(source), more }));
  return text();
};

test('delimited text becomes documents of the mapped types, and documents delimited text, without a loss', async () => {
  const container = await cosmos.container('films');
  const text =
    'id,city,n,big,dec,ok,at,note\n1,Ky\u00f6to,-7,9007199254740991,0.1,true,2026-01-31T08:00:00.1234567Z,"a ""b"", \u{1f600}"\n2,x,NULL,NULL,NULL,false,NULL,\n';
  const types = { id: '', city: '', n: 'Int32', big: 'Int64', dec: 'Decimal', ok: 'Boolean', at: 'DateTime', note: '' };
  const output = await copyIn(text.replaceAll('""', '\\"'), 'films', mapped(types));
  assert.deepEqual([output.rowsRead, output.rowsCopied, output.filesRead], [2, 2, 1]);
  assert.deepEqual(await documentsOf(container), {
    '1': {
      city: 'Ky\u00f6to',
      n: -7,
      big: 9007199254740991,
      dec: 0.1,
      ok: true,
      at: '2026-01-31T08:00:00.1234567Z',
      note: 'a "b", \u{1f600}',
    },
    '2': { city: 'x', n: null, big: null, dec: null, ok: false, at: null, note: '' },
  });
  assert.equal(
    await copyOut('films', { query: 'SELECT c.id, c.n, c.big, c.dec, c.ok, c.at FROM c ORDER BY c.id' }),
    'id,n,big,dec,ok,at\n1,-7,9007199254740991,0.1,True,2026-01-31T08:00:00.1234567Z\n2,NULL,NULL,NULL,False,NULL\n',
  );
  assert.match(
    await copyOut('films', { query: "SELECT c.at FROM c WHERE c.id = '1'", detectDatetime: true }),
    /^at\n2026-01-31 08:00:00\.1234567\n$/,
  );
  // A column of texts keeps those that look like dates as they are.
  assert.equal(
    await copyOut('films', {
      query: 'SELECT VALUE {at: IS_NULL(c.at) ? "none" : c.at} FROM c ORDER BY c.id',
      detectDatetime: true,
    }),
    'at\n2026-01-31T08:00:00.1234567Z\nnone\n',
  );
});

test('documents that are not alike give the columns of the first ones; a later column is refused, unless it is named', async () => {
  const container = await cosmos.container('varied');
  await container.items.create({ id: '1', city: 'x', n: 5, who: { name: 'Ran', tags: ['a', null] } });
  await container.items.create({ id: '2', city: 'x', n: 'many', good: true });
  assert.equal(
    await copyOut('varied', {}, mapped({ id: '', n: '', who: '', good: '' })),
    'id,n,who,good\n1,5,"{\\"name\\":\\"Ran\\",\\"tags\\":[\\"a\\",null]}",NULL\n2,many,NULL,True\n',
  );
  assert.match(await copyOut('varied'), /^id,city,n,who,good\n1,x,5,.*\n2,x,many,NULL,True\n$/);
  for (let n = 0; n < 6; n += 1) await container.items.create({ id: `m${n}`, city: 'x', [`c${n}`]: n });
  await assert.rejects(copyOut('varied', { pageSize: 2 }), {
    errorCode: 'UserErrorTableColumnNotInSchema',
    message: /document with the id 'm0'.*'c0'/,
  });
  await assert.rejects(copyOut('varied', { pageSize: 1 }, mapped({ n: '' })), {
    errorCode: 'UserErrorTableColumnType',
    message: /'n' is of type String and cannot be read as Double/,
  });
  const schema = [{ name: 'id' }, { name: 'n', type: 'String' }, { name: 'c5', type: 'Int32' }];
  assert.match(
    await copyOut('varied', { pageSize: 1 }, {}, schema),
    /^id,n,c5\n1,5,NULL\n2,many,NULL\n[\s\S]*m5,NULL,5\n$/,
  );
  assert.equal(
    await copyOut('varied', {}, {}, [{ name: `o"d'd` }, { name: '_ts', type: 'Int64' }]).then(
      (text) => text.split('\n')[0],
    ),
    `"o\\"d'd",_ts`,
  );
});

test('what is nested stays nested where the schema of the sink says so, with every digit', async () => {
  const [from, to] = [await cosmos.container('nested'), await cosmos.container('renested')];
  const who = { name: 'Ran', list: [1, { deep: null }], ratio: 0.1 };
  await from.items.create({ id: '1', city: 'x', who, tags: [] });
  await from.items.create({ id: '2', city: 'x', who: null });
  const schema = ['id', 'city'].map((name) => ({ name, type: 'string' }));
  const nested = [...schema, { name: 'who', type: 'object' }, { name: 'tags', type: 'array' }];
  await runJob(
    rowJob(cosmosDataset(cosmos, 'nested', { schema: nested }), cosmosDataset(cosmos, 'renested', { schema: nested }), {
      source: cosmosSource(),
      sink: cosmosSink(),
    }),
  );
  assert.deepEqual(await documentsOf(to), {
    '1': { city: 'x', who, tags: [] },
    '2': { city: 'x', who: null, tags: null },
  });
  for (const [json, words] of [
    ['{', /no JSON/],
    ['5', /no object and no array/],
    ['{"n": 9007199254740993}', /more digits/],
    ['{"n": 1e999}', /more digits/],
    [`${'['.repeat(101)}${']'.repeat(101)}`, /deeper than 100/],
  ] as const) {
    const csv = await csvIn(`id,city,who\n3,x,"${json.replaceAll('"', '\\"')}"\n`);
    const sink = cosmosDataset(cosmos, 'renested', { schema: nested });
    await assert.rejects(runJob(rowJob(csv, sink, { sink: cosmosSink() })), {
      errorCode: 'UserErrorInvalidCosmosDbValue',
      message: words,
    });
  }
});

test('what a double does not hold is refused, and what JSON has no word for', async () => {
  const container = await cosmos.container('numbers');
  for (const [type, value, errorCode] of [
    ['Int64', '9007199254740993', 'TypeConversionFailure'],
    ['Decimal', '0.1234567890123456789', 'TypeConversionFailure'],
    ['Double', 'NaN', 'TypeConversionFailure'],
    ['Double', '-Infinity', 'TypeConversionFailure'],
    ['Double', '-0', 'TypeConversionFailure'],
  ] as const)
    await assert.rejects(copyIn(`id,city,v\n1,x,${value}\n`, 'numbers', mapped({ id: '', city: '', v: type })), {
      errorCode,
    });
  assert.deepEqual(await documentsOf(container), {});
  await copyIn('id,city,v\n1,x,9007199254740993\n', 'numbers');
  assert.equal((await documentsOf(container))['1']!.v, '9007199254740993');
});

test('insert and upsert: conflicts, ids that are made up, ids that none can have, and the last row of an id wins', async () => {
  const container = await cosmos.container('written');
  await copyIn('id,city,n\na,x,1\nb,x,1\n', 'written', {
    sink: { writeBehavior: 'insert', disableMetricsCollection: true },
  });
  await assert.rejects(copyIn('id,city,n\nc,x,2\nb,x,2\n', 'written', { sink: {} }), {
    errorCode: 'CosmosDbSqlApiOperationFailed',
    message: /same id.*use writeBehavior upsert.*document 'b'/,
  });
  assert.equal((await documentsOf(container)).b!.n, '1');
  const rows = Array.from({ length: 500 }, (_, n) => `b,x,${n}`).join('\n');
  await copyIn(`id,city,n\n${rows}\n`, 'written');
  assert.equal((await documentsOf(container)).b!.n, '499');
  await copyIn('city,n\nx,made\nx,up\n', 'written');
  const all = Object.entries(await documentsOf(container)).filter(([, { n }]) => n === 'made' || n === 'up');
  assert.deepEqual(
    all.map(([id]) => /^[0-9a-f-]{36}$/.test(id)),
    [true, true],
  );
  await assert.rejects(copyIn('id,city\na/b,x\n', 'written'), {
    errorCode: 'UserErrorInvalidCosmosDbValue',
    message: /Row 1 .*'id'/,
  });
});

test('many documents go in bulks and come back in pages', async () => {
  const container = await cosmos.container('many');
  const rows = Array.from({ length: 5000 }, (_, n) => `${n},c${n % 7},${'x'.repeat(n % 300)}`);
  const output = await copyIn(`id,city,text\n${rows.join('\n')}\n`, 'many');
  assert.equal(output.rowsCopied, 5000);
  assert.equal(Object.keys(await documentsOf(container)).length, 5000);
  const back = await copyOut('many', { query: 'SELECT c.id, c.city, c.text FROM c', pageSize: 700 });
  assert.deepEqual(new Set(back.trimEnd().split('\n').slice(1)), new Set(rows));
});

test('a lookup takes a query, and metadata tells the columns of the first documents', async () => {
  const container = await cosmos.container('looked');
  for (const n of [1, 2, 3]) await container.items.create({ id: `${n}`, city: 'x', n });
  const look = (query: string, more: JsonObject = {}) =>
    runWith('Lookup', cosmosDataset(cosmos, 'looked'), { source: cosmosSource({ query }), ...more });
  assert.deepEqual((await look('SELECT c.n, c.id FROM c ORDER BY c.n DESC')).firstRow, { n: 3, id: '3' });
  assert.deepEqual((await look('SELECT VALUE COUNT(1) FROM c')).firstRow, { $1: 3 });
  assert.deepEqual((await look('SELECT VALUE c.n FROM c WHERE c.n > 1', { firstRowOnly: false })).value, [
    { $1: 2 },
    { $1: 3 },
  ]);
  await assert.rejects(look('SELECT udf.f(c) FROM c'), {
    errorCode: 'CosmosDbSqlApiOperationFailed',
    message: /The query in the source.*udf/,
  });
  const tell = (collection: string) =>
    runWith('GetMetadata', cosmosDataset(cosmos, collection), { fieldList: ['structure', 'exists', 'columnCount'] });
  assert.deepEqual((await tell('looked')).structure, [
    { name: 'id', type: 'String' },
    { name: 'city', type: 'String' },
    { name: 'n', type: 'Double' },
  ]);
});

test('a wrong key, database or collection gives an error that a person can act on; so does a wrong property', async () => {
  await cosmos.container('right');
  const read = (typeProperties: JsonObject, collection = 'right') =>
    runWith('Lookup', cosmosDataset(cosmos, collection, { typeProperties }), { source: cosmosSource() });
  const { endpoint: accountEndpoint, key: accountKey } = cosmos;
  const right = { accountEndpoint, accountKey: { type: 'SecureString', value: accountKey }, database: 'shop' };
  assert.equal('firstRow' in (await read(right)), false);
  const stranger = { ...right, accountKey: Buffer.alloc(64).toString('base64') };
  for (const [typeProperties, collection, errorCode, words] of [
    [stranger, 'right', 'CosmosDbSqlApiOperationFailed', /refused the credential.*check AccountKey/],
    [{ ...right, database: 'shoq' }, 'right', 'UserErrorCosmosDbDatabaseNotFound', /'shoq' does not exist/],
    [right, 'wrong', 'UserErrorCosmosDbCollectionNotFound', /'wrong' does not exist.*collectionName/],
    [right, 'a/b', 'UserErrorInvalidProperty', /collectionName/],
    [{ ...right, database: '../x' }, 'right', 'UserErrorInvalidProperty', /database/],
    [{ ...right, accountEndpoint: 'http://x' }, 'right', 'UserErrorInvalidProperty', /accountEndpoint/],
    [{ ...right, accountKey: 'no key' }, 'right', 'UserErrorInvalidProperty', /accountKey/],
    [{ ...right, servicePrincipalId: 'x' }, 'right', 'UserErrorInvalidProperty', /servicePrincipalId/],
    [
      { connectionString: `AccountEndpoint=${accountEndpoint};AccountKey=${accountKey}` },
      'right',
      'UserErrorInvalidProperty',
      /Database/,
    ],
    [{}, 'right', 'UserErrorInvalidProperty', /accountEndpoint/],
  ] as const)
    await assert.rejects(read(typeProperties as JsonObject, collection), (error: Error & Record<string, unknown>) => {
      assert.equal(error.errorCode, errorCode, error.message);
      assert.match(error.message, words);
      assert.ok(!JSON.stringify([error.message, error.details]).includes(accountKey));
      return true;
    });
  const writing = async (collection: string, typeProperties: JsonObject) =>
    runJob(
      rowJob(await csvIn('id,city\n1,x\n'), cosmosDataset(cosmos, collection, { typeProperties }), {
        sink: cosmosSink(),
      }),
    );
  await assert.rejects(writing('wrong', right), { errorCode: 'UserErrorCosmosDbCollectionNotFound' });
  await assert.rejects(writing('right', { ...right, database: 'shoq' }), {
    errorCode: 'UserErrorCosmosDbDatabaseNotFound',
  });
  await assert.rejects(writing('right', stranger), { message: /refused the credential/ });
});

test('a store that is busy or that loses a connection is tried again; an insert is not, where it may have been done', async () => {
  const container = await cosmos.container('patient');
  type Trouble = 'busy' | 'lost' | 'lost after';
  const troubles: Trouble[] = [];
  const rangeTroubles: Trouble[] = [];
  const isBulk = (headers: NodeJS.Dict<string | string[]>) => headers['x-ms-cosmos-is-batch-request'] !== undefined;
  const proxy = createServer(await stage.authority.issue(['busy.documents.azure.com']), (request, response) => {
    const isRanges = request.url?.endsWith('/pkranges') === true;
    const trouble = isRanges ? rangeTroubles.shift() : isBulk(request.headers) ? troubles.shift() : undefined;
    if (trouble === 'lost') return request.socket.destroy();
    if (trouble === 'busy') {
      request.resume();
      return response.writeHead(429, { 'x-ms-retry-after-ms': '5' }).end('{"code":"429","message":"busy"}');
    }
    const { method, url = '/' } = request;
    // Who is asked stands in the address; the signature does not depend on it.
    const { host: _, ...headers } = request.headers;
    const passed = ask(new URL(url, cosmos.endpoint), { method: method!, headers }, (answer) => {
      if (trouble === 'lost after') return request.socket.destroy();
      response.writeHead(answer.statusCode!, answer.headers);
      return answer.pipe(response);
    });
    return request.pipe(passed);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const endpoint = `https://busy.documents.azure.com:${(proxy.address() as AddressInfo).port}`;
  const write = async (text: string, writeBehavior: string) =>
    runJob(
      rowJob(await csvIn(text), cosmosDataset({ ...cosmos, endpoint }, 'patient'), {
        sink: cosmosSink({ writeBehavior }),
      }),
    );
  try {
    troubles.push('lost', 'lost after');
    await write('id,city\n1,x\n', 'upsert');
    rangeTroubles.push('lost');
    await write('id,city\n1,x\n', 'upsert');
    troubles.push('busy');
    await write('id,city\n2,x\n', 'insert');
    // The first of two rows with one id is held up: it must not arrive after the second.
    troubles.push('busy');
    await write('id,city,n\n2,x,first\n2,x,second\n', 'upsert');
    assert.equal((await documentsOf(container))['2']!.n, 'second');
    troubles.push('lost after');
    await assert.rejects(write('id,city\n3,x\n', 'insert'), {
      errorCode: 'CosmosDbSqlApiOperationFailed',
      message: /Unable to connect/,
    });
    assert.deepEqual(Object.keys(await documentsOf(container)), ['1', '2', '3']);
    assert.deepEqual([troubles, rangeTroubles], [[], []]);
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
});
