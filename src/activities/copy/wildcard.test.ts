import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedStart, wildcardExpression } from './wildcard.ts';

const matches = (pattern: string, name: string) => new RegExp(`^${wildcardExpression(pattern)}$`, 's').test(name);

test('* is any characters but a slash, ? none or one, ^ takes what follows as it is', () => {
  for (const [pattern, name, expected] of [
    ['*.csv', 'a.csv', true],
    ['*.csv', 'a.csvx', false],
    ['*.csv', 'a/b.csv', false],
    ['a?b', 'ab', true],
    ['a?b', 'axb', true],
    ['a?b', 'axxb', false],
    ['a^*b', 'a*b', true],
    ['a^*b', 'axb', false],
    ['(a|b).csv', 'a.csv', false],
    ['20*/m?', '2026/m1', true],
  ] as const)
    assert.equal(matches(pattern, name), expected, `${pattern} ${name}`);
});

test('a pattern of many stars is decided at once', () => {
  assert.equal(matches(`${'*'.repeat(200)}x`, 'a'.repeat(2000)), false);
});

test('what every match begins with', () => {
  assert.equal(fixedStart('a/b^*/c*d'), 'a/b*/c');
  assert.equal(fixedStart('plain'), 'plain');
});
