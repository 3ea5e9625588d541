import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ActivityError } from '../../../base/error.ts';
import type { JsonObject } from '../../../base/json.ts';
import { rowsIn } from '../../row/record-batch.ts';
import { openReader } from './open.ts';

const properties = (values: JsonObject) => ({ values, where: 'test' });

async function* cut(bytes: Buffer, places: readonly number[]) {
  const cuts = [0, ...places.toSorted((a, b) => a - b), bytes.length];
  // What was given before is overwritten, as blocks of a pool are.
  const block = Buffer.alloc(bytes.length);
  for (const [index, from] of cuts.slice(0, -1).entries()) {
    const length = bytes.copy(block, 0, from, cuts[index + 1]);
    yield block.subarray(0, length);
    block.fill(0);
  }
}

type Way = { asText: boolean; cuts?: readonly number[]; skip?: number };

/** The columns and rows of a file, or the code and words that it fails with. */
const read = async (bytes: Buffer, dataset: JsonObject, { asText, cuts = [], skip = 0 }: Way) => {
  const reader = openReader(properties(dataset), properties({ skipLineCount: skip }));
  const seen: unknown[] = [];
  let names: readonly string[] | undefined;
  let isText = false;
  try {
    for await (const batch of reader(cut(bytes, cuts), 'it.csv', { asText })) {
      names = batch.columns.map(({ name }) => name);
      isText ||= batch.text !== undefined;
      const { rows } = batch;
      assert.equal(rows.length, rowsIn(batch));
      seen.push(...rows);
    }
    return { isText, result: [names, seen] };
  } catch (error) {
    if (!(error instanceof ActivityError)) throw error;
    return { isText, result: [error.errorCode, error.message] };
  }
};

const pieces = [
  'a',
  'bc',
  ',',
  ',',
  '"',
  '"',
  '""',
  '\\',
  '\\"',
  '\n',
  '\n',
  '\r',
  '\r\n',
  'é',
  '€',
  '😀',
  'N',
  ' ',
  '',
];
const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((parts) => parts.join(''));
const settings = fc.record({
  columnDelimiter: fc.constantFrom(',', '|'),
  rowDelimiter: fc.constantFrom('', '\n', '\r', '~'),
  quoteChar: fc.constantFrom('"', "'"),
  escapeChar: fc.constantFrom('\\', '"', "'"),
  firstRowAsHeader: fc.boolean(),
  nullValue: fc.constantFrom('', 'N', 'é', '"'),
});

test('rows found in bytes are those of the text, however both are cut, and so is what is wrong with them', async () => {
  await fc.assert(
    fc.asyncProperty(
      texts,
      settings,
      fc.array(fc.nat({ max: 60 }), { maxLength: 4 }),
      fc.constantFrom(0, 0, 1, 2),
      async (text, dataset, places, skip) => {
        const bytes = Buffer.from(text);
        const cuts = places.map((place) => Math.min(place, bytes.length));
        const expected = await read(bytes, dataset, { asText: false, skip });
        const found = await read(bytes, dataset, { asText: true, cuts, skip });
        // Of several faults the text tells of that of the format first, the bytes of the first one.
        const isOther = typeof found.result[0] === 'string' && found.result[0] !== expected.result[0];
        if (isOther) assert.equal(expected.result[0], 'DelimitedTextBadDataDetected');
        else assert.deepEqual(found.result, expected.result);
      },
    ),
    { numRuns: 3000 },
  );
});

test('a name is text, also where it says what stands for null', async () => {
  const bytes = Buffer.from('""""\n""""\n');
  const dataset = { escapeChar: '\\', firstRowAsHeader: true, nullValue: '"' };
  for (const asText of [false, true])
    assert.deepEqual((await read(bytes, dataset, { asText })).result, [['"'], [[null]]]);
});

test('a mark of the order of bytes is no part of the first value, and stays what it is elsewhere', async () => {
  const dataset = { firstRowAsHeader: false };
  const bytes = Buffer.from('\ufeffa,\ufeffb\n\ufeffc,d\n');
  for (const cuts of [[], [1], [2], [1, 2, 3], [4]])
    assert.deepEqual(
      (await read(bytes, dataset, { asText: true, cuts })).result,
      (await read(bytes, dataset, { asText: false })).result,
    );
});

test('what is not UTF-8 is refused wherever it stands', async () => {
  for (const bytes of [
    [97, 0xff, 10],
    [97, 10, 98, 0xe2, 0x82],
    [0xef, 0xbb],
    [97, 44, 0xc3, 10, 98, 44, 99, 10],
  ]) {
    const { result } = await read(Buffer.from(bytes), {}, { asText: true });
    assert.equal(result[0], 'DelimitedTextInvalidEncoding');
  }
});

test('text stays where it lies for the settings that most files have, and no others', async () => {
  const isText = async (dataset: JsonObject) =>
    (await read(Buffer.from('a,b\nc,d\n'), dataset, { asText: true })).isText;
  assert.equal(await isText({}), true);
  assert.equal(await isText({ quoteChar: '', escapeChar: '' }), true);
  for (const other of [
    { columnDelimiter: '||' },
    { rowDelimiter: '\r\n' },
    { encodingName: 'windows-1252' },
    { quoteChar: '', escapeChar: '\\' },
    { quoteChar: '«' },
  ])
    assert.equal(await isText(other), false);
});

test('a quote that is never closed does not fill the memory', async () => {
  for (const before of ['a\n', '']) {
    const long = Buffer.from(`${before}"${'x'.repeat(17 * 2 ** 20)}`);
    const { result } = await read(long, {}, { asText: true });
    assert.equal(result[0], 'DelimitedTextBadDataDetected');
    assert.match(String(result[1]), /longer than/);
  }
});
