import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse as peer } from 'csv-parse/sync';
import fc from 'fast-check';
import { UnwritableValue } from '../encoding.ts';
import { BadRow, createRowParser } from './parse.ts';
import type { DelimitedTextSettings } from './settings.ts';
import { createRowStringifier } from './stringify.ts';

const base = { columnDelimiter: ',', rowDelimiter: undefined, quoteChar: '"', escapeChar: '\\', nullValue: '' };
type Settings = Omit<DelimitedTextSettings, 'firstRowAsHeader' | 'encoding'>;

const parse = (text: string, settings: Partial<Settings> = {}, skip = 0) =>
  createRowParser({ ...base, ...settings }, skip).push(text, true);

/** The text given one character at a time. */
const parseSlowly = (text: string, settings: Partial<Settings> = {}, skip = 0) => {
  const parser = createRowParser({ ...base, ...settings }, skip);
  return [...[...Array(text.length).keys()].flatMap((at) => parser.push(text[at]!, false)), ...parser.push('', true)];
};

const cases: { what: string; text: string; settings?: Partial<Settings>; skip?: number; rows: string[][] }[] = [
  {
    what: 'any line break ends a row',
    text: 'a,b\r\nc,d\re,f\ng,h',
    rows: [
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
      ['g', 'h'],
    ],
  },
  { what: 'an empty line is no row, a quoted nothing is', text: '\n\r\na\n\n""\n', rows: [['a'], ['']] },
  {
    what: 'a delimiter at the end is followed by an empty value',
    text: 'a,\n,\n',
    rows: [
      ['a', ''],
      ['', ''],
    ],
  },
  { what: 'quotes keep delimiters and line breaks', text: '"a,b","c\r\nd"\n', rows: [['a,b', 'c\r\nd']] },
  {
    what: 'a backslash escapes a quote and itself, and nothing else',
    text: '"a\\"b","c\\\\","d\\n"\n',
    rows: [['a"b', 'c\\', 'd\\n']],
  },
  { what: 'a doubled quote is one even where the escape is a backslash', text: '"a""b",""""\n', rows: [['a"b', '"']] },
  { what: 'a quote as its own escape', text: '"a""b","c\\"\n', settings: { escapeChar: '"' }, rows: [['a"b', 'c\\']] },
  { what: 'a quote inside a plain value is itself', text: 'a"b,c""\n', rows: [['a"b', 'c""']] },
  { what: 'a backslash in a plain value is itself', text: 'C:\\new,\\"\n', rows: [['C:\\new', '\\"']] },
  {
    what: 'delimiters of several characters',
    text: 'a||b|c||"d||e"~~f||~~',
    settings: { columnDelimiter: '||', rowDelimiter: '~~' },
    rows: [
      ['a', 'b|c', 'd||e'],
      ['f', ''],
    ],
  },
  {
    what: 'a line break is text where rows end otherwise',
    text: 'a,b\n;c,d;',
    settings: { rowDelimiter: ';' },
    rows: [
      ['a', 'b\n'],
      ['c', 'd'],
    ],
  },
  {
    what: 'without quotes the escape keeps delimiters',
    text: 'a\\,b,"c\\\\,C:\\n\n',
    settings: { quoteChar: '' },
    rows: [['a,b', '"c\\', 'C:\\n']],
  },
  {
    what: 'without either every delimiter counts',
    text: '"a,b\\\n',
    settings: { quoteChar: '', escapeChar: '' },
    rows: [['"a', 'b\\']],
  },
  {
    what: 'lines that are skipped need not be rows',
    text: 'it\'s "so\n\nsecond\r\na,b\n',
    skip: 2,
    rows: [['a', 'b']],
  },
  {
    what: 'other alphabets',
    text: '東京,"Ça, Œuvre"\n😀,ü',
    rows: [
      ['東京', 'Ça, Œuvre'],
      ['😀', 'ü'],
    ],
  },
  { what: 'a delimiter beyond ASCII', text: 'a¦b¦c\n', settings: { columnDelimiter: '¦' }, rows: [['a', 'b', 'c']] },
];

for (const { what, text, settings, skip, rows } of cases)
  test(what, () => {
    assert.deepEqual(parse(text, settings, skip), rows);
    assert.deepEqual(parseSlowly(text, settings, skip), rows, 'given a character at a time');
  });

test('a quote that is never closed, and text after a closing one, name their row', () => {
  for (const text of ['a,b\nc,"d\n', 'a,b\n"c"d,e\n'])
    for (const read of [parse, parseSlowly])
      assert.throws(
        () => read(text),
        (error) => error instanceof BadRow && error.row === 2,
      );
});

test('a quote that is never closed does not fill the memory', () => {
  const parser = createRowParser(base);
  const piece = 'x'.repeat(2 ** 20);
  assert.throws(() => {
    parser.push('"', false);
    for (let at = 0; at < 40; at += 1) parser.push(piece, false);
  }, BadRow);
});

const values = fc.string({
  unit: fc.constantFrom('a', 'é', '"', '\\', ',', '|', '\r', '\n', ' ', '東', "'"),
  maxLength: 6,
});
const table = fc
  .integer({ min: 1, max: 4 })
  .chain((width) => fc.array(fc.array(values, { minLength: width, maxLength: width }), { maxLength: 6 }));

test('what is written is read again, whatever the settings', () => {
  const settings = fc.record({
    columnDelimiter: fc.constantFrom(',', '|', '||', '\t'),
    rowDelimiter: fc.constantFrom(undefined, '\n', '\r\n'),
    quoteChar: fc.constantFrom('"', "'"),
    escapeChar: fc.constantFrom('\\', '"', "'"),
    quoteAll: fc.boolean(),
  });
  fc.assert(
    fc.property(table, settings, (rows, { quoteAll, ...given }) => {
      const text = createRowStringifier({ ...base, ...given }, quoteAll)(rows);
      assert.deepEqual(parse(text, given), rows);
      assert.deepEqual(parseSlowly(text, given), rows);
    }),
    { numRuns: 500 },
  );
});

test('what is written with a quote as its own escape is read alike by another library, and the reverse', () => {
  fc.assert(
    fc.property(table, (rows) => {
      const text = createRowStringifier({ ...base, escapeChar: '"', rowDelimiter: '\n' }, true)(rows);
      assert.deepEqual(peer(text, { record_delimiter: '\n' }), rows);
    }),
    { numRuns: 200 },
  );
});

test('where there are no quotes, a value with a line break or a delimiter is escaped, or refused', () => {
  const write = createRowStringifier({ ...base, quoteChar: '' }, false);
  assert.deepEqual(parse(write([['a,b', 'c\\']]), { quoteChar: '' }), [['a,b', 'c\\']]);
  assert.throws(
    () => createRowStringifier({ ...base, quoteChar: '', escapeChar: '' }, false)([['a,b']]),
    UnwritableValue,
  );
});
