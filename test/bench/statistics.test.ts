import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, quantile } from '../../bench/harness/statistics.ts';

test('a quantile lies between its neighbours', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(quantile([0, 10], 0.9), 9);
  assert.equal(quantile([7], 0.1), 7);
  assert.ok(Number.isNaN(median([])));
});
