import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doctor } from './doctor.ts';

test('this machine seals: every step is done for real', async () => {
  const report = await doctor();
  assert.deepEqual(
    report.steps.filter(({ ok }) => !ok),
    [],
  );
  assert.deepEqual(
    report.steps.map(({ name }) => name),
    ['machine', 'seal', 'network', 'jail', 'attack'],
  );
  assert.equal(report.able, true);
  assert.equal(report.remedy, null);
});
