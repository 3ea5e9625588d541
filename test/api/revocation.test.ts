// Every way in which an approved connection ends, from the request of the person who ends it to the last byte of a
// sealed worker: the answer comes after the flow was cut.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import type { JsonObject } from '../../src/base/json.ts';
import { createLog } from '../../src/base/log.ts';
import { programFolder } from '../../src/network/namespace/root-plan.ts';
import { startNetwork } from '../../src/network/network.ts';
import type { SealedNetwork, WorkerPlace } from '../../src/network/sealed-network.ts';
import { openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import { type Estate, factoryVersion, furnish, openEstate, storageVersion } from './estate.ts';

let folder: string;
let network: SealedNetwork;
let estate: Estate;
let factory: Awaited<ReturnType<typeof furnish>>;
const arrivals: Socket[] = [];
const store = createServer((socket) => {
  socket.on('error', () => {});
  arrivals.push(socket);
  store.emit('arrival');
});

before(async () => {
  store.listen(0, '127.0.0.1');
  await once(store, 'listening');
  folder = await mkdtemp(path.join(tmpdir(), 'postern-revocation-'));
  const authority = await openCertificateAuthority(folder);
  network = await startNetwork({
    seal: {
      projectRoot: path.resolve(import.meta.dirname, '../..'),
      folders: ['src/network/namespace', 'test/network', 'node_modules'],
      authority: authority.caFile,
    },
    log: createLog({ level: 'silent' }),
    ready: 1,
  });
  estate = await openEstate({ network });
});
after(async () => {
  await estate?.discard();
  await network?.close();
  store.close();
  await rm(folder, { recursive: true, force: true });
});

/** Starts a sealed worker that writes to the account's blob host as fast as it can. */
const flood = async (place: WorkerPlace) => {
  const jailed = await place.launch({ module: `${programFolder}/test/network/jailed-caller.ts` });
  const said = once(createInterface({ input: jailed.stdout }), 'line');
  jailed.stdin.write(`${JSON.stringify({ kind: 'flood', host: 'acmesales.blob.core.windows.net', port: 443 })}\n`);
  return said.then(([line]) => JSON.parse(String(line)) as string);
};

const endpoint = () => `${factory.network}/managedPrivateEndpoints/sales?${factoryVersion}`;
const account = () => `${factory.account('acmesales')}?${storageVersion}`;

/** A factory with an approved endpoint; answers the connection as its owner sees it. */
const approve = async (): Promise<{ id: string }> => {
  factory = await furnish(estate, 'acme', []);
  const { admin } = estate;
  await admin.call('PUT', account(), {
    location: 'westeurope',
    kind: 'StorageV2',
    sku: { name: 'Standard_LRS' },
    tags: { 'postern-backend': `127.0.0.1:${(store.address() as AddressInfo).port}` },
  });
  await admin.call('PUT', endpoint(), {
    properties: { privateLinkResourceId: factory.account('acmesales'), groupId: 'blob' },
  });
  const list = await admin.call('GET', `${factory.account('acmesales')}/privateEndpointConnections?${storageVersion}`);
  const [connection] = list.value as { id: string }[];
  await admin.call('PUT', `${connection!.id}?${storageVersion}`, {
    properties: { privateLinkServiceConnectionState: { status: 'Approved' } },
  });
  return connection!;
};

const rejection: JsonObject = { properties: { privateLinkServiceConnectionState: { status: 'Rejected' } } };

/** Who ends a connection, and by which request. */
const ends: [string, string, (connection: string) => [method: string, path: string, body?: JsonObject]][] = [
  ['the owner rejects it', 'EndpointRejected', (id) => ['PUT', `${id}?${storageVersion}`, rejection]],
  ['the owner removes it', 'EndpointDisconnected', (id) => ['DELETE', `${id}?${storageVersion}`]],
  ['the store is deleted', 'EndpointDisconnected', () => ['DELETE', account()]],
  ['the endpoint is deleted', 'PrivateEndpointRequired', () => ['DELETE', endpoint()]],
  ['the factory is deleted', 'HostNotAllowed', () => ['DELETE', `${factory.factory}?${factoryVersion}`]],
];

for (const [who, code, request] of ends)
  test(`${who}: the flow is cut before the answer (${code})`, async () => {
    const connection = await approve();
    const worker = `worker-${code}-${who.length}`;
    const place = await network.open(worker, factory.network.toLowerCase());
    try {
      const said = flood(place);
      if (arrivals.length === 0) await once(store, 'arrival');
      const socket = arrivals.shift()!;
      let stored = 0;
      socket.on('data', (bytes: Buffer) => {
        stored += bytes.length;
      });
      const gone = new Promise((resolve) => socket.once('close', resolve));
      await once(socket, 'data');
      const [method, path, body] = request(connection.id);
      const answer = await estate.admin.send(method, path, body);
      assert.equal(answer.status, 200);
      const [flow] = await network.flows({ worker, limit: 1 });
      assert.deepEqual([flow?.end, flow?.code], ['cut', code]);
      assert.match(await said, /ECONNRESET|EPIPE/);
      await gone;
      assert.ok(stored > 0 && stored <= flow!.bytesSent, `${stored} of ${flow!.bytesSent}`);
    } finally {
      await place.close();
      await estate.admin.send('DELETE', `${factory.factory}?${factoryVersion}`);
      await estate.admin.send('DELETE', account());
    }
  });
