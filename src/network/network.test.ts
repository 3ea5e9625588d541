import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, createServer as createPlainServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { managedKey, sampleEndpoint, sampleNetwork } from '../../test/network/sample.ts';
import { startForCallers } from '../../test/network/start-sealed.ts';
import { openCertificateAuthority } from '../sandbox/certificate-authority.ts';
import { programFolder } from './namespace/root-plan.ts';
import type { Endpoint, FlowRecord, Snapshot } from './policy/model.ts';
import type { SealedNetwork, WorkerPlace } from './sealed-network.ts';

const sales = 'acmesales.blob.core.windows.net';

let folder: string;
let network: SealedNetwork;
let httpsStore: Server;
let plainStore: ReturnType<typeof createPlainServer>;
const arrivals: Socket[] = [];
let version = 0;

/** A sealed worker that does what it is told, line by line. */
type Caller = {
  place: WorkerPlace;
  pid: number;
  exited: Promise<unknown>;
  call(kind: 'resolve' | 'https' | 'dial' | 'flood', host: string, port?: number): Promise<string>;
};

const startCaller = async (worker: string): Promise<Caller> => {
  const place = await network.open(worker, managedKey);
  const jailed = await place.launch({ module: `${programFolder}/test/network/jailed-caller.ts` });
  let complaints = '';
  jailed.stderr.on('data', (piece) => {
    complaints += piece;
  });
  const lines = createInterface({ input: jailed.stdout })[Symbol.asyncIterator]();
  return {
    place,
    pid: jailed.pid,
    exited: jailed.exited,
    call: async (kind, host, port = 443) => {
      jailed.stdin.write(`${JSON.stringify({ kind, host, port })}\n`);
      const { value, done } = await lines.next();
      assert.ok(!done, `the worker ended: ${complaints}`);
      return JSON.parse(value) as string;
    },
  };
};

const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;

/** Two endpoints: `sales`, HTTPS, and `lake`, a plain server that only listens. */
const snapshot = (changes: Partial<Endpoint> = {}, lake: Partial<Endpoint> = {}): Snapshot => {
  version += 1;
  const endpoints = [
    sampleEndpoint({ backend: { address: '127.0.0.1', port: portOf(httpsStore) }, ...changes }),
    sampleEndpoint({
      id: 'lake',
      name: 'lake',
      connection: 'lake',
      address: '10.77.0.5',
      ports: [443, 7777],
      names: [{ host: 'lake.dfs.core.windows.net', privateLinkName: 'lake.privatelink.dfs.core.windows.net' }],
      backend: { address: '127.0.0.1', port: portOf(plainStore) },
      ...lake,
    }),
  ];
  return { version, networks: [sampleNetwork({ endpoints })], stores: [] };
};

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'postern-network-'));
  const authority = await openCertificateAuthority(folder);
  const { key, cert } = await authority.issue([sales]);
  httpsStore = createServer({ key, cert }, (_request, response) => response.end('from the store')).listen(
    0,
    '127.0.0.1',
  );
  plainStore = createPlainServer((socket) => {
    socket.on('error', () => {});
    arrivals.push(socket);
    plainStore.emit('arrival');
  }).listen(0, '127.0.0.1');
  await Promise.all([once(httpsStore, 'listening'), once(plainStore, 'listening')]);
  network = await startForCallers(authority.caFile);
  await network.apply(snapshot());
});

after(async () => {
  await network?.close();
  httpsStore.close();
  plainStore.close();
  await rm(folder, { recursive: true, force: true });
});

/** Refusals of a worker, oldest first; what was allowed and then cut is not among them. */
const refusals = async (worker: string): Promise<Pick<FlowRecord, 'code' | 'host' | 'address' | 'port'>[]> =>
  (await network.flows({ worker }))
    .filter((each) => each.verdict === 'denied' && each.end !== 'cut')
    .reverse()
    .map(({ code, host, address, port }) => ({ code, host, address, port }));

test('a sealed worker reaches an approved store by its name, TLS and all, and nothing else; each refusal is recorded', async () => {
  const caller = await startCaller('explorer');
  try {
    assert.equal(await caller.call('resolve', sales), '10.77.0.4');
    assert.equal(await caller.call('https', sales), 'from the store');
    assert.match(await caller.call('resolve', 'other.blob.core.windows.net'), /^198\.18\./);
    assert.equal(await caller.call('https', 'other.blob.core.windows.net'), 'ECONNRESET');
    assert.equal(await caller.call('dial', sales, 22), 'ECONNRESET');
    assert.equal(await caller.call('dial', '127.0.0.1', 443), 'ECONNRESET');
    assert.equal(await caller.call('dial', '::1', 443), 'ECONNRESET');
    assert.equal(await caller.call('dial', '20.60.1.1', 80), 'ECONNRESET');
    assert.equal(await caller.call('dial', 'api.example.com', 25), 'ECONNRESET');
    assert.equal(await caller.call('https', 'api.example.com'), 'ECONNRESET');
    assert.equal(await caller.call('resolve', 'db.internal'), 'ENOTFOUND');
    assert.deepEqual(await refusals('explorer'), [
      { code: 'PrivateEndpointRequired', host: 'other.blob.core.windows.net', address: '198.18.0.1', port: 443 },
      { code: 'UnknownPort', host: sales, address: '10.77.0.4', port: 22 },
      { code: 'AddressLiteral', host: null, address: '127.0.0.1', port: 443 },
      { code: 'AddressLiteral', host: null, address: '::1', port: 443 },
      { code: 'AddressLiteral', host: null, address: '20.60.1.1', port: 80 },
      { code: 'PortNotAllowed', host: 'api.example.com', address: '198.18.0.2', port: 25 },
      { code: 'HostNotAllowed', host: 'api.example.com', address: '198.18.0.2', port: 443 },
      { code: 'HostNotAllowed', host: 'db.internal', address: '168.63.129.16', port: 53 },
    ]);
    const [allowed] = (await network.flows({ worker: 'explorer' })).filter((each) => each.verdict === 'allowed');
    assert.ok(allowed && allowed.end === 'closed' && allowed.bytesReceived > 0 && allowed.bytesSent > 0);
  } finally {
    await caller.place.close();
  }
});

test('an endpoint carries traffic only while it is approved', async () => {
  const caller = await startCaller('patient');
  try {
    for (const [state, said] of [
      ['Pending', 'ECONNRESET'],
      ['Approved', 'from the store'],
      ['Rejected', 'ECONNRESET'],
      ['Approved', 'from the store'],
      ['Disconnected', 'ECONNRESET'],
    ] as const) {
      await network.apply(snapshot({ state }));
      assert.equal(await caller.call('https', sales), said, state);
    }
    const codes = (await refusals('patient')).map(({ code }) => code);
    assert.deepEqual(codes, ['EndpointPending', 'EndpointRejected', 'EndpointDisconnected']);
  } finally {
    await network.apply(snapshot());
    await caller.place.close();
  }
});

test('a rejection cuts the stream of a sealed worker before it is acknowledged', async () => {
  const caller = await startCaller('streamer');
  try {
    for (let round = 0; round < 5; round += 1) {
      await network.apply(snapshot());
      const end = caller.call('flood', 'lake.dfs.core.windows.net');
      if (arrivals.length === 0) await once(plainStore, 'arrival');
      const store = arrivals.shift()!;
      const broken = new Promise((resolve) => store.once('close', resolve));
      let stored = 0;
      store.on('data', (bytes) => {
        stored += bytes.length;
      });
      await once(store, 'data');
      assert.equal((await network.apply(snapshot({}, { state: 'Rejected' }))).cut, 1);
      // The acknowledgement came after the last byte was handed on: no more arrives than was counted by then.
      const record = (await network.flows({ worker: 'streamer', limit: 1 }))[0]!;
      assert.deepEqual([record.end, record.code], ['cut', 'EndpointRejected']);
      assert.match(await end, /ECONNRESET|EPIPE/);
      await broken;
      assert.ok(stored > 0 && stored <= record.bytesSent);
    }
  } finally {
    await network.apply(snapshot());
    await caller.place.close();
  }
});

test('the bytes of a flow are known while it lives, to whoever asks for its worker or its network', async () => {
  const caller = await startCaller('talker');
  try {
    const end = caller.call('flood', 'lake.dfs.core.windows.net');
    if (arrivals.length === 0) await once(plainStore, 'arrival');
    const store = arrivals.shift()!;
    let stored = 0;
    const enough = new Promise<void>((resolve) => {
      store.on('data', (bytes) => {
        stored += bytes.length;
        if (stored > 1_000_000) resolve();
      });
    });
    await enough;
    store.write('a word back');
    for (const filter of [{ worker: 'talker' }, { network: managedKey }, { changedSince: new Date().toISOString() }]) {
      const arrived = stored;
      const live = (await network.flows(filter)).find(({ worker }) => worker === 'talker')!;
      assert.deepEqual([live.end, live.endedAt], [null, null]);
      assert.ok(live.bytesSent >= arrived, `${live.bytesSent} of ${arrived}`);
    }
    assert.equal((await network.flows({ network: 'elsewhere' })).length, 0);
    store.resetAndDestroy();
    await end;
  } finally {
    await caller.place.close();
  }
});

test('a namespace listens on the ports that endpoints serve, however odd', async () => {
  const caller = await startCaller('odd');
  try {
    const arrival = once(plainStore, 'arrival');
    const said = caller.call('dial', 'lake.dfs.core.windows.net', 7777);
    await arrival;
    arrivals.shift()!.end('hello');
    assert.equal(await said, 'hello');
  } finally {
    await caller.place.close();
  }
});

test('a port that a later endpoint serves is heard by a worker that runs already', async () => {
  const caller = await startCaller('early');
  const dial = (port: number) => caller.call('dial', 'lake.dfs.core.windows.net', port);
  try {
    assert.equal(await dial(7171), 'ECONNREFUSED');
    await network.apply(snapshot({}, { ports: [443, 7171, 7172] }));
    for (const port of [7171, 7172]) {
      const arrival = once(plainStore, 'arrival');
      const said = dial(port);
      await arrival;
      arrivals.shift()!.end('hello');
      assert.equal(await said, 'hello');
    }
    await network.apply(snapshot());
    assert.equal(await dial(7171), 'ECONNRESET');
  } finally {
    await network.apply(snapshot());
    await caller.place.close();
  }
});

test('closing a place ends its worker, and its records stay', async () => {
  const caller = await startCaller('brief');
  assert.equal(await caller.call('https', sales), 'from the store');
  await caller.place.close();
  await caller.place.close();
  assert.equal(existsSync(`/proc/${caller.pid}`), false);
  assert.equal((await network.flows({ worker: 'brief' })).length, 1);
  await assert.rejects(caller.place.launch({ module: 'any' }), /closed/);
});

test('gateways that are killed take their workers with them, and others take their seats', async () => {
  const caller = await startCaller('orphan');
  const end = caller.call('flood', 'lake.dfs.core.windows.net').catch(() => 'ended');
  if (arrivals.length === 0) await once(plainStore, 'arrival');
  arrivals.shift()!.resume();
  // Now the flow is known here: what a gateway has not told when it dies, nobody knows.
  assert.equal((await network.flows({ worker: 'orphan' })).length, 1);
  const first = gateways();
  assert.ok(first.length >= 2);
  for (const pid of first) process.kill(pid, 'SIGKILL');
  await end;
  await caller.exited;
  await caller.place.close();
  const lost = (await network.flows({ worker: 'orphan' }))[0]!;
  assert.deepEqual([lost.end, lost.endedAt === null], ['failed', false]);
  for (const worker of ['heir one', 'heir two']) {
    const heir = await startCaller(worker);
    assert.equal(await heir.call('https', sales), 'from the store');
    await heir.place.close();
  }
  const heirs = gateways();
  assert.ok(heirs.every((pid) => !first.includes(pid)));
  // They know what they were started with: the next decision changes that, and ends none of them.
  await network.apply(snapshot());
  assert.deepEqual(gateways(), heirs);
});

/** The gateways: children of this process. */
const gateways = (): number[] =>
  readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .map(Number)
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('gateway/main.ts'));
