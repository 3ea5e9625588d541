import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prefixOf, requireKnown, wordsOf } from './list-ask.ts';

test('a filter is the beginning of a name, and nothing else', () => {
  assert.equal(prefixOf({}), '');
  assert.equal(prefixOf({ $filter: 'logs-2' }), 'logs-2');
  for (const $filter of ["startswith(name,'a')", '.*', 'a\u0000', 'a b', 'a/b', 'x'.repeat(64)])
    assert.throws(() => prefixOf({ $filter }), { code: 'InvalidParameter', target: '$filter' });
});

test('words are read in any case, and unknown ones are refused', () => {
  assert.deepEqual(wordsOf({ $expand: ' Stats,,deleted ' }, '$expand'), ['stats', 'deleted']);
  requireKnown({}, '$expand', ['stats']);
  requireKnown({ $expand: 'STATS' }, '$expand', ['stats']);
  assert.throws(() => requireKnown({ $expand: 'stats,other' }, '$expand', ['stats']), {
    code: 'InvalidParameter',
    target: '$expand',
  });
});
