// Which questions on a screen a change makes stale: none that it touches may be missed, for nobody reloads the page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Change, isTouched, readChange } from '../../studio/src/api/event.ts';

const group = '/subscriptions/s/resourcegroups/g';
const factory = `${group}/providers/microsoft.datafactory/factories/acme`;
const network = `${factory}/managedvirtualnetworks/default`;
const account = `${group}/providers/microsoft.storage/storageaccounts/sales`;
const written = (id: string): Change => ({ kind: 'resource', id, action: 'written' });

const touched: [string, string, Change][] = [
  ['the resource itself', `${factory}/pipelines/p`, written(`${factory}/pipelines/P`)],
  ['the list that it is in', `${factory}/pipelines?$top=1`, written(`${factory}/pipelines/p`)],
  ['what is asked of it', `${network}/providers/postern.network/decisions`, written(network)],
  [
    'a list over all groups',
    '/subscriptions/s/providers/microsoft.storage/storageaccounts?$top=1000',
    written(account),
  ],
  ['every resource', '/subscriptions/s/resources', written(account)],
  [
    'the requester’s side of a connection',
    `${network}/managedprivateendpoints`,
    written(`${account}/privateEndpointConnections/c`),
  ],
  [
    'the owner’s side of a request',
    `${account}/privateendpointconnections`,
    written(`${network}/managedPrivateEndpoints/e`),
  ],
  [
    'what may be reached',
    `${factory}/providers/postern.network/reachability`,
    written(`${account}/privateEndpointConnections/c`),
  ],
  [
    'an explanation',
    `${factory}/providers/postern.network/explain`,
    written(`${network}/providers/Postern.Network/egressPolicies/default`),
  ],
  ['the list of runs', `${factory}/querypipelineruns`, { kind: 'run', id: 'r', status: 'Failed' }],
  [
    'the activities of a run',
    `${factory}/pipelineruns/r/queryactivityruns`,
    { kind: 'activity', id: 'r', activityRunId: 'a', status: 'Failed' },
  ],
  ['flows', `${factory}/providers/postern.network/flows?top=1000`, { kind: 'flow', network, count: 1 }],
];

test('what a change touches is asked again', () => {
  for (const [what, question, change] of touched) assert.equal(isTouched(question, change), true, what);
});

test('what it does not touch is left alone', () => {
  const others: [string, Change][] = [
    [`${factory}/pipelines/p`, written(`${factory}/pipelines/p2`)],
    [`${factory}/datasets`, written(`${factory}/pipelines/p`)],
    [`${factory}/pipelines`, { kind: 'flow', network, count: 3 }],
    [`${network}/managedprivateendpoints`, { kind: 'run', id: 'r', status: 'Queued' }],
  ];
  for (const [question, change] of others) assert.equal(isTouched(question, change), false, question);
});

test('what is no change is none', () => {
  assert.deepEqual([readChange('{'), readChange('{}'), readChange('[]')], [null, null, null]);
});
