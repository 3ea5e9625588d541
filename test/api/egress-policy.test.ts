// What public hosts a network may reach: who sets it, what is refused, and that the gateways know it before the answer.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JsonObject } from '../../src/base/json.ts';
import { defaultEgress } from '../../src/providers/postern/egress.ts';
import { type Estate, factoryVersion, furnish, openEstate } from './estate.ts';

const version = 'api-version=2026-11-01';
const dataFactoryContributor = '673868aa-7521-48a0-acc6-0f60742d39f5';
const reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
const storageAccountContributor = '17d1049b-9a84-46fb-8f53-869881c3d3ab';
const contributor = 'b24988ac-6180-42a0-ab88-20f7382dd24c';

let estate: Estate;
let place: Awaited<ReturnType<typeof furnish>>;
const policy = (scope = place.network) => `${scope}/providers/Postern.Network/egressPolicies/default?${version}`;
const put = (properties: JsonObject, path = policy()) => estate.send('PUT', path, { properties });
const known = () => estate.snapshots.at(-1)!.networks.find(({ key }) => key === place.network.toLowerCase())!.egress;

before(async () => {
  estate = await openEstate();
  place = await furnish(estate, 'acme', ['acmesales']);
});
after(() => estate.discard());

test('a policy is compiled into the snapshot before the answer, in one spelling, and its removal brings the default back', async () => {
  assert.deepEqual(known(), defaultEgress);
  const made = await put({
    mode: 'AllowList',
    audit: true,
    hosts: ['API.Example.com.', 'api.example.com', 'bücher.example'],
  });
  assert.equal(made.status, 201);
  assert.deepEqual(made.body.properties, {
    mode: 'AllowList',
    audit: true,
    hosts: ['api.example.com', 'xn--bcher-kva.example'],
  });
  assert.deepEqual(known(), { mode: 'AllowList', audit: true, hosts: ['api.example.com', 'xn--bcher-kva.example'] });
  assert.equal((await put({ mode: 'None' })).status, 200);
  assert.deepEqual(known(), { mode: 'None', audit: false, hosts: [] });
  assert.equal((await put({ mode: 'Https' })).status, 200);
  const network = place.network.toLowerCase();
  assert.equal(estate.verdict({ network, host: 'api.example.com' }).code, 'Allowed.PublicHttps');
  assert.equal(estate.verdict({ network, host: 'acmesales.blob.core.windows.net' }).code, 'PrivateEndpointRequired');
  assert.equal((await estate.send('DELETE', policy())).status, 200);
  assert.deepEqual(known(), defaultEgress);
  assert.equal((await estate.send('GET', policy())).status, 404);
});

test('every host that cannot be admitted is refused with the field, the rule and the way out', async () => {
  for (const [host, says] of [
    ['*.example.com', /wildcards are not possible/],
    ['10.0.0.1', /never by address/],
    ['[::1]', /never by address/],
    ['https://api.example.com/x', /no scheme, port or path/],
    ['api.example.com:443', /no scheme, port or path/],
    ['a\u0000.example.com', /not a host name/],
    ['localhost', /cannot be a public host/],
    ['metadata.google.internal', /cannot be a public host/],
    ['acmesales.blob.core.windows.net', /managed private endpoint only/],
    ['lake.dfs.core.windows.net', /managed private endpoint only/],
  ] as const) {
    const answer = await put({ mode: 'AllowList', hosts: ['api.example.com', host] });
    assert.equal(answer.status, 400, host);
    assert.equal(answer.body.error.code, 'InvalidEgressPolicy', host);
    assert.equal(answer.body.error.target, 'properties.hosts[1]', host);
    assert.match(answer.body.error.message, says);
  }
  const unread = await put({ mode: 'Https', hosts: ['api.example.com'] });
  assert.equal(unread.body.error.code, 'InvalidEgressPolicy');
  for (const wrong of [{ mode: 'Open' }, {}, { mode: 'None', audit: 'yes' }, { mode: 'AllowList', hosts: 'all' }])
    assert.equal((await put(wrong as JsonObject)).body.error.code, 'InvalidRequestContent', JSON.stringify(wrong));
  assert.deepEqual(known(), defaultEgress, 'nothing refused was kept');
});

test('a network has one policy, called default, and only a managed network has one', async () => {
  const other = await put({ mode: 'None' }, policy().replace('/default?', '/other?'));
  assert.equal(other.body.error.code, 'InvalidResourceName');
  for (const scope of [place.factory, place.group, place.account('acmesales')])
    assert.equal((await put({ mode: 'None' }, policy(scope))).body.error.code, 'InvalidScope', scope);
  const missing = await put({ mode: 'None' }, policy(`${place.factory}/managedVirtualNetworks/gone`));
  assert.equal(missing.body.error.code, 'ParentResourceNotFound');
});

test('whoever builds pipelines cannot open the network by that right', async () => {
  const engineer = await estate.principal('egress-engineer', [dataFactoryContributor, place.group]);
  const refused = await engineer.send('PUT', policy(), { properties: { mode: 'AnyPort' } });
  assert.equal(refused.status, 403);
  assert.deepEqual(known(), defaultEgress);
  const security = await estate.principal('egress-security', [contributor, place.group]);
  assert.equal(
    (await security.send('PUT', policy(), { properties: { mode: 'AllowList', hosts: ['a.example'] } })).status,
    201,
  );
  assert.deepEqual(known().hosts, ['a.example']);
  const trail = await estate.admin.call('GET', `${place.network}/providers/Postern.Network/decisions?${version}`);
  const [last] = trail.value as unknown as { decision: string; by: { name: string }; reason: string; to: string }[];
  assert.equal(last?.decision, 'SetEgress');
  assert.equal(last?.by.name, 'egress-security');
  assert.equal(last?.to, 'AllowList');
  assert.match(last?.reason ?? '', /a\.example/);
});

test('whoever may read the network reads its policy, in words that hold no more; a stranger does not', async () => {
  const list = policy().replace('/default?', '?');
  const set = await estate.send('PUT', policy(), { properties: { mode: 'AllowList', hosts: ['a.example'] } });
  for (const [name, role, scope] of [
    ['read-engineer', dataFactoryContributor, place.group],
    ['read-reader', reader, place.factory],
  ] as const) {
    const person = await estate.principal(name, [role, scope]);
    const told = await person.send('GET', policy());
    assert.deepEqual([told.status, told.body], [200, set.body], name);
    assert.deepEqual((await person.call('GET', list)).value, [set.body], name);
    const properties = (told.body as { properties: JsonObject }).properties;
    assert.deepEqual(Object.keys(properties).sort(), ['audit', 'hosts', 'mode'], name);
    for (const [method, body] of [
      ['PUT', { properties: { mode: 'AnyPort' } }],
      ['DELETE', undefined],
    ] as const) {
      const refused = await person.send(method, policy(), body);
      const { error } = refused.body as { error?: { code: string; message: string } };
      assert.deepEqual([refused.status, error?.code], [403, 'AuthorizationFailed'], `${name} ${method}`);
      assert.match(error?.message ?? '', /Postern\.Network\/egressPolicies\/(write|delete)/);
    }
  }
  assert.deepEqual(known().hosts, ['a.example']);
  const blind = await estate.principal('read-stranger', [storageAccountContributor, place.group]);
  const elsewhere = await estate.principal('read-elsewhere', [dataFactoryContributor, place.account('acmesales')]);
  for (const person of [blind, elsewhere]) assert.equal((await person.send('GET', policy())).status, 403);
  // Where no policy can be, its own permission is asked for.
  const engineer = await estate.principal('read-odd', [dataFactoryContributor, place.group]);
  assert.equal((await engineer.send('GET', policy(place.account('acmesales')))).status, 403);
});

test('a policy goes with its factory', async () => {
  const factory = place.factory.replace(/acme$/, 'short');
  const network = `${factory}/managedVirtualNetworks/default`;
  await estate.admin.call('PUT', `${factory}?${factoryVersion}`, { location: 'westeurope' });
  await estate.admin.call('PUT', `${network}?${factoryVersion}`, { properties: {} });
  assert.equal((await put({ mode: 'Https' }, policy(network))).status, 201);
  await estate.admin.call('DELETE', `${factory}?${factoryVersion}`);
  await estate.admin.call('PUT', `${factory}?${factoryVersion}`, { location: 'westeurope' });
  await estate.admin.call('PUT', `${network}?${factoryVersion}`, { properties: {} });
  const compiled = estate.snapshots.at(-1)!.networks.find(({ key }) => key === network.toLowerCase());
  assert.deepEqual(compiled?.egress, defaultEgress);
});
