// A verdict must not be got by seeing nothing: each way in which a probe can be wrong or blind is tried.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Seen, Sight } from '../../activities/probe/attempt.ts';
import type { FlowRecord, Snapshot } from '../../network/policy/model.ts';
import type { Planned } from './probe-plan.ts';
import { planProbes } from './probe-plan.ts';
import { evidenceOf, verdictOf } from './verdict.ts';

const store = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/acmesales';
const host = 'acmesales.blob.core.windows.net';
const snapshot: Snapshot = {
  version: 3,
  stores: [],
  networks: [
    {
      key: 'net',
      kind: 'managed',
      title: 'default of factory acme',
      egress: { mode: 'None', audit: false, hosts: [] },
      endpoints: [
        {
          id: 'e1',
          name: 'sales',
          connection: 'c1',
          address: '10.77.0.4',
          ports: [443],
          names: [{ host, privateLinkName: null }],
          resourceId: store,
          groupId: 'blob',
          state: 'Approved',
          description: '',
          backend: { address: '127.0.0.1', port: 41000 },
        },
      ],
    },
  ],
};
const targets = [{ resourceId: store, groupId: 'blob', host, port: 443 }];
const plan = planProbes(snapshot, snapshot.networks[0]!, targets, [{ address: '127.0.0.1', port: 8443, what: 'API' }]);

const recordFor = ({ attempt, code }: Planned): FlowRecord[] =>
  attempt.kind !== 'connect' || code === null
    ? []
    : [
        {
          id: attempt.id,
          worker: 'w',
          network: 'net',
          at: '',
          address: attempt.host,
          port: attempt.port,
          protocol: 'tcp',
          host: /[:\d]$/.test(attempt.host) ? null : attempt.host,
          verdict: code.startsWith('Allowed') ? 'allowed' : 'denied',
          code,
          message: '',
          remedy: '',
          endpoint: null,
          bytesSent: 0,
          bytesReceived: 0,
          endedAt: '',
          end: 'closed',
        },
      ];

const asExpected = ({ attempt, expected }: Planned): Sight => ({
  id: attempt.id,
  seen: { allowed: 'answered', closed: 'reset', 'answered inside': 'resolved' }[expected] as Seen,
  detail: expected === 'answered inside' ? '198.18.0.9' : '',
});

const judge = (changes: { sight?: (planned: Planned) => Sight | null; records?: FlowRecord[] } = {}) => {
  const sights = plan.flatMap((planned) => {
    const sight = changes.sight ? changes.sight(planned) : asExpected(planned);
    return sight ? [[sight.id, sight] as const] : [];
  });
  const records = changes.records ?? plan.flatMap(recordFor);
  return verdictOf(evidenceOf(plan, { worker: 'w', sights: new Map(sights), records }));
};
const instead = (isMeant: (planned: Planned) => boolean, seen: Seen, detail = '') => ({
  sight: (planned: Planned) => (isMeant(planned) ? { id: planned.attempt.id, seen, detail } : asExpected(planned)),
});

test('the plan tries every way out: targets, neighbours, ports, literals, IPv6, UDP, names, loopback, metadata, the API', () => {
  const categories = 'targets, neighbours, ports, addresses, IPv6, loopback, control plane, metadata, UDP, names';
  assert.equal([...new Set(plan.map(({ category }) => category))].join(', '), categories);
  assert.deepEqual(
    plan.filter(({ expected }) => expected === 'allowed').map(({ what }) => what),
    [`${host}:443`],
    'only the approved endpoint is expected to answer',
  );
  assert.ok(plan.length > 40);
  assert.equal(new Set(plan.map(({ attempt }) => attempt.id)).size, plan.length);
});

test('what is as expected throughout is sealed', () => {
  const verdict = judge();
  assert.deepEqual([verdict.sealed, verdict.agrees, verdict.reasons, verdict.leaks], [true, true, [], 0]);
});

test('one attempt that gets through anywhere is a leak', () => {
  for (const planned of plan.filter(({ expected }) => expected === 'closed'))
    for (const seen of ['answered', 'open'] as const) {
      const verdict = judge(instead((one) => one === planned, seen));
      assert.deepEqual([verdict.sealed, verdict.leaks], [false, 1], `${planned.what} ${seen}`);
    }
});

test('a flow that the gateway allowed against the rules is a leak, whatever the worker says it saw', () => {
  const neighbour = plan.find(({ category }) => category === 'neighbours')!;
  const records = plan
    .flatMap(recordFor)
    .map(
      (record): FlowRecord =>
        record.id === neighbour.attempt.id ? { ...record, verdict: 'allowed', code: 'Allowed.PublicHttps' } : record,
    );
  assert.deepEqual([judge({ records }).sealed, judge({ records }).leaks], [false, 1]);
});

test('an answer of the resolver that comes from outside is a leak; a text record is one too', () => {
  assert.equal(judge(instead(({ expected }) => expected === 'answered inside', 'resolved', '93.184.216.34')).leaks, 1);
  assert.equal(judge(instead(({ what }) => what === 'a text record', 'resolved')).leaks, 1);
});

test('seeing nothing proves nothing', () => {
  assert.equal(judge({ sight: () => null }).sealed, false, 'a silent worker');
  assert.equal(judge(instead(() => true, 'failed')).sealed, false, 'a worker that could not try');
  assert.equal(judge({ records: [] }).sealed, false, 'a gateway that saw nobody try');
  assert.equal(judge(instead(({ expected }) => expected === 'answered inside', 'silent')).sealed, false, 'no resolver');
  const one = plan.find(({ category }) => category === 'UDP')!;
  const missing = judge({ sight: (planned) => (planned === one ? null : asExpected(planned)) });
  assert.deepEqual([missing.sealed, missing.untried], [false, 1]);
});

test('another reason than the policy’s, or an approved endpoint that is shut, is told without being a leak', () => {
  const records = plan
    .flatMap(recordFor)
    .map((record) => (record.code === 'AddressLiteral' ? { ...record, code: 'HostNotAllowed' } : record));
  const other = judge({ records });
  assert.deepEqual([other.sealed, other.agrees, other.leaks], [true, false, 0]);
  const shut = judge(instead(({ expected }) => expected === 'allowed', 'reset'));
  assert.deepEqual([shut.sealed, shut.agrees, shut.shutThoughAllowed], [true, false, 1]);
});
