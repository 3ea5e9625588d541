import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectionState } from './connection.ts';
import { decide } from './decision.ts';

const states: readonly ConnectionState[] = ['Pending', 'Approved', 'Rejected', 'Disconnected'];

test('an owner approves and rejects, changes their mind, and a Disconnected connection stays so', () => {
  const outcome = (state: ConnectionState, status: string) => {
    const decision = decide(state, status);
    return 'event' in decision ? decision.event : decision.refused;
  };
  const table = Object.fromEntries(
    states.map((state) => [state, ['Approved', 'Rejected', 'Pending', 'Disconnected'].map((to) => outcome(state, to))]),
  );
  assert.deepEqual(table, {
    Pending: ['Approve', 'Reject', null, 'IllegalMove'],
    Approved: [null, 'Reject', 'IllegalMove', 'IllegalMove'],
    Rejected: ['Approve', null, 'IllegalMove', 'IllegalMove'],
    Disconnected: ['IllegalMove', 'IllegalMove', 'IllegalMove', null],
  });
});

test('the status is read in any case, and an unknown word is no illegal move', () => {
  assert.deepEqual(decide('Pending', 'aPPROVED'), { event: 'Approve' });
  const decision = decide('Pending', 'Granted');
  assert.ok('refused' in decision);
  assert.equal(decision.refused, 'UnknownStatus');
  assert.match(decision.message, /'Granted'.*Approved or Rejected/);
  assert.ok('refused' in decide('Pending', 'constructor'));
});
