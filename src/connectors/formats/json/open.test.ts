import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '../../../base/json.ts';
import type { Column, Value } from '../../row/record-batch.ts';
import type { FileRequest } from '../definition.ts';
import { openReader, openWriter } from './open.ts';
import { pathOfColumn, readJsonPath, writeJsonPath } from './path.ts';
import { createObjectSplitter, maxDepth, maxObjectLength } from './split.ts';

const properties = (values: JsonObject = {}) => ({ values, where: 'Dataset' });

async function* cut(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const read = async (text: string | Buffer, request: FileRequest = {}, dataset: JsonObject = {}, size = 7) => {
  let columns: readonly Column[] = [];
  const rows: Value[][] = [];
  for await (const batch of openReader(properties(dataset))(cut(Buffer.from(text), size), 'a.json', request)) {
    columns = batch.columns;
    rows.push(...batch.rows);
  }
  return { types: Object.fromEntries(columns.map(({ name, type }) => [name, type])), rows };
};

const write = async (
  columns: readonly Column[],
  rows: Value[][],
  settings: JsonObject = {},
  dataset: JsonObject = {},
) => {
  const batches = async function* () {
    yield { columns, rows };
  };
  const chunks: Buffer[] = [];
  for await (const chunk of openWriter(properties(dataset), properties(settings))(columns, batches()))
    chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

test('objects in lines, one after the other, over several lines, in a list, or one alone', async () => {
  for (const text of [
    '{"a":1,"b":"x"}\n{"a":2,"b":"}\\"{"}\r\n',
    '{"a":1,"b":"x"}{"a":2,"b":"}\\"{"}',
    '\ufeff{\n "a": 1,\n "b": "x"\n}\n\n{"b":"}\\"{",\n"a":2}',
    '[{"a":1,"b":"x"},\n{"a":2,"b":"}\\"{"}]\n',
  ])
    assert.deepEqual(
      await read(text),
      {
        types: { a: 'Int64', b: 'String' },
        rows: [
          [1n, 'x'],
          [2n, '}"{'],
        ],
      },
      text,
    );
  assert.deepEqual((await read('{"a":true}')).rows, [[true]]);
  assert.deepEqual((await read('')).rows, []);
  assert.deepEqual((await read('[]')).rows, []);
});

test('wherever the bytes are cut, the same objects are found', () => {
  fc.assert(
    fc.property(
      fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), { minLength: 1, maxLength: 5 }),
      fc.array(fc.nat(40), { maxLength: 20 }),
      fc.constantFrom('lines', 'list', 'together'),
      (objects, cuts, form) => {
        const texts = objects.map((each) => JSON.stringify(each));
        const text = form === 'list' ? `[${texts.join(' ,')}]` : texts.join(form === 'lines' ? '\n' : '');
        const splitter = createObjectSplitter();
        const found: string[] = [];
        let at = 0;
        for (const length of cuts) {
          found.push(...splitter.push(text.slice(at, at + length), false));
          at += length;
        }
        found.push(...splitter.push(text.slice(at), true));
        assert.deepEqual(found, texts);
      },
    ),
  );
});

test('no number loses a digit: what JavaScript cannot hold is a Decimal, Int64 is whole, and nested ones keep their text', async () => {
  const digits = '12345678901234567890123456789012345678';
  const { types, rows } = await read(
    `{"big":${digits},"long":9223372036854775807,"half":0.5,"fine":0.1234567890123456789,"n":{"v":[${digits},1.50]}}`,
  );
  assert.deepEqual(types, { big: 'Decimal', long: 'Int64', half: 'Double', fine: 'Decimal', n: 'String' });
  assert.deepEqual(rows, [[digits, 9223372036854775807n, 0.5, '0.1234567890123456789', `{"v":[${digits},1.50]}`]]);
  // One that only another row's type could hold decides for the column.
  assert.deepEqual((await read('{"a":1}{"a":0.5}{"a":null}')).rows, [[1], [0.5], [null]]);
  assert.deepEqual((await read('{"a":9007199254740993}{"a":0.5}')).types, { a: 'Decimal' });
  assert.deepEqual((await read('{"a":1}{"a":"x"}{"a":true}{}')).rows, [['1'], ['x'], ['True'], [null]]);
  const late = `${'{"a":1}\n'.repeat(1000)}{"a":1.5}`;
  await assert.rejects(read(late, {}, {}, 4096), {
    errorCode: 'TypeConversionFailure',
    message: /'a' in row 1001 .*source a type/,
  });
  assert.deepEqual((await read(late, { wanted: [{ name: 'a', type: 'Decimal' }] }, {}, 4096)).rows.at(-1), ['1.5']);
  await assert.rejects(read(`${'{"a":1}\n'.repeat(1000)}{"a":1,"b":2}`, {}, {}, 4096), {
    errorCode: 'JsonUnknownColumn',
    message: /'b'/,
  });
});

test('paths lead into nested values, and a collection makes rows of a list', async () => {
  const text = '{"id":7,"who":{"first":"Ann","x y":1},"lines":[{"p":"a","q":{"n":1}},{"p":"b"}]}';
  const at = (...names: string[]) => ({ wanted: names.map((name) => ({ name, type: undefined })) });
  assert.deepEqual(
    (await read(text, at('id', "['who']['first']", "['lines'][1]['p']", "['who']['none']", 'who'))).rows,
    [[7n, 'Ann', 'b', null, '{"first":"Ann","x y":1}']],
  );
  assert.deepEqual((await read(text, { ...at("$['id']", 'p', "['q']['n']"), collection: "$['lines']" })).rows, [
    [7n, 'a', 1n],
    [7n, 'b', null],
  ]);
  await assert.rejects(read(text, { ...at('p'), collection: "$['who']" }), { errorCode: 'JsonInvalidDataFormat' });
  // Inherited properties are no values.
  assert.deepEqual((await read('{"a":1}', at('constructor', "['a']['toString']", '__proto__'))).rows, [
    [null, null, null],
  ]);
  for (const [given, canonical] of [
    ['$.a.b', "$['a']['b']"],
    ["$['a']['b']", "$['a']['b']"],
    ['a.b[0]', "['a']['b'][0]"],
    ["$['it\\'s']", "$['it\\'s']"],
    ["['a']", 'a'],
    ['$', '$'],
  ] as const) {
    const path = readJsonPath(given)!;
    assert.equal(writeJsonPath(path), canonical);
    if (canonical !== '$') assert.deepEqual(pathOfColumn(canonical), path);
  }
  for (const wrong of ['$..a', 'a..b', '$a', "['a'", '$[*]', '', '$[-1]'])
    assert.equal(readJsonPath(wrong), undefined, wrong);
});

test('what is no JSON, too deep, too long or badly encoded is refused, with its place', async () => {
  for (const [text, why] of [
    ['{"a":1}{"a":}', /Object 2 .*not JSON/],
    ['{"a":1', /ends within/],
    ['[{"a":1}', /ends within/],
    ['[{"a":1} {"a":2}]', /object is expected/],
    ['[1,2]', /object is expected/],
    ['[{"a":1}]{"a":2}', /object is expected/],
    [`{"a":${'['.repeat(maxDepth)}`, /nested more than/],
    [`{"a":"${'x'.repeat(maxObjectLength)}`, /longer than/],
    ['{"a":01}', /not JSON/],
  ] as const)
    await assert.rejects(
      read(text, {}, {}, 1 << 16),
      { errorCode: 'JsonInvalidDataFormat', message: why },
      text.slice(0, 30),
    );
  await assert.rejects(read(Buffer.from([123, 0xff, 125])), { errorCode: 'JsonInvalidEncoding' });
  const utf16 = Buffer.from('\ufeff{"a":"ö"}', 'utf16le');
  assert.deepEqual((await read(utf16, {}, { encodingName: 'UTF-16' })).rows, [['ö']]);
});

test('rows are written as lines or as one list, numbers with all their digits, paths as objects of their own', async () => {
  const columns: Column[] = [
    { name: 'a', type: 'Decimal' },
    { name: "['n']['b']", type: 'Int64' },
    { name: "['n']['c']['d']", type: 'String' },
    { name: '__proto__', type: 'Double' },
  ];
  const rows: Value[][] = [
    ['0.10000000000000000000000000001', -9223372036854775808n, 'é"\u2028\ud800', 1e300],
    [null, null, null, null],
  ];
  const first =
    '{"a":0.10000000000000000000000000001,"n":{"b":-9223372036854775808,"c":{"d":"é\\"\u2028\\ud800"}},"__proto__":1e+300}';
  const second = '{"a":null,"n":{"b":null,"c":{"d":null}},"__proto__":null}';
  assert.equal(await write(columns, rows), `${first}\r\n${second}\r\n`);
  assert.equal(await write(columns, rows, { filePattern: 'arrayOfObjects' }), `[${first},\r\n${second}]`);
  assert.equal(await write(columns, [], { filePattern: 'arrayOfObjects' }), '[]');
  await assert.rejects(write([columns[1]!, { name: 'n', type: 'String' }], []), { errorCode: 'JsonUnwritableValue' });
  await assert.rejects(write([{ name: 'x', type: 'String' }], [['→']], {}, { encodingName: 'latin1' }), {
    errorCode: 'TypeConversionFailure',
    message: /'x' in row 1 .*latin1 does not have/,
  });
});

test('a list of two hundred thousand objects takes no more memory than a batch of them', async () => {
  const item = Buffer.from(`{"id":1,"name":"${'x'.repeat(400)}"},`);
  const block = Buffer.concat(Array.from({ length: 1000 }, () => item));
  const chunks = async function* () {
    yield Buffer.from('[');
    for (let at = 0; at < 200; at += 1) yield block;
    yield Buffer.from('{"id":2,"name":"last"}]');
  };
  let rows = 0;
  let most = 0;
  for await (const batch of openReader(properties())(chunks(), 'a.json')) {
    rows += batch.rows.length;
    most = Math.max(most, batch.rows.length);
  }
  assert.equal(rows, 200_001);
  assert.ok(most <= 2000, `a batch of ${most}`);
});
