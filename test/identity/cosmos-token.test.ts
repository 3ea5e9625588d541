// Access tokens at a Cosmos DB account of the sandbox by itself, by the official client and by requests of our own.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { type BulkOperationType, CosmosClient, type OperationInput } from '@azure/cosmos';
import { createLog } from '../../src/base/log.ts';
import { openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import { type CosmosAccounts, startCosmosAccounts } from '../../src/sandbox/cosmos-db/start-cosmos-accounts.ts';
import { type CosmosAction, type CosmosGrant, cosmosActions, type SandboxStore } from '../../src/sandbox/sandbox.ts';
import { type Claims, publicKey, tenantId, tokenFor, wrongTokens } from './token.ts';

const name = 'acmetokens';
const aud = 'https://cosmos.azure.com';
const key = randomBytes(64).toString('base64');
const reads = cosmosActions.filter((one) => !/items\/(create|replace|upsert|delete)/.test(one));
const all = (actions: readonly CosmosAction[]): CosmosGrant[] => [{ scope: [], actions }];
const people = new Map<string, CosmosGrant[]>([
  ['owner', all(cosmosActions)],
  ['reader', all(reads)],
  ['stranger', []],
  ['shopper', [{ scope: ['dbs', 'shop', 'colls', 'films'], actions: cosmosActions }]],
]);
let isSilent = false;
const gate = {
  tenantId,
  key: publicKey,
  authority: () => 'https://localhost:1',
  permissionsOf: async (objectId: string) => {
    if (isSilent) throw new Error('not to be told');
    return people.get(objectId) ?? null;
  },
};

let root: string;
let agent: Agent;
let accounts: CosmosAccounts;
let store: SandboxStore;
const clients: CosmosClient[] = [];
const location = 'West Europe';
const keys = { writing: [key], reading: [] };

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'postern-cosmos-tokens-'));
  const authority = await openCertificateAuthority(join(root, 'ca'));
  agent = new Agent({ ca: await readFile(authority.caFile) });
  accounts = startCosmosAccounts({ folder: join(root, 'accounts'), authority, log: createLog({ level: 'silent' }) });
  store = await accounts.ensure({ name, keys, location, gate });
  const owner = keyed().database('shop');
  await keyed().databases.create({ id: 'shop' });
  for (const id of ['films', 'books']) await owner.containers.create({ id, partitionKey: { paths: ['/city'] } });
  await owner.container('films').items.create({ id: '1', city: 'Bonn' });
});
after(async () => {
  for (const each of clients) each.dispose();
  agent?.destroy();
  await accounts?.close();
  await rm(root, { recursive: true, force: true });
});

const endpointOf = ({ endpoints }: SandboxStore) => `https://127.0.0.1:${endpoints.Sql!.port}`;
const open = (options: { key: string } | { aadCredentials: { getToken(): Promise<Given> } }, at = store) => {
  const made = new CosmosClient({
    endpoint: endpointOf(at),
    agent,
    connectionPolicy: { enableEndpointDiscovery: false },
    ...options,
  });
  clients.push(made);
  return made;
};
const keyed = () => open({ key });

type Given = { token: string; expiresOnTimestamp: number };
const as = (oid: string, claims: Claims = {}) =>
  open({
    aadCredentials: {
      getToken: async () => ({
        token: await tokenFor({ aud, oid, ...claims }),
        expiresOnTimestamp: Date.now() + 300_000,
      }),
    },
  });
const films = (client: CosmosClient) => client.database('shop').container('films');

const send = async (token: string, path = '/dbs/shop/colls/films') => {
  const sent = request(`${endpointOf(store)}${path}`, {
    agent,
    headers: { authorization: encodeURIComponent(`type=aad&ver=1.0&sig=${token}`) },
  });
  sent.end();
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve).on('error', reject);
  });
  return {
    status: response.statusCode!,
    substatus: Number(response.headers['x-ms-substatus']),
    body: await text(response),
  };
};

test('signature, time, audience, tenant and host are checked, and each fault has its code', async () => {
  const codes: Record<string, number> = {
    forged: 5004,
    expired: 5006,
    'for vaults': 5008,
    'for the control plane': 5008,
    'for storage': 5008,
    'of another tenant': 5007,
    'for another host': 5008,
    'of nobody': 5011,
    'of a principal that is gone': 5011,
    unsigned: 5003,
    'signed with noise': 5004,
    'no token': 5003,
  };
  const faults = await wrongTokens(aud, 'other.documents.azure.com');
  assert.deepEqual(faults.map(([fault]) => fault).toSorted(), Object.keys(codes).toSorted());
  for (const [fault, token] of faults) {
    const { status, substatus, body } = await send(token);
    assert.deepEqual([status, substatus], [401, codes[fault]], `${fault}: ${body}`);
  }
  for (const good of [{ aud }, { aud: `https://${name}.documents.azure.com/` }] as Claims[])
    for (const postern_host of [undefined, `${name}.documents.azure.com`])
      assert.equal((await send(await tokenFor({ ...good, ...(postern_host && { postern_host }) }))).status, 200);
  const other = await send(await tokenFor({ aud: 'https://other.documents.azure.com' }));
  assert.deepEqual([other.status, other.substatus], [401, 5008]);
});

test('what reads reads and what writes writes, by the official client; a token makes no containers', async () => {
  const [owner, reader] = [as('owner'), as('reader')];
  await films(owner).items.upsert({ id: '2', city: 'Bonn' });
  await films(owner).item('2', 'Bonn').replace({ id: '2', city: 'Bonn', year: 1 });
  await films(owner)
    .item('2', 'Bonn')
    .patch([{ op: 'set', path: '/year', value: 2 }]);
  const bulk: OperationInput[] = [
    { operationType: 'Create' as typeof BulkOperationType.Create, resourceBody: { id: '3', city: 'Bonn' } },
  ];
  assert.deepEqual(
    (await films(owner).items.bulk(bulk)).map(({ statusCode }) => statusCode),
    [201],
  );
  await films(owner).item('3', 'Bonn').delete();
  const read = await films(reader).items.query('SELECT VALUE c.id FROM c ORDER BY c.id').fetchAll();
  assert.deepEqual(read.resources, ['1', '2']);
  assert.equal((await films(reader).item('2', 'Bonn').read()).resource?.year, 2);
  assert.equal((await films(reader).items.readAll().fetchAll()).resources.length, 2);
  assert.deepEqual(
    (await reader.databases.readAll().fetchAll()).resources.map(({ id }) => id),
    ['shop'],
  );
  const denied = { code: 403, substatus: 5302, message: /principal \[reader\].*Built-in Data Contributor/ };
  await assert.rejects(films(reader).items.create({ id: '4', city: 'Bonn' }), denied);
  await assert.rejects(films(reader).items.upsert({ id: '1', city: 'Bonn' }), denied);
  await assert.rejects(films(reader).item('1', 'Bonn').delete(), denied);
  await assert.rejects(
    films(reader)
      .item('1', 'Bonn')
      .patch([{ op: 'set', path: '/x', value: 1 }]),
    denied,
  );
  // The client keeps the words of a refused batch, and not its code.
  const batch = films(reader).items.batch([{ operationType: 'Read', id: '1' }], 'Bonn');
  await assert.rejects(batch, { message: /Request blocked by Auth.*principal \[reader\]/ });
  const management = { code: 403, substatus: 5300 };
  await assert.rejects(owner.databases.create({ id: 'x' }), management);
  await assert.rejects(owner.database('shop').containers.create({ id: 'x', partitionKey: '/p' }), management);
  await assert.rejects(films(owner).delete(), management);
  await assert.rejects(owner.database('shop').delete(), management);
  assert.equal((await send(await tokenFor({ aud }), '/offers')).substatus, 5300);
});

test('a grant is for its part of the account and for no other', async () => {
  const shopper = as('shopper');
  assert.equal((await films(shopper).item('1', 'Bonn').read()).resource?.city, 'Bonn');
  const books = shopper.database('shop').container('books');
  await assert.rejects(books.read(), { code: 403, substatus: 5301 });
  await assert.rejects(shopper.database('shop').read(), { code: 403, substatus: 5301 });
  const token = await tokenFor({ aud, oid: 'shopper' });
  for (const path of ['/dbs/shop/colls/books/docs/1', '/dbs/shop/colls/Films/docs/1', '/dbs/shop2/colls/films/docs/1'])
    assert.deepEqual([(await send(token, path)).status, (await send(token, path)).substatus], [403, 5302], path);
  assert.equal((await send(await tokenFor({ aud, oid: 'stranger' }), '/')).substatus, 5301);
});

test('rights are asked for each request; where nobody answers nobody is let in', async () => {
  const token = await tokenFor({ aud, oid: 'passing' });
  people.set('passing', all(reads));
  assert.equal((await send(token)).status, 200);
  people.set('passing', []);
  assert.equal((await send(token)).substatus, 5301);
  people.delete('passing');
  assert.equal((await send(token)).status, 401);
  isSilent = true;
  assert.equal((await send(await tokenFor({ aud }))).status, 503);
  isSilent = false;
});

test('an account that takes tokens only refuses its keys, and Postern still makes databases in it', async () => {
  await accounts.ensure({ name, keys, location, gate, takesTokensOnly: true });
  await assert.rejects(films(keyed()).read(), { code: 401, substatus: 5202 });
  assert.equal((await films(as('owner')).read()).resource?.id, 'films');
  const made = await accounts.ask(name, { method: 'POST', segments: ['dbs'], body: { id: 'more' } });
  assert.equal(made.status, 201);
  await accounts.ensure({ name, keys, location, gate });
  assert.equal((await films(keyed()).read()).resource?.id, 'films');
});

test('an account without an issuer takes no token', async () => {
  const bare = await accounts.ensure({ name: 'acmebare', keys, location });
  const client = open(
    {
      aadCredentials: {
        getToken: async () => ({ token: await tokenFor({ aud }), expiresOnTimestamp: Date.now() + 1 }),
      },
    },
    bare,
  );
  await assert.rejects(client.getDatabaseAccount(), { code: 401, substatus: 5002 });
});
