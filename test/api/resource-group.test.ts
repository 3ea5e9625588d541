import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { ResourceManagementClient } from '@azure/arm-resources';
import { ClientSecretCredential } from '@azure/identity';
import type { ResourceType } from '../../src/arm/resource-type.ts';
import { type OpenDoor, openDoor } from './front-door.ts';
import { type WidgetLog, widgetTypes } from './widget.ts';

const version = 'api-version=2020-01-01';
const groups = 'api-version=2021-04-01';
const log: WidgetLog = [];
let door: OpenDoor;
let base = '';

/** Widgets whose removal waits at a gate, which the test opens. */
let gate: Promise<void> = Promise.resolve();
let atGate = () => {};
const gated = (): ResourceType[] =>
  widgetTypes(log).map((type) =>
    type.type === 'Test.Widget/widgets/parts'
      ? {
          ...type,
          remove: async (operation, existing, isAsked) => {
            await type.remove!(operation, existing, isAsked);
            operation.afterCommit(async () => {
              atGate();
              await gate;
            });
          },
        }
      : type,
  );

const fill = async (group: string) => {
  await door.admin.call('PUT', `${group}?${groups}`, { location: 'westeurope' });
  for (const name of ['Aa', 'Bb']) {
    const widget = `${group}/providers/Test.Widget/widgets/${name}`;
    await door.admin.call('PUT', `${widget}?${version}`, { location: 'westeurope', properties: {} });
    await door.admin.call('PUT', `${widget}/parts/Part?${version}`, {});
  }
};
const finished = async (location: string) => {
  for (;;) {
    const answer = await door.send('GET', location);
    if (answer.status !== 202) return answer;
  }
};
const closeGate = () => {
  let open = () => {};
  gate = new Promise((resolve) => {
    open = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    atGate = resolve;
  });
  return { open, reached };
};

before(async () => {
  door = await openDoor({ types: gated });
  base = `/subscriptions/${door.subscriptionId}/resourceGroups`;
});
after(() => door.discard());

test('a group is created, updated, seen and found missing', async () => {
  const place = `${base}/First?${groups}`;
  const created = await door.send('PUT', place, { location: 'West Europe', tags: { a: 'b' } });
  assert.deepEqual(
    [created.status, created.body],
    [
      201,
      {
        id: `${base}/First`,
        name: 'First',
        type: 'Microsoft.Resources/resourceGroups',
        location: 'westeurope',
        tags: { a: 'b' },
        properties: { provisioningState: 'Succeeded' },
      },
    ],
  );
  assert.equal((await door.send('PUT', place, { location: 'westeurope' })).status, 200);
  assert.equal((await door.send('HEAD', place)).status, 204);
  assert.equal((await door.send('HEAD', `${base}/Missing?${groups}`)).status, 404);
  const missing = await door.send('GET', `${base}/Missing?${groups}`);
  assert.deepEqual([missing.status, missing.body.error.code], [404, 'ResourceGroupNotFound']);
  const moved = await door.send('PUT', place, { location: 'eastus' });
  assert.deepEqual([moved.status, moved.body.error.code], [409, 'InvalidResourceLocation']);
  const patched = await door.send('PATCH', place, { tags: { c: 'd' } });
  assert.deepEqual([patched.status, patched.body.tags], [200, { c: 'd' }]);
});

test('deleting a group takes all that is inside, meanwhile takes nothing new, and then is gone', async () => {
  const group = `${base}/Second`;
  await fill(group);
  const { open, reached } = closeGate();
  log.length = 0;
  const deleted = await door.send('DELETE', `${group}?${groups}`);
  assert.equal(deleted.status, 202);
  assert.equal(deleted.headers['retry-after'], '1');
  const location = String(deleted.headers.location);
  await reached;

  assert.equal((await door.send('GET', location)).status, 202);
  const shown = await door.send('GET', `${group}?${groups}`);
  assert.deepEqual(shown.body.properties, { provisioningState: 'Deleting' });
  const place = `${group}/providers/Test.Widget/widgets/Late`;
  for (const [method, path, body] of [
    ['PUT', `${place}?${version}`, { location: 'westeurope', properties: {} }],
    ['PATCH', `${place.replace('Late', 'Aa')}?${version}`, {}],
    ['POST', `${place.replace('Late', 'Aa')}/spin/1?${version}`],
    ['PUT', `${group}?${groups}`, { location: 'westeurope' }],
    ['PATCH', `${group}?${groups}`, {}],
  ] as const) {
    const refused = await door.send(method, path, body);
    assert.deepEqual(
      [refused.status, refused.body.error?.code],
      [409, 'ResourceGroupBeingDeleted'],
      `${method} ${path}`,
    );
  }
  const again = await door.send('DELETE', `${group}?${groups}`);
  assert.deepEqual([again.status, again.headers.location], [202, location]);

  open();
  const ended = await finished(location);
  assert.deepEqual([ended.status, ended.headers['content-length']], [200, '0']);
  assert.equal((await door.send('HEAD', `${group}?${groups}`)).status, 404);
  assert.deepEqual(log.filter((line) => line.startsWith('remove ')).sort(), [
    'remove Aa with its ancestor',
    'remove Bb with its ancestor',
    'remove Part with its ancestor',
    'remove Part with its ancestor',
  ]);
  const left = await door.database.selectFrom('resource').select('key').where('key', 'like', '%second%').execute();
  assert.deepEqual(left, []);
  const stranger = await door.principal('stranger');
  const theirs = await stranger.send('GET', location);
  assert.equal(theirs.status, 404, 'an operation is shown to who started it');
  stranger.close();
  const missing = await door.send('DELETE', `${group}?${groups}`);
  assert.deepEqual([missing.status, missing.body.error.code], [404, 'ResourceGroupNotFound']);
});

test('a removal that was under way when the process ended is done at the next start', async () => {
  const group = `${base}/Third`;
  await fill(group);
  const { open, reached } = closeGate();
  const deleted = await door.send('DELETE', `${group}?${groups}`);
  await reached;
  const shut = door.shut();
  open();
  await shut;
  door = await openDoor({ types: gated, dataDir: door.dataDir });
  const location = String(deleted.headers.location).replace(/^https:\/\/[^/]+/, door.origin);
  assert.equal((await finished(location)).status, 200);
  assert.equal((await door.send('HEAD', `${group}?${groups}`)).status, 404);
});

test('the status of an operation follows it, and a failure says why and gives the group back', async () => {
  const { ServiceError } = await import('../../src/base/error.ts');
  const refusing = await openDoor({
    types: () =>
      widgetTypes().map((type) => ({
        ...type,
        remove: async () => {
          throw new ServiceError(409, 'WidgetIsLoved', 'This widget is loved. Ask its owner.');
        },
      })),
  });
  try {
    const group = `${base}/Fourth`;
    await refusing.admin.call('PUT', `${group}?${groups}`, { location: 'westeurope' });
    const widget = `${group}/providers/Test.Widget/widgets/Aa?${version}`;
    await refusing.admin.call('PUT', widget, { location: 'westeurope', properties: {} });
    const { headers } = await refusing.send('DELETE', `${group}?${groups}`);
    let result = await refusing.send('GET', String(headers.location));
    while (result.status === 202) result = await refusing.send('GET', String(headers.location));
    assert.deepEqual([result.status, result.body.error.code], [409, 'WidgetIsLoved']);
    const id = String(headers.location).split('/').at(-1)!.split('?')[0];
    const status = await refusing.send(
      'GET',
      `/subscriptions/${refusing.subscriptionId}/providers/Microsoft.Resources/locations/westeurope/operationStatuses/${id}?${groups}`,
    );
    assert.deepEqual([status.body.status, status.body.error.code], ['Failed', 'WidgetIsLoved']);
    const shown = await refusing.send('GET', `${group}?${groups}`);
    assert.deepEqual(shown.body.properties, { provisioningState: 'Succeeded' });
  } finally {
    await refusing.discard();
  }
});

test('the official resources client does it all', async () => {
  const { clientId, clientSecret } = door.administrator;
  const tlsOptions = { ca: readFileSync(door.caFile, 'utf8') };
  const credential = new ClientSecretCredential(door.tenantId, clientId, clientSecret, {
    authorityHost: door.origin,
    disableInstanceDiscovery: true,
    tlsOptions,
  });
  const client = new ResourceManagementClient(credential, door.subscriptionId, { endpoint: door.origin, tlsOptions });
  const made = await client.resourceGroups.createOrUpdate('Official', { location: 'westeurope', tags: { a: 'b' } });
  assert.equal(made.properties?.provisioningState, 'Succeeded');
  assert.equal((await client.resourceGroups.checkExistence('official')).body, true);
  assert.equal((await client.resourceGroups.checkExistence('nothing')).body, false);
  await client.resourceGroups.update('Official', { tags: { c: 'd' } });
  assert.deepEqual((await client.resourceGroups.get('Official')).tags, { c: 'd' });
  const names: (string | undefined)[] = [];
  for await (const group of client.resourceGroups.list({ top: 1 })) names.push(group.name);
  assert.equal(names.includes('Official') && names.includes('First'), true);
  const id = `${base}/Official/providers/Test.Widget/widgets/ById`;
  await client.resources.beginCreateOrUpdateByIdAndWait(id, '2020-01-01', { location: 'westeurope', properties: {} });
  const listed: (string | undefined)[] = [];
  for await (const resource of client.resources.listByResourceGroup('Official')) listed.push(resource.name);
  assert.deepEqual(listed, ['ById']);
  assert.equal((await client.providers.get('test.widget')).registrationState, 'Registered');
  assert.equal((await client.providers.register('Test.Widget')).registrationState, 'Registered');
  await assert.rejects(client.resourceGroups.get('nothing'), { statusCode: 404, code: 'ResourceGroupNotFound' });
  await client.resourceGroups.beginDeleteAndWait('Official', { updateIntervalInMs: 5 });
  assert.equal((await client.resourceGroups.checkExistence('Official')).body, false);
});
