// The owners' own private endpoints: asked for, approved by right or by the owner, seen from both sides, ended.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JsonObject } from '../../src/base/json.ts';
import type { Client } from '../../src/cli/client.ts';
import { type Estate, storageVersion } from './estate.ts';
import { networkVersion, openNetworkEstate, privateEndpoint, roles } from './network-estate.ts';

type Item = { id: string; name: string; properties: JsonObject };
type State = { status: string; description: string; actionsRequired: string };
type Connection = { id: string; name: string; properties: { privateLinkServiceConnectionState: State } & JsonObject };

let estate: Estate;
let place: Awaited<ReturnType<typeof openNetworkEstate>>['place'];
let network: string;
let subnet: string;
let engineer: Client;
let owner: Client;

before(async () => {
  ({ estate, place, network, subnet } = await openNetworkEstate(['acmesales', 'acmelake', 'acmegone', 'acmeown']));
  engineer = await estate.principal('network-engineer', [roles.networkContributor, place.group]);
  owner = await estate.principal('owner', [roles.storageAccountContributor, place.account('acmesales')]);
});
after(() => estate.discard());

const idOf = (name: string) => `${place.group}/providers/Microsoft.Network/privateEndpoints/${name}`;
const path = (name: string) => `${idOf(name)}?${networkVersion}`;
const put = (name: string, body: JsonObject, who: Client = engineer) => who.send('PUT', path(name), body);
const codeOf = (reply: { body: JsonObject }) => (reply.body.error as JsonObject | undefined)?.code;
const brief = (reply: { status: number; body: JsonObject }) => {
  const error = (reply.body.error ?? {}) as JsonObject;
  return [reply.status, error.code, error.target];
};
const connectionIn = (body: JsonObject): Connection => {
  const { privateLinkServiceConnections: own, manualPrivateLinkServiceConnections: manual } =
    body.properties as unknown as Record<string, Connection[]>;
  const [only, ...others] = [...own!, ...manual!];
  assert.deepEqual(others, []);
  return only!;
};
const stateOf = async (name: string) =>
  connectionIn(await engineer.call('GET', path(name))).properties.privateLinkServiceConnectionState;
const connectionsOf = async (account: string) => {
  const list = await estate.admin.call('GET', `${place.account(account)}/privateEndpointConnections?${storageVersion}`);
  return list.value as unknown as Item[];
};
const answer = (connection: Item, status: string, description: string) =>
  owner.send('PUT', `${connection.id}?${storageVersion}`, {
    properties: { privateLinkServiceConnectionState: { status, description } },
  });
const isReached = (host: string) =>
  estate.snapshots.at(-1)?.stores.find((one) => one.host === host)?.hasPrivateEndpoint;

/** Who did what and why, oldest first, as one side lists it. */
const decisionsOn = async (id: string, who: Client) => {
  const list = await who.call('GET', `${id}/providers/Postern.Network/decisions?api-version=2026-11-01`);
  const value = list.value as unknown as { decision: string; by: { name: string }; reason: string }[];
  return value.map(({ decision, by, reason }) => [decision, by.name, reason]).reverse();
};

test('a manual endpoint waits for the owner, carries words both ways, and shows each decision at once', async () => {
  const made = await put(
    'sales',
    privateEndpoint(subnet, place.account('acmesales'), { message: 'Quarterly reports' }),
  );
  assert.equal(made.status, 201);
  assert.match(
    String(made.headers['azure-asyncoperation']),
    /\/providers\/Microsoft\.Network\/locations\/westeurope\//,
  );
  const polled = new URL(String(made.headers['azure-asyncoperation']));
  assert.equal((await engineer.call('GET', `${polled.pathname}${polled.search}`)).status, 'Succeeded');
  assert.match(String(made.body.etag), /^W\/".+"$/);
  const { properties } = made.body as { properties: JsonObject };
  assert.equal(properties.provisioningState, 'Succeeded');
  assert.deepEqual(properties.subnet, { id: subnet });
  assert.deepEqual(properties.customDnsConfigs, [
    { fqdn: 'acmesales.blob.core.windows.net', ipAddresses: ['10.1.1.4'] },
  ]);
  assert.deepEqual(properties.privateLinkServiceConnections, []);
  const link = connectionIn(made.body);
  assert.deepEqual(link.properties, {
    privateLinkServiceId: place.account('acmesales'),
    groupIds: ['blob'],
    requestMessage: 'Quarterly reports',
    provisioningState: 'Succeeded',
    privateLinkServiceConnectionState: {
      status: 'Pending',
      description: 'Quarterly reports',
      actionsRequired: 'None',
    },
  });
  assert.equal(isReached('acmesales.blob.core.windows.net'), false, 'a stranger who asks changes nothing');

  const [connection] = await connectionsOf('acmesales');
  assert.deepEqual(connection?.properties, {
    provisioningState: 'Succeeded',
    privateEndpoint: { id: idOf('sales') },
    groupIds: ['blob'],
    requestMessage: 'Quarterly reports',
    privateLinkServiceConnectionState: {
      status: 'Pending',
      description: 'Quarterly reports',
      actionRequired: 'None',
    },
  });
  const own = await engineer.send('PUT', `${connection!.id}?${storageVersion}`, {
    properties: { privateLinkServiceConnectionState: { status: 'Approved' } },
  });
  assert.deepEqual([own.status, codeOf(own)], [403, 'AuthorizationFailed']);

  assert.equal((await answer(connection!, 'Approved', 'For a year')).status, 200);
  assert.deepEqual(await stateOf('sales'), { status: 'Approved', description: 'For a year', actionsRequired: 'None' });
  assert.equal(isReached('acmesales.blob.core.windows.net'), true);
  assert.equal(isReached('acmesales.table.core.windows.net'), false, 'each sub-resource has names of its own');
  await answer(connection!, 'Rejected', 'No longer');
  assert.deepEqual(await stateOf('sales'), { status: 'Rejected', description: 'No longer', actionsRequired: 'None' });
  assert.equal(isReached('acmesales.blob.core.windows.net'), false);
  await answer(connection!, 'Approved', '');
  assert.equal((await owner.send('DELETE', `${connection!.id}?${storageVersion}`)).status, 200);
  assert.equal((await stateOf('sales')).status, 'Disconnected');
  assert.equal(isReached('acmesales.blob.core.windows.net'), false);
  assert.equal(
    (connectionIn(await engineer.call('GET', path('sales'))).properties as JsonObject).requestMessage,
    'Quarterly reports',
  );

  const told = [
    ['Request', 'network-engineer', 'Quarterly reports'],
    ['Approve', 'owner', 'For a year'],
    ['Reject', 'owner', 'No longer'],
    ['Approve', 'owner', ''],
    ['Disconnect', 'owner', (await stateOf('sales')).description],
  ];
  assert.deepEqual(await decisionsOn(idOf('sales'), engineer), told);
  assert.deepEqual(await decisionsOn(place.account('acmesales'), owner), told, 'both sides read the same');
  const gone = await engineer.send('DELETE', path('sales'));
  assert.equal(gone.status, 202);
  const result = new URL(String(gone.headers.location));
  assert.equal((await engineer.send('GET', `${result.pathname}${result.search}`)).status, 200);
  assert.equal((await engineer.send('DELETE', path('sales'))).status, 204);
  assert.equal((await engineer.send('GET', path('sales'))).status, 404);
});

test('an automatic endpoint is approved by the right over the target, and only by that', async () => {
  const body = privateEndpoint(subnet, place.account('acmeown'), { groupId: 'TABLE' });
  const refused = await put('own', body);
  assert.deepEqual(brief(refused), [403, 'LinkedAuthorizationFailed', place.account('acmeown')]);
  assert.match(
    String((refused.body.error as JsonObject).message),
    /privateEndpointConnectionsApproval\/action'.*manualPrivateLinkServiceConnections/,
  );
  assert.equal((await engineer.send('GET', path('own'))).status, 404);
  assert.deepEqual(await connectionsOf('acmeown'), []);

  const both = await estate.principal(
    'both',
    [roles.networkContributor, place.group],
    [roles.storageAccountContributor, place.account('acmeown')],
  );
  const made = await put('own', body, both);
  assert.equal(made.status, 201);
  const state = { status: 'Approved', description: 'Auto-Approved', actionsRequired: 'None' };
  assert.deepEqual(connectionIn(made.body).properties.privateLinkServiceConnectionState, state);
  assert.equal(isReached('acmeown.table.core.windows.net'), true);
  const [connection] = await connectionsOf('acmeown');
  assert.deepEqual(await decisionsOn(idOf('own'), both), [
    ['Request', 'both', ''],
    ['Approve', 'both', 'Auto-Approved'],
  ]);
  await estate.admin.call('PUT', `${connection!.id}?${storageVersion}`, {
    properties: { privateLinkServiceConnectionState: { status: 'Rejected', description: 'Not so fast' } },
  });
  assert.equal((await stateOf('own')).status, 'Rejected', 'the owner has the last word');

  const storeOnly = await estate.principal('store-only', [roles.storageAccountContributor, place.account('acmesales')]);
  assert.equal((await put('denied', body, storeOnly)).status, 403);
  const second = `/subscriptions/${estate.subscriptionId}/resourceGroups/second`;
  await estate.admin.call('PUT', `${second}?api-version=2021-04-01`, { location: 'westeurope' });
  const noJoin = await estate.principal('no-join', [roles.networkContributor, second]);
  const elsewhere = `${second}/providers/Microsoft.Network/privateEndpoints/elsewhere?${networkVersion}`;
  const manual = privateEndpoint(subnet, place.account('acmesales'), { message: '' });
  assert.deepEqual(brief(await noJoin.send('PUT', elsewhere, manual)), [403, 'LinkedAuthorizationFailed', subnet]);
  assert.equal((await both.send('DELETE', path('own'))).status, 202);
  assert.equal(isReached('acmeown.table.core.windows.net'), false);
});

test('another network reaches a store as before until an endpoint to it is approved somewhere', async () => {
  const factory = place.network.toLowerCase();
  const verdict = () => estate.verdict({ network: factory, host: 'acmelake.blob.core.windows.net' }).code;
  assert.equal(verdict(), 'PrivateEndpointRequired', 'storage needs an endpoint in any case');
  await put('lake', privateEndpoint(subnet, place.account('acmelake')), estate.admin);
  assert.equal(verdict(), 'PrivateEndpointRequired');
  assert.equal(isReached('acmelake.blob.core.windows.net'), true);
  await estate.admin.send('DELETE', path('lake'));
});

test('a deleted target leaves the endpoint Disconnected, and a new one of its name is not its', async () => {
  await put('gone', privateEndpoint(subnet, place.account('acmegone')), estate.admin);
  await estate.admin.send('DELETE', `${place.account('acmegone')}?${storageVersion}`);
  assert.equal((await stateOf('gone')).status, 'Disconnected');
  await estate.admin.call('PUT', `${place.account('acmegone')}?${storageVersion}`, {
    location: 'westeurope',
    kind: 'StorageV2',
    sku: { name: 'Standard_LRS' },
    tags: { 'postern-backend': '127.0.0.1:9998' },
  });
  assert.equal((await stateOf('gone')).status, 'Disconnected');
  assert.equal(isReached('acmegone.blob.core.windows.net'), false);
  await estate.admin.send('DELETE', path('gone'));
});

test('an endpoint keeps what it leads to; the same again is welcome, with other tags', async () => {
  const body = privateEndpoint(subnet, place.account('acmesales'), { message: 'Hello' });
  await put('kept', body);
  const again = await put('kept', { ...body, tags: { team: 'red' } });
  assert.deepEqual([again.status, again.body.tags], [200, { team: 'red' }]);
  const read = await engineer.call('GET', path('kept'));
  assert.equal((await put('kept', read)).status, 200, 'what was read may be written');
  assert.equal((await connectionsOf('acmesales')).length, 1);
  const manual = 'properties.manualPrivateLinkServiceConnections';
  const changes: [JsonObject, string][] = [
    [privateEndpoint(`${network}/subnets/other`, place.account('acmesales'), { message: '' }), 'properties.subnet.id'],
    [
      privateEndpoint(subnet, place.account('acmelake'), { message: '' }),
      `${manual}.0.properties.privateLinkServiceId`,
    ],
    [
      privateEndpoint(subnet, place.account('acmesales'), { message: '', groupId: 'queue' }),
      `${manual}.0.properties.groupIds`,
    ],
    [privateEndpoint(subnet, place.account('acmesales')), 'properties.privateLinkServiceConnections'],
  ];
  for (const [change, field] of changes)
    assert.deepEqual(brief(await put('kept', change, estate.admin)), [409, 'PropertyChangeNotAllowed', field]);
  assert.equal((await stateOf('kept')).status, 'Pending', 'an automatic PUT is no way to approve');
  await engineer.send('DELETE', path('kept'));
});

test('what is wrong is refused by the field, and nothing of it stays', async () => {
  const target = place.account('acmesales');
  const automatic = 'properties.privateLinkServiceConnections';
  const full = privateEndpoint(subnet, target);
  const { privateLinkServiceConnections: link } = full.properties as JsonObject;
  const withLink = (connection: JsonObject) =>
    privateEndpoint(subnet, target, { properties: { privateLinkServiceConnections: [connection] } });
  const cases: [string, JsonObject, number, string, string][] = [
    ['no location', { properties: full.properties! }, 400, 'LocationRequired', 'location'],
    ['no properties', { location: 'westeurope' }, 400, 'InvalidRequestContent', 'properties'],
    [
      'no connection',
      { location: 'westeurope', properties: { subnet: { id: subnet } } },
      400,
      'InvalidRequestContent',
      automatic,
    ],
    [
      'both lists',
      privateEndpoint(subnet, target, { properties: { manualPrivateLinkServiceConnections: link! } }),
      400,
      'InvalidRequestContent',
      'properties.manualPrivateLinkServiceConnections.0',
    ],
    [
      'two connections',
      privateEndpoint(subnet, target, {
        properties: { privateLinkServiceConnections: [...(link as JsonObject[]), ...(link as JsonObject[])] },
      }),
      400,
      'InvalidRequestContent',
      `${automatic}.1`,
    ],
    [
      'two groups',
      withLink({ name: 'l', properties: { privateLinkServiceId: target, groupIds: ['blob', 'table'] } }),
      400,
      'InvalidRequestContent',
      `${automatic}.0.properties.groupIds`,
    ],
    [
      'no group',
      withLink({ name: 'l', properties: { privateLinkServiceId: target } }),
      400,
      'InvalidGroupId',
      `${automatic}.0.properties.groupIds`,
    ],
    [
      'unknown group',
      privateEndpoint(subnet, target, { groupId: 'sqlServer' }),
      400,
      'InvalidGroupId',
      `${automatic}.0.properties.groupIds`,
    ],
    [
      'unknown target',
      privateEndpoint(subnet, place.account('nobody')),
      400,
      'InvalidResourceReference',
      `${automatic}.0.properties.privateLinkServiceId`,
    ],
    [
      'a factory as target',
      privateEndpoint(subnet, place.factory),
      400,
      'InvalidResourceReference',
      `${automatic}.0.properties.privateLinkServiceId`,
    ],
    [
      'no id as target',
      privateEndpoint(subnet, '../acmesales'),
      400,
      'InvalidResourceId',
      `${automatic}.0.properties.privateLinkServiceId`,
    ],
    [
      'unknown subnet',
      privateEndpoint(`${network}/subnets/none`, target),
      400,
      'InvalidResourceReference',
      'properties.subnet.id',
    ],
    ['a network as subnet', privateEndpoint(network, target), 400, 'InvalidResourceReference', 'properties.subnet.id'],
    [
      'another region',
      privateEndpoint(subnet, target, { location: 'northeurope' }),
      400,
      'InvalidResourceReference',
      'properties.subnet.id',
    ],
    [
      'a long message',
      privateEndpoint(subnet, target, { message: 'x'.repeat(141) }),
      400,
      'InvalidRequestContent',
      'properties.manualPrivateLinkServiceConnections.0.properties.requestMessage',
    ],
    [
      'a message for a terminal',
      privateEndpoint(subnet, target, { message: '\u001b[2J' }),
      400,
      'InvalidRequestContent',
      'properties.manualPrivateLinkServiceConnections.0.properties.requestMessage',
    ],
    [
      'a bad name of a connection',
      withLink({ name: '../x', properties: { privateLinkServiceId: target, groupIds: ['blob'] } }),
      400,
      'InvalidRequestContent',
      `${automatic}.0.name`,
    ],
    [
      'an address outside',
      privateEndpoint(subnet, target, {
        properties: { ipConfigurations: [{ name: 'a', properties: { privateIPAddress: '10.1.1.3' } }] },
      }),
      400,
      'PrivateIPAddressNotInSubnet',
      'properties.ipConfigurations.0.properties.privateIPAddress',
    ],
    [
      'a bad name of an interface',
      privateEndpoint(subnet, target, { properties: { customNetworkInterfaceName: '../nic' } }),
      400,
      'InvalidResourceName',
      'properties.customNetworkInterfaceName',
    ],
  ];
  for (const [what, body, ...expected] of cases)
    assert.deepEqual(brief(await put('wrong', body, estate.admin)), expected, what);
  assert.deepEqual(brief(await put('x', full, estate.admin)), [400, 'InvalidResourceName', 'name']);
  assert.deepEqual(await connectionsOf('acmesales'), []);
  assert.deepEqual(await estate.database.selectFrom('address').selectAll().execute(), []);
});

test('endpoints are listed by group and by subscription; each has an interface with its address, and zone groups', async () => {
  const target = place.account('acmesales');
  const fixed = { ipConfigurations: [{ name: 'a', properties: { privateIPAddress: '10.1.1.9' } }] };
  await put('listed-1', privateEndpoint(subnet, target, { message: '', properties: fixed }));
  assert.deepEqual(
    brief(await put('listed-2', privateEndpoint(subnet, target, { message: '', properties: fixed }))).slice(0, 2),
    [400, 'PrivateIPAddressIsAllocated'],
  );
  await put(
    'listed-2',
    privateEndpoint(subnet, target, { message: '', properties: { customNetworkInterfaceName: 'my-nic' } }),
  );
  for (const scope of [place.group, `/subscriptions/${estate.subscriptionId}`]) {
    const list = await engineer.call('GET', `${scope}/providers/Microsoft.Network/privateEndpoints?${networkVersion}`);
    assert.deepEqual(
      (list.value as unknown as Item[]).map(({ name }) => name),
      ['listed-1', 'listed-2'],
    );
  }
  const read = await engineer.call('GET', path('listed-2'));
  const [{ id: nic }] = (read.properties as JsonObject).networkInterfaces as [{ id: string }];
  const shown = await engineer.call('GET', `${nic}?${networkVersion}`);
  assert.equal(shown.name, 'my-nic');
  const { ipConfigurations } = shown.properties as { ipConfigurations: { properties: JsonObject }[] };
  assert.equal(ipConfigurations[0]?.properties.privateIPAddress, '10.1.1.4');
  const inUse = await engineer.call('GET', `${subnet}?${networkVersion}`);
  assert.deepEqual((inUse.properties as JsonObject).privateEndpoints, [
    { id: idOf('listed-1') },
    { id: idOf('listed-2') },
  ]);

  const zone = `${place.group}/providers/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net`;
  const group = `${idOf('listed-1')}/privateDnsZoneGroups/default?${networkVersion}`;
  const made = await engineer.send('PUT', group, {
    properties: { privateDnsZoneConfigs: [{ name: 'blob', properties: { privateDnsZoneId: zone } }] },
  });
  assert.deepEqual(
    [made.status, (made.body.properties as JsonObject).provisioningState, made.body.name],
    [201, 'Succeeded', 'default'],
  );
  assert.equal((await engineer.send('GET', group)).status, 200);
  for (const name of ['listed-1', 'listed-2']) assert.equal((await engineer.send('DELETE', path(name))).status, 202);
  assert.equal((await engineer.send('GET', group)).status, 404);
});
