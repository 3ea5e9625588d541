// What owners lay down about approvals: who may set it, who is let in at once, how many must agree, and for how long.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JsonObject } from '../../src/base/json.ts';
import type { Client } from '../../src/cli/client.ts';
import { type Estate, factoryVersion, openEstate, storageVersion } from './estate.ts';
import { networkVersion, openNetworkEstate, privateEndpoint, roles } from './network-estate.ts';

const version = 'api-version=2026-11-01';
let estate: Estate;
let place: Awaited<ReturnType<typeof openNetworkEstate>>['place'];
let subnet: string;
let engineer: Client;
let owner: Client;
let second: Client;

before(async () => {
  ({ estate, place, subnet } = await openNetworkEstate(['acmesales', 'acmetime']));
  engineer = await estate.principal('engineer', [roles.dataFactoryContributor, place.group]);
  owner = await estate.principal('owner', [roles.storageAccountContributor, place.group]);
  second = await estate.principal('second', [roles.storageAccountContributor, place.group]);
});
after(() => estate.discard());

const target = () => place.account('acmesales');
const policy = (name: string, on = target()) => `${on}/providers/Postern.Network/approvalPolicies/${name}?${version}`;
const endpoint = (name: string) => `${place.network}/managedPrivateEndpoints/${name}?${factoryVersion}`;

type Shown = { id: string; properties: { approval?: JsonObject & { approvals: JsonObject[] } } & JsonObject };

/** The engineer's request for a sub-resource; the connection that the owner sees. */
const request = async (name: string, groupId: string, on = target(), by = engineer): Promise<string> => {
  await by.call('PUT', endpoint(name), { properties: { privateLinkResourceId: on, groupId } });
  const list = await estate.admin.call('GET', `${on}/privateEndpointConnections?${storageVersion}`);
  const found = (list.value as unknown as Shown[]).find((one) => JSON.stringify(one).includes(`acme.${name}"`))!;
  return `${found.id}?${storageVersion}`;
};
const see = async (connection: string) => (await estate.admin.call('GET', connection)) as unknown as Shown;
const statusOf = async (connection: string) =>
  ((await see(connection)).properties.privateLinkServiceConnectionState as JsonObject).status;
const answer = (by: Client, connection: string, status = 'Approved') =>
  by.send('PUT', connection, {
    properties: { privateLinkServiceConnectionState: { status, description: `by ${status}` } },
  });
const objectIdOf = async (name: string): Promise<string> => {
  const shown = await estate.admin.call('GET', `/providers/Postern.Identity/principals/${name}?${version}`);
  return String((shown.properties as JsonObject).objectId);
};
const trail = async (connection: string) => {
  const name = connection.split('/').at(-1)!.split('?')[0]!;
  const body = await estate.admin.call(
    'GET',
    `${target()}/providers/Postern.Network/decisions?${version}&connection=${name}`,
  );
  return (body.value as { decision: string; by: { name: string }; policy: string | null; reason: string }[]).map(
    ({ decision, by, policy: under }) => [decision, by.name, under],
  );
};

test('whoever may answer connections sets policies; who builds pipelines does not, and reads and removes none', async () => {
  const body = { properties: { expiresAfter: 'P30D', groupIds: ['QUEUE'] } };
  for (const method of ['PUT', 'GET', 'DELETE']) {
    const refused = await engineer.send(method, policy('month'), method === 'PUT' ? body : undefined);
    assert.deepEqual([refused.status, (refused.body.error as JsonObject).code], [403, 'AuthorizationFailed'], method);
  }
  const listed = `${target()}/providers/Postern.Network/approvalPolicies?${version}`;
  assert.equal((await engineer.send('GET', listed)).status, 403);
  const made = await owner.send('PUT', policy('month'), body);
  assert.equal(made.status, 201);
  assert.deepEqual(made.body.properties, {
    who: { principals: [], factories: [], subscriptions: [] },
    groupIds: ['queue'],
    minimumApprovers: null,
    expiresAfter: 'P30D',
    setBy: { objectId: await objectIdOf('owner'), name: 'owner' },
  });
  assert.equal((await owner.send('PUT', policy('month'), body)).status, 200);
  const list = (await owner.call('GET', listed)).value as JsonObject[];
  assert.deepEqual(
    list.map(({ name }) => name),
    ['month'],
  );
  assert.equal((await owner.send('DELETE', policy('month'))).status, 200);
  assert.equal((await owner.send('GET', policy('month'))).status, 404);
  const all = await owner.call('GET', `${target()}/providers/Postern.Network/decisions?${version}`);
  const [removed, , set] = all.value as { decision: string; policy: string; reason: string; target: string }[];
  assert.deepEqual([removed?.decision, removed?.policy], ['RemoveApprovalPolicy', 'month']);
  assert.deepEqual([set?.decision, set?.policy, set?.target], ['SetApprovalPolicy', 'month', target().toLowerCase()]);
  assert.match(set!.reason, /queue.*P30D/);
});

test('what a policy cannot mean is refused with its field and a way out, and a policy stands on a target only', async () => {
  const put = (properties: JsonObject, at = policy('wrong')) => estate.send('PUT', at, { properties });
  for (const [properties, field] of [
    [{ expiresAfter: 'P1M' }, 'properties.expiresAfter'],
    [{ expiresAfter: 'PT0S' }, 'properties.expiresAfter'],
    [{ expiresAfter: 'P999999999W' }, 'properties.expiresAfter'],
    [{ groupIds: ['blob', 'vault'] }, 'properties.groupIds[1]'],
    [{ who: { principals: ['me'] } }, 'properties.who.principals[0]'],
    [{ who: { factories: [target()] } }, 'properties.who.factories[0]'],
    [{ who: { subscriptions: ['*'] } }, 'properties.who.subscriptions[0]'],
    [{ who: { factories: [place.factory] }, minimumApprovers: 2 }, 'properties.who'],
  ] as const) {
    const { status, body } = await put(properties as unknown as JsonObject);
    assert.deepEqual([status, body.error.code, body.error.target], [400, 'InvalidApprovalPolicy', field]);
    assert.ok(body.error.message.length > 40);
  }
  const wrongId = await put({ who: { factories: ['/subscriptions/../x'] } });
  assert.equal(wrongId.body.error.code, 'InvalidResourceId');
  for (const properties of [
    { minimumApprovers: 0 },
    { minimumApprovers: 11 },
    { minimumApprovers: 1.5 },
    { who: 'all' },
  ])
    assert.equal((await put(properties as JsonObject)).body.error.code, 'InvalidRequestContent');
  for (const scope of [place.factory, place.group, place.network])
    assert.equal((await put({}, policy('wrong', scope))).body.error.code, 'InvalidScope', scope);
  assert.equal((await put({}, policy('wrong', place.account('gone')))).body.error.code, 'ParentResourceNotFound');
  assert.equal((await put({}, policy('-'))).body.error.code, 'InvalidResourceName');
  assert.equal((await estate.send('GET', policy('wrong'))).status, 404, 'nothing refused was kept');
});

test('who is named is approved at once, by the word of whoever set the policy; others wait', async () => {
  await owner.call('PUT', policy('trusted'), {
    properties: { groupIds: ['blob'], who: { factories: [place.factory] } },
  });
  const waiting = await request('other-group', 'table');
  assert.equal(await statusOf(waiting), 'Pending');
  const connection = await request('blobs', 'blob');
  assert.equal(await statusOf(connection), 'Approved');
  assert.equal(
    estate.verdict({ network: place.network.toLowerCase(), host: 'acmesales.blob.core.windows.net' }).code,
    'Allowed.PrivateEndpoint',
    'known to the gateways with the answer',
  );
  assert.deepEqual(await trail(connection), [
    ['Approve', 'owner', 'trusted'],
    ['Request', 'engineer', null],
  ]);
  await owner.call('DELETE', policy('trusted'));
  assert.equal(await statusOf(connection), 'Approved', 'what is approved stays');
  for (const name of ['blobs', 'other-group']) await engineer.call('DELETE', endpoint(name));
  assert.equal(await statusOf(await request('blobs', 'blob')), 'Pending', 'and is not approved again');
  await engineer.call('DELETE', endpoint('blobs'));
});

test('as many people as the policy wants, each once, and never the one who asked', async () => {
  await owner.call('PUT', policy('two'), { properties: { groupIds: ['blob'], minimumApprovers: 2 } });
  const both = await estate.principal(
    'both',
    [roles.dataFactoryContributor, place.group],
    [roles.storageAccountContributor, place.group],
  );
  const connection = await request('pair', 'blob', target(), both);
  const refused = await answer(both, connection);
  assert.deepEqual([refused.status, (refused.body.error as JsonObject).code], [403, 'RequesterCannotApprove']);
  for (let time = 0; time < 2; time += 1) assert.equal((await answer(owner, connection)).status, 200);
  assert.equal(await statusOf(connection), 'Pending', 'twice by one is once');
  const { approval } = (await see(connection)).properties;
  assert.deepEqual([approval?.policies, approval?.minimumApprovers], [['two'], 2]);
  assert.deepEqual(
    approval?.approvals.map(({ name }) => name),
    ['owner'],
  );
  const brief = await estate.principal('brief', [roles.storageAccountContributor, place.group]);
  assert.equal((await answer(second, connection)).status, 200);
  assert.equal(await statusOf(connection), 'Approved');
  assert.deepEqual(await trail(connection), [
    ['Approve', 'second', 'two'],
    ['Consent', 'owner', 'two'],
    ['Consent', 'owner', 'two'],
    ['Request', 'both', null],
  ]);
  // A rejection takes what was given with it, and takes one person only.
  assert.equal((await answer(owner, connection, 'Rejected')).status, 200);
  assert.equal(await statusOf(connection), 'Rejected');
  await answer(owner, connection);
  assert.equal(await statusOf(connection), 'Rejected');
  // The approval of somebody who may no longer give it does not count.
  await answer(brief, connection, 'Rejected');
  const removed = await estate.database
    .deleteFrom('role_assignment')
    .where('principal_id', '=', await objectIdOf('owner'))
    .executeTakeFirst();
  assert.equal(removed.numDeletedRows, 1n);
  await answer(second, connection);
  assert.equal(await statusOf(connection), 'Rejected');
  await answer(brief, connection);
  assert.equal(await statusOf(connection), 'Approved');
  await both.call('DELETE', endpoint('pair'));
  owner = await estate.principal('owner-again', [roles.storageAccountContributor, place.group]);
});

test("an owner's own endpoint, approved by right otherwise, waits for the people that a policy wants", async () => {
  const own = `${place.group}/providers/Microsoft.Network/privateEndpoints/own?${networkVersion}`;
  const state = async () => {
    const { properties } = await estate.admin.call('GET', own);
    const [link] = (properties as { privateLinkServiceConnections: { properties: JsonObject }[] })
      .privateLinkServiceConnections;
    return (link!.properties.privateLinkServiceConnectionState as JsonObject).status;
  };
  await estate.admin.call('PUT', own, privateEndpoint(subnet, target()));
  assert.equal(await state(), 'Pending');
  await estate.admin.call('DELETE', own);
  await owner.call('DELETE', policy('two'));
  await estate.admin.call('PUT', own, privateEndpoint(subnet, target()));
  assert.equal(await state(), 'Approved', 'the twin: without the policy');
  await estate.admin.call('DELETE', own);
});

const host = 'acmetime.blob.core.windows.net';
const codeOf = (asked = estate) => asked.verdict({ network: place.network.toLowerCase(), host }).code;

test('an approval under a policy runs out by the clock: both sides read it, the gateways are told, and it is given anew', async () => {
  const time = place.account('acmetime');
  await owner.call('PUT', policy('second', time), { properties: { expiresAfter: 'PT2S' } });
  const connection = await request('brief', 'blob', time);
  await answer(owner, connection);
  await estate.snapshot(() => codeOf() === 'EndpointExpired');
  const states = estate.snapshots.map(({ networks }) =>
    networks.flatMap(({ endpoints }) => endpoints.filter(({ name }) => name === 'brief').map(({ state }) => state)),
  );
  assert.deepEqual([...new Set(states.flat())], ['Pending', 'Approved', 'Expired']);
  assert.equal(await statusOf(connection), 'Expired');
  const seen = await engineer.call('GET', endpoint('brief'));
  assert.equal(((seen.properties as JsonObject).connectionState as JsonObject).status, 'Expired');
  const { approval } = (await see(connection)).properties;
  assert.equal(approval?.isExpired, true);
  const verdict = estate.verdict({ network: place.network.toLowerCase(), host });
  assert.ok(!verdict.allow && verdict.message.includes(String(approval?.expiresAt)) && verdict.remedy.includes('PUT '));
  const stored = await estate.database
    .selectFrom('connection')
    .select('state')
    .where('expires_at', 'is not', null)
    .executeTakeFirst();
  assert.equal(stored?.state, 'Approved', 'a legal state of the machine');
  assert.equal(
    estate.snapshots.at(-1)!.stores.find((store) => store.host === host)!.hasPrivateEndpoint,
    true,
    'that time passes opens no public path',
  );
  // Given anew, and by other rules if they changed.
  await owner.call('PUT', policy('second', time), { properties: { expiresAfter: 'P1D', minimumApprovers: 2 } });
  await answer(owner, connection);
  assert.equal(codeOf(), 'EndpointExpired');
  await answer(second, connection);
  assert.equal(codeOf(), 'Allowed.PrivateEndpoint');
  assert.equal(await statusOf(connection), 'Approved');
});

test('it runs out while nobody serves, too', async () => {
  const time = place.account('acmetime');
  await owner.call('PUT', policy('second', time), { properties: { expiresAfter: 'PT1S' } });
  await engineer.call('DELETE', endpoint('brief'));
  const connection = await request('restart', 'blob', time);
  await answer(owner, connection);
  const { expires_at } = await estate.database
    .selectFrom('connection')
    .select('expires_at')
    .where('expires_at', 'is not', null)
    .executeTakeFirstOrThrow();
  await estate.shut();
  while (new Date().toISOString() <= expires_at!) await new Promise(setImmediate);
  estate = await openEstate({ dataDir: estate.dataDir });
  assert.equal(estate.snapshots.length, 1);
  assert.equal(codeOf(), 'EndpointExpired');
  const [noted] = await estate.database.selectFrom('event').selectAll().orderBy('sequence', 'desc').limit(1).execute();
  assert.deepEqual([noted?.event, noted?.by_name], ['Expire', 'Postern']);
});
