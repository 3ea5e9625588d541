import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readPairs } from './connection-string.ts';

/** What a connection string is, as one expression; it is too slow for strangers' texts. */
const byExpression = (text: string): Map<string, string> | undefined => {
  const pair = /\s*([^=;]+?)\s*=\s*(?:"((?:[^"]|"")*)"|'((?:[^']|'')*)'|([^;]*?))\s*(?:;|$)/y;
  const pairs = new Map<string, string>();
  while (pair.lastIndex < text.length) {
    if (/^[\s;]*$/.test(text.slice(pair.lastIndex))) break;
    const [, name = '', double, single, plain = ''] = pair.exec(text) ?? [];
    if (name.trim() === '') return undefined;
    const value = double?.replaceAll('""', '"') ?? single?.replaceAll("''", "'") ?? plain;
    pairs.set(name.replace(/\s+/g, '').toLowerCase(), value);
  }
  return pairs;
};

test('pairs are read with their quotes, and what is none is undefined', () => {
  assert.deepEqual(
    readPairs(' Server = tcp:a,1433 ; User ID=b;Password="x;""y" ;'),
    new Map(
      Object.entries({
        server: 'tcp:a,1433',
        userid: 'b',
        password: 'x;"y',
      }),
    ),
  );
  for (const text of ['nonsense', 'a=b;c', '=b', 'a=b;;c=d']) assert.equal(readPairs(text), undefined, text);
  const text = fc.string({ unit: fc.constantFrom('a', 'B', '=', ';', '"', "'", ' ', '\n'), maxLength: 14 });
  fc.assert(
    fc.property(text, (one) => assert.deepEqual(readPairs(one), byExpression(one))),
    { numRuns: 20_000 },
  );
});

test('blanks and quotes by the hundred thousand are read at once', () => {
  const many = 200_000;
  for (const text of [' '.repeat(many), '"'.repeat(many), "a='' ".repeat(many), 'a="" x;'.repeat(many)])
    for (const whole of [`${text}x`, `a=${text}x`, `a${text}=x`, `a="${text}`]) readPairs(whole);
  assert.equal(readPairs(`${' '.repeat(many)}x`), undefined);
});
