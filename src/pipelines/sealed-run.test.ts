// A pipeline in the true network: a real worker, jailed, whose only way out is the gateway.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { createServer, type Server } from 'node:tls';
import { managedKey, sampleEndpoint, sampleNetwork } from '../../test/network/sample.ts';
import { startForWorkers } from '../../test/network/start-sealed.ts';
import { copyBytes, type Factory, factoryKey, openFactory } from '../../test/stand-in/factory.ts';
import type { Endpoint } from '../network/policy/model.ts';
import type { SealedNetwork } from '../network/sealed-network.ts';
import { openCertificateAuthority } from '../sandbox/certificate-authority.ts';

const account = 'acmesales';
let folder: string;
let store: Server;
let network: SealedNetwork;
let factory: Factory;
let version = 0;

const apply = (changes: Partial<Endpoint>) => {
  version += 1;
  const { port } = store.address() as AddressInfo;
  const endpoint = sampleEndpoint({ backend: { address: '127.0.0.1', port }, ...changes });
  return network.apply({ version, networks: [sampleNetwork({ endpoints: [endpoint] })], stores: [] });
};

const reference = (type: string, referenceName: string) => ({ type, referenceName });
const file = (fileName: string) => ({
  type: 'Binary',
  linkedServiceName: reference('LinkedServiceReference', 'sales'),
  typeProperties: { location: { type: 'AzureBlobStorageLocation', container: 'films', fileName } },
});
const copy = copyBytes('in', 'out');

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'postern-sealed-run-'));
  const authority = await openCertificateAuthority(folder);
  // A store that takes questions and never answers.
  store = createServer(await authority.issue([`${account}.blob.core.windows.net`]), (socket) => {
    socket.on('error', () => {});
    socket.once('data', () => store.emit('asked', socket));
  }).listen(0, '127.0.0.1');
  await once(store, 'listening');
  network = await startForWorkers(folder, authority.caFile);
  factory = await openFactory({ sealed: network });
  await factory.furnish();
  const key = Buffer.alloc(64).toString('base64');
  await factory.accountService('sales', 'AzureBlobStorage', { name: account, key });
  await factory.put('datasets', 'in', file('in.bin'));
  await factory.put('datasets', 'out', file('out.bin'));
});

after(async () => {
  await factory?.close();
  await network?.close();
  store?.close();
  await rm(folder, { recursive: true, force: true });
});

const endpoint = `${managedKey}/managedPrivateEndpoints/sales`;

test('while its endpoint is pending a copy fails, and says which endpoint waits for whom', async () => {
  await apply({ state: 'Pending' });
  const run = await factory.run([copy]);
  assert.equal(run.status, 'Failed');
  const error = run.activities[0]!.error;
  const [why] = error.details as { code: string; message: string; remedy: string; host: string; endpoint: string }[];
  assert.equal(why?.code, 'EndpointPending');
  assert.equal(why?.endpoint, endpoint);
  assert.equal(why?.host, `${account}.blob.core.windows.net`);
  assert.notEqual(why?.remedy, '');
  assert.ok(error.message.startsWith(why!.message), error.message);
  assert.ok(run.message.includes(why!.message));
});

test('a copy whose endpoint is rejected while it runs is cut, and says so', async () => {
  await apply({ state: 'Approved' });
  const asked = once(store, 'asked');
  await factory.pipeline([copy]);
  const runId = await factory.createRun();
  await asked;
  const { cut } = await apply({ state: 'Rejected', description: 'no longer' });
  assert.ok(cut > 0);
  const run = await factory.ended(runId);
  assert.equal(run.status, 'Failed');
  const codes = (run.activities[0]!.error.details as { code: string }[]).map(({ code }) => code);
  assert.equal(codes[0], 'EndpointRejected');
});

test('a run that is cancelled while its store is silent leaves no worker busy, no flow open and no connection at the store', async () => {
  await apply({ state: 'Approved' });
  const workers: string[] = [];
  for (const _ of ['cancelled', 'cancelled by the same worker']) {
    const asked = once(store, 'asked') as Promise<[Socket]>;
    await factory.pipeline([copy]);
    const runId = await factory.createRun();
    const [socket] = await asked;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    assert.equal(factory.runtime.status(factoryKey, 'sealed').running, 1);
    await factory.cancel(runId);
    const run = await factory.ended(runId);
    assert.deepEqual([run.status, run.activities[0]!.status], ['Cancelled', 'Cancelled']);
    await closed;
    const isIdle = ({ running, waiting }: { running: number; waiting: number }) => running + waiting === 0;
    const { nodes } = await factory.eventually(async () => factory.runtime.status(factoryKey, 'sealed'), isIdle);
    assert.deepEqual(
      nodes.map(({ status }) => status),
      ['Available'],
    );
    workers.push(nodes[0]!.nodeId);
    const flows = await factory.eventually(
      () => network.flows({ worker: nodes[0]!.nodeId }),
      (all) => all.every(({ endedAt }) => endedAt !== null),
    );
    assert.ok(flows.some(({ code }) => code === 'Allowed.PrivateEndpoint'));
  }
  assert.equal(workers[0], workers[1]);
});
