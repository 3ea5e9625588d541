// From inside a worker of a whole Postern: its data folder, its control plane, its sandbox stores and its neighbours.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { asModule, startTruePostern, type TruePostern } from '../network/true-postern.ts';
import { hostPuppet, type Puppet } from './sealed.ts';
import { type Captive, captiveIn, greet, type Host } from './true-network.ts';

let whole: TruePostern;
let store: Host;
let worker: Captive;
let host: Puppet;
before(async () => {
  store = await greet('acmesales');
  whole = await startTruePostern();
  await whole.attach('acmesales', store.port);
  await whole.decide(await whole.request('sales', 'acmesales'), 'Approved');
  worker = await captiveIn(whole.postern.network, 'hostile', whole.networkKey, asModule('../isolation/visitor.ts'));
  host = hostPuppet();
});
after(async () => {
  await worker?.end();
  await host?.end();
  await whole?.close();
  store?.close();
});

test('every file of the data folder, by its exact path: ENOENT; on the host each is there', async () => {
  const files = readdirSync(whole.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  for (const name of ['postern.db', 'secret.key', 'connection.json', 'tenancy.json'])
    assert.ok(files.includes(path.join(whole.dataDir, name)), name);
  for (const file of [whole.dataDir, ...files]) assert.equal(await worker.act('read', file), 'ENOENT', file);
  for (const file of files) assert.notEqual(await host.act('read', file), 'ENOENT', file);
});

test('the home folder and its files: ENOENT; on the host it is there', async () => {
  for (const name of [homedir(), '/root', '/home', '/var', '/run', '/sys'])
    assert.equal(await worker.act('list', name), 'ENOENT', name);
  assert.ok(Array.isArray(await host.act('list', homedir())));
});

test("the control plane's address and port: reset, AddressLiteral; on the host it answers", async () => {
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1'])
    assert.equal(await worker.act('dial', { host: address, port: whole.port }), 'ECONNRESET', address);
  assert.deepEqual(
    (await worker.refusals()).map(({ code, port }) => [code, port]),
    Array(3).fill(['AddressLiteral', whole.port]),
  );
  const request = { host: '127.0.0.1', port: whole.port, serverName: 'localhost', hostHeader: 'localhost' };
  assert.match(await host.act('https', request), /^HTTP\/1\.1 302 /);
});

test('the loopback port of a store: ECONNREFUSED; through its approved endpoint it answers', async () => {
  assert.equal(await worker.act('dial', { host: '127.0.0.1', port: store.port }), 'ECONNREFUSED');
  assert.equal(await worker.act('dial', { host: 'acmesales.blob.core.windows.net', port: 443 }), 'answered acmesales');
});
