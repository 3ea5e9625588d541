// A store that somebody reaches by a private endpoint is closed to the public path of managed networks, whatever its
// firewall says: with live flows of sealed workers, and the same words from the flow log and from `explain`.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { programFolder } from '../../src/network/namespace/root-plan.ts';
import type { WorkerPlace } from '../../src/network/sealed-network.ts';
import { keyVaultTarget } from '../../src/providers/key-vault/key-vault-target.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { type Estate, factoryVersion, furnish, noSandbox, openEstate } from './estate.ts';
import { networkVersion, privateEndpoint } from './network-estate.ts';
import { type OpenSealedNetwork, openSealedNetwork } from './sealed-network.ts';

const host = 'acmevault.vault.azure.net';
const vaultVersion = 'api-version=2026-02-01';
const properties = { tenantId: '10000000-0000-4000-8000-000000000001', sku: { family: 'A', name: 'standard' } };
let sealed: OpenSealedNetwork;
let estate: Estate;
let place: Awaited<ReturnType<typeof furnish>>;
let vault: string;
let subnet: string;
let store: Server;
let workers = 0;

/** A sandbox whose only vault is the server of this test. */
const withVault: Sandbox = {
  ...noSandbox,
  ensureKeyVault: async () => ({
    endpoints: { vault: { address: '127.0.0.1', port: (store.address() as AddressInfo).port } },
  }),
  removeKeyVault: async () => {},
};

before(async () => {
  sealed = await openSealedNetwork();
  store = createServer(await sealed.authority.issue([host]), (socket) => {
    socket.on('error', () => {}).resume();
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    store.emit('visitor', socket);
  });
  store.listen(0, '127.0.0.1');
  await once(store, 'listening');
  estate = await openEstate({
    network: sealed.network,
    sandbox: withVault,
  });
  place = await furnish(estate, 'acme', []);
  const { admin } = estate;
  vault = `${place.group}/providers/${keyVaultTarget.type}/acmevault`;
  await admin.call('PUT', `${vault}?${vaultVersion}`, {
    location: 'westeurope',
    properties,
  });
  const egress = `${place.network}/providers/Postern.Network/egressPolicies/default?api-version=2026-11-01`;
  await admin.call('PUT', egress, { properties: { mode: 'Https' } });
  const network = `${place.group}/providers/Microsoft.Network/virtualNetworks/home`;
  subnet = `${network}/subnets/ends`;
  await admin.call('PUT', `${network}?${networkVersion}`, {
    location: 'westeurope',
    properties: {
      addressSpace: { addressPrefixes: ['10.1.0.0/16'] },
      subnets: [{ name: 'ends', properties: { addressPrefix: '10.1.1.0/24' } }],
    },
  });
});
after(async () => {
  await estate?.discard();
  await sealed?.close();
  store?.close();
});

/** A sealed worker in a network, that connects to the vault when asked and answers how that ended. */
const openWorker = async (network: string) => {
  workers += 1;
  const worker = `worker-${workers}`;
  const opened: WorkerPlace = await sealed.network.open(worker, network.toLowerCase());
  const jailed = await opened.launch({ module: `${programFolder}/test/network/jailed-caller.ts` });
  const lines = createInterface({ input: jailed.stdout })[Symbol.asyncIterator]();
  return {
    ask: async (): Promise<string> => {
      jailed.stdin.write(`${JSON.stringify({ kind: 'https', host, port: 443 })}\n`);
      return JSON.parse(String((await lines.next()).value));
    },
    /** The end and the code of the worker's last flow. */
    last: async () => {
      const [flow] = await sealed.network.flows({ worker, limit: 1 });
      return { verdict: flow?.verdict, end: flow?.end, code: flow?.code, message: flow?.message, remedy: flow?.remedy };
    },
    close: () => opened.close(),
  };
};

/** Has a worker connect, and resolves once the vault sees it; fails where the worker is turned away instead. */
const visit = async (worker: Awaited<ReturnType<typeof openWorker>>) => {
  const visitor = once(store, 'visitor') as Promise<[TLSSocket]>;
  const said = worker.ask();
  const first = await Promise.race([visitor, said]);
  if (typeof first === 'string') throw new Error(`turned away: ${first} ${JSON.stringify(await worker.last())}`);
  return { said, socket: first[0] };
};

const explained = (network: string) =>
  estate.admin.call('POST', `${network}/providers/Postern.Network/explain?api-version=2026-11-01`, { host, port: 443 });

const ownEndpoint = () => `${place.group}/providers/Microsoft.Network/privateEndpoints/own?${networkVersion}`;
const answer = async (status: string) => {
  const list = await estate.admin.call('GET', `${vault}/privateEndpointConnections?${vaultVersion}`);
  const [connection] = list.value as { id: string }[];
  return estate.admin.send('PUT', `${connection!.id}?${vaultVersion}`, {
    properties: { privateLinkServiceConnectionState: { status } },
  });
};

/** Ways in which a store comes to have its first private endpoint; each leaves it approved. */
const firsts: [string, () => Promise<number>, () => [method: 'DELETE', path: string]][] = [
  [
    "the owner's own endpoint",
    async () => {
      const body = privateEndpoint(subnet, vault, { groupId: 'vault' });
      return (await estate.admin.send('PUT', ownEndpoint(), body)).status;
    },
    () => ['DELETE', ownEndpoint()],
  ],
  [
    "an endpoint of the owner's network that waited",
    async () => (await answer('Approved')).status,
    () => ['DELETE', ownEndpoint()],
  ],
  [
    "another factory's managed endpoint",
    async () => (await answer('Approved')).status,
    () => ['DELETE', `${place.group}/providers/Microsoft.DataFactory/factories/beta?${factoryVersion}`],
  ],
];

/** What is asked for beforehand, and must change nothing. */
const asked: (() => Promise<unknown>)[] = [
  async () => {},
  async () =>
    estate.admin.call('PUT', ownEndpoint(), privateEndpoint(subnet, vault, { groupId: 'vault', message: 'Please' })),
  async () => {
    const beta = await furnish(estate, 'beta', []);
    await estate.admin.call('PUT', `${beta.network}/managedPrivateEndpoints/vault?${factoryVersion}`, {
      properties: { privateLinkResourceId: vault, groupId: 'vault' },
    });
  },
];

for (const [index, [who, approve, end]] of firsts.entries())
  test(`${who}: once it is approved, the public path is closed before the answer, and opens when it ends`, async () => {
    const worker = await openWorker(place.network);
    const outside = await openWorker(`${place.factory}/public`);
    try {
      const first = await visit(worker);
      assert.deepEqual((await worker.last()).code, 'Allowed.PublicHttps');
      const aside = await visit(outside);
      await asked[index]!();
      assert.equal((await worker.last()).end, null, 'a request alone cuts nothing');

      const gone = new Promise((resolve) => first.socket.once('close', resolve));
      assert.ok([200, 201].includes(await approve()));
      const cut = await worker.last();
      assert.deepEqual([cut.end, cut.code], ['cut', 'PrivateEndpointExists']);
      await gone;
      assert.match(await first.said, /ECONNRESET/);
      assert.equal(await worker.ask(), 'ECONNRESET');
      const refused = await worker.last();
      assert.deepEqual([refused.verdict, refused.code], ['denied', 'PrivateEndpointExists']);
      const verdict = await explained(place.network);
      assert.deepEqual(
        [verdict.code, verdict.message, verdict.remedy],
        [refused.code, refused.message, refused.remedy],
      );
      assert.match(String(verdict.remedy), new RegExp(`request a managed private endpoint to ${vault}`));
      assert.equal((await outside.last()).end, null, 'a runtime without a managed network obeys the firewall alone');

      await answer('Rejected');
      const again = await visit(worker);
      again.socket.end();
      await again.said;
      await answer('Approved');
      assert.equal(await worker.ask(), 'ECONNRESET');
      assert.ok((await estate.admin.send(...end())).status < 300);
      const last = await visit(worker);
      last.socket.end();
      await last.said;
      aside.socket.end();
      await aside.said;
    } finally {
      await worker.close();
      await outside.close();
    }
  });

test('a managed endpoint of its own is the way in; the public path of the others stays closed', async () => {
  const beta = await furnish(estate, 'beta', []);
  const endpoint = `${beta.network}/managedPrivateEndpoints/vault?${factoryVersion}`;
  await estate.admin.call('PUT', endpoint, { properties: { privateLinkResourceId: vault, groupId: 'vault' } });
  const codes = async () =>
    Promise.all(
      [beta.network, place.network].map(async (network) => {
        const { code } = await explained(network);
        return code;
      }),
    );
  assert.deepEqual(await codes(), ['EndpointPending', 'Allowed.PublicHttps']);
  await answer('Approved');
  assert.deepEqual(await codes(), ['Allowed.PrivateEndpoint', 'PrivateEndpointExists']);
  await estate.admin.call('PUT', `${vault}?${vaultVersion}`, {
    location: 'westeurope',
    properties: { ...properties, publicNetworkAccess: 'Disabled' },
  });
  assert.deepEqual(await codes(), ['Allowed.PrivateEndpoint', 'PrivateEndpointExists']);
  await answer('Rejected');
  assert.deepEqual(await codes(), ['EndpointRejected', 'PublicAccessDisabled']);
});
