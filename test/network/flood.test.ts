// Hostile workers, one in each gateway, each doing one thing as fast as it can: their neighbours in the same gateways go on
// reaching their approved store, and decisions are still applied.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { programFolder } from '../../src/network/namespace/root-plan.ts';
import type { Snapshot } from '../../src/network/policy/model.ts';
import type { SealedNetwork, WorkerPlace } from '../../src/network/sealed-network.ts';
import { openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import { managedKey, sampleEndpoint, sampleNetwork } from './sample.ts';
import { startForCallers } from './start-sealed.ts';

const sales = 'acmesales.blob.core.windows.net';
const sinkAddress = '10.77.0.5';
const gateways = 2;

let network: SealedNetwork;
let snapshot: () => Snapshot;
const neighbours: (() => Promise<string>)[] = [];
const stop: (() => unknown)[] = [];

const startNeighbour = async (worker: string) => {
  const place = await network.open(worker, managedKey);
  const jailed = await place.launch({ module: `${programFolder}/test/network/jailed-caller.ts` });
  jailed.stderr.resume();
  const lines = createInterface({ input: jailed.stdout })[Symbol.asyncIterator]();
  neighbours.push(async () => {
    jailed.stdin.write(`${JSON.stringify({ kind: 'https', host: sales, port: 443 })}\n`);
    return JSON.parse(String((await lines.next()).value));
  });
};

const startFlood = async (what: readonly string[], worker: string): Promise<WorkerPlace> => {
  const place = await network.open(worker, managedKey);
  const jailed = await place.launch({
    module: `${programFolder}/test/network/jailed-flooder.ts`,
    arguments: [...what],
  });
  jailed.stderr.resume();
  await once(jailed.stdout, 'data');
  return place;
};

before(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'postern-flood-'));
  stop.push(() => rm(folder, { recursive: true, force: true }));
  const authority = await openCertificateAuthority(folder);
  const store = createServer(await authority.issue([sales]), (_request, response) => response.end('from the store'));
  await once(store.listen(0, '127.0.0.1'), 'listening');
  stop.push(() => store.close());
  const sink = fork(path.join(import.meta.dirname, 'discard-server.ts'));
  stop.push(() => sink.disconnect());
  const [sinkPort] = (await once(sink, 'message')) as [number];
  network = await startForCallers(authority.caFile, { gateways });
  stop.push(() => network.close());
  let version = 0;
  const endpoints = [
    sampleEndpoint({ backend: { address: '127.0.0.1', port: (store.address() as AddressInfo).port } }),
    sampleEndpoint({
      id: 'sink',
      name: 'sink',
      connection: 'sink',
      address: sinkAddress,
      names: [{ host: 'sink.blob.core.windows.net', privateLinkName: null }],
      backend: { address: '127.0.0.1', port: sinkPort },
    }),
  ];
  snapshot = () => {
    version += 1;
    return { version, networks: [sampleNetwork({ endpoints })], stores: [] };
  };
  await network.apply(snapshot());
  for (let count = 0; count < gateways; count += 1) await startNeighbour(`neighbour ${count}`);
});

after(async () => {
  for (const step of stop.reverse()) await step();
});

for (const [what, flood] of [
  ['connections that are refused', ['churn', '10.9.9.9']],
  ['connections to an approved store', ['churn', sinkAddress]],
  ['streams at full speed', ['streams', sinkAddress]],
  ['datagrams to the resolver', ['datagrams']],
] as const)
  test(`a flood of ${what} keeps no neighbour from its store, and no decision from being applied`, async () => {
    const places = await Promise.all(neighbours.map((_, at) => startFlood(flood, `${flood.join(' ')} ${at}`)));
    try {
      for (let round = 0; round < 5; round += 1) {
        const said = await Promise.all(neighbours.map((call) => call()));
        assert.deepEqual(
          said,
          neighbours.map(() => 'from the store'),
        );
        await network.apply(snapshot());
      }
      const tried = await Promise.all(places.map(({ worker }) => network.flows({ worker, limit: 1 })));
      if (what !== 'datagrams to the resolver')
        assert.ok(
          tried.every((flows) => flows.length === 1),
          'the twin: they flood',
        );
      assert.equal(await neighbours[0]!(), 'from the store', 'the same gateway still serves');
    } finally {
      await Promise.all(places.map((place) => place.close()));
    }
  });
