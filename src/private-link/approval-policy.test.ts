import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ApprovalPolicy, expiryOf, longestExpiryMs, readDuration, termsOf } from './approval-policy.ts';
import { shownState } from './connection.ts';

const subscription = '20000000-0000-4000-8000-000000000002';
const factory = `/subscriptions/${subscription}/resourceGroups/g/providers/Microsoft.DataFactory/factories/acme`;
const endpointKey = `${factory}/managedVirtualNetworks/default/managedPrivateEndpoints/sales`.toLowerCase();
const asked = { groupId: 'blob', requestedBy: 'engineer', endpointKey };

const policy = (changes: Partial<ApprovalPolicy> & { name: string }): ApprovalPolicy => ({
  who: { principals: [], factories: [], subscriptions: [] },
  groupIds: [],
  minimumApprovers: null,
  expiresAfterMs: null,
  ...changes,
});
const nobody = { principals: [], factories: [], subscriptions: [] };

test('without a policy, and with one that says nothing, a connection waits for one person and is approved for good', () => {
  for (const policies of [[], [policy({ name: 'silent' })]]) {
    const terms = termsOf(policies, asked);
    assert.deepEqual([terms.automatic, terms.minimumApprovers, terms.expiresAfterMs], [null, null, null]);
  }
});

test('who is approved at once is named by principal, factory or subscription, whole and in any case', () => {
  const isNamed = (who: Partial<ApprovalPolicy['who']>) =>
    termsOf([policy({ name: 'p', who: { ...nobody, ...who } })], asked).automatic?.name === 'p';
  assert.ok(isNamed({ principals: ['ENGINEER'] }));
  assert.ok(isNamed({ factories: [factory.toUpperCase()] }));
  assert.ok(isNamed({ subscriptions: [subscription] }));
  assert.ok(!isNamed({ principals: ['engine', 'engineer2', ''] }));
  assert.ok(!isNamed({ factories: [factory.slice(0, -1), `${factory}2`, factory.replace('acme', 'other')] }));
  assert.ok(!isNamed({ subscriptions: [subscription.slice(1), ''] }));
});

const policies = fc.array(
  fc.record({
    name: fc.string(),
    who: fc.constantFrom(nobody, { ...nobody, principals: ['engineer'] }),
    groupIds: fc.constantFrom([], ['blob'], ['table']),
    minimumApprovers: fc.option(fc.integer({ min: 1, max: 5 })),
    expiresAfterMs: fc.option(fc.integer({ min: 1, max: 5 })),
  }),
);

test('one policy more never makes an approval easier or longer, but for the one who is named by it', () => {
  fc.assert(
    fc.property(policies, policies, (some, more) => {
      const before = termsOf(some, asked);
      const after = termsOf([...some, ...more], asked);
      assert.ok((after.minimumApprovers ?? 0) >= (before.minimumApprovers ?? 0));
      assert.ok((after.expiresAfterMs ?? Infinity) <= (before.expiresAfterMs ?? Infinity));
      if (after.minimumApprovers !== null) assert.equal(after.automatic, null);
      if (after.automatic) assert.ok(after.automatic.who.principals.includes('engineer'));
      // What is about other sub-resources is about nothing here.
      const others = more.map((one) => ({ ...one, groupIds: ['table'] }));
      assert.deepEqual(termsOf([...some, ...others], asked), before);
    }),
  );
});

test('durations are read as ISO 8601 has them, months and years apart', () => {
  for (const [text, ms] of [
    ['P30D', 30 * 86_400_000],
    ['PT1H', 3_600_000],
    ['P1W', 604_800_000],
    ['P1DT2H3M4S', 93_784_000],
    ['PT0S', 0],
    ['P3650D', longestExpiryMs],
  ] as const)
    assert.equal(readDuration(text), ms, text);
  for (const text of [
    '',
    'P',
    'PT',
    'P1DT',
    '30D',
    'P1M',
    'P1Y',
    'p30d',
    'P-1D',
    'P1.5D',
    ' P1D',
    'P1D\n',
    'P1H',
    'PT1D',
  ])
    assert.equal(readDuration(text), null, JSON.stringify(text));
  fc.assert(fc.property(fc.string(), (text) => readDuration(`P${text}D`) === null || /^[\dWDTHMS]*$/.test(text)));
});

test('an approval reads as expired from its instant on, stays so once noted, and no other state ever does', () => {
  const at = '2026-11-01T00:00:00.000Z';
  const terms = termsOf([policy({ name: 'hour', expiresAfterMs: 3_600_000 })], asked);
  assert.equal(expiryOf(terms, at), '2026-11-01T01:00:00.000Z');
  const connection = { state: 'Approved', expires_at: expiryOf(terms, at), is_expired: 0 };
  assert.equal(shownState(connection, '2026-11-01T00:59:59.999Z'), 'Approved');
  assert.equal(shownState(connection, '2026-11-01T01:00:00.000Z'), 'Expired');
  assert.equal(
    shownState({ ...connection, is_expired: 1 }, at),
    'Expired',
    'a clock that was set back brings nothing back',
  );
  assert.equal(shownState({ ...connection, expires_at: null }, '9999-01-01'), 'Approved');
  for (const state of ['Pending', 'Rejected', 'Disconnected'])
    assert.equal(shownState({ ...connection, state, is_expired: 1 }, '9999-01-01'), state);
});
