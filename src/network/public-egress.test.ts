import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import { type AddressInfo, createServer as createPlainServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { realHello, serverHello } from '../../test/network/client-hello.ts';
import { type NameServer, startNameServer } from '../../test/network/name-server.ts';
import { managedKey, publicKey, sampleNetwork } from '../../test/network/sample.ts';
import { startForCallers } from '../../test/network/start-sealed.ts';
import { openCertificateAuthority } from '../sandbox/certificate-authority.ts';
import { programFolder } from './namespace/root-plan.ts';
import type { EgressPolicy, Snapshot } from './policy/model.ts';
import type { SealedNetwork, WorkerPlace } from './sealed-network.ts';

const api = 'api.example.com';
const again = 'again.example.com';
const sink = 'sink.example.com';
const inside = 'inside.example.com';

let folder: string;
let names: NameServer;
let network: SealedNetwork;
let place: WorkerPlace;
let call: (question: Record<string, unknown>) => Promise<string>;
const stop: (() => unknown)[] = [];
const arrivals: Socket[] = [];
const plain = createPlainServer((socket) => {
  socket.on('error', () => {});
  arrivals.push(socket);
  plain.emit('arrival');
});
let version = 0;

const snapshot = (egress: Partial<EgressPolicy> = {}): Snapshot => {
  version += 1;
  const policy: EgressPolicy = { mode: 'Https', audit: false, hosts: [], ...egress };
  const networks = [
    sampleNetwork({ egress: policy, endpoints: [] }),
    sampleNetwork({ key: publicKey, kind: 'public', egress: policy, endpoints: [] }),
  ];
  return { version, networks, stores: [] };
};

const startCaller = async (key: string) => {
  place = await network.open(`worker ${version}`, key);
  const jailed = await place.launch({ module: `${programFolder}/test/network/jailed-caller.ts` });
  jailed.stderr.resume();
  const lines = createInterface({ input: jailed.stdout })[Symbol.asyncIterator]();
  call = async (question) => {
    jailed.stdin.write(`${JSON.stringify({ port: 443, ...question })}\n`);
    const { value } = await lines.next();
    return JSON.parse(String(value)) as string;
  };
};

const lastFlow = async () => (await network.flows({ worker: place.worker, limit: 1 }))[0]!;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'postern-egress-'));
  const authority = await openCertificateAuthority(folder);
  const { key, cert } = await authority.issue([api, again, 'other.example.com']);
  const serve = (more: object) =>
    createServer({ key, cert, ...more }, (_request, response) => response.end('from the host')).listen(0, '127.0.0.1');
  const https = serve({});
  // A curve that clients offer no key for until they are asked: it wants each hello again.
  const asking = serve({ ecdhCurve: 'P-384' });
  plain.listen(0, '127.0.0.1');
  await Promise.all([https, asking, plain].map((server) => once(server, 'listening')));
  names = await startNameServer({ [inside]: ['127.0.0.1'] });
  stop.push(
    () => https.close(),
    () => asking.close(),
    () => plain.close(),
    () => names.close(),
  );
  const at = (server: { address(): unknown }) => ({
    address: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
  });
  network = await startForCallers(authority.caFile, {
    publicHosts: [
      { host: api, backend: at(https) },
      { host: again, backend: at(asking) },
      { host: 'other.example.com', backend: at(https) },
      { host: sink, backend: at(plain) },
    ],
    nameServers: [names.address],
  });
  stop.push(() => network.close());
  await network.apply(snapshot());
  await startCaller(managedKey);
});

after(async () => {
  for (const step of stop.reverse()) await step();
  await rm(folder, { recursive: true, force: true });
});

test('a sealed worker reaches a public host by its name, its certificate checked, in one piece or in many', async () => {
  assert.equal(await call({ kind: 'https', host: api }), 'from the host');
  assert.equal(await call({ kind: 'https', host: api, pieceBytes: 7 }), 'from the host');
  const flow = await lastFlow();
  assert.deepEqual([flow.code, flow.verdict, flow.host], ['Allowed.PublicHttps', 'allowed', api]);
});

test('a host that wants the hello again is reached too, in one piece or in many', async () => {
  assert.equal(await call({ kind: 'https', host: again }), 'from the host');
  assert.equal(await call({ kind: 'https', host: again, pieceBytes: 7 }), 'from the host');
});

test('anything else is reset, with its reason', async () => {
  const opening = (text: string | Buffer) => Buffer.from(text as string).toString('base64');
  const hello = await realHello(api);
  for (const [question, code] of [
    [{ kind: 'dial', host: api, port: 22 }, 'PortNotAllowed'],
    [{ kind: 'https', host: api, serverName: 'other.example.com' }, 'ServerNameMismatch'],
    [{ kind: 'https', host: api, serverName: '' }, 'ServerNameMismatch'],
    [{ kind: 'dial', host: api, opening: opening('GET / HTTP/1.1\r\n\r\n') }, 'ServerNameMismatch'],
    [{ kind: 'dial', host: api, opening: opening(hello.subarray(0, 60)) }, 'ServerNameMismatch'],
    [{ kind: 'https', host: inside }, 'TargetIsInternal'],
    [{ kind: 'https', host: 'missing.example.com' }, 'HostUnreachable'],
    [{ kind: 'https', host: 'acme.blob.core.windows.net' }, 'PrivateEndpointRequired'],
    [{ kind: 'dial', host: '127.0.0.1' }, 'AddressLiteral'],
  ] as const) {
    assert.equal(await call(question), 'ECONNRESET', JSON.stringify(question));
    const flow = await lastFlow();
    assert.deepEqual([flow.code, flow.verdict], [code, 'denied'], JSON.stringify(question));
  }
  assert.deepEqual(new Set(names.asked), new Set([inside, 'missing.example.com']));
});

test('a host name with a NUL is not the name behind it', async () => {
  const address = await call({ kind: 'resolve', host: api });
  assert.match(address, /^198\.18\./);
  assert.notEqual(await call({ kind: 'resolve', host: `evil.example.com\0.${api}` }), address);
});

test('two hosts that share an address are two: the list admits one of them', async () => {
  await network.apply(snapshot({ mode: 'AllowList', hosts: [api] }));
  assert.equal(await call({ kind: 'https', host: api }), 'from the host');
  assert.equal(await call({ kind: 'https', host: 'other.example.com' }), 'ECONNRESET');
  assert.equal((await lastFlow()).code, 'HostNotAllowed');
  assert.equal(await call({ kind: 'https', host: api, serverName: 'other.example.com' }), 'ECONNRESET');
  await network.apply(snapshot({ mode: 'AllowList', hosts: [api], audit: true }));
  assert.equal(await call({ kind: 'https', host: 'other.example.com' }), 'from the host');
  assert.equal((await lastFlow()).audited, 'HostNotAllowed');
  await network.apply(snapshot());
});

test('a policy that closes cuts the stream before it is acknowledged', async () => {
  for (let round = 0; round < 5; round += 1) {
    await network.apply(snapshot());
    const end = call({ kind: 'flood', host: sink, opening: (await realHello(sink)).toString('base64') });
    if (arrivals.length === 0) await once(plain, 'arrival');
    const host = arrivals.shift()!;
    host.write(serverHello());
    let received = 0;
    host.on('data', (bytes: Buffer) => {
      received += bytes.length;
    });
    await once(host, 'data');
    const broken = new Promise((resolve) => host.once('close', resolve));
    assert.equal((await network.apply(snapshot({ mode: 'None' }))).cut, 1);
    const flow = await lastFlow();
    assert.deepEqual([flow.end, flow.code], ['cut', 'HostNotAllowed']);
    assert.match(await end, /ECONNRESET|EPIPE/);
    await broken;
    assert.ok(received > 0 && received <= flow.bytesSent);
  }
  await network.apply(snapshot());
});

test('in a public network other ports need no TLS; names still do not lead inside', async () => {
  await place.close();
  await startCaller(publicKey);
  const { port } = plain.address() as AddressInfo;
  await network.apply(snapshot());
  assert.equal(await call({ kind: 'https', host: api }), 'from the host');
  assert.equal(await call({ kind: 'dial', host: inside, port: 22 }), 'ECONNRESET');
  assert.equal((await lastFlow()).code, 'TargetIsInternal');
  const arrival = once(plain, 'arrival');
  const said = call({ kind: 'dial', host: sink, port });
  await arrival;
  arrivals.shift()!.end('speaks first');
  assert.equal(await said, 'speaks first');
});
