// Every way in which an approved connection ends, from the request of the person who ends it to the last byte of a
// sealed worker: the answer comes after the flow was cut.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import type { JsonObject } from '../../src/base/json.ts';
import { programFolder } from '../../src/network/namespace/root-plan.ts';
import type { SealedNetwork, WorkerPlace } from '../../src/network/sealed-network.ts';
import { type Estate, factoryVersion, groupOf, openEstate, storageVersion } from './estate.ts';
import { type OpenSealedNetwork, openSealedNetwork } from './sealed-network.ts';

let sealed: OpenSealedNetwork;
let network: SealedNetwork;
let estate: Estate;
const arrivals: Socket[] = [];
const store = createServer((socket) => {
  socket.on('error', () => {});
  arrivals.push(socket);
  store.emit('arrival');
});

before(async () => {
  store.listen(0, '127.0.0.1');
  await once(store, 'listening');
  sealed = await openSealedNetwork();
  ({ network } = sealed);
  estate = await openEstate({ network });
});
after(async () => {
  await estate?.discard();
  await sealed?.close();
  store.close();
});

/** Starts a sealed worker that writes to the account's blob host as fast as it can. */
const flood = async (place: WorkerPlace) => {
  const jailed = await place.launch({ module: `${programFolder}/test/network/jailed-caller.ts` });
  const said = once(createInterface({ input: jailed.stdout }), 'line');
  jailed.stdin.write(`${JSON.stringify({ kind: 'flood', host: 'acmesales.blob.core.windows.net', port: 443 })}\n`);
  return said.then(([line]) => JSON.parse(String(line)) as string);
};

const groupVersion = 'api-version=2021-04-01';
const factoryGroup = () => groupOf(estate, 'engineers');
const storeGroup = () => groupOf(estate, 'owners');
const factory = () => `${factoryGroup()}/providers/Microsoft.DataFactory/factories/acme`;
const managed = () => `${factory()}/managedVirtualNetworks/default`;
const endpoint = () => `${managed()}/managedPrivateEndpoints/sales?${factoryVersion}`;
const account = () => `${storeGroup()}/providers/Microsoft.Storage/storageAccounts/acmesales`;

/** A factory with an approved endpoint to an account of another group; answers the connection as its owner sees it. */
const approve = async (): Promise<{ id: string }> => {
  const { admin } = estate;
  const region = { location: 'westeurope' };
  for (const group of [factoryGroup(), storeGroup()]) await admin.call('PUT', `${group}?${groupVersion}`, region);
  await admin.call('PUT', `${factory()}?${factoryVersion}`, region);
  await admin.call('PUT', `${managed()}?${factoryVersion}`, { properties: {} });
  await admin.call('PUT', `${account()}?${storageVersion}`, {
    ...region,
    kind: 'StorageV2',
    sku: { name: 'Standard_LRS' },
    tags: { 'postern-backend': `127.0.0.1:${(store.address() as AddressInfo).port}` },
  });
  await admin.call('PUT', endpoint(), {
    properties: { privateLinkResourceId: account(), groupId: 'blob' },
  });
  const list = await admin.call('GET', `${account()}/privateEndpointConnections?${storageVersion}`);
  const [connection] = list.value as { id: string }[];
  await admin.call('PUT', `${connection!.id}?${storageVersion}`, {
    properties: { privateLinkServiceConnectionState: { status: 'Approved' } },
  });
  return connection!;
};

/** Sends a request and resolves to its status once it is done: of what goes on in the background, at its end. */
const sendUntilDone = async (method: 'PUT' | 'DELETE', path: string, body?: JsonObject): Promise<number> => {
  const answer = await estate.admin.send(method, path, body);
  if (answer.status !== 202) return answer.status;
  const result = new URL(String(answer.headers.location));
  for (;;) {
    const { status } = await estate.admin.send('GET', `${result.pathname}${result.search}`);
    if (status !== 202) return status;
  }
};

/** What the requester reads of the endpoint: its state, or that it is gone. */
const stateNow = async (): Promise<unknown> => {
  const { status, body } = await estate.admin.send('GET', endpoint());
  if (status !== 200) return status;
  return ((body.properties as JsonObject).connectionState as JsonObject).status;
};

const rejection: JsonObject = { properties: { privateLinkServiceConnectionState: { status: 'Rejected' } } };

type Request = [method: 'PUT' | 'DELETE', path: string, body?: JsonObject];

/** Who ends a connection, what a new flow would meet, what the requester reads, and by which request. */
const ends: [string, string, unknown, (connection: string) => Request][] = [
  ['the owner rejects it', 'EndpointRejected', 'Rejected', (id) => ['PUT', `${id}?${storageVersion}`, rejection]],
  ['the owner removes it', 'EndpointDisconnected', 'Disconnected', (id) => ['DELETE', `${id}?${storageVersion}`]],
  ['the store is deleted', 'EndpointDisconnected', 'Disconnected', () => ['DELETE', `${account()}?${storageVersion}`]],
  [
    'the group of the store is deleted',
    'EndpointDisconnected',
    'Disconnected',
    () => ['DELETE', `${storeGroup()}?${groupVersion}`],
  ],
  ['the endpoint is deleted', 'PrivateEndpointRequired', 404, () => ['DELETE', endpoint()]],
  ['the factory is deleted', 'HostNotAllowed', 404, () => ['DELETE', `${factory()}?${factoryVersion}`]],
  // What is inside goes first: the endpoint.
  [
    'the group of the factory is deleted',
    'PrivateEndpointRequired',
    404,
    () => ['DELETE', `${factoryGroup()}?${groupVersion}`],
  ],
];

/** A sealed worker that streams to the store, which has had its first bytes. `stored()` is what came by now. */
const stream = async (place: WorkerPlace) => {
  const said = flood(place);
  if (arrivals.length === 0) await once(store, 'arrival');
  const socket = arrivals.shift()!;
  let stored = 0;
  socket.on('data', (bytes: Buffer) => {
    stored += bytes.length;
  });
  const gone = new Promise((resolve) => socket.once('close', resolve));
  await once(socket, 'data');
  return { said, gone, stored: () => stored };
};

const tidy = async (place: WorkerPlace) => {
  await place.close();
  for (const group of [factoryGroup(), storeGroup()]) await sendUntilDone('DELETE', `${group}?${groupVersion}`);
};

for (const [who, code, state, request] of ends)
  test(`${who}: the flow is cut before the answer (${code})`, async () => {
    const connection = await approve();
    const worker = `worker-${who.replaceAll(' ', '-')}`;
    const place = await network.open(worker, managed().toLowerCase());
    try {
      const { said, gone, stored } = await stream(place);
      assert.equal(await sendUntilDone(...request(connection.id)), 200);
      const [flow] = await network.flows({ worker, limit: 1 });
      assert.deepEqual([flow?.end, flow?.code], ['cut', code]);
      assert.equal(await stateNow(), state);
      assert.match(await said, /ECONNRESET|EPIPE/);
      await gone;
      assert.ok(stored() > 0 && stored() <= flow!.bytesSent, `${stored()} of ${flow!.bytesSent}`);
    } finally {
      await tidy(place);
    }
  });

test("the approval's time is over: the flow is cut by the clock alone (EndpointExpired)", async () => {
  const connection = await approve();
  const place = await network.open('worker-of-a-second', managed().toLowerCase());
  try {
    const { said, gone, stored } = await stream(place);
    const policy = `${account()}/providers/Postern.Network/approvalPolicies/brief?api-version=2026-11-01`;
    await estate.admin.call('PUT', policy, { properties: { expiresAfter: 'PT1S' } });
    const [before] = await network.flows({ worker: 'worker-of-a-second', limit: 1 });
    assert.equal(before?.endedAt, null, 'a policy alone changes nothing for what is approved');
    await estate.admin.call('PUT', `${connection.id}?${storageVersion}`, {
      properties: { privateLinkServiceConnectionState: { status: 'Approved', description: 'for a second' } },
    });
    await gone;
    const [flow] = await network.flows({ worker: 'worker-of-a-second', limit: 1 });
    assert.deepEqual([flow?.end, flow?.code], ['cut', 'EndpointExpired']);
    assert.ok(stored() > 0 && stored() <= flow!.bytesSent, `${stored()} of ${flow!.bytesSent}`);
    assert.match(await said, /ECONNRESET|EPIPE/);
    assert.equal(await stateNow(), 'Expired');
    const verdict = estate.verdict({ network: managed().toLowerCase(), host: 'acmesales.blob.core.windows.net' });
    assert.ok(!verdict.allow);
    const told = { code: verdict.code, message: verdict.message, remedy: verdict.remedy };
    assert.deepEqual({ code: flow!.code, message: flow!.message, remedy: flow!.remedy }, told);
  } finally {
    await tidy(place);
  }
});
