// From inside a jail: everywhere a worker may try to go. What is dialled lands at the gateway of its own namespace, and
// only there.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { constants } from 'node:os';
import { after, before, test } from 'node:test';
import { hostPuppet, makeSealed, type Puppet, type Sealed } from './sealed.ts';
import { type SeenFlow, serveNamespace } from './test-gateway.ts';

const allowedAddress = '10.20.0.4';
const resolver = '168.63.129.16';

let sealed: Sealed;
let worker: Puppet;
let sibling: Puppet;
let host: Puppet;
let seen: SeenFlow[];
let seenOfSibling: SeenFlow[];
before(async () => {
  sealed = await makeSealed();
  const [mine, other] = [await sealed.open([443, 10000]), await sealed.open([443])];
  seen = serveNamespace(mine, allowedAddress);
  seenOfSibling = serveNamespace(other, allowedAddress);
  worker = await sealed.jail(mine);
  sibling = await sealed.jail(other);
  host = hostPuppet();
});
after(async () => {
  await Promise.all([sealed?.close(), host?.end()]);
});

test('the allowed address answers, on each port that listens', async () => {
  for (const port of [443, 10000])
    assert.equal(await worker.act('dial', { host: allowedAddress, port }), 'answered allowed');
});

for (const address of [
  '93.184.216.34',
  '169.254.169.254',
  '10.20.0.5',
  '172.16.0.1',
  '192.168.1.1',
  '127.0.0.1',
  '127.1.2.3',
  '192.0.2.2',
  '0.0.0.0',
  '::1',
  '2001:db8::1',
  'fe80::1%lo',
  'fd00::1',
])
  test(`${address}: reset, and the gateway saw it`, async () => {
    seen.length = 0;
    assert.equal(await worker.act('dial', { host: address, port: 443 }), 'ECONNRESET');
    assert.equal(seen.length, 1);
    if (!/^0\.0\.0\.0$/.test(address)) assert.equal(seen[0]?.address, address.replace('%lo', ''));
    assert.equal(seen[0]?.port, 443);
  });

test('a port where nothing listens: ECONNREFUSED, on the allowed address too', async () => {
  assert.equal(await worker.act('dial', { host: allowedAddress, port: 444 }), 'ECONNREFUSED');
  assert.equal(await worker.act('dial', { host: '2001:db8::1', port: 8443 }), 'ECONNREFUSED');
});

test('a service on the loopback of the host: ECONNREFUSED; on the host it answers', async () => {
  const server = createServer((socket) => socket.end('host')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  assert.equal(await worker.act('dial', { host: '127.0.0.1', port }), 'ECONNREFUSED');
  assert.equal(await host.act('dial', { host: '127.0.0.1', port }), 'answered host');
  server.close();
});

test('UDP to anyone: ECONNREFUSED; the resolver answers', async () => {
  for (const [address, port] of [
    ['8.8.8.8', 53],
    ['8.8.8.8', 443],
    [allowedAddress, 443],
    ['2001:db8::1', 53],
    [resolver, 5353],
  ] as const)
    assert.equal(await worker.act('datagram', { host: address, port }), 'ECONNREFUSED', `${address}:${port}`);
  assert.equal(await worker.act('datagram', { host: resolver, port: 53 }), 'answered name');
});

test('a broadcast goes nowhere; on the host one is heard', async () => {
  const heard: string[] = [];
  const listener = createSocket('udp4', (bytes) => heard.push(String(bytes))).bind(0, '0.0.0.0');
  await once(listener, 'listening');
  const { port } = listener.address();
  await worker.act('datagram', { host: '255.255.255.255', port, broadcast: true });
  await worker.act('datagram', { host: '224.0.0.1', port, broadcast: true });
  const arrived = once(listener, 'message');
  assert.equal(await host.act('datagram', { host: '127.255.255.255', port, broadcast: true }), 'sent');
  await arrived;
  assert.deepEqual(heard, ['question']);
  listener.close();
});

test("the gateway's ports cannot be taken: EACCES; a high port can", async () => {
  for (const port of [443, 10000, 1024, 32767]) assert.equal(await worker.act('listen', { port }), 'EACCES');
  assert.equal(await worker.act('listen', { port: 53, host: resolver }), 'EACCES');
  assert.equal(await worker.act('listen', { port: 40000 }), 'listening');
});

test('a high port of one worker is not there for its sibling; it is for itself', async () => {
  assert.equal(await worker.act('listen', { port: 40001 }), 'listening');
  assert.equal(await worker.act('dial', { host: '127.0.0.1', port: 40001 }), 'answered from a worker');
  for (const address of ['127.0.0.1', '192.0.2.2', '::1'])
    assert.equal(await sibling.act('dial', { host: address, port: 40001 }), 'ECONNREFUSED');
});

test('an abstract Unix socket of one worker is not there for its sibling; it is for itself', async () => {
  const path = '\0sibling';
  assert.equal(await worker.act('listen', { path }), 'listening');
  assert.equal(await worker.act('dial', { path }), 'answered from a worker');
  assert.equal(await sibling.act('dial', { path }), 'ECONNREFUSED');
});

test('files of one worker are not there for its sibling', async () => {
  assert.equal(await worker.act('write', '/tmp/mine', 3), 'written');
  assert.equal(await worker.act('read', '/tmp/mine'), '\0\0\0');
  assert.equal(await sibling.act('read', '/tmp/mine'), 'ENOENT');
});

test('a forged source changes nothing: the gateway knows a worker by its namespace', async () => {
  seen.length = 0;
  seenOfSibling.length = 0;
  const forged = { host: '10.20.0.9', port: 443, localAddress: '198.51.100.7' };
  assert.equal(await sibling.act('dial', forged), 'ECONNRESET');
  assert.deepEqual(seen, []);
  assert.deepEqual(seenOfSibling, [{ address: '10.20.0.9', port: 443 }]);
});

test('when the gateway closes a namespace, nothing answers any more', async () => {
  const namespace = await sealed.open([443]);
  serveNamespace(namespace, allowedAddress);
  const cut = await sealed.jail(namespace);
  assert.equal(await cut.act('dial', { host: allowedAddress, port: 443 }), 'answered allowed');
  namespace.close();
  assert.equal(await cut.act('dial', { host: allowedAddress, port: 443 }), 'ECONNREFUSED');
  assert.equal(await cut.act('datagram', { host: resolver, port: 53 }), 'ECONNREFUSED');
  assert.equal(await cut.act('call', 'unshare', 0x40000000), -constants.errno.EPERM);
});
