import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fixedStart, pathTest } from './wildcard.ts';

const matches = (pattern: string, name: string) => pathTest('', pattern, false)(name);

test('* is any characters but a slash, ? none or one, ^ takes what follows as it is', () => {
  for (const [pattern, name, expected] of [
    ['*.csv', 'a.csv', true],
    ['*.csv', 'a.csvx', false],
    ['*.csv', 'a/b.csv', false],
    ['a?b', 'ab', true],
    ['a?b', 'axb', true],
    ['a?b', 'axxb', false],
    ['a?b', 'a\u{1f3ac}b', true],
    ['a^*b', 'a*b', true],
    ['a^*b', 'axb', false],
    ['a^', 'a^', true],
    ['(a|b).csv', 'a.csv', false],
    ['20*/m?', '2026/m1', true],
  ] as const)
    assert.equal(matches(pattern, name), expected, `${pattern} ${name}`);
});

test('a path matches where the expression of its pattern does', () => {
  const text = (characters: string[]) => fc.string({ unit: fc.constantFrom(...characters), maxLength: 7 });
  const pattern = text(['a', 'b', '/', '*', '?', '^']);
  const expressionOf = (part: string) =>
    part.replace(/\^(.)|([*?])|(.)/gs, (_, escaped, wild, plain) =>
      wild === undefined ? RegExp.escape(escaped ?? plain) : wild === '*' ? '[^/]*' : '[^/]?',
    );
  fc.assert(
    fc.property(pattern, pattern, fc.boolean(), text(['a', 'b', '/', '*', '^']), (folders, names, recursive, path) => {
      const below = recursive ? '(?:[^/]*/)*' : '';
      const expected = new RegExp(`^${expressionOf(folders)}${below}${expressionOf(names)}$`).test(path);
      assert.equal(pathTest(folders, names, recursive)(path), expected);
    }),
    { numRuns: 20_000 },
  );
});

test('a pattern of many stars is decided at once', () => {
  assert.equal(matches(`${'*'.repeat(200)}x`, 'a'.repeat(2000)), false);
  assert.equal(matches(`${'*a'.repeat(30)}x`, 'a'.repeat(1000)), false);
  assert.equal(pathTest('*/*/*/*/*/', `${'?a'.repeat(50)}x`, true)('a/'.repeat(500)), false);
});

test('what every match begins with', () => {
  assert.equal(fixedStart('a/b^*/c*d'), 'a/b*/c');
  assert.equal(fixedStart('plain'), 'plain');
});
