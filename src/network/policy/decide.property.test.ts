import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { managedKey, publicKey, sampleEndpoint, sampleNetwork } from '../../../test/network/sample.ts';
import { endpointAddress } from './address-plan.ts';
import { compileSnapshot } from './compiled-snapshot.ts';
import { decide } from './decide.ts';
import { explain } from './explain.ts';
import type { Endpoint, Flow, Snapshot } from './model.ts';
import { isStorageHost } from './zone.ts';

const groups = ['blob', 'dfs', 'table'] as const;
const hosts = ['a', 'b', 'c'].flatMap((account) => groups.map((group) => `${account}.${group}.core.windows.net`));
const otherHosts = ['keys.vault.azure.net', 'api.example.com'];

/** Names that a requester brings along: of a Private Link Service, which leads each port elsewhere. */
const ownHosts = ['db.corp.example', 'replica.corp.example'];
const service = fc
  .record({
    index: fc.nat(8),
    state: fc.constantFrom('Pending', 'Approved', 'Rejected', 'Disconnected'),
    names: fc.subarray(ownHosts, { minLength: 1 }),
    ports: fc.subarray([443, 1433]),
    closed: fc.boolean(),
  })
  .map(({ index, names, ports, closed, ...rest }): Endpoint => {
    const place = (port: number) => (closed ? null : { address: '127.0.0.2', port: port + 40_000 });
    return sampleEndpoint({
      ...rest,
      id: `service#${index}`,
      connection: `connection of service#${index}`,
      resourceId: `service${index}`,
      groupId: '',
      address: endpointAddress(index),
      names: names.map((host) => ({ host, privateLinkName: null })),
      ports,
      backend: null,
      byPort: Object.fromEntries(ports.map((port) => [port, place(port)])),
    });
  });

const endpoint = fc
  .record({
    host: fc.constantFrom(...hosts),
    index: fc.nat(8),
    state: fc.constantFrom('Pending', 'Approved', 'Rejected', 'Disconnected', 'Expired'),
    ports: fc.subarray([443, 445, 1433]),
    backend: fc.option(fc.record({ address: fc.constant('127.0.0.1'), port: fc.integer({ min: 41000, max: 41009 }) })),
  })
  .map(({ host, index, ...rest }): Endpoint => {
    const [account, group] = host.split('.');
    return sampleEndpoint({
      ...rest,
      id: `${host}#${index}`,
      connection: `connection of ${host}#${index}`,
      resourceId: account!,
      groupId: group!,
      address: endpointAddress(index),
      names: [{ host, privateLinkName: null }],
    });
  });

const snapshot: fc.Arbitrary<Snapshot> = fc.record({
  version: fc.constant(1),
  networks: fc
    .record({
      endpoints: fc.array(fc.oneof({ weight: 3, arbitrary: endpoint }, service), { maxLength: 8 }),
      mode: fc.constantFrom('Https', 'AllowList', 'None', 'AnyPort'),
      audit: fc.boolean(),
      listed: fc.subarray([...hosts, ...otherHosts]),
    })
    .map(({ endpoints, mode, audit, listed }) => {
      const egress = { mode, audit, hosts: listed };
      return [sampleNetwork({ endpoints, egress }), sampleNetwork({ key: publicKey, kind: 'public', egress })];
    }),
  stores: fc.array(
    fc.record({
      host: fc.constantFrom(...hosts, ...otherHosts),
      resourceId: fc.constantFrom('a', 'b', 'c'),
      groupId: fc.constantFrom(...groups),
      backend: fc.option(fc.record({ address: fc.constant('127.0.0.1'), port: fc.constantFrom(42001, 42002) })),
      ports: fc.subarray([443, 1433]),
      publicAccess: fc.boolean(),
      hasPrivateEndpoint: fc.boolean(),
    }),
  ),
});

const flow: fc.Arbitrary<Flow> = fc.record({
  network: fc.constantFrom(managedKey, publicKey, 'gone'),
  address: fc.oneof(fc.nat(8).map(endpointAddress), fc.ipV4(), fc.ipV6(), fc.constant('198.18.0.1')),
  port: fc.constantFrom(22, 443, 445, 1433),
  protocol: fc.constantFrom('tcp', 'udp'),
  host: fc.option(fc.constantFrom(...hosts, ...otherHosts, ...ownHosts)),
});

test('whatever passes by an endpoint is approved, served, and goes to that endpoint’s own backend', () => {
  fc.assert(
    fc.property(snapshot, flow, (given, asked) => {
      const verdict = decide(compileSnapshot(given), asked);
      if (!verdict.allow || verdict.code !== 'Allowed.PrivateEndpoint') return;
      const found = given.networks[0]!.endpoints.find((each) => each.id === verdict.endpoint)!;
      assert.equal(asked.network, managedKey);
      assert.equal(found.state, 'Approved');
      assert.ok(found.ports.includes(asked.port));
      assert.deepEqual(verdict.backend, found.byPort ? found.byPort[asked.port] : found.backend);
      assert.deepEqual([verdict.resourceId, verdict.groupId], [found.resourceId, found.groupId]);
      // The name that was resolved is one of the endpoint's, so no word of the worker picks another backend.
      assert.ok(
        asked.host === null ? asked.address === found.address : found.names.some(({ host }) => host === asked.host),
      );
    }),
    { numRuns: 1000 },
  );
});

test('whatever passes in public has a name, TCP, and is no storage host of a managed network', () => {
  fc.assert(
    fc.property(snapshot, flow, (given, asked) => {
      const verdict = decide(compileSnapshot(given), asked);
      if (!verdict.allow || verdict.code !== 'Allowed.PublicHttps') return;
      const network = given.networks.find((each) => each.key === asked.network)!;
      assert.equal(verdict.host, asked.host);
      assert.equal(asked.protocol, 'tcp');
      if (network.kind === 'managed') assert.ok(!isStorageHost(verdict.host));
      if (network.kind === 'managed' && network.egress.mode !== 'AnyPort') assert.equal(asked.port, 443);
      const store = given.stores.find((each) => each.host === verdict.host);
      assert.deepEqual(verdict.backend, store?.backend ?? null);
      if (store) assert.ok(store.publicAccess);
    }),
    { numRuns: 1000 },
  );
});

test('every refusal has a message and a remedy', () => {
  fc.assert(
    fc.property(snapshot, flow, (given, asked) => {
      const verdict = decide(compileSnapshot(given), asked);
      if (verdict.allow) return;
      assert.ok(verdict.message.length > 20 && verdict.remedy.length > 20);
      assert.doesNotMatch(`${verdict.message} ${verdict.remedy}`, /undefined|null|NaN/);
    }),
    { numRuns: 1000 },
  );
});

test('audit changes no verdict but HostNotAllowed', () => {
  fc.assert(
    fc.property(snapshot, flow, (given, asked) => {
      const audit = (value: boolean): Snapshot => ({
        ...given,
        networks: given.networks.map((each) => ({ ...each, egress: { ...each.egress, audit: value } })),
      });
      const strict = decide(compileSnapshot(audit(false)), asked);
      const lenient = decide(compileSnapshot(audit(true)), asked);
      if (strict.code !== 'HostNotAllowed') assert.deepEqual(lenient, strict);
      else if (lenient.allow) assert.equal(lenient.audited, 'HostNotAllowed');
    }),
    { numRuns: 1000 },
  );
});

test('explain agrees with the decision on the flow that the name leads to', () => {
  fc.assert(
    fc.property(snapshot, fc.constantFrom(...hosts, ...otherHosts), fc.constantFrom(22, 443), (given, host, port) => {
      const compiled = compileSnapshot(given);
      const told = explain(compiled, managedKey, { host, port });
      const address = told.resolution?.kind === 'endpoint' ? told.resolution.address : '198.18.0.1';
      assert.deepEqual(told.verdict, decide(compiled, { network: managedKey, address, port, protocol: 'tcp', host }));
    }),
  );
});

test('a decision among a thousand endpoints looks at no more of them than among one', () => {
  const looksFor = (count: number): number => {
    let looks = 0;
    const watched = (each: Endpoint): Endpoint =>
      new Proxy(each, {
        get(target, key) {
          looks += 1;
          return Reflect.get(target, key);
        },
      });
    const endpoints = Array.from({ length: count }, (_, index) =>
      watched(
        sampleEndpoint({
          address: endpointAddress(index),
          names: [{ host: `store${index}.blob.core.windows.net`, privateLinkName: null }],
        }),
      ),
    );
    const compiled = compileSnapshot({ version: 1, networks: [sampleNetwork({ endpoints })], stores: [] });
    looks = 0;
    const last = count - 1;
    const host = `store${last}.blob.core.windows.net`;
    const asked: Flow = { network: managedKey, address: endpointAddress(last), port: 443, protocol: 'tcp', host };
    assert.equal(decide(compiled, asked).code, 'Allowed.PrivateEndpoint');
    return looks;
  };
  assert.equal(looksFor(1000), looksFor(1));
});
