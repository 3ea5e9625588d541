import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import {
  type BulkOperationType,
  ChangeFeedStartFrom,
  type Container,
  CosmosClient,
  type CosmosClientOptions,
  type OperationInput,
  PartitionKeyKind,
  PatchOperationType,
} from '@azure/cosmos';
import type { JsonObject } from '../../base/json.ts';
import { createLog } from '../../base/log.ts';
import { openCertificateAuthority } from '../certificate-authority.ts';
import type { SandboxStore } from '../sandbox.ts';
import { type CosmosAccounts, startCosmosAccounts } from './start-cosmos-accounts.ts';

const name = 'acmedocs';
const host = `${name}.documents.azure.com`;
const newKey = () => randomBytes(64).toString('base64');
const [primary, secondary, readonly] = [newKey(), newKey(), newKey()];
let root: string;
let ca: string;
let accounts: CosmosAccounts;
let store: SandboxStore;
const clients: CosmosClient[] = [];

const ensure = (more: { name?: string; writing?: string[] } = {}) =>
  accounts.ensure({
    name: more.name ?? name,
    keys: { writing: more.writing ?? [primary, secondary], reading: [readonly] },
    location: 'West Europe',
  });

const open = async () => {
  const authority = await openCertificateAuthority(join(root, 'ca'));
  ca = await readFile(authority.caFile, 'utf8');
  accounts = startCosmosAccounts({ folder: join(root, 'accounts'), authority, log: createLog({ level: 'silent' }) });
  store = await ensure();
};

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'postern-cosmos-'));
  await open();
});
after(async () => {
  for (const each of clients) each.dispose();
  await accounts.close();
  await rm(root, { recursive: true, force: true });
});

/** Leads the account's real name, and no other, to the sandbox. */
const agent = () =>
  new Agent({
    ca,
    lookup: (asked, options, done) => {
      assert.equal(asked, host);
      if (options.all) done(null, [{ address: '127.0.0.1', family: 4 }]);
      else done(null, '127.0.0.1', 4);
    },
  });

/** The official client as it comes, with endpoint discovery, at the account's real host name. */
const client = (key = primary, more: CosmosClientOptions = {}): CosmosClient => {
  const made = new CosmosClient({
    endpoint: `https://${host}:${store.endpoints.Sql!.port}`,
    key,
    agent: agent(),
    ...more,
  });
  clients.push(made);
  return made;
};

let made = 0;
const newContainer = async (definition: object = {}): Promise<Container> => {
  made += 1;
  const { database } = await client().databases.createIfNotExists({ id: 'shop' });
  const { container } = await database.containers.create({
    id: `things ${made}`,
    partitionKey: { paths: ['/city'] },
    ...definition,
  });
  return container;
};

const refused = (code: number, words: RegExp, substatus?: number) => (error: Error & Record<string, unknown>) => {
  assert.equal(error.code, code, error.message);
  assert.match(error.message, words);
  if (substatus !== undefined) assert.equal(error.substatus, substatus);
  return true;
};

test('databases and containers are made, listed, read, changed and removed', async () => {
  const cosmos = client();
  const { resource: account } = await cosmos.getDatabaseAccount();
  assert.equal(account!.writableLocations[0]!.databaseAccountEndpoint, `https://${host}:${store.endpoints.Sql!.port}/`);
  const { database } = await cosmos.databases.createIfNotExists({ id: 'ware ß' });
  await assert.rejects(cosmos.databases.create({ id: 'ware ß' }), refused(409, /already exists/));
  const { container } = await database.containers.createIfNotExists({
    id: 'one',
    partitionKey: { paths: ['/a/b'] },
    throughput: 500,
  });
  const { resource: read } = await container.read();
  assert.deepEqual(read!.partitionKey!.paths, ['/a/b']);
  assert.equal((await container.readOffer()).resource!.content!.offerThroughput, 500);
  await container.replace({ ...read!, defaultTtl: 60 });
  assert.equal((await container.read()).resource!.defaultTtl, 60);
  await assert.rejects(
    container.replace({ ...read!, partitionKey: { paths: ['/c'] } }),
    refused(400, /'partitionKey' .* does not change/),
  );
  assert.deepEqual(
    (await database.containers.readAll().fetchAll()).resources.map(({ id }) => id),
    ['one'],
  );
  const query = { query: 'SELECT VALUE d.id FROM d WHERE d.id = @id', parameters: [{ name: '@id', value: 'ware ß' }] };
  assert.deepEqual((await cosmos.databases.query(query).fetchAll()).resources, ['ware ß']);
  await assert.rejects(
    database.containers.create({ id: 'x', partitionKey: { paths: ['/a', '/b'] } }),
    refused(400, /'partitionKey' must have 'paths'/),
  );
  // A form that goes back over and over would not end here.
  await assert.rejects(
    database.containers.create({ id: 'x', partitionKey: { paths: [`${'/"a/b"'.repeat(60)}//`] } }),
    refused(400, /'partitionKey' must have 'paths'/),
  );
  await container.delete();
  await assert.rejects(container.read(), refused(404, /no container 'one'/, 1003));
  await database.delete();
  await assert.rejects(database.read(), refused(404, /no database/, 1003));
});

test('items: etags, conditions, conflicts, partial updates, and what an item must be', async () => {
  const container = await newContainer();
  const { resource: first } = await container.items.create({
    id: 'a b',
    city: 'Kyōto',
    deep: { list: [1, 2.5, null] },
  });
  assert.match(first!._etag, /^"[0-9a-f-]{36}"$/);
  const item = container.item('a b', 'Kyōto');
  assert.deepEqual((await item.read()).resource, first);
  assert.equal((await container.item('a b', 'Ōsaka').read()).statusCode, 404);
  await assert.rejects(container.items.create({ id: 'a b', city: 'Kyōto' }), refused(409, /already exists/));
  await container.items.create({ id: 'a b', city: 'Ōsaka' });

  const condition = { accessCondition: { type: 'IfMatch', condition: first!._etag } };
  const { resource: second } = await item.replace({ id: 'a b', city: 'Kyōto', n: 1 }, condition);
  assert.notEqual(second!._etag, first!._etag);
  assert.equal(second!._rid, first!._rid);
  await assert.rejects(item.replace({ id: 'a b', city: 'Kyōto' }, condition), refused(412, /precondition/));
  await assert.rejects(item.delete(condition), refused(412, /precondition/));
  const unchanged = await item.read({ accessCondition: { type: 'IfNoneMatch', condition: second!._etag } });
  assert.equal(unchanged.statusCode, 304);

  const { resource: patched } = await item.patch([
    { op: PatchOperationType.incr, path: '/n', value: 4 },
    { op: PatchOperationType.add, path: '/tags', value: ['x'] },
    { op: PatchOperationType.add, path: '/tags/0', value: 'w' },
    { op: PatchOperationType.set, path: '/__proto__', value: { y: 1 } },
  ]);
  assert.deepEqual([patched.n, patched.tags, Object.hasOwn(patched, '__proto__')], [5, ['w', 'x'], true]);
  await assert.rejects(item.patch([{ op: PatchOperationType.remove, path: '/no/way' }]), refused(400, /\/no\/way/));
  await assert.rejects(
    item.patch([{ op: PatchOperationType.set, path: '/city', value: 'x' }]),
    refused(400, /Partition/, 1001),
  );

  assert.equal((await container.items.upsert({ id: 'u', city: 'x' })).statusCode, 201);
  assert.equal((await container.items.upsert({ id: 'u', city: 'x', n: 2 })).statusCode, 200);
  assert.match((await container.items.create({ city: 'x' })).resource!.id!, /^[0-9a-f-]{36}$/);
  await item.delete();
  await assert.rejects(item.delete(), refused(404, /does not exist/));
  const large = { id: 'large', city: 'x', text: 'x'.repeat(2 * 2 ** 20) };
  await assert.rejects(container.items.create(large), refused(413, /2 MB/));
  await container.items.create({ ...large, text: 'x'.repeat(2 * 2 ** 20 - 100) });
});

test('keys of partitions are nested, of several parts, or not there; a query in one sees that one only', async () => {
  const nested = await newContainer({ partitionKey: { paths: ['/a/b'] } });
  await nested.items.create({ id: '1', a: { b: 7 } });
  await nested.items.create({ id: '1', a: { b: '7' } });
  await nested.items.create({ id: '1' });
  await nested.items.create({ id: '1', a: { b: null } });
  assert.deepEqual((await nested.items.query('SELECT VALUE c.a.b FROM c').fetchAll()).resources, [7, '7', null]);
  const count = async (partitionKey: never) =>
    (await nested.items.query('SELECT VALUE COUNT(1) FROM c', { partitionKey }).fetchAll()).resources[0];
  assert.deepEqual([await count(7 as never), await count('7' as never), await count('8' as never)], [1, 1, 0]);
  assert.equal((await nested.item('1', undefined).read()).statusCode, 200);

  const several = await newContainer({
    partitionKey: { paths: ['/tenant', '/user'], version: 2, kind: PartitionKeyKind.MultiHash },
  });
  for (const user of ['u1', 'u2', 'u"3']) await several.items.create({ id: 'x', tenant: 't', user });
  await several.items.create({ id: 'x', tenant: 'tt', user: 'u1' });
  assert.equal((await several.item('x', ['t', 'u"3']).read()).statusCode, 200);
  const of = async (partitionKey: string[]) =>
    (await several.items.query('SELECT VALUE c.user FROM c', { partitionKey }).fetchAll()).resources;
  assert.deepEqual(await of(['t', 'u2']), ['u2']);
  assert.deepEqual(await of(['t']), ['u1', 'u2', 'u"3']);
});

test('unique keys hold within a partition', async () => {
  const container = await newContainer({ uniqueKeyPolicy: { uniqueKeys: [{ paths: ['/mail'] }] } });
  await container.items.create({ id: '1', city: 'x', mail: 'a' });
  await assert.rejects(container.items.create({ id: '2', city: 'x', mail: 'a' }), refused(409, /Unique index/));
  await container.items.create({ id: '2', city: 'y', mail: 'a' });
  await container.items.upsert({ id: '1', city: 'x', mail: 'b' });
  await container.items.create({ id: '2', city: 'x', mail: 'a' });
});

test('queries over all partitions, direct and by the plan that clients ask for, give pages that join', async () => {
  const container = await newContainer();
  const inputs: OperationInput[] = [];
  for (let n = 0; n < 250; n += 1)
    inputs.push({
      operationType: 'Create' as typeof BulkOperationType.Create,
      partitionKey: `c${n % 5}`,
      resourceBody: { id: `${n}`, city: `c${n % 5}`, n, odd: n % 2 === 1 },
    });
  for (const result of await container.items.executeBulkOperations(inputs))
    assert.equal(result.response?.statusCode, 201);
  const cases = [
    ['SELECT VALUE c.n FROM c', Array.from({ length: 250 }, (_, n) => n)],
    ['SELECT VALUE c.n FROM c ORDER BY c.n DESC', Array.from({ length: 250 }, (_, n) => 249 - n)],
    ['SELECT VALUE COUNT(1) FROM c', [250]],
    ['SELECT VALUE MAX(c.n) FROM c WHERE c.odd', [249]],
    ['SELECT DISTINCT VALUE c.city FROM c', ['c0', 'c1', 'c2', 'c3', 'c4']],
    ['SELECT VALUE c.n FROM c ORDER BY c.city, c.n OFFSET 49 LIMIT 3', [245, 1, 6]],
    ['SELECT c.city, COUNT(1) AS n FROM c GROUP BY c.city', [0, 1, 2, 3, 4].map((n) => ({ city: `c${n}`, n: 50 }))],
    ['SELECT TOP 120 VALUE c.n FROM c', Array.from({ length: 120 }, (_, n) => n)],
  ] as const;
  for (const [query, expected] of cases)
    for (const options of [{ maxItemCount: 40 }, { maxItemCount: 40, forceQueryPlan: true }])
      assert.deepEqual((await container.items.query(query, options).fetchAll()).resources, expected, query);

  const pages = container.items.query('SELECT VALUE c.n FROM c ORDER BY c.n', { maxItemCount: 100 });
  const first = await pages.fetchNext();
  assert.equal(first.resources.length, 100);
  const rest = container.items.query('SELECT VALUE c.n FROM c ORDER BY c.n', {
    maxItemCount: 1000,
    continuationToken: first.continuationToken,
  });
  assert.deepEqual([(await rest.fetchNext()).resources[0]], [100]);
  assert.equal((await container.items.readAll({ maxItemCount: 7 }).fetchAll()).resources.length, 250);
  await assert.rejects(
    container.items.query('SELECT * FROM c', { continuationToken: '"x"' }).fetchNext(),
    refused(400, /continuation/),
  );
  await assert.rejects(container.items.query('SELECT udf.x(c) FROM c').fetchAll(), refused(400, /udf/));
});

test('a transaction in one partition is all or nothing; of a bulk, each stands alone', async () => {
  const container = await newContainer();
  await container.items.create({ id: 'there', city: 'x' });
  const operation = (operationType: string, id: string, more: JsonObject = {}) =>
    ({ operationType, id, resourceBody: { id, city: 'x', ...more } }) as unknown as OperationInput;
  const good = await container.items.batch([operation('Create', 'a'), operation('Upsert', 'there', { n: 1 })], 'x');
  assert.deepEqual(
    good.result!.map(({ statusCode }) => statusCode),
    [201, 200],
  );
  const bad = await container.items.batch(
    [operation('Create', 'b'), operation('Create', 'there'), operation('Create', 'c')],
    'x',
  );
  assert.equal(bad.code, 207);
  assert.deepEqual(
    bad.result!.map(({ statusCode }) => statusCode),
    [424, 409, 424],
  );
  assert.equal((await container.item('b', 'x').read()).statusCode, 404);

  const bulk = await container.items.executeBulkOperations(
    [
      ['Create', 'b'],
      ['Create', 'there'],
      ['Read', 'a'],
      ['Delete', 'nowhere'],
    ].map(([type, id]) => ({ ...operation(type!, id!), partitionKey: 'x' }) as OperationInput),
  );
  assert.deepEqual(
    bulk.map(({ response, error }) => response?.statusCode ?? error?.code),
    [201, 409, 200, 404],
  );
});

test('the change feed tells of each item once for its last write', async () => {
  const container = await newContainer();
  for (const id of ['1', '2', '3']) await container.items.create({ id, city: 'x' });
  await container.items.upsert({ id: '1', city: 'x', n: 2 });
  const feed = container.items.getChangeFeedIterator({
    changeFeedStartFrom: ChangeFeedStartFrom.Beginning(),
    maxItemCount: 2,
  });
  const seen: string[] = [];
  let page = await feed.readNext();
  for (; page.statusCode === 200; page = await feed.readNext()) seen.push(...page.result.map(({ id }) => id));
  assert.equal(page.statusCode, 304);
  assert.deepEqual(seen, ['2', '3', '1']);
  await container.items.create({ id: '4', city: 'y' });
  assert.deepEqual(
    (await feed.readNext()).result.map(({ id }) => id),
    ['4'],
  );
});

test('only a key of the account opens it; one that reads does not write; a key that was renewed is no key', async () => {
  const container = await newContainer();
  await container.items.create({ id: '1', city: 'x' });
  const at = (key: string) => client(key).database('shop').container(container.id);
  assert.equal((await at(secondary).item('1', 'x').read()).resource!.id, '1');
  assert.equal((await at(readonly).items.query('SELECT * FROM c').fetchAll()).resources.length, 1);
  await assert.rejects(at(readonly).items.create({ id: '2', city: 'x' }), refused(403, /read-only key/));
  await assert.rejects(at(readonly).item('1', 'x').delete(), refused(403, /read-only key/));
  await assert.rejects(at(newKey()).items.query('SELECT * FROM c').fetchAll(), refused(401, /wrong key/));
  const fresh = newKey();
  await ensure({ writing: [fresh, secondary] });
  await assert.rejects(at(primary).item('1', 'x').delete(), refused(401, /wrong key/));
  assert.equal((await at(fresh).item('1', 'x').read()).resource!.id, '1');
  await ensure();
});

type Raw = { status: number | undefined; code: string; message: string };
const raw = async (
  method: string,
  path: string,
  sent: { headers?: Record<string, string>; body?: string; date?: Date; link?: string; type?: string } = {},
): Promise<Raw> => {
  const date = (sent.date ?? new Date()).toUTCString();
  const signed = `${method.toLowerCase()}\n${sent.type ?? 'docs'}\n${sent.link ?? 'dbs/shop/colls/hostile'}\n${date.toLowerCase()}\n\n`;
  const sig = createHmac('sha256', Buffer.from(primary, 'base64')).update(signed).digest('base64');
  const headers = {
    authorization: encodeURIComponent(`type=master&ver=1.0&sig=${sig}`),
    'x-ms-date': date,
    'x-ms-documentdb-partitionkey': '["x"]',
    ...sent.headers,
  };
  const outgoing = request({ host, port: store.endpoints.Sql!.port, method, path, headers, agent: agent() });
  outgoing.on('error', () => {});
  outgoing.end(sent.body);
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) =>
    outgoing.once('response', resolve).once('error', reject),
  );
  const body = await text(response);
  return {
    status: response.statusCode,
    ...(body === '' ? { code: '', message: '' } : (JSON.parse(body) as object)),
  } as Raw;
};

test('hostile requests end in an error that names what is wrong, never in a failure of the store', async () => {
  const { database } = await client().databases.createIfNotExists({ id: 'shop' });
  await database.containers.createIfNotExists({ id: 'hostile', partitionKey: { paths: ['/city'] } });
  const docs = '/dbs/shop/colls/hostile/docs';
  const body = (value: unknown) => JSON.stringify(value);
  const query = { 'x-ms-documentdb-isquery': 'true' };
  for (const [what, expected, words] of [
    [{ date: new Date(Date.now() - 20 * 60_000) }, 403, /clock/],
    [{ headers: { authorization: '' } }, 401, /missing/],
    [{ headers: { authorization: '%' } }, 401, /missing/],
    [{ headers: { authorization: 'type%3Daad%26ver%3D1.0%26sig%3Dx' } }, 401, /takes no tokens/],
    [{ headers: { 'x-ms-date': 'yesterday' } }, 401, /x-ms-date/],
    [{ body: '{' }, 400, /JSON/],
    [{ body: '['.repeat(200) + ']'.repeat(200) }, 400, /128 levels/],
    [{ body: '{"id":"1","city":"x","n":1e999}' }, 400, /double/],
    [{ body: 'x'.repeat(6 * 2 ** 20) }, 413, /at most/],
    [{ body: body([]) }, 400, /JSON object/],
    [{ body: body({ city: 'x' }) }, 400, /'id'/],
    [{ body: body({ id: 'a/b', city: 'x' }) }, 400, /must not hold/],
    [{ body: '{"id":"\\ud800","city":"x"}' }, 400, /well-formed/],
    [{ body: body({ id: '1', city: 'y' }) }, 400, /PartitionKey/],
    [{ body: body({ id: '1', city: 'x' }), headers: { 'x-ms-documentdb-partitionkey': '{' } }, 400, /partition key/],
    [
      { body: body({ id: '1', city: 'x' }), headers: { 'x-ms-documentdb-partitionkey': '["x","y"]' } },
      400,
      /at most 1/,
    ],
    [{ body: body({ id: '1', city: 'x' }), headers: { 'x-ms-documentdb-pre-trigger-include': 't' } }, 501, /Triggers/],
    [
      { body: body({ query: 'SELECT * FROM c' }), headers: { ...query, 'x-ms-start-epk': '05C1' } },
      400,
      /part of the range/,
    ],
    [{ body: body({ query: 5 }), headers: query }, 400, /'query'/],
    [{ body: body({ query: 'SELECT * FROM c', parameters: 5 }), headers: query }, 400, /'parameters'/],
    [
      { body: body({ query: 'SELECT * FROM c' }), headers: { ...query, 'x-ms-max-item-count': 'many' } },
      400,
      /item-count/,
    ],
    [
      { body: body({ query: 'SELECT * FROM c' }), headers: { ...query, 'x-ms-continuation': '-5' } },
      400,
      /continuation/,
    ],
    [{ body: body({}), headers: { 'x-ms-cosmos-is-batch-request': 'true' } }, 400, /batch is a list/],
    [
      { body: body([{ operationType: 'constructor' }]), headers: { 'x-ms-cosmos-is-batch-request': 'true' } },
      207,
      /undefined/,
    ],
  ] as const) {
    const found = await raw('POST', docs, what as never);
    assert.equal(found.status, expected, `${body(what).slice(0, 100)}: ${found.message}`);
    if (expected !== 207) assert.match(found.message, words);
  }
  for (const [method, path, sent, status] of [
    ['POST', '/dbs/shop/colls/hostile/sprocs', { type: 'sprocs' }, 501],
    ['GET', '/dbs/shop/users', { type: 'users', link: 'dbs/shop' }, 501],
    ['GET', '/dbs/..%2f..%2fetc', { type: 'dbs', link: 'dbs/../../etc' }, 404],
    ['GET', '/dbs/%zz', { type: 'dbs', link: 'dbs/%zz' }, 400],
    ['GET', '/dbs/a%00b', { type: 'dbs', link: 'dbs/a\0b' }, 400],
    ['GET', `${docs}/__proto__`, { link: 'dbs/shop/colls/hostile/docs/__proto__' }, 404],
  ] as const)
    assert.equal((await raw(method, path, sent)).status, status, path);
  assert.equal((await client().database('shop').container('hostile').items.readAll().fetchAll()).resources.length, 0);
});

test('large items come in pages, and a query that does too much with one is ended', async () => {
  const container = await newContainer();
  const many = Array.from({ length: 1500 }, (_, n) => n);
  await container.items.create({ id: '1', city: 'x', a: many });
  const large = 'x'.repeat(1_500_000);
  for (const id of ['2', '3', '4', '5', '6', '7']) await container.items.create({ id, city: 'x', large });
  const sizes = [];
  for await (const { resources } of container.items.readAll().getAsyncIterator()) sizes.push(resources.length);
  assert.deepEqual(sizes, [4, 3]);
  const compared = Array.from({ length: 400 }, () => 'c.a = [c.a]').join(' OR ');
  await assert.rejects(
    container.items
      .query(`SELECT VALUE c.id FROM c WHERE ${compared.replaceAll('c.a =', '[c.large, c.large] =')}`)
      .fetchAll(),
    refused(400, /too much to do with one item/),
  );
  const endless = container.items
    .query('SELECT VALUE COUNT(1) FROM c JOIN a IN c.a JOIN b IN c.a JOIN d IN c.a')
    .fetchAll();
  await assert.rejects(endless, refused(400, /too much to do with one item/));
  assert.equal((await container.item('1', 'x').read()).resource!.id, '1');
});

/** The processes that serve accounts for this one. */
const storePids = (): number[] =>
  readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number)
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sandbox/cosmos-db/main.ts'));

test('what was acknowledged outlives a kill; this machine sees what the network sees; an account that is removed is gone', async () => {
  const container = await newContainer();
  const acknowledged: string[] = [];
  for (let n = 0; n < 20; n += 1)
    acknowledged.push((await container.items.create({ id: `${n}`, city: 'x' })).resource!.id);
  const [pid] = storePids();
  const { port } = store.endpoints.Sql!;
  process.kill(pid!, 'SIGKILL');
  // The same order again waits for the process that takes its place.
  store = await ensure();
  assert.equal(store.endpoints.Sql!.port, port);
  assert.notEqual(storePids()[0], pid);
  const all = async (cosmos: CosmosClient) =>
    (await cosmos.database('shop').container(container.id).items.query('SELECT VALUE c.id FROM c').fetchAll())
      .resources;
  assert.deepEqual(await all(client()), acknowledged);

  const near = client(primary, { endpoint: `https://127.0.0.1:${port}`, agent: new Agent({ ca }) });
  const { resource: account } = await near.getDatabaseAccount();
  assert.equal(account!.readableLocations[0]!.databaseAccountEndpoint, `https://127.0.0.1:${port}/`);
  assert.deepEqual(await all(near), acknowledged);

  await accounts.close();
  await open();
  assert.deepEqual(await all(client()), acknowledged);
  await accounts.remove(name);
  store = await ensure();
  assert.deepEqual((await client().databases.readAll().fetchAll()).resources, []);
});

test('no name leads out of the folder', async () => {
  for (const wrong of ['..', '../x', 'ab', 'Acme', 'a--b', 'acme-', '-acme', 'a/b', `a${'b'.repeat(44)}`])
    await assert.rejects(ensure({ name: wrong }), RangeError, wrong);
});
