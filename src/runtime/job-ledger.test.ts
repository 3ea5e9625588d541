import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createJobLedger } from './job-ledger.ts';

test('a flow belongs to the job that its worker ran at that instant, and to none between two', () => {
  let now = Date.parse('2026-11-01T10:00:00.000Z');
  const ledger = createJobLedger(10, () => now);
  const at = (seconds: number) => new Date(Date.parse('2026-11-01T10:00:00.000Z') + seconds * 1000).toISOString();
  const endFirst = ledger.begin('w1', 'first');
  now += 2000;
  endFirst();
  now += 2000;
  ledger.begin('w1', 'second');
  assert.equal(ledger.at('w1', at(1)), 'first');
  assert.equal(ledger.at('w1', at(3)), null);
  assert.equal(ledger.at('w1', at(9)), 'second', 'still under way');
  assert.equal(ledger.at('w2', at(1)), null);
});

test('the oldest job is forgotten first, and no more are kept than there is room for', () => {
  const ledger = createJobLedger(2, () => 1000);
  for (const job of ['a', 'b', 'c']) ledger.begin(`w-${job}`, job);
  const then = new Date(1000).toISOString();
  assert.deepEqual(
    ['a', 'b', 'c'].map((job) => ledger.at(`w-${job}`, then)),
    [null, 'b', 'c'],
  );
});
