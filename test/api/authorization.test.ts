import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Client } from '../../src/cli/client.ts';
import { type OpenDoor, openDoor } from './front-door.ts';
import { widgetTypes } from './widget.ts';

const roles = {
  owner: '8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
  contributor: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
  reader: 'acdd72a7-3385-48ef-bd42-f606fba81ae7',
  accessAdministrator: '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9',
};
const version = 'api-version=2020-01-01';
const groups = 'api-version=2021-04-01';
const assignments = 'api-version=2022-04-01';
const identity = 'api-version=2026-11-01';
const widget = { location: 'westeurope', properties: {} };
let door: OpenDoor;
let group = '';
let other = '';
const clients: Client[] = [];
const principal = async (name: string, ...given: (readonly [string, string])[]) => {
  const client = await door.principal(name, ...given);
  clients.push(client);
  return client;
};
const outcome = async (client: Client, method: string, path: string, body?: object) => {
  const answer = await client.send(method, path, body as never);
  const error = answer.body.error as { code?: string } | undefined;
  return [answer.status, error?.code];
};
const names = async (client: Client, path: string) => {
  const { body } = await client.send('GET', path);
  return (body.value as { name: string }[] | undefined)?.map(({ name }) => name);
};
const assignment = (scope: string, name: string = crypto.randomUUID()) =>
  `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}?${assignments}`;
const giving = (roleId: string, principalId: string) => ({
  properties: {
    roleDefinitionId: `/subscriptions/${door.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`,
    principalId,
  },
});
const objectIdOf = async (name: string) => {
  const { properties } = await door.admin.call('GET', `/providers/Postern.Identity/principals/${name}?${identity}`);
  return (properties as Record<string, string>).objectId!;
};
const forbidden = [403, 'AuthorizationFailed'];

before(async () => {
  door = await openDoor({ types: () => widgetTypes() });
  group = `/subscriptions/${door.subscriptionId}/resourceGroups/mine`;
  other = `/subscriptions/${door.subscriptionId}/resourceGroups/other`;
  for (const one of [group, other]) {
    await door.admin.call('PUT', `${one}?${groups}`, { location: 'westeurope' });
    for (const name of ['First', 'Second'])
      await door.admin.call('PUT', `${one}/providers/Test.Widget/widgets/${name}?${version}`, widget);
  }
});
after(async () => {
  for (const client of clients) client.close();
  await door.discard();
});

test('without a role nothing may be done, and every verb has its own permission', async () => {
  const nobody = await principal('nobody');
  const place = `${group}/providers/Test.Widget/widgets/First`;
  for (const [method, path, body] of [
    ['GET', `${place}?${version}`],
    ['HEAD', `${place}?${version}`],
    ['PUT', `${place}?${version}`, widget],
    ['PATCH', `${place}?${version}`, {}],
    ['DELETE', `${place}?${version}`],
    ['POST', `${place}/spin/1?${version}`],
    ['POST', `${place}/providers/Postern.Test/look?${identity}`],
    ['GET', `${place}/parts?${version}`],
    ['GET', `${group}/providers/Test.Widget/widgets?${version}`],
    ['GET', `${group}?${groups}`],
    ['DELETE', `${group}?${groups}`],
    ['PUT', assignment(group), giving(roles.owner, await objectIdOf('nobody'))],
    ['GET', `/providers/Postern.Identity/principals?${identity}`],
    ['PUT', `/providers/Postern.Identity/principals/evil?${identity}`, {}],
    ['DELETE', `/providers/Postern.Identity/principals/administrator?${identity}`],
  ] as const) {
    const [status, code] = await outcome(nobody, method, path, body);
    assert.deepEqual([status, code], method === 'HEAD' ? [403, undefined] : forbidden, `${method} ${path}`);
  }
});

test('the refusal names the client, the action and the scope', async () => {
  const reader = await principal('reader-named', [roles.reader, group]);
  const place = `${group}/providers/Test.Widget/widgets/First`;
  const { body } = await reader.send('DELETE', `${place}?${version}`);
  const { message } = body.error as { message: string };
  assert.match(message, /'Test.Widget\/widgets\/delete'/);
  assert.ok(message.includes(`'${place}'`) && message.includes(await objectIdOf('reader-named')));
});

test('a role holds at its scope and below, and nowhere else', async () => {
  const reader = await principal('reader', [roles.reader, group]);
  const first = `${group}/providers/Test.Widget/widgets/First?${version}`;
  assert.equal((await reader.send('GET', first)).status, 200);
  assert.deepEqual(await outcome(reader, 'PUT', first, widget), forbidden);
  assert.deepEqual(await outcome(reader, 'GET', first.replace('mine', 'other')), forbidden);
  const owner = await principal('widget-owner', [roles.owner, `${group}/providers/Test.Widget/widgets/First`]);
  assert.equal((await owner.send('PUT', first, widget)).status, 200);
  assert.deepEqual(await outcome(owner, 'PUT', first.replace('First', 'First2'), widget), forbidden);
  assert.deepEqual(await outcome(owner, 'DELETE', `${group}?${groups}`), forbidden);
});

test('lists show only what the caller may read', async () => {
  const reader = await principal('list-reader', [roles.reader, `${group}/providers/Test.Widget/widgets/Second`]);
  const all = `/subscriptions/${door.subscriptionId}`;
  assert.deepEqual(await names(reader, `${all}/providers/Test.Widget/widgets?${version}`), ['Second']);
  assert.deepEqual(await names(reader, `${group}/providers/Test.Widget/widgets?${version}&$top=1`), ['Second']);
  assert.deepEqual(await names(reader, `${all}/resources?${groups}`), ['Second']);
  assert.deepEqual(await names(reader, `${all}/resourceGroups?${groups}`), []);
  assert.deepEqual(await outcome(reader, 'GET', `${other}/providers/Test.Widget/widgets?${version}`), forbidden);
  const groupReader = await principal('group-reader', [roles.reader, other]);
  assert.deepEqual(await names(groupReader, `${all}/resourceGroups?${groups}`), ['other']);
});

test('who may not look does not learn what is there', async () => {
  const nobody = await principal('blind');
  for (const name of ['mine', 'missing'])
    for (const path of [
      `?${groups}`,
      `/resources?${groups}`,
      `/providers/Test.Widget/widgets?${version}`,
      `/providers/Test.Widget/widgets/First?${version}`,
      `/providers/Test.Widget/widgets/First/parts?${version}`,
      `/providers/Microsoft.Authorization/roleAssignments?${assignments}`,
    ]) {
      const place = `/subscriptions/${door.subscriptionId}/resourceGroups/${name}${path}`;
      assert.deepEqual(await outcome(nobody, 'GET', place), forbidden, place);
    }
});

test('only who may write role assignments at a scope gives roles there', async () => {
  const contributor = await principal('contributor', [roles.contributor, group]);
  const friend = await objectIdOf('nobody');
  assert.equal(
    (await contributor.send('PUT', `${group}/providers/Test.Widget/widgets/Mine?${version}`, widget)).status,
    201,
  );
  assert.deepEqual(await outcome(contributor, 'PUT', assignment(group), giving(roles.reader, friend)), forbidden);
  const administrator = await principal('access', [roles.accessAdministrator, group]);
  assert.deepEqual(await outcome(administrator, 'PUT', assignment(other), giving(roles.reader, friend)), forbidden);
  assert.deepEqual(await outcome(administrator, 'PUT', assignment(''), giving(roles.owner, friend)), forbidden);
  const name = crypto.randomUUID();
  assert.deepEqual(await outcome(administrator, 'PUT', assignment(group, name), giving(roles.reader, friend)), [
    201,
    undefined,
  ]);
  assert.deepEqual(await outcome(administrator, 'PUT', assignment(group, name), giving(roles.reader, friend)), [
    200,
    undefined,
  ]);
  assert.deepEqual(await outcome(administrator, 'PUT', assignment(group, name), giving(roles.owner, friend)), [
    409,
    'RoleAssignmentUpdateNotPermitted',
  ]);
  assert.deepEqual(await outcome(administrator, 'PUT', assignment(group), giving(roles.reader, friend)), [
    409,
    'RoleAssignmentExists',
  ]);
  assert.deepEqual(await outcome(contributor, 'DELETE', assignment(group, name)), forbidden);
  assert.deepEqual(await outcome(administrator, 'DELETE', assignment(group, name)), [200, undefined]);
  assert.deepEqual(await outcome(administrator, 'DELETE', assignment(group, name)), [204, undefined]);
});

test('a contributor of everything can make no principal', async () => {
  const contributor = await principal('root-contributor', [roles.contributor, '/']);
  const place = `/providers/Postern.Identity/principals/other?${identity}`;
  assert.deepEqual(await outcome(contributor, 'PUT', place, {}), forbidden);
  assert.deepEqual(await outcome(contributor, 'DELETE', place.replace('other', 'administrator')), forbidden);
  const group_owner = await principal('subscription-owner', [roles.owner, `/subscriptions/${door.subscriptionId}`]);
  assert.deepEqual(await outcome(group_owner, 'PUT', place, {}), forbidden);
});

test('what a role assignment may say is checked', async () => {
  const friend = await objectIdOf('nobody');
  const cases = [
    [giving('00000000-0000-0000-0000-000000000000', friend), 404, 'RoleDefinitionDoesNotExist'],
    [giving(roles.reader, crypto.randomUUID()), 400, 'PrincipalNotFound'],
    [
      { properties: { ...giving(roles.reader, friend).properties, condition: 'true' } },
      400,
      'RoleAssignmentConditionNotSupported',
    ],
    [{}, 400, 'InvalidRequestContent'],
  ] as const;
  for (const [body, status, code] of cases)
    assert.deepEqual(await outcome(door.admin, 'PUT', assignment(group), body), [status, code]);
  assert.deepEqual(await outcome(door.admin, 'PUT', assignment(group, 'no-guid'), giving(roles.reader, friend)), [
    400,
    'InvalidResourceName',
  ]);
  assert.deepEqual(await outcome(door.admin, 'PUT', assignment(`${group}x`), giving(roles.reader, friend)), [
    404,
    'ResourceGroupNotFound',
  ]);
});

test('role assignments are listed at, above and below a scope, and filtered', async () => {
  await principal('listed', [roles.reader, `${group}/providers/Test.Widget/widgets/First`], [roles.reader, other]);
  const id = await objectIdOf('listed');
  const list = async (scope: string, filter: string) => {
    const path = `${scope}/providers/Microsoft.Authorization/roleAssignments?${assignments}&$filter=${encodeURIComponent(filter)}`;
    const { body } = await door.admin.send('GET', path);
    return (body.value as { properties: { scope: string; principalId: string } }[])
      .filter(({ properties }) => properties.principalId === id)
      .map(({ properties }) => properties.scope);
  };
  const first = `${group}/providers/Test.Widget/widgets/First`;
  assert.deepEqual(await list(group, ''), [first]);
  assert.deepEqual(await list(group, 'atScope()'), []);
  assert.deepEqual(await list(other, `atScope() and assignedTo('${id}')`), [other]);
  assert.deepEqual((await list('', `principalId eq '${id}'`)).sort(), [first, other].sort());
  const bad = `${group}/providers/Microsoft.Authorization/roleAssignments?${assignments}&$filter=x`;
  assert.deepEqual(await outcome(door.admin, 'GET', bad), [400, 'BadRequestFilter']);
});

test('a resource that is made again does not inherit the roles of the first', async () => {
  const place = `${group}/providers/Test.Widget/widgets/Again`;
  await door.admin.call('PUT', `${place}?${version}`, widget);
  const owner = await principal('again-owner', [roles.owner, place]);
  assert.equal((await owner.send('GET', `${place}?${version}`)).status, 200);
  await door.admin.call('DELETE', `${place}?${version}`);
  await door.admin.call('PUT', `${place}?${version}`, widget);
  assert.deepEqual(await outcome(owner, 'GET', `${place}?${version}`), forbidden);
});

test('a deleted principal is refused at once, and its roles are gone', async () => {
  const gone = await principal('gone', [roles.owner, '/']);
  assert.equal((await gone.send('GET', `${group}?${groups}`)).status, 200);
  const objectId = await objectIdOf('gone');
  assert.equal(
    (await door.admin.send('DELETE', `/providers/Postern.Identity/principals/GONE?${identity}`)).status,
    200,
  );
  assert.deepEqual(await outcome(gone, 'GET', `${group}?${groups}`), [401, 'InvalidAuthenticationToken']);
  const left = await door.database
    .selectFrom('role_assignment')
    .select('key')
    .where('principal_id', '=', objectId)
    .execute();
  assert.deepEqual(left, []);
});

test('a secret is shown once and kept as a hash; a name is taken once, whatever its case', async () => {
  const place = `/providers/Postern.Identity/principals/Shown?${identity}`;
  const made = await door.admin.send('PUT', place, {});
  assert.equal(made.status, 201);
  const { clientSecret } = made.body.properties as { clientSecret: string };
  assert.equal(clientSecret.length >= 40, true);
  const read = await door.admin.send('GET', place);
  assert.equal(JSON.stringify(read.body).includes('clientSecret'), false);
  const rows = await door.database.selectFrom('principal').select('secret_hash').execute();
  assert.equal(
    rows.some(({ secret_hash }) => secret_hash.includes(clientSecret)),
    false,
  );
  assert.deepEqual(await outcome(door.admin, 'PUT', place.replace('Shown', 'sHOWN'), {}), [409, 'PrincipalExists']);
  assert.deepEqual(
    await outcome(door.admin, 'DELETE', `/providers/Postern.Identity/principals/administrator?${identity}`),
    [409, 'PrincipalInUse'],
  );
});

test('a caller sees its own permissions', async () => {
  const reader = await principal('permissions', [roles.reader, group]);
  const { body } = await reader.send('GET', `${group}/providers/Microsoft.Authorization/permissions?${assignments}`);
  assert.deepEqual(body.value, [{ actions: ['*/read'], notActions: [], dataActions: [], notDataActions: [] }]);
});
