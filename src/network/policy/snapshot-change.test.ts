import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { managedKey, publicKey, sampleEndpoint, sampleNetwork, sampleStore } from '../../../test/network/sample.ts';
import type { Snapshot } from './model.ts';
import { changed, changeOf, nothingKnown } from './snapshot-change.ts';

const endpoint = fc
  .record({ id: fc.constantFrom('a', 'b', 'c', 'd'), state: fc.constantFrom('Pending', 'Approved') })
  .map(sampleEndpoint);
const network = fc
  .record({
    key: fc.constantFrom(managedKey, publicKey, 'other'),
    endpoints: fc.array(endpoint, { maxLength: 6 }),
    title: fc.constantFrom('one', 'two'),
  })
  .map(sampleNetwork);
const store = fc.record({ host: fc.constantFrom('a', 'b'), publicAccess: fc.boolean() }).map(sampleStore);
const snapshot: fc.Arbitrary<Snapshot> = fc
  .record({
    version: fc.nat(),
    networks: fc.uniqueArray(network, { selector: ({ key }) => key }),
    stores: fc.array(store),
  })
  .map((given) => ({ ...given }));

/** What the other side of the channel gets. */
const across = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

test('a change makes the one snapshot of the other, whatever the two are', () => {
  fc.assert(
    fc.property(snapshot, snapshot, (before, after) => {
      assert.deepEqual(changed(before, across(changeOf(before, after))), after);
      assert.deepEqual(changed(nothingKnown, across(changeOf(nothingKnown, after))), after);
    }),
  );
});

test('one decision among thousands of endpoints is told as one endpoint', () => {
  const endpoints = Array.from({ length: 5000 }, (_, at) => sampleEndpoint({ id: `e${at}` }));
  const before: Snapshot = { version: 1, networks: [sampleNetwork({ endpoints })], stores: [sampleStore()] };
  const decided = endpoints.with(2500, { ...endpoints[2500]!, state: 'Rejected' });
  const change = changeOf(before, { ...before, version: 2, networks: [sampleNetwork({ endpoints: decided })] });
  assert.ok(JSON.stringify(change).length < 2000);
  const after = changed(before, across(change));
  assert.equal(after.networks[0]!.endpoints[2499], endpoints[2499], 'the same object');
  assert.equal(after.networks[0]!.endpoints[2500]!.state, 'Rejected');
});

test('a change of another version is refused', () => {
  const before: Snapshot = { version: 1, networks: [], stores: [] };
  const change = changeOf(before, { ...before, version: 3 });
  assert.throws(() => changed({ ...before, version: 2 }, change), /version 1 cannot be applied to version 2/);
});
