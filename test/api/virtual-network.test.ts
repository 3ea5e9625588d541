// The owners' virtual networks and their subnets: a plan of addresses that stays in order.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JsonObject } from '../../src/base/json.ts';
import type { Estate } from './estate.ts';
import { networkVersion, openNetworkEstate, privateEndpoint } from './network-estate.ts';
import { officialClients } from './official-client.ts';

let estate: Estate;
let place: Awaited<ReturnType<typeof openNetworkEstate>>['place'];
let home: string;
let ends: string;

before(async () => {
  ({ estate, place, network: home, subnet: ends } = await openNetworkEstate(['acmesales']));
});
after(() => estate.discard());

const send = (method: 'GET' | 'PUT' | 'DELETE' | 'PATCH', id: string, body?: JsonObject) =>
  estate.admin.send(method, `${id}?${networkVersion}`, body);
const networkId = (name: string) => `${place.group}/providers/Microsoft.Network/virtualNetworks/${name}`;
const endpointId = (name: string, group = place.group) =>
  `${group}/providers/Microsoft.Network/privateEndpoints/${name}`;
const plan = (addressPrefixes: string[], subnets?: [name: string, addressPrefix: string][]): JsonObject => ({
  location: 'westeurope',
  properties: {
    addressSpace: { addressPrefixes },
    ...(subnets && { subnets: subnets.map(([name, addressPrefix]) => ({ name, properties: { addressPrefix } })) }),
  },
});
const brief = ({ status, body }: { status: number; body: JsonObject }) => [
  status,
  (body.error as JsonObject | undefined)?.code,
];
const subnetsIn = (body: JsonObject) =>
  ((body.properties as JsonObject).subnets as { name: string; properties: JsonObject }[]).map(
    ({ name, properties }) => `${name} ${properties.addressPrefix}`,
  );

test('a network with its subnets: written together or one by one, patched, listed, removed', async () => {
  const id = networkId('Office');
  const made = await send('PUT', id, plan(['10.2.0.0/16', '10.4.0.0/24'], [['front', '10.2.0.0/24']]));
  assert.equal(made.status, 201);
  assert.match(String(made.headers['azure-asyncoperation']), /operationStatuses/);
  assert.match(String(made.body.etag), /^W\//);
  assert.equal((made.body.properties as JsonObject).provisioningState, 'Succeeded');
  assert.deepEqual(subnetsIn(made.body), ['front 10.2.0.0/24']);
  const back = await send('PUT', `${id}/subnets/back`, { properties: { addressPrefix: '10.4.0.0/25' } });
  assert.deepEqual(
    [back.status, back.body.id, (back.body.properties as JsonObject).privateEndpointNetworkPolicies],
    [201, `${id}/subnets/back`, 'Disabled'],
  );
  assert.deepEqual(subnetsIn((await send('GET', id)).body), ['back 10.4.0.0/25', 'front 10.2.0.0/24']);
  const silent = await send('PUT', id, plan(['10.2.0.0/16', '10.4.0.0/24']));
  assert.deepEqual([silent.status, subnetsIn(silent.body).length], [200, 2], 'subnets that are not spoken of stay');
  const patched = await send('PATCH', id, { tags: { team: 'red' } });
  assert.deepEqual([patched.body.tags, subnetsIn(patched.body).length], [{ team: 'red' }, 2]);
  const list = await send('GET', `${id}/subnets`);
  assert.deepEqual(
    (list.body.value as { name: string }[]).map(({ name }) => name),
    ['back', 'front'],
  );
  const fewer = await send('PUT', id, plan(['10.2.0.0/16'], [['front', '10.2.0.0/23']]));
  assert.deepEqual(subnetsIn(fewer.body), ['front 10.2.0.0/23'], 'those that are left out are removed');
  assert.equal((await send('DELETE', `${id}/subnets/front`)).status, 202);
  assert.equal((await send('GET', `${id}/subnets/front`)).status, 404);
  assert.equal((await send('DELETE', id)).status, 202);
  assert.equal((await send('DELETE', id)).status, 204);
});

test('address prefixes that cannot be are refused with the rule', async () => {
  const id = networkId('wrong');
  const cases: [string[], [string, string][] | undefined, string][] = [
    [['10.0.0/24'], undefined, 'InvalidAddressPrefixFormat'],
    [['10.0.0.0'], undefined, 'InvalidAddressPrefixFormat'],
    [['10.0.0.0/33'], undefined, 'InvalidAddressPrefixFormat'],
    [['010.0.0.0/8'], undefined, 'InvalidAddressPrefixFormat'],
    [['fd00::/48'], undefined, 'InvalidAddressPrefixFormat'],
    [['10.0.0.5/24'], undefined, 'InvalidCIDRNotation'],
    [['10.0.0.0/30'], undefined, 'NetcfgInvalidIPAddressPrefix'],
    [['169.254.0.0/24'], undefined, 'NetcfgInvalidIPAddressPrefix'],
    [['168.63.129.0/24'], undefined, 'NetcfgInvalidIPAddressPrefix'],
    [['0.0.0.0/0'], undefined, 'NetcfgInvalidIPAddressPrefix'],
    [['10.0.0.0/16', '10.0.1.0/24'], undefined, 'NetcfgOverlappingAddressPrefixes'],
    [['10.0.0.0/16'], [['a', '10.1.0.0/24']], 'NetcfgInvalidSubnet'],
    [['10.0.0.0/16'], [['a', '10.0.0.0/15']], 'NetcfgInvalidSubnet'],
    [
      ['10.0.0.0/16'],
      [
        ['a', '10.0.0.0/24'],
        ['b', '10.0.0.128/25'],
      ],
      'NetcfgSubnetRangesOverlap',
    ],
    [
      ['10.0.0.0/16'],
      [
        ['a', '10.0.0.0/24'],
        ['A', '10.0.1.0/24'],
      ],
      'InvalidRequestContent',
    ],
    [['10.0.0.0/16'], [['a/b', '10.0.0.0/24']], 'InvalidResourceName'],
    [[], undefined, 'InvalidRequestContent'],
  ];
  for (const [prefixes, subnets, code] of cases)
    assert.deepEqual(brief(await send('PUT', id, plan(prefixes, subnets))), [400, code], `${prefixes} ${subnets}`);
  assert.equal((await send('GET', id)).status, 404);
  assert.deepEqual(
    await estate.database.selectFrom('resource').select('key').where('key', 'like', '%/wrong/%').execute(),
    [],
  );
  const subnet = (properties: JsonObject) => send('PUT', `${home}/subnets/more`, { properties });
  assert.deepEqual(brief(await subnet({})), [400, 'InvalidRequestContent']);
  assert.deepEqual(brief(await subnet({ addressPrefix: '10.1.1.8/29' })), [400, 'NetcfgSubnetRangesOverlap']);
  assert.deepEqual(brief(await subnet({ addressPrefix: '10.2.0.0/24' })), [400, 'NetcfgInvalidSubnet']);
  const orphan = await send('PUT', `${networkId('none')}/subnets/a`, { properties: { addressPrefix: '10.0.0.0/24' } });
  assert.deepEqual(brief(orphan), [404, 'ParentResourceNotFound']);
});

test('a subnet in use stays as it is, and so does its network; it gives out what it has', async () => {
  const second = `/subscriptions/${estate.subscriptionId}/resourceGroups/second`;
  await estate.admin.call('PUT', `${second}?api-version=2021-04-01`, { location: 'westeurope' });
  const target = place.account('acmesales');
  const id = networkId('used');
  const tight = `${id}/subnets/tight`;
  await send('PUT', id, plan(['10.3.0.0/24'], [['tight', '10.3.0.0/29']]));
  const put = (name: string, group?: string) =>
    send('PUT', endpointId(name, group), privateEndpoint(tight, target, { message: '' }));
  for (const name of ['one', 'two']) assert.equal((await put(name)).status, 201);
  assert.equal((await put('three', second)).status, 201);
  assert.deepEqual(brief(await put('four')), [400, 'SubnetIsFull'], '8 addresses, 5 of them reserved');

  assert.deepEqual(brief(await send('DELETE', tight)), [400, 'InUseSubnetCannotBeDeleted']);
  assert.deepEqual(brief(await send('DELETE', id)), [400, 'InUseSubnetCannotBeDeleted']);
  assert.deepEqual(brief(await send('PUT', id, plan(['10.3.0.0/24'], []))), [400, 'InUseSubnetCannotBeDeleted']);
  assert.deepEqual(brief(await send('PUT', id, plan(['10.4.0.0/24']))), [400, 'NetcfgInvalidSubnet']);
  const moved = plan(['10.3.0.0/24'], [['tight', '10.3.0.8/29']]);
  assert.deepEqual(brief(await send('PUT', id, moved)), [400, 'InUseSubnetCannotBeUpdated']);
  assert.deepEqual(brief(await send('PUT', tight, { properties: { addressPrefix: '10.3.0.0/28' } })), [
    400,
    'InUseSubnetCannotBeUpdated',
  ]);
  assert.deepEqual(subnetsIn((await send('GET', id)).body), ['tight 10.3.0.0/29']);
  const delegated = { properties: { addressPrefix: '10.3.0.8/29', delegations: [{ name: 'd' }] } };
  await send('PUT', `${id}/subnets/given`, delegated);
  assert.deepEqual(
    brief(await send('PUT', endpointId('five'), privateEndpoint(`${id}/subnets/given`, target, { message: '' }))),
    [400, 'PrivateEndpointCreationNotAllowedAsSubnetIsDelegated'],
  );

  await send('DELETE', endpointId('three', second));
  assert.deepEqual(brief(await send('DELETE', tight)), [400, 'InUseSubnetCannotBeDeleted'], 'also of its own group');
  assert.deepEqual(brief(await send('DELETE', id)), [400, 'InUseSubnetCannotBeDeleted']);
  assert.deepEqual(subnetsIn((await send('GET', id)).body).length, 2, 'nothing of a refused removal is gone');
  for (const name of ['one', 'two']) await send('DELETE', endpointId(name));
  assert.equal((await put('four')).status, 201, 'a freed address is given again');
  await send('DELETE', endpointId('four'));
  assert.equal((await send('DELETE', id)).status, 202);
});

test('roles that were given on a subnet go with it, however it goes', async () => {
  const id = networkId('roles');
  await send('PUT', id, plan(['10.5.0.0/24'], [['a', '10.5.0.0/28']]));
  await estate.principal('joiner', ['4d97b98b-1d4f-4787-a291-c67834d212e7', `${id}/subnets/a`]);
  await send('PUT', id, plan(['10.5.0.0/24'], []));
  const left = await estate.database
    .selectFrom('role_assignment')
    .select('scope_key')
    .where('scope_key', '=', `${id}/subnets/a`.toLowerCase())
    .execute();
  assert.deepEqual(left, []);
});

test('what ended a day ago is no longer polled, and no longer kept', async () => {
  const place = `${networkId('polled')}?${networkVersion}`;
  const { headers } = await estate.admin.send('PUT', place, plan(['10.8.0.0/24']));
  const status = new URL(String(headers['azure-asyncoperation']));
  const poll = () => estate.admin.send('GET', `${status.pathname}${status.search}`);
  assert.deepEqual([(await poll()).status, (await poll()).body.status], [200, 'Succeeded']);
  const id = status.pathname.split('/').at(-1)!;
  await estate.database
    .updateTable('operation')
    .set({ ended_at: '2020-01-01T00:00:00.000Z' })
    .where('id', '=', id)
    .execute();
  assert.equal((await estate.admin.send('DELETE', place)).status, 202);
  assert.deepEqual(brief(await poll()), [404, 'OperationNotFound']);
});

test("Azure's generic client writes and deletes them as long-running operations", async () => {
  const { resources } = officialClients(estate).groups;
  const id = networkId('generic');
  const version = '2025-05-01';
  const made = await resources.beginCreateOrUpdateByIdAndWait(id, version, {
    location: 'westeurope',
    properties: { addressSpace: { addressPrefixes: ['10.6.0.0/24'] } },
  });
  assert.equal(made.properties?.provisioningState, 'Succeeded');
  await resources.beginCreateOrUpdateByIdAndWait(`${id}/subnets/a`, version, {
    properties: { addressPrefix: '10.6.0.0/28' },
  });
  const endpoint = privateEndpoint(`${id}/subnets/a`, place.account('acmesales'));
  const own = await resources.beginCreateOrUpdateByIdAndWait(endpointId('generic'), version, endpoint);
  const [connection] = (own.properties as JsonObject).privateLinkServiceConnections as {
    properties: Record<string, JsonObject>;
  }[];
  assert.equal(connection?.properties.privateLinkServiceConnectionState?.description, 'Auto-Approved');
  await resources.beginDeleteByIdAndWait(endpointId('generic'), version);
  await resources.beginDeleteByIdAndWait(id, version);
  await assert.rejects(resources.getById(id, version), { statusCode: 404 });
});

test('a group takes its networks and their endpoints, unless an endpoint of another group keeps a subnet', async () => {
  const group = `/subscriptions/${estate.subscriptionId}/resourceGroups/third`;
  const groupPath = `${group}?api-version=2021-04-01`;
  await estate.admin.call('PUT', groupPath, { location: 'westeurope' });
  const id = `${group}/providers/Microsoft.Network/virtualNetworks/net`;
  await send('PUT', id, plan(['10.7.0.0/24'], [['a', '10.7.0.0/28']]));
  const body = privateEndpoint(`${id}/subnets/a`, place.account('acmesales'), { message: '' });
  assert.equal((await send('PUT', endpointId('inside', group), body)).status, 201);
  assert.equal((await send('PUT', endpointId('foreign'), body)).status, 201);
  const remove = async () => {
    const accepted = await estate.admin.send('DELETE', groupPath);
    assert.equal(accepted.status, 202);
    const result = new URL(String(accepted.headers.location));
    for (;;) {
      const reply = await estate.admin.send('GET', `${result.pathname}${result.search}`);
      if (reply.status !== 202) return brief(reply);
    }
  };
  assert.deepEqual(await remove(), [409, 'InUseSubnetCannotBeDeleted']);
  await send('DELETE', endpointId('foreign'));
  assert.deepEqual(await remove(), [200, undefined]);
  const left = await estate.database
    .selectFrom('address')
    .select('address')
    .where('network_key', 'like', '%/net/%')
    .execute();
  assert.deepEqual(left, []);
  assert.equal((await send('GET', ends)).status, 200);
});
