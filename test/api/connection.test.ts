// Both sides of a private endpoint connection, and who may do what.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JsonObject } from '../../src/base/json.ts';
import type { Client } from '../../src/cli/client.ts';
import { type Estate, factoryVersion, furnish, openEstate, storageVersion } from './estate.ts';

const dataFactoryContributor = '673868aa-7521-48a0-acc6-0f60742d39f5';
const storageAccountContributor = '17d1049b-9a84-46fb-8f53-869881c3d3ab';

type Item = { id: string; name: string; properties: JsonObject };
const items = (body: JsonObject) => body.value as unknown as Item[];

let estate: Estate;
let place: Awaited<ReturnType<typeof furnish>>;
let engineer: Client;
let owner: Client;

before(async () => {
  estate = await openEstate();
  place = await furnish(estate, 'acme', ['acmesales', 'acmelake', 'acmegone', 'acmeother']);
  engineer = await estate.principal('engineer', [dataFactoryContributor, place.group]);
  owner = await estate.principal('owner', [storageAccountContributor, place.account('acmesales')]);
});
after(() => estate.discard());

const endpoint = (name: string) => `${place.network}/managedPrivateEndpoints/${name}?${factoryVersion}`;
const request = (name: string, account: string, groupId = 'blob', who = engineer) =>
  who.call('PUT', endpoint(name), { properties: { privateLinkResourceId: place.account(account), groupId } });
const connectionsOf = async (account: string, who: Client = estate.admin) =>
  items(await who.call('GET', `${place.account(account)}/privateEndpointConnections?${storageVersion}`));
const stateOf = async (name: string) => {
  const body = await engineer.call('GET', endpoint(name));
  return (body.properties as JsonObject).connectionState as { status: string; description: string };
};
const answer = (connection: Item, status: string, description: string, who = owner) =>
  who.send('PUT', `${connection.id}?${storageVersion}`, {
    ...connection,
    properties: { ...connection.properties, privateLinkServiceConnectionState: { status, description } },
  });
const codeOf = (reply: { body: JsonObject }) => (reply.body.error as JsonObject | undefined)?.code;
const verdictOf = (account: string) =>
  estate.verdict({ network: place.network.toLowerCase(), host: `${account}.blob.core.windows.net` });

test('the life of a connection: requested, approved, rejected, approved, removed, and only deletable then', async () => {
  const made = await request('sales', 'acmesales');
  assert.equal(made.type, 'Microsoft.DataFactory/factories/managedVirtualNetworks/managedPrivateEndpoints');
  assert.equal(typeof made.etag, 'string');
  assert.deepEqual(made.properties, {
    privateLinkResourceId: place.account('acmesales'),
    groupId: 'blob',
    provisioningState: 'Succeeded',
    isReserved: false,
    fqdns: ['acmesales.blob.core.windows.net'],
    connectionState: { status: 'Pending', description: '', actionsRequired: 'None' },
  });
  assert.equal(verdictOf('acmesales').code, 'EndpointPending');

  const [connection] = await connectionsOf('acmesales', owner);
  assert.ok(connection);
  assert.match(connection.name, /^acmesales\.[0-9a-f-]{36}$/);
  const { privateEndpoint, privateLinkServiceConnectionState } = connection.properties as Record<string, JsonObject>;
  assert.match(String(privateEndpoint?.id), /\/providers\/Microsoft\.Network\/privateEndpoints\/acme\.sales$/);
  assert.deepEqual(privateLinkServiceConnectionState, { status: 'Pending', description: '', actionRequired: 'None' });

  const own = await answer(connection, 'Approved', 'by myself', engineer);
  assert.deepEqual([own.status, codeOf(own)], [403, 'AuthorizationFailed']);
  assert.equal((await stateOf('sales')).status, 'Pending');

  const approved = await answer(connection, 'Approved', 'Agreed');
  assert.equal(approved.status, 200);
  assert.deepEqual(await stateOf('sales'), { status: 'Approved', description: 'Agreed', actionsRequired: 'None' });
  assert.equal(verdictOf('acmesales').code, 'Allowed.PrivateEndpoint');

  assert.equal((await answer(connection, 'Rejected', 'The contract has ended')).status, 200);
  assert.equal((await stateOf('sales')).description, 'The contract has ended');
  assert.equal(verdictOf('acmesales').code, 'EndpointRejected');
  assert.equal((await answer(connection, 'Approved', '')).status, 200);

  const again = await request('sales', 'acmesales');
  assert.equal(((again.properties as JsonObject).connectionState as JsonObject).status, 'Approved');

  assert.equal((await owner.send('DELETE', `${connection.id}?${storageVersion}`)).status, 200);
  assert.equal((await owner.send('DELETE', `${connection.id}?${storageVersion}`)).status, 204);
  assert.deepEqual(await connectionsOf('acmesales', owner), []);
  assert.equal((await stateOf('sales')).status, 'Disconnected');
  assert.equal(verdictOf('acmesales').code, 'EndpointDisconnected');
  const late = await answer(connection, 'Approved', '');
  assert.deepEqual([late.status, codeOf(late)], [404, 'ResourceNotFound']);
  const second = await engineer.send('PUT', endpoint('sales-again'), {
    properties: { privateLinkResourceId: place.account('acmesales'), groupId: 'blob' },
  });
  assert.equal(codeOf(second), 'InvalidResourceRequest');

  assert.equal((await engineer.send('DELETE', endpoint('sales'))).status, 200);
  assert.equal((await engineer.send('DELETE', endpoint('sales'))).status, 204);
  assert.equal((await engineer.send('GET', endpoint('sales'))).status, 404);
  await request('sales', 'acmesales');
  const [renewed] = await connectionsOf('acmesales', owner);
  assert.notEqual(renewed?.name, connection.name);
  assert.equal((await stateOf('sales')).status, 'Pending');
});

test('a requester may write a word to the owner, who reads it until and after the answer', async () => {
  const body = (requestMessage: string): JsonObject => ({
    properties: { privateLinkResourceId: place.account('acmelake'), groupId: 'dfs', requestMessage },
  });
  const long = await engineer.send('PUT', endpoint('worded'), body('x'.repeat(141)));
  assert.deepEqual([long.status, (long.body.error as JsonObject).target], [400, 'properties.requestMessage']);
  const hostile = await engineer.send('PUT', endpoint('worded'), body('\u001b]0;owned\u0007'));
  assert.deepEqual([hostile.status, (hostile.body.error as JsonObject).target], [400, 'properties.requestMessage']);
  await engineer.call('PUT', endpoint('worded'), body('For the yearly report'));
  assert.equal((await stateOf('worded')).description, 'For the yearly report');
  const [asked] = await connectionsOf('acmelake');
  const wordsOf = (one: Item | undefined) => {
    const state = one?.properties.privateLinkServiceConnectionState as JsonObject | undefined;
    return [one?.properties.requestMessage, one?.properties.groupIds, state?.description];
  };
  assert.deepEqual(wordsOf(asked), ['For the yearly report', ['dfs'], 'For the yearly report']);
  const painted = await answer(asked!, 'Approved', 'Sure\u001b[8m', estate.admin);
  assert.deepEqual(
    [painted.status, (painted.body.error as JsonObject).target],
    [400, 'properties.privateLinkServiceConnectionState.description'],
  );
  await answer(asked!, 'Approved', 'Until June', estate.admin);
  assert.deepEqual(wordsOf((await connectionsOf('acmelake'))[0]), ['For the yearly report', ['dfs'], 'Until June']);
  const read = await engineer.call('GET', endpoint('worded'));
  assert.equal((read.properties as JsonObject).requestMessage, 'For the yearly report');
  assert.equal((await stateOf('worded')).description, 'Until June');
  await engineer.send('DELETE', endpoint('worded'));
});

test('illegal moves and unknown words are refused with a way out, and nothing moves', async () => {
  await request('lake', 'acmelake');
  const [connection] = await connectionsOf('acmelake');
  assert.ok(connection);
  const tell = (status: string) => answer(connection, status, '', estate.admin);
  assert.equal((await tell('Approved')).status, 200);
  for (const [status, expected, code] of [
    ['Pending', 409, 'Conflict'],
    ['Disconnected', 409, 'Conflict'],
    ['Granted', 400, 'InvalidRequestContent'],
    ['constructor', 400, 'InvalidRequestContent'],
  ] as const) {
    const reply = await tell(status);
    assert.deepEqual([reply.status, codeOf(reply)], [expected, code], status);
    assert.equal(
      (reply.body.error as JsonObject).target,
      'properties.privateLinkServiceConnectionState.status',
      status,
    );
  }
  const bare = await estate.admin.send('PUT', `${connection.id}?${storageVersion}`, { properties: {} });
  assert.deepEqual(
    [bare.status, (bare.body.error as JsonObject).target],
    [400, 'properties.privateLinkServiceConnectionState'],
  );
  assert.equal((await stateOf('lake')).status, 'Approved');
});

test('a deleted target leaves its endpoints Disconnected, and a new one of its name is not theirs', async () => {
  await request('gone', 'acmegone');
  const [connection] = await connectionsOf('acmegone');
  await answer(connection!, 'Approved', '', estate.admin);
  assert.equal(verdictOf('acmegone').code, 'Allowed.PrivateEndpoint');
  const account = `${place.account('acmegone')}?${storageVersion}`;
  assert.equal((await estate.admin.send('DELETE', account)).status, 200);
  assert.equal((await stateOf('gone')).status, 'Disconnected');
  assert.equal(verdictOf('acmegone').code, 'EndpointDisconnected');
  await estate.admin.call('PUT', account, {
    location: 'westeurope',
    kind: 'StorageV2',
    sku: { name: 'Standard_LRS' },
    tags: { 'postern-backend': '127.0.0.1:9998' },
  });
  assert.deepEqual(await connectionsOf('acmegone'), []);
  assert.equal((await stateOf('gone')).status, 'Disconnected');
  assert.equal(verdictOf('acmegone').code, 'EndpointDisconnected');
});

test('an endpoint leads to one sub-resource of one account; each of a network has its own address', async () => {
  await request('other-blob', 'acmeother', 'blob');
  await request('other-table', 'acmeother', 'TABLE');
  const network = estate.snapshots.at(-1)?.networks.find(({ key }) => key === place.network.toLowerCase());
  const [blob, table] = ['other-blob', 'other-table'].map((name) =>
    network?.endpoints.find((one) => one.name === name),
  );
  assert.equal(table?.groupId, 'table');
  assert.notEqual(blob?.address, table?.address);
  assert.deepEqual(blob?.backend, { address: '127.0.0.1', port: 9999 });
  assert.equal(table?.backend, null, 'the tag attached blobs only');
  assert.equal(
    blob?.connection.startsWith(`${place.account('acmeother')}/privateEndpointConnections/acmeother.`),
    true,
  );
});

test('a store that is reached by an endpoint anywhere is known for it everywhere, by sub-resource', async () => {
  const reached = () =>
    (estate.snapshots.at(-1)?.stores ?? [])
      .filter(({ hasPrivateEndpoint }) => hasPrivateEndpoint)
      .map(({ host }) => host)
      .filter((host) => host.startsWith('acmeother'));
  assert.deepEqual(reached(), [], 'Pending ones do not count');
  const connections = await connectionsOf('acmeother');
  const table = connections.find(({ properties }) =>
    String((properties.privateEndpoint as JsonObject).id).endsWith('.other-table'),
  );
  await answer(table!, 'Approved', '', estate.admin);
  assert.deepEqual(reached(), ['acmeother.table.core.windows.net']);
  await answer(table!, 'Rejected', '', estate.admin);
  assert.deepEqual(reached(), []);
});

test('a resource group takes its factories with it: the owners elsewhere see no connection of theirs', async () => {
  const { admin } = estate;
  const group = `/subscriptions/${estate.subscriptionId}/resourceGroups/brief`;
  const factory = `${group}/providers/Microsoft.DataFactory/factories/brief`;
  await admin.call('PUT', `${group}?api-version=2021-04-01`, { location: 'westeurope' });
  await admin.call('PUT', `${factory}?${factoryVersion}`, { location: 'westeurope' });
  await admin.call('PUT', `${factory}/managedVirtualNetworks/default?${factoryVersion}`, { properties: {} });
  await admin.call('PUT', `${factory}/managedVirtualNetworks/default/managedPrivateEndpoints/sales?${factoryVersion}`, {
    properties: { privateLinkResourceId: place.account('acmesales'), groupId: 'queue' },
  });
  const count = (await connectionsOf('acmesales')).length;
  const accepted = await admin.send('DELETE', `${group}?api-version=2021-04-01`);
  assert.equal(accepted.status, 202);
  const result = new URL(String(accepted.headers.location));
  for (;;) {
    const { status } = await admin.send('GET', `${result.pathname}${result.search}`);
    if (status !== 202) break;
  }
  assert.equal((await connectionsOf('acmesales')).length, count - 1);
  assert.equal(
    estate.snapshots.at(-1)?.networks.some(({ key }) => key.includes('/factories/brief/')),
    false,
  );
});

test('every move is in the audit trail, with who and why', async () => {
  const events = await estate.database.selectFrom('event').selectAll().where('machine', '=', 'connection').execute();
  const kinds = new Set(events.map(({ from_state, event, to_state }) => `${from_state} ${event} ${to_state}`));
  for (const expected of [
    ' Request Pending',
    'Pending Approve Approved',
    'Approved Reject Rejected',
    'Rejected Approve Approved',
    'Approved Disconnect Disconnected',
    'Disconnected Remove ',
  ])
    assert.ok(kinds.has(expected), expected);
  const rejection = events.find(({ event }) => event === 'Reject');
  assert.deepEqual([rejection?.by_name, rejection?.reason], ['owner', 'The contract has ended']);
});

test('snapshots rise in version, and writes at once lose none', async () => {
  const count = 12;
  await Promise.all(
    Array.from({ length: count }, (_, index) =>
      estate.admin.call(
        'PUT',
        `${place.group}/providers/Microsoft.DataFactory/factories/many-${index}?${factoryVersion}`,
        {
          location: 'westeurope',
        },
      ),
    ),
  );
  const versions = estate.snapshots.map(({ version }) => version);
  assert.deepEqual(
    versions,
    [...new Set(versions)].sort((a, b) => a - b),
  );
  const keys = new Set(estate.snapshots.at(-1)?.networks.map(({ key }) => key));
  for (let index = 0; index < count; index += 1)
    assert.ok(
      keys.has(`${place.group}/providers/Microsoft.DataFactory/factories/many-${index}/public`.toLowerCase()),
      `${index}`,
    );
});
