import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fitsPattern, withoutSlashes } from './text.ts';

test('slashes at the end go, and millions elsewhere cost nothing', () => {
  for (const [text, expected] of [
    ['', ''],
    ['/', ''],
    ['a', 'a'],
    ['/a//b//', '/a//b'],
  ] as const)
    assert.equal(withoutSlashes(text), expected);
  const long = `${'/'.repeat(4_000_000)}x`;
  assert.equal(withoutSlashes(long), long);
});

test('a pattern describes what the same expression matches', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '*', '.', '/'), maxLength: 8 });
  fc.assert(
    fc.property(letters, letters, (pattern, text) => {
      const expression = pattern.split('*').map(RegExp.escape).join('.*');
      assert.equal(fitsPattern(pattern, text), new RegExp(`^${expression}$`, 'i').test(text));
    }),
    { numRuns: 5000 },
  );
});

test('a pattern of many stars is decided at once', () => {
  const text = 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items/create';
  assert.equal(fitsPattern(`${'*'.repeat(1000)}!`, text), false);
  assert.equal(fitsPattern(`${'*e'.repeat(30)}!`, 'e'.repeat(2000)), false);
  assert.equal(fitsPattern('*'.repeat(1_000_000), text), true);
});
