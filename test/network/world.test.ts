// Model against reality: in generated worlds, what `decide` says of a flow is what happens to it, and what is noted of
// it. The probes are real: programs in jails dial, the true gateways judge, real servers answer.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import dnsPacket from 'dns-packet';
import fc from 'fast-check';
import { createLog } from '../../src/base/log.ts';
import { programFolder } from '../../src/network/namespace/root-plan.ts';
import { startNetwork } from '../../src/network/network.ts';
import { endpointAddress } from '../../src/network/policy/address-plan.ts';
import { compileSnapshot } from '../../src/network/policy/compiled-snapshot.ts';
import { decide, decideResolved } from '../../src/network/policy/decide.ts';
import { canonicalHost } from '../../src/network/policy/host-name.ts';
import type { Backend, Endpoint, Flow, FlowRecord, Network, Snapshot, Store } from '../../src/network/policy/model.ts';
import { denyName } from '../../src/network/policy/reason.ts';
import { resolve } from '../../src/network/policy/resolve.ts';
import type { SealedNetwork } from '../../src/network/sealed-network.ts';
import { greet, type Host } from '../isolation/true-network.ts';
import type { Probe, Probed } from './jailed-probe.ts';
import { managedKey, publicKey, sampleEndpoint, sampleNetwork, sampleStore } from './sample.ts';

const worlds = Number(process.env.WORLDS ?? 200);
const otherKey = `${managedKey}2`;
/** Where the probes sit. Two runtimes share a network: each has a place of its own. */
const seats = [managedKey, managedKey, otherKey, publicKey];

const storageHosts = ['a', 'b'].flatMap((account) => [
  `${account}.blob.core.windows.net`,
  `${account}.dfs.core.windows.net`,
]);
const vouchedHost = 'api.example.com';
const hosts = [...storageHosts, 'keys.vault.azure.net', 'films.documents.azure.com', vouchedHost, 'www.example.org'];
const ports = [443, 1433, 8443];
const backendCount = 4;

let backends: Host[];
let network: SealedNetwork;
let nameServer: ReturnType<typeof createSocket>;
let version = 0;
const records: FlowRecord[] = [];

before(async () => {
  backends = await Promise.all(Array.from({ length: backendCount }, (_, at) => greet(`backend ${at}`)));
  // The outside: whatever is asked for there leads to an address of the inside.
  nameServer = createSocket('udp4');
  nameServer.on('message', (question, from) => {
    const { id = 0, questions = [] } = dnsPacket.decode(question);
    const [asked] = questions;
    const answers = asked?.type === 'A' ? [{ type: 'A' as const, name: asked.name, ttl: 1, data: '10.0.0.1' }] : [];
    nameServer.send(dnsPacket.encode({ type: 'response', id, questions, answers }), from.port, from.address);
  });
  await once(nameServer.bind(0, '127.0.0.1'), 'listening');
  network = await startNetwork({
    seal: {
      projectRoot: path.resolve(import.meta.dirname, '../..'),
      folders: ['src/network/namespace', 'test/network', 'node_modules'],
      warm: false,
    },
    log: createLog({ level: 'silent' }),
    nameServers: [`127.0.0.1:${nameServer.address().port}`],
    publicHosts: [{ host: vouchedHost, backend: { address: '127.0.0.1', port: backends[3]!.port } }],
    ready: 1,
  });
  network.onFlow((record) => records.push(record));
});
after(async () => {
  for (const prober of probers.splice(0)) await prober.close();
  await network?.close();
  nameServer?.close();
  for (const each of backends ?? []) each.close();
});

/** A probe program at its place. It is replaced before the gateway stops noting every refusal of one worker. */
type Prober = {
  worker: string;
  network: string;
  probe(probes: readonly Probe[]): Promise<Probed[]>;
  /** What a correct gateway remembers: the name that each address was last given for. */
  book: Map<string, string>;
  /** Flows of earlier worlds, whose end may be told late. */
  earlier: Set<string>;
  probed: number;
  close(): Promise<void>;
};
const notedBurst = 500;
const probers: Prober[] = [];
let made = 0;

const startProber = async (key: string): Promise<Prober> => {
  made += 1;
  const worker = `prober-${made}`;
  const place = await network.open(worker, key);
  const jailed = await place.launch({ module: `${programFolder}/test/network/jailed-probe.ts` });
  const lines = createInterface({ input: jailed.stdout })[Symbol.asyncIterator]();
  jailed.stderr.resume();
  return {
    worker,
    network: key,
    probed: 0,
    earlier: new Set(),
    book: new Map(),
    probe: async (probes) => {
      jailed.stdin.write(`${JSON.stringify(probes)}\n`);
      const { value, done } = await lines.next();
      assert.ok(!done, 'the prober ended');
      return JSON.parse(value) as Probed[];
    },
    close: () => place.close(),
  };
};
const proberAt = async (seat: number, need: number): Promise<Prober> => {
  const known = probers[seat];
  if (known && known.probed + need < notedBurst) return known;
  await known?.close();
  const next = await startProber(seats[seat]!);
  probers[seat] = next;
  return next;
};

/** Backends by number, so that worlds can be read; -1: the store is not there. */
const backendOf = (number: number): Backend | null =>
  number < 0 ? null : { address: '127.0.0.1', port: backends[number]!.port };

const host = fc.constantFrom(...hosts);
const backendNumber = fc.integer({ min: -1, max: 2 });
const servedPorts = fc.subarray(ports, { minLength: 1 });
const endpoint = fc.record({
  host,
  index: fc.nat(5),
  state: fc.constantFrom('Pending', 'Approved', 'Approved', 'Rejected', 'Disconnected', 'Expired'),
  ports: servedPorts,
  backend: backendNumber,
  generation: fc.nat(1),
});
const egress = fc.record({
  mode: fc.constantFrom('Https', 'AllowList', 'None', 'AnyPort'),
  audit: fc.boolean(),
  hosts: fc.subarray(hosts),
});
const world = fc.record({
  managed: fc.array(fc.record({ endpoints: fc.array(endpoint, { maxLength: 6 }), egress }), {
    minLength: 2,
    maxLength: 2,
  }),
  open: egress,
  isGone: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
  stores: fc.array(
    fc.record({
      host: fc.constantFrom(...hosts.filter((each) => each !== vouchedHost)),
      backend: backendNumber,
      ports: servedPorts,
      publicAccess: fc.boolean(),
      hasPrivateEndpoint: fc.boolean(),
    }),
    { maxLength: 5 },
  ),
  probes: fc.array(
    fc.record({
      seat: fc.nat(seats.length - 1),
      target: fc.oneof(
        { weight: 6, arbitrary: host },
        { weight: 1, arbitrary: fc.nat(5).map(endpointAddress) },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            '169.254.169.254',
            '127.0.0.1',
            '198.18.9.9',
            'db.internal',
            'A.Blob.Core.Windows.Net',
          ),
        },
      ),
      port: fc.constantFrom(443, 443, ...ports),
      name: fc.constantFrom('own', 'own', 'own', 'other', 'none'),
    }),
    { minLength: 16, maxLength: 32 },
  ),
});
type World = typeof world extends fc.Arbitrary<infer Value> ? Value : never;

const snapshotOf = (given: World): Omit<Snapshot, 'version'> => {
  const managed = given.managed.map((one, at): Network => {
    const endpoints = one.endpoints.map(
      (each): Endpoint =>
        sampleEndpoint({
          id: `${at}/${each.host}#${each.index}`,
          connection: `${at}/${each.host}#${each.index}.${each.generation}`,
          address: endpointAddress(each.index),
          names: [{ host: each.host, privateLinkName: null }],
          ports: each.ports,
          state: each.state as Endpoint['state'],
          backend: backendOf(each.backend),
        }),
    );
    return sampleNetwork({ key: seats[at === 0 ? 0 : 2]!, endpoints, egress: one.egress as Network['egress'] });
  });
  const open = sampleNetwork({
    key: publicKey,
    kind: 'public',
    endpoints: [],
    egress: given.open as Network['egress'],
  });
  const stores = given.stores.map((each): Store => sampleStore({ ...each, backend: backendOf(each.backend) }));
  return { networks: [...(given.isGone ? managed.slice(1) : managed), open], stores };
};

/** What the model says comes of a probe, by the address that it was given: what is noted, and who answers. */
const expected = (prober: Prober, { host: target, port, serverName }: Probe, address: string | null) => {
  const compiled = compileSnapshot(network.current());
  const isName = /[a-z]/i.test(target);
  const found = isName ? resolve(compiled, prober.network, target) : null;
  if (found?.kind === 'unknown' || found?.kind === 'illegal') {
    const flow: Flow = { network: prober.network, address: '168.63.129.16', port: 53, protocol: 'udp', host: target };
    return { code: denyName(flow, found.kind).code, said: 'ENOTFOUND' };
  }
  assert.ok(address !== null, `${target} did not resolve`);
  if (found?.kind === 'endpoint') assert.equal(address, found.address);
  if (found) prober.book.set(address, found.host);
  const flow: Flow = {
    network: prober.network,
    address,
    port,
    protocol: 'tcp',
    host: prober.book.get(address) ?? null,
  };
  const first = decide(compiled, flow);
  const needsName = first.allow && first.code === 'Allowed.PublicHttps' && first.needsServerName;
  const verdict = needsName ? decide(compiled, { ...flow, serverName }) : first;
  if (!verdict.allow) return { code: verdict.code, said: 'ECONNRESET' };
  if (verdict.backend === null) {
    const outside = decideResolved(compiled, flow, '10.0.0.1');
    return { code: outside!.code, said: 'ECONNRESET' };
  }
  const number = backends.findIndex((each) => each.port === verdict.backend!.port);
  return { code: verdict.code, said: `backend ${number}` };
};

const check = async (given: World): Promise<void> => {
  version += 1;
  await network.apply({ version, ...snapshotOf(given) });
  const seatsProbed = seats.map(async (_, seat) => {
    const mine = given.probes.filter((each) => each.seat === seat);
    const prober = await proberAt(seat, mine.length);
    prober.probed += mine.length;
    const probes = mine.map(({ target, port, name }): Probe => {
      const own = prober.book.get(target) ?? canonicalHost(target) ?? vouchedHost;
      const serverName = name === 'none' ? null : name === 'own' ? own : 'else.example.net';
      return { host: target, port, serverName };
    });
    const from = records.length;
    const probed = await prober.probe(probes);
    await network.flows({ worker: prober.worker, limit: 1 });
    // A flow is told when it is decided and when it ends: the last word on each, in the order of their beginnings.
    const noted = new Map<string, FlowRecord>();
    for (const record of records.slice(from))
      if (record.worker === prober.worker && !prober.earlier.has(record.id)) noted.set(record.id, record);
    for (const id of noted.keys()) prober.earlier.add(id);
    const told = [...noted.values()];
    const outcomes = probes.map((probe, at) => ({ probe, ...expected(prober, probe, probed[at]!.address) }));
    assert.deepEqual(
      // The servers echo what they are told, after their name.
      probed.map(({ said }, at) => [probes[at], /^backend \d/.exec(said)?.[0] ?? said]),
      outcomes.map(({ probe, said }) => [probe, said]),
    );
    // A name that is refused is noted once for each worker.
    const names = told.filter(({ protocol }) => protocol === 'udp');
    for (const { code } of names) assert.equal(code, 'HostNotAllowed');
    assert.deepEqual(
      told.filter(({ protocol }) => protocol === 'tcp').map(({ code }) => code),
      outcomes.filter(({ said }) => said !== 'ENOTFOUND').map(({ code }) => code),
    );
    for (const { code } of outcomes) seenCodes.set(code, (seenCodes.get(code) ?? 0) + 1);
  });
  // All of them: a world that fails must be at rest before a smaller one is tried.
  const failed = (await Promise.allSettled(seatsProbed)).find(({ status }) => status === 'rejected');
  if (failed) throw (failed as PromiseRejectedResult).reason;
};
const seenCodes = new Map<string, number>();

test(`${worlds} worlds: who answers, who is refused and for which reason is what the policy says`, async () => {
  await fc.assert(fc.asyncProperty(world, check), {
    numRuns: worlds,
    interruptAfterTimeLimit: 120_000,
    markInterruptAsFailure: false,
  });
  // The worlds were worth it: each of these came up.
  for (const code of [
    'Allowed.PrivateEndpoint',
    'Allowed.PublicHttps',
    'EndpointPending',
    'EndpointRejected',
    'EndpointDisconnected',
    'UnknownPort',
    'StoreUnavailable',
    'AddressLiteral',
    'PrivateEndpointRequired',
    'PrivateEndpointExists',
    'PublicAccessDisabled',
    'PortNotAllowed',
    'HostNotAllowed',
    'ServerNameMismatch',
    'TargetIsInternal',
  ])
    assert.ok((seenCodes.get(code) ?? 0) > 0, `${code} never came up`);
});
