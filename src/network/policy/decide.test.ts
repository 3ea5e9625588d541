import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  managedKey,
  publicKey,
  sampleEndpoint,
  sampleFlow,
  sampleNetwork,
  sampleSnapshot,
  sampleStore,
} from '../../../test/network/sample.ts';
import { compileSnapshot } from './compiled-snapshot.ts';
import { decide, decideResolved, isSameWay } from './decide.ts';
import type { Allow, EgressPolicy, Endpoint, Flow, Snapshot, Store } from './model.ts';

const judge = (snapshot: Snapshot, flow: Flow) => decide(compileSnapshot(snapshot), flow);
const code = (snapshot: Snapshot, flow: Flow) => judge(snapshot, flow).code;

const withEndpoint = (changes: Partial<Endpoint>) =>
  sampleSnapshot({ networks: [sampleNetwork({ endpoints: [sampleEndpoint(changes)] })] });
const withEgress = (egress: Partial<EgressPolicy>, store: Partial<Store> = {}) =>
  sampleSnapshot({
    networks: [sampleNetwork({ egress: { mode: 'Https', audit: false, hosts: [], ...egress } })],
    stores: [sampleStore(store)],
  });
const publicFlow = (changes: Partial<Flow> = {}) =>
  sampleFlow({ address: '198.18.0.1', host: 'api.example.com', ...changes });
const vaultFlow = (changes: Partial<Flow> = {}) => publicFlow({ host: 'acmekeys.vault.azure.net', ...changes });

test('an approved endpoint leads to its one backend, by name and by address', () => {
  for (const host of ['acmesales.blob.core.windows.net', 'acmesales.privatelink.blob.core.windows.net', null]) {
    const verdict = judge(sampleSnapshot(), sampleFlow({ host }));
    assert.equal(verdict.code, 'Allowed.PrivateEndpoint');
    assert.ok(verdict.allow && verdict.code === 'Allowed.PrivateEndpoint');
    assert.deepEqual(verdict.backend, { address: '127.0.0.1', port: 41001 });
    assert.equal(verdict.groupId, 'blob');
  }
});

test('an endpoint that is not approved carries nothing, and the refusal names it, its target and the call', () => {
  for (const state of ['Pending', 'Rejected', 'Disconnected', 'Expired'] as const) {
    const verdict = judge(withEndpoint({ state, description: 'not for you' }), sampleFlow());
    assert.ok(!verdict.allow);
    assert.equal(verdict.code, `Endpoint${state}`);
    assert.match(verdict.message, /'sales' \(blob of 'acmesales'\)/);
    assert.equal(verdict.endpoint, sampleEndpoint().id);
    assert.match(verdict.remedy, /storageAccounts\/acmesales/);
    if (state === 'Rejected') assert.match(verdict.message, /not for you/);
    if (state !== 'Disconnected')
      assert.match(verdict.remedy, /PUT \/sub.*\/privateEndpointConnections\/acme\.sales.*az network/);
  }
});

test('an unheard-of state is refused', () => {
  assert.equal(judge(withEndpoint({ state: 'Odd' as 'Approved' }), sampleFlow()).allow, false);
});

test('an endpoint serves its own ports, over TCP', () => {
  assert.equal(code(sampleSnapshot(), sampleFlow({ port: 22 })), 'UnknownPort');
  assert.equal(code(sampleSnapshot(), sampleFlow({ protocol: 'udp' })), 'UnknownPort');
  assert.equal(code(withEndpoint({ ports: [22] }), sampleFlow({ port: 22 })), 'Allowed.PrivateEndpoint');
});

test('an approved endpoint whose store does not run is StoreUnavailable', () => {
  assert.equal(code(withEndpoint({ backend: null }), sampleFlow()), 'StoreUnavailable');
});

test('each port of a Private Link Service leads to its own place, and a port without one nowhere', () => {
  const byPort = { 5432: { address: '10.1.2.3', port: 5432 }, 1434: { address: '10.1.2.4', port: 1433 }, 9022: null };
  const names = ['db.corp.example', 'replica.corp.example'].map((host) => ({ host, privateLinkName: null }));
  const endpoint = sampleEndpoint({ groupId: '', names, ports: [1434, 5432, 9022], backend: null, byPort });
  const compiled = compileSnapshot(sampleSnapshot({ networks: [sampleNetwork({ endpoints: [endpoint] })] }));
  const decided = (port: number, host = 'db.corp.example') => decide(compiled, sampleFlow({ host, port }));
  for (const host of ['db.corp.example', 'replica.corp.example'])
    for (const [port, backend] of [
      [5432, byPort[5432]],
      [1434, byPort[1434]],
    ] as const) {
      const verdict = decided(port, host);
      assert.ok(verdict.allow, verdict.code);
      assert.deepEqual(verdict.backend, backend);
    }
  assert.equal(decided(9022).code, 'StoreUnavailable');
  const unknown = decided(443);
  assert.ok(!unknown.allow && unknown.code === 'UnknownPort');
  assert.match(unknown.message, /the service of .* does not serve tcp port 443; it serves 1434, 5432, 9022/);
  assert.match(unknown.remedy, /owner of .*postern-backend-443/);
});

test('an address that was given for no name is AddressLiteral, on every port', () => {
  for (const address of ['20.60.1.1', '127.0.0.1', '::1', '169.254.169.254', '10.77.0.5', '198.18.0.9'])
    for (const port of [443, 22])
      assert.equal(code(sampleSnapshot(), sampleFlow({ address, port, host: null })), 'AddressLiteral');
  assert.equal(code(withEgress({ mode: 'AnyPort' }), publicFlow({ host: null })), 'AddressLiteral');
  assert.equal(code(withEgress({ mode: 'AnyPort' }), publicFlow()), 'Allowed.PublicHttps');
});

test('an address that now belongs to another endpoint does not serve the name it was given for', () => {
  const sibling = sampleEndpoint({ names: [{ host: 'other.blob.core.windows.net', privateLinkName: null }] });
  const snapshot = sampleSnapshot({ networks: [sampleNetwork({ endpoints: [sibling] })] });
  assert.equal(code(snapshot, sampleFlow()), 'PrivateEndpointRequired');
  assert.equal(code(snapshot, sampleFlow({ host: 'other.blob.core.windows.net' })), 'Allowed.PrivateEndpoint');
});

test('storage hosts need an endpoint in a managed network, whatever the egress policy and their own firewall say', () => {
  const hosts = ['blob', 'dfs', 'table', 'queue', 'file', 'web'].map((group) => `other.${group}.core.windows.net`);
  for (const host of [...hosts, 'acmesales.dfs.core.windows.net', 'lake.azuredatalakestore.net'])
    for (const mode of ['Https', 'AllowList', 'None', 'AnyPort'] as const)
      for (const audit of [false, true])
        for (const port of [443, 80])
          assert.equal(
            code(withEgress({ mode, audit, hosts: [host] }, { host }), publicFlow({ host, port })),
            'PrivateEndpointRequired',
          );
  assert.equal(code(withEgress({}), publicFlow({ host: 'blob.core.windows.net.example.com' })), 'Allowed.PublicHttps');
});

test('a store that has private endpoints elsewhere is reached by endpoint only', () => {
  assert.equal(code(withEgress({}, { hasPrivateEndpoint: true }), vaultFlow()), 'PrivateEndpointExists');
  assert.equal(code(withEgress({ audit: true }, { hasPrivateEndpoint: true }), vaultFlow()), 'PrivateEndpointExists');
  assert.equal(code(withEgress({}), vaultFlow()), 'Allowed.PublicHttps');
});

test('a store that refuses public networks is PublicAccessDisabled', () => {
  assert.equal(code(withEgress({}, { publicAccess: false }), vaultFlow()), 'PublicAccessDisabled');
  assert.equal(
    code(sampleSnapshot({ stores: [sampleStore({ publicAccess: false })] }), vaultFlow({ network: publicKey })),
    'PublicAccessDisabled',
  );
});

test('public egress is TCP 443, but in AnyPort', () => {
  for (const mode of ['Https', 'AllowList', 'None'] as const)
    assert.equal(
      code(withEgress({ mode, audit: true, hosts: ['api.example.com'] }), publicFlow({ port: 22 })),
      'PortNotAllowed',
    );
  assert.equal(code(withEgress({ mode: 'AnyPort' }), publicFlow({ port: 22 })), 'Allowed.PublicHttps');
  assert.equal(code(withEgress({ mode: 'AnyPort' }), publicFlow({ protocol: 'udp' })), 'PortNotAllowed');
});

test('the egress list decides by exact name, and audit only records', () => {
  assert.equal(code(withEgress({ mode: 'None' }), publicFlow()), 'HostNotAllowed');
  assert.equal(
    code(withEgress({ mode: 'AllowList', hosts: ['API.example.com.'] }), publicFlow()),
    'Allowed.PublicHttps',
  );
  assert.equal(code(withEgress({ mode: 'AllowList', hosts: ['example.com'] }), publicFlow()), 'HostNotAllowed');
  const audited = judge(withEgress({ mode: 'AllowList', audit: true }), publicFlow());
  assert.ok(audited.allow && audited.audited === 'HostNotAllowed');
  const listed = judge(withEgress({ mode: 'AllowList', audit: true, hosts: ['api.example.com'] }), publicFlow());
  assert.ok(listed.allow && listed.audited === undefined);
});

test('the TLS server name must be the name that was resolved', () => {
  const https = withEgress({});
  assert.equal(code(https, publicFlow({ serverName: 'evil.example' })), 'ServerNameMismatch');
  assert.equal(code(https, publicFlow({ serverName: null })), 'ServerNameMismatch');
  assert.equal(code(https, publicFlow({ serverName: 'api.example.com' })), 'Allowed.PublicHttps');
  assert.equal(
    code(withEgress({ mode: 'AnyPort' }), publicFlow({ port: 22, serverName: null })),
    'Allowed.PublicHttps',
  );
});

test('a public name must not lead inside', () => {
  const snapshot = compileSnapshot(withEgress({}));
  assert.equal(decideResolved(snapshot, publicFlow(), '127.0.0.1')?.code, 'TargetIsInternal');
  assert.equal(decideResolved(snapshot, publicFlow(), '20.60.1.1', new Set(['20.60.1.1']))?.code, 'TargetIsInternal');
  assert.equal(decideResolved(snapshot, publicFlow(), '20.60.1.1'), null);
});

test('in a public network a store answers by its public path, and unknown hosts follow the egress mode', () => {
  const snapshot = sampleSnapshot({
    stores: [sampleStore({ host: 'acmesales.blob.core.windows.net', hasPrivateEndpoint: true, ports: [443, 8443] })],
  });
  const flow = publicFlow({ network: publicKey, host: 'acmesales.blob.core.windows.net' });
  assert.equal(code(snapshot, flow), 'Allowed.PublicHttps');
  assert.equal(code(snapshot, { ...flow, port: 8443 }), 'Allowed.PublicHttps');
  assert.equal(code(snapshot, { ...flow, port: 22 }), 'UnknownPort');
  assert.equal(code(snapshot, { ...flow, host: 'api.example.com' }), 'HostNotAllowed');
  assert.equal(code(snapshot, { ...flow, host: null }), 'AddressLiteral');
});

test('a public network has no endpoints, even if a snapshot says so', () => {
  const snapshot = sampleSnapshot({ networks: [sampleNetwork({ kind: 'public' })] });
  assert.equal(judge(snapshot, sampleFlow()).allow, false);
});

test('a network that is gone refuses everything', () => {
  assert.equal(code(sampleSnapshot(), sampleFlow({ network: 'gone' })), 'HostNotAllowed');
  assert.equal(code(sampleSnapshot(), sampleFlow({ network: managedKey })), 'Allowed.PrivateEndpoint');
});

test('a flow lives on only by the same connection to the same place', () => {
  const before = judge(sampleSnapshot(), sampleFlow()) as Allow;
  assert.equal(isSameWay(before, judge(withEndpoint({ description: 'other words' }), sampleFlow())), true);
  for (const changes of [
    { state: 'Rejected' },
    { connection: 'another' },
    { id: 'another' },
    { resourceId: 'another' },
    { groupId: 'dfs' },
    { backend: { address: '127.0.0.1', port: 41009 } },
  ] as const)
    assert.equal(isSameWay(before, judge(withEndpoint(changes), sampleFlow())), false, JSON.stringify(changes));
});
