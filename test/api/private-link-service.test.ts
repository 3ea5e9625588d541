// Private Link Services: made by their owners, asked for by factories and by private endpoints, each side seeing the other.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JsonObject } from '../../src/base/json.ts';
import type { Client } from '../../src/cli/client.ts';
import { type Estate, factoryVersion, groupOf } from './estate.ts';
import { networkVersion, openNetworkEstate, privateEndpoint, roles } from './network-estate.ts';
import { officialClients } from './official-client.ts';

type Connection = { id: string; name: string; properties: JsonObject & { privateEndpoint: { id: string } } };

let estate: Estate;
let place: Awaited<ReturnType<typeof openNetworkEstate>>['place'];
let subnet: string;
let owner: Client;
let engineer: Client;

before(async () => {
  ({ estate, place, subnet } = await openNetworkEstate([]));
  owner = await estate.principal('link-owner', [roles.networkContributor, place.group]);
  engineer = await estate.principal('link-engineer', [roles.dataFactoryContributor, place.group]);
});
after(() => estate.discard());

const idOf = (name: string) => `${place.group}/providers/Microsoft.Network/privateLinkServices/${name}`;
const toAddress = (address = '127.0.0.1', ports = '5432'): JsonObject => ({
  location: 'westeurope',
  tags: { 'postern-ports': ports },
  properties: { destinationIPAddress: address },
});
const toBalancer = (tags: JsonObject, more: JsonObject = {}): JsonObject => ({
  location: 'westeurope',
  tags,
  properties: {
    loadBalancerFrontendIpConfigurations: [
      { id: `${place.group}/providers/Microsoft.Network/loadBalancers/lb/frontendIPConfigurations/front` },
    ],
    ipConfigurations: [{ name: 'nat', properties: { subnet: { id: subnet } } }],
    ...more,
  },
});
const put = (name: string, body: JsonObject, who: Client = owner) =>
  who.send('PUT', `${idOf(name)}?${networkVersion}`, body);
const endpointPath = (name: string) => `${place.network}/managedPrivateEndpoints/${name}?${factoryVersion}`;
const ask = (name: string, service: string, fqdns: unknown, more: JsonObject = {}) =>
  engineer.send('PUT', endpointPath(name), {
    properties: { privateLinkResourceId: idOf(service), fqdns, ...more } as JsonObject,
  });
const brief = (reply: { status: number; body: JsonObject }) => {
  const error = (reply.body.error ?? {}) as JsonObject;
  return [reply.status, error.code, error.target];
};
const connectionsOf = async (service: string) =>
  (await owner.call('GET', `${idOf(service)}/privateEndpointConnections?${networkVersion}`))
    .value as unknown as Connection[];
const answer = async (service: string, endpoint: string, status: string) => {
  const found = (await connectionsOf(service)).find(({ properties }) =>
    properties.privateEndpoint.id.endsWith(endpoint),
  );
  return owner.send('PUT', `${found!.id}?${networkVersion}`, {
    ...found,
    properties: { ...found!.properties, privateLinkServiceConnectionState: { status, description: 'a test' } },
  } as JsonObject);
};
const network = () => place.network.toLowerCase();
const verdict = (host: string, port: number) => estate.verdict({ network: network(), host, port });

test('a factory asks by its own names, the owner decides, and each port leads to its own place', async () => {
  const made = await put(
    'db',
    toBalancer({ 'postern-backend': '127.0.0.1:5432', 'postern-backend-1434': '127.0.0.2:1433' }),
  );
  assert.equal(made.status, 201);
  assert.match(String(made.headers['azure-asyncoperation']), /\/operations?/i);
  const { alias } = made.body.properties as { alias: string };
  assert.match(alias, /^db\.[0-9a-f-]{36}\.westeurope\.azure\.privatelinkservice$/);

  const asked = await ask('db', 'db', ['DB.Corp.Example', 'replica.corp.example.']);
  assert.equal(asked.status, 200, JSON.stringify(asked.body));
  const { fqdns, groupId, connectionState } = asked.body.properties as JsonObject;
  assert.deepEqual(fqdns, ['db.corp.example', 'replica.corp.example']);
  assert.equal(groupId, '');
  assert.deepEqual(connectionState, { status: 'Pending', description: '', actionsRequired: 'None' });
  assert.equal(verdict('db.corp.example', 5432).code, 'EndpointPending');

  const [connection] = await connectionsOf('db');
  assert.match(String(connection!.properties.linkIdentifier), /^\d+$/);
  assert.equal('groupIds' in connection!.properties, false);
  const own = await engineer.send('PUT', `${connection!.id}?${networkVersion}`, connection as unknown as JsonObject);
  assert.equal(own.status, 403);
  const approved = await answer('db', '.db', 'Approved');
  assert.equal(approved.status, 200);

  for (const [host, port, backend] of [
    ['db.corp.example', 5432, { address: '127.0.0.1', port: 5432 }],
    ['replica.corp.example', 1434, { address: '127.0.0.2', port: 1433 }],
  ] as const) {
    const allowed = verdict(host, port);
    assert.ok(allowed.allow, allowed.code);
    assert.deepEqual(allowed.backend, backend);
  }
  const unknown = verdict('db.corp.example', 1433);
  assert.ok(!unknown.allow && unknown.code === 'UnknownPort');
  assert.match(unknown.remedy, /postern-backend-1433/);

  // What its owner moves is somewhere else at once; what its owner takes away is refused.
  await put('db', toAddress('127.0.0.3', '5432'));
  const moved = verdict('db.corp.example', 5432);
  assert.ok(moved.allow && moved.backend?.address === '127.0.0.3');
  assert.equal(verdict('db.corp.example', 1434).code, 'UnknownPort');
  const patched = await owner.send('PATCH', `${idOf('db')}?${networkVersion}`, { tags: { 'postern-ports': '5433' } });
  assert.equal(patched.status, 200);
  assert.equal(verdict('db.corp.example', 5432).code, 'UnknownPort');
  assert.equal(verdict('db.corp.example', 5433).code, 'Allowed.PrivateEndpoint');
  assert.deepEqual(brief(await owner.send('PATCH', `${idOf('db')}?${networkVersion}`, { tags: {} })), [
    400,
    'InvalidTag',
    'tags.postern-ports',
  ]);
});

test('an endpoint keeps its names; the same again is welcome', async () => {
  assert.equal((await ask('db', 'db', ['replica.corp.example', 'db.corp.example'])).status, 200);
  assert.equal((await ask('db', 'db', null)).status, 200);
  assert.deepEqual(brief(await ask('db', 'db', ['db.corp.example'])), [
    400,
    'InvalidResourceRequest',
    'properties.fqdns',
  ]);
});

test('names that are another’s, no names, a group and a second endpoint are refused, by field', async () => {
  await put('other', toAddress());
  const refused = 'InvalidResourceRequest';
  for (const [fqdns, field, more] of [
    [[], 'fqdns', {}],
    [['acmesales.blob.core.windows.net'], 'fqdns.0', {}],
    [['ok.corp.example', 'x.database.windows.net'], 'fqdns.1', {}],
    [['acmekeys.privatelink.vaultcore.azure.net'], 'fqdns.0', {}],
    [['localhost'], 'fqdns.0', {}],
    [['*.corp.example'], 'fqdns.0', {}],
    [['10.0.0.1'], 'fqdns.0', {}],
    [['a\u0000.corp.example'], 'fqdns.0', {}],
    [['db.corp.example'], 'fqdns', {}],
    [['ok.corp.example'], 'groupId', { groupId: 'sqlServer' }],
  ] as const)
    assert.deepEqual(
      brief(await ask('other', 'other', fqdns, more)),
      [400, refused, `properties.${field}`],
      JSON.stringify(fqdns),
    );
  assert.equal((await ask('other', 'other', ['other.corp.example'])).status, 200);
  assert.deepEqual(brief(await ask('again', 'other', ['again.corp.example'])), [
    400,
    refused,
    'properties.privateLinkResourceId',
  ]);
  assert.deepEqual(brief(await ask('none', 'nowhere', ['none.corp.example'])), [
    400,
    refused,
    'properties.privateLinkResourceId',
  ]);
});

test('what a service may not be is refused, by field and rule', async () => {
  const both = toBalancer({ 'postern-backend': '127.0.0.1:1' }, { destinationIPAddress: '127.0.0.1' });
  const balanced = (more: JsonObject) => toBalancer({ 'postern-backend': '127.0.0.1:1' }, more);
  for (const [body, status, code, target] of [
    [
      { location: 'westeurope', properties: {} },
      400,
      'InvalidRequestContent',
      'properties.loadBalancerFrontendIpConfigurations',
    ],
    [both, 400, 'InvalidRequestContent', 'properties.destinationIPAddress'],
    [toBalancer({}), 400, 'InvalidTag', 'tags.postern-backend'],
    [toBalancer({ 'postern-backend': 'db.internal:5432' }), 400, 'InvalidTag', 'tags.postern-backend'],
    [toBalancer({ 'postern-backend': '10.0.0.1:5432' }), 403, 'AddressNotAttachable', 'tags.postern-backend'],
    [toBalancer({ 'postern-backend-x': '127.0.0.1:1' }), 400, 'InvalidTag', 'tags.postern-backend-x'],
    [
      toBalancer({ 'postern-backend': '127.0.0.1:7', 'postern-backend-7': '127.0.0.1:8' }),
      400,
      'InvalidTag',
      'tags.postern-backend-7',
    ],
    [toBalancer({ 'postern-backend': '127.0.0.1:53' }), 400, 'InvalidTag', 'tags.postern-backend'],
    [toBalancer({ 'postern-backend': '127.0.0.1:1', 'postern-ports': '1' }), 400, 'InvalidTag', 'tags.postern-ports'],
    [toAddress('10.0.0.1'), 403, 'AddressNotAttachable', 'properties.destinationIPAddress'],
    [toAddress('db.internal'), 400, 'InvalidIPAddress', 'properties.destinationIPAddress'],
    [toAddress('127.0.0.1', ''), 400, 'InvalidTag', 'tags.postern-ports'],
    [toAddress('127.0.0.1', '70000'), 400, 'InvalidTag', 'tags.postern-ports'],
    [
      toAddress('127.0.0.1', Array.from({ length: 33 }, (_, at) => at + 100).join()),
      400,
      'InvalidTag',
      'properties.destinationIPAddress',
    ],
    [balanced({ enableProxyProtocol: true }), 400, 'InvalidRequestContent', 'properties.enableProxyProtocol'],
    [
      balanced({ autoApproval: { subscriptions: ['x'] } }),
      400,
      'InvalidRequestContent',
      'properties.autoApproval.subscriptions',
    ],
  ] as const)
    assert.deepEqual(brief(await put('wrong', body)), [status, code, target], JSON.stringify(body));
});

test('private endpoints of a subscription that is approved beforehand need nobody; managed ones wait all the same', async () => {
  const listed = { subscriptions: [estate.subscriptionId] };
  await put('open', toBalancer({ 'postern-backend': '127.0.0.1:5432' }, { visibility: listed, autoApproval: listed }));
  await put('shut', toBalancer({ 'postern-backend': '127.0.0.1:5432' }, { visibility: { subscriptions: ['*'] } }));
  const endpoint = (name: string) =>
    `${subnet.split('/virtualNetworks/')[0]}/privateEndpoints/${name}?${networkVersion}`;
  const link = async (name: string, service: string, groupIds: string[], message?: string) => {
    const body = privateEndpoint(subnet, idOf(service), message === undefined ? {} : { message });
    const lists = body.properties as Record<string, { properties: JsonObject }[]>;
    for (const list of Object.values(lists).filter(Array.isArray)) list[0]!.properties.groupIds = groupIds;
    return owner.send('PUT', endpoint(name), body);
  };
  const stateOf = (body: JsonObject) => {
    const { privateLinkServiceConnections: a, manualPrivateLinkServiceConnections: b } = body.properties as Record<
      string,
      { properties: { privateLinkServiceConnectionState: JsonObject; groupIds: string[] } }[]
    >;
    return [...a!, ...b!][0]!.properties;
  };
  const open = await link('to-open', 'open', [], 'please');
  assert.equal(open.status, 201, JSON.stringify(open.body));
  assert.deepEqual(stateOf(open.body).groupIds, []);
  assert.equal(stateOf(open.body).privateLinkServiceConnectionState.status, 'Approved');
  assert.equal(stateOf(open.body).privateLinkServiceConnectionState.description, 'Auto-Approved');
  const shut = await link('to-shut', 'shut', [], 'please');
  assert.equal(stateOf(shut.body).privateLinkServiceConnectionState.status, 'Pending');
  assert.equal((await link('grouped', 'open', ['blob'], 'please')).status, 400);

  // Who may put endpoints into a group of their own, and has no right over the services.
  const others = groupOf(estate, 'others');
  await estate.admin.call('PUT', `${others}?api-version=2021-04-01`, { location: 'westeurope' });
  const network = subnet.split('/subnets/')[0]!;
  const joiner = await estate.principal(
    'joiner',
    [roles.networkContributor, network],
    [roles.networkContributor, others],
  );
  const join = (name: string, service: string) => {
    const body = privateEndpoint(subnet, idOf(service));
    const { privateLinkServiceConnections } = body.properties as Record<string, { properties: JsonObject }[]>;
    privateLinkServiceConnections![0]!.properties.groupIds = [];
    return joiner.send('PUT', `${others}/providers/Microsoft.Network/privateEndpoints/${name}?${networkVersion}`, body);
  };
  const joined = await join('own-open', 'open');
  assert.equal(joined.status, 201, JSON.stringify(joined.body));
  assert.equal(stateOf(joined.body).privateLinkServiceConnectionState.status, 'Approved');
  assert.deepEqual(brief(await join('own-shut', 'shut')).slice(0, 2), [403, 'LinkedAuthorizationFailed']);

  const managed = await ask('open', 'open', ['open.corp.example']);
  assert.equal(((managed.body.properties as JsonObject).connectionState as JsonObject).status, 'Pending');
});

test('who sees a service by its alias, and who does not', async () => {
  const aliasOf = async (name: string) =>
    ((await owner.call('GET', `${idOf(name)}?${networkVersion}`)).properties as JsonObject).alias as string;
  const stranger = await estate.principal('stranger', [roles.networkContributor, subnet.split('/subnets/')[0]!]);
  const path = `${place.group}/providers/Microsoft.Network/locations/westeurope/checkPrivateLinkServiceVisibility?${networkVersion}`;
  const visible = async (who: Client, alias: string) =>
    (await who.call('POST', path, { privateLinkServiceAlias: alias })).visible;
  assert.equal(await visible(owner, await aliasOf('shut')), true);
  assert.equal(await visible(owner, await aliasOf('db')), true, 'who may read it sees it');
  assert.equal(await visible(owner, 'db.none.westeurope.azure.privatelinkservice'), false);
  assert.equal((await stranger.send('POST', path, { privateLinkServiceAlias: 'x' })).status, 403);
  assert.equal(brief(await owner.send('POST', path, {}))[1], 'InvalidRequestContent');
});

test('Azure’s own client makes, reads, answers and deletes; a service with connections stays', async () => {
  const { network: client } = officialClients(estate);
  const made = await client.privateLinkServices.beginCreateOrUpdateAndWait('group', 'sdk', {
    location: 'westeurope',
    tags: { 'postern-ports': '5432' },
    destinationIPAddress: '127.0.0.1',
  });
  assert.equal(made.provisioningState, 'Succeeded');
  assert.equal((await ask('sdk', 'sdk', ['sdk.corp.example'])).status, 200);
  const [pending] = (await client.privateLinkServices.get('group', 'sdk')).privateEndpointConnections!;
  const approved = await client.privateLinkServices.updatePrivateEndpointConnection('group', 'sdk', pending!.name!, {
    name: pending!.name!,
    privateLinkServiceConnectionState: { status: 'Approved', description: 'yes' },
  });
  assert.equal(approved.privateLinkServiceConnectionState?.status, 'Approved');
  await assert.rejects(client.privateLinkServices.beginDeleteAndWait('group', 'sdk'), {
    code: 'InUsePrivateLinkServiceCannotBeDeleted',
  });
  await client.privateLinkServices.beginDeletePrivateEndpointConnectionAndWait('group', 'sdk', pending!.name!);
  const gone = await engineer.call('GET', endpointPath('sdk'));
  assert.equal(((gone.properties as JsonObject).connectionState as JsonObject).status, 'Disconnected');
  await client.privateLinkServices.beginDeleteAndWait('group', 'sdk');
  assert.equal(verdict('sdk.corp.example', 5432).code, 'EndpointDisconnected');
});

test('explain tells of a service by its resource, in the words of the endpoint that leads there', async () => {
  const path = `${place.network}/providers/Postern.Network/explain?api-version=2026-11-01`;
  const told = await engineer.call('POST', path, { resourceId: idOf('db') });
  assert.deepEqual([told.host, told.port, told.code], ['db.corp.example', 5433, 'Allowed.PrivateEndpoint']);
  assert.deepEqual(brief(await engineer.send('POST', path, { resourceId: idOf('nowhere') })), [
    400,
    'InvalidQuestion',
    'groupId',
  ]);
});
