import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import type { JsonObject } from '../../../base/json.ts';
import type { Column, RecordBatch } from '../../row/record-batch.ts';
import { openReader as openText, openWriter as openTextWriter } from '../delimited-text/open.ts';
import { openWriter } from './open.ts';

const properties = (values: JsonObject = {}) => ({ values, where: 'Dataset' });
const dataset = properties({ firstRowAsHeader: true, nullValue: 'null' });

const joined = async (chunks: AsyncIterable<Buffer>) => {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
};
const columns: Column[] = ['a', 'b', 'c'].map((name) => ({ name, type: 'String' }));

/** The rows as delimited text. */
const textOf = (rows: (string | null)[][]) =>
  joined(
    openTextWriter(dataset, properties({ quoteAllText: true }))(
      columns,
      (async function* () {
        yield { columns, rows };
      })(),
    ),
  );

/** The text as Parquet by its bytes, and what another library reads there. */
const readBack = async (text: Buffer, from = dataset) => {
  let batches = 0;
  const asText = async function* (): AsyncGenerator<RecordBatch> {
    const chunks = async function* () {
      yield text;
    };
    for await (const batch of openText(from, properties())(chunks(), 'a.csv', { asText: true })) {
      assert.ok(batch.text);
      batches += 1;
      yield batch;
    }
  };
  const bytes = await joined(openWriter(properties())(columns, asText()));
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const found = await parquetReadObjects({ file });
  return { batches, rows: found.map(({ a, b, c }) => [a ?? null, b ?? null, c ?? null]) };
};

const passed = async (rows: (string | null)[][]) => readBack(await textOf(rows));

const odd = [
  'N',
  'n',
  'NN',
  '',
  ' ',
  ' a',
  'a ',
  'a b',
  '"',
  '""',
  'a"b',
  ',',
  'a,b',
  '\n',
  '\r\n',
  '\t',
  '\u0001',
  '\\',
];
const more = ['NULL', 'null ', 'é', '€uro', '😀', '\u007f', '-', '#', "'", 'a\ufeff', '\u00a0', 'x'.repeat(5000)];

test('every value passes through as it is, by bytes: none becomes null, loses a space or a quote', async () => {
  const values = [...odd, ...more];
  const rows = values.flatMap((one, at) => [
    [one, values[(at * 7 + 3) % values.length]!, null],
    [null, one, one],
  ]);
  assert.deepEqual((await passed(rows)).rows, rows);
  const value = fc.oneof(
    fc.constant(null),
    fc.constantFrom(...values),
    // What cannot be said in UTF-8 cannot be written at all, and the other library takes a mark in front for one.
    fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.toWellFormed().replace(/^\ufeff+/, '')),
  );
  const row = fc.array(value, { minLength: 3, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (any) => {
      const sayable = any.map((each) => each.map((one) => (one === 'null' ? 'nul' : one)));
      assert.deepEqual((await passed(sayable)).rows, sayable);
    }),
    { numRuns: 20 },
  );
});

test('what means something to the format in between is text where it means nothing in the file', async () => {
  const from = properties({ firstRowAsHeader: true, columnDelimiter: '|', quoteChar: "'" });
  const text = 'a|b|c\n"|""|"x\nx"y|a,b|,\n"a","b"|N,|"N"\n';
  assert.deepEqual((await readBack(Buffer.from(text), from)).rows, [
    ['"', '""', '"x'],
    ['x"y', 'a,b', ','],
    ['"a","b"', 'N,', '"N"'],
  ]);
});

test('rows of many groups keep their order', async () => {
  const rows = Array.from({ length: 300_000 }, (_, at) => [String(at), `value, ${at % 97}`, at % 5 === 0 ? null : 'x']);
  const { batches, rows: found } = await passed(rows);
  assert.ok(batches > 30);
  assert.equal(found.length, rows.length);
  assert.ok(found.every(([a, b, c], at) => a === rows[at]![0] && b === rows[at]![1] && c === rows[at]![2]));
});
