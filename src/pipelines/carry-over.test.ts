import assert from 'node:assert/strict';
import { test } from 'node:test';
import { staying } from './carry-over.ts';
import type { Condition } from './plan.ts';

const activity = (name: string, dependsOn: Record<string, Condition> = {}) => ({
  name,
  dependsOn: Object.entries(dependsOn).map(([on, condition]) => ({ activity: on, conditions: [condition] })),
  retry: 0,
  retryIntervalMs: 0,
  inactive: null,
});

test('what succeeded stays, but for what waited for something that is done again', () => {
  const activities = [
    activity('A'),
    activity('B', { A: 'Succeeded' }),
    activity('Fails'),
    activity('Catch', { Fails: 'Failed' }),
    activity('After', { Catch: 'Succeeded' }),
    activity('Both', { B: 'Completed', Fails: 'Completed' }),
  ];
  assert.deepEqual(staying(activities, new Set(['A', 'B', 'Catch', 'After', 'Both', 'Gone'])), ['A', 'B']);
  assert.deepEqual(staying(activities, new Set()), []);
});

test('an order that is another today is today’s', () => {
  const now = [activity('A'), activity('B', { New: 'Succeeded' }), activity('New'), activity('C', { A: 'Failed' })];
  assert.deepEqual(staying(now, new Set(['A', 'B', 'C'])), ['A']);
});
