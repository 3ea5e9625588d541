// What the map draws of more than it can: what moves, what was refused and what waits come first, and anything is found.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reachability } from '../../src/cli/network-shape.ts';
import type { Flow } from '../../studio/src/api/shape.ts';
import { mapOf, mostDrawn } from '../../studio/src/page/network/map-model.ts';

const factory = '/subscriptions/s/resourceGroups/g/providers/Microsoft.DataFactory/factories/acme';
const network = `${factory}/managedVirtualNetworks/default`;
const store = (index: number) =>
  `/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/store${index}`;
const endpoint = (index: number, state = 'Approved') => ({
  id: `${network}/managedPrivateEndpoints/gate-${index}`,
  name: `gate-${index}`,
  state,
  resourceId: store(index),
  groupId: 'blob',
  description: 'Not this year',
});
const now = Date.parse('2026-11-01T12:00:00Z');

const told = (endpoints: ReturnType<typeof endpoint>[]) =>
  ({
    networks: [{ network, kind: 'managed', says: '', egress: { mode: 'None' }, endpoints }],
    runtimes: [{ name: 'sealed', network }],
    matrix: [],
  }) as unknown as Reachability;
const flow = (index: number, more: Partial<Flow>): Flow =>
  ({
    id: `flow-${index}`,
    network,
    endpoint: endpoint(index).id.toUpperCase(),
    at: '2026-11-01T11:59:30Z',
    endedAt: null,
    verdict: 'allowed',
    bytesSent: 1000,
    bytesReceived: 500,
    port: 443,
    ...more,
  }) as Flow;

test('of five thousand gates those are drawn that somebody would look for, in their order', () => {
  const endpoints = Array.from({ length: 5000 }, (_, index) =>
    endpoint(index, index === 4500 ? 'Pending' : 'Approved'),
  );
  const flows = [flow(4999, {}), flow(3000, { verdict: 'denied', endedAt: '2026-11-01T11:59:30Z' })];
  const map = mapOf(told(endpoints), { flows, rates: new Map([['flow-4999', 2048]]), now, word: '' });
  const names = map.gates.map(({ name }) => name);
  assert.equal(names.length, mostDrawn);
  assert.deepEqual(names.slice(-3), ['gate-3000', 'gate-4500', 'gate-4999']);
  assert.deepEqual(names.slice(0, 2), ['gate-0', 'gate-1']);
  assert.equal(map.left.gates, 5000 - mostDrawn);
  assert.deepEqual(map.gates.at(-1)?.weight, { live: 1, rate: 2048, bytes: 1500, denied: 0 });
  assert.equal(map.gates.at(-3)?.weight.denied, 1);
  assert.deepEqual(
    map.outsides.map(({ gate }) => gate),
    map.gates.map(({ id }) => id),
    'what a gate leads to stands beside it',
  );
});

test('a word finds a gate by its name or its store, and an owner’s reason stands at a shut one', () => {
  const endpoints = Array.from({ length: 5000 }, (_, index) =>
    endpoint(index, index === 4321 ? 'Rejected' : 'Approved'),
  );
  const map = mapOf(told(endpoints), { flows: [], rates: new Map(), now, word: ' Store4321 ' });
  assert.deepEqual(
    map.gates.map(({ name, reason }) => [name, reason]),
    [['gate-4321', 'Not this year']],
  );
});
