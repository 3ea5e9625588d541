// Types of resources that a store keeps, at the front door: the store is asked after the commit, and only for who may ask.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Type } from 'typebox';
import type { ResourceType } from '../../src/arm/resource-type.ts';
import { ServiceError } from '../../src/base/error.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { type OpenDoor, openDoor } from './front-door.ts';
import { widgetTypes } from './widget.ts';

const version = 'api-version=2020-01-01';
const slips = new Map<string, JsonObject>();
const asked: string[] = [];
/** Resolves with what lets the store go on. */
let slow = Promise.withResolvers<() => void>();

/** `Test.Widget/widgets/boxes/slips`: boxes are always there, slips are in the map above. */
const slipType: ResourceType = {
  type: 'Test.Widget/widgets/boxes/slips',
  scope: 'resourceGroup',
  apiVersions: ['2020-01-01'],
  name: { pattern: /^[a-z]+$/, min: 1, max: 9, says: 'lower-case letters' },
  tracked: false,
  schema: Type.Object({ properties: Type.Optional(Type.Object({ text: Type.Optional(Type.String()) })) }),
  etag: 'none',
  conditionalGet: false,
  status: { created: 201, updated: 200, deleted: 204 },
  kept: {
    within: 'Test.Widget/widgets',
    methods: ['PUT', 'DELETE'],
    missing: { code: 'SlipNotFound', message: 'The specified slip does not exist.' },
    open: async ({ body }, widget) => {
      asked.push(widget.name);
      return {
        list: async ({ limit, after: last }) => {
          const names = [...slips.keys()].sort().filter((name) => name > last);
          return {
            value: names.slice(0, limit).map((name) => slips.get(name)!),
            next: names.length > limit ? names[limit - 1] : undefined,
          };
        },
        get: async (name) => {
          if (name === 'slow') await new Promise<void>((goOn) => slow.resolve(goOn));
          if (name === 'stuck') throw new ServiceError(409, 'StoreUnavailable', 'The store does not answer.');
          return slips.get(name) ?? null;
        },
        put: async (name) => {
          const slip = { name, etag: '"1"', ...body };
          slips.set(name, slip);
          return slip;
        },
        delete: async (name) => void slips.delete(name),
      };
    },
  },
};

/** What stands between: known, and always there. */
const boxType: ResourceType = { ...slipType, type: 'Test.Widget/widgets/boxes' };

let door: OpenDoor;
let widget: string;
const at = (name: string) => `${widget}/boxes/any/slips/${name}?${version}`;
const outcome = ({ status, body }: { status: number; body: JsonObject & { error?: { code?: string } } }) => [
  status,
  body.error?.code,
];

before(async () => {
  door = await openDoor({ types: () => [...widgetTypes(), boxType, slipType] });
  const group = `/subscriptions/${door.subscriptionId}/resourceGroups/g`;
  widget = `${group}/providers/Test.Widget/widgets/One`;
  await door.admin.call('PUT', `${group}?api-version=2021-04-01`, { location: 'westeurope' });
  await door.admin.call('PUT', `${widget}?${version}`, { location: 'westeurope', properties: {} });
});
after(() => door.discard());

test('a store that takes its time holds up nobody', async () => {
  slow = Promise.withResolvers();
  const waiting = door.send('GET', at('slow'));
  const goOn = await slow.promise;
  // Every request begins with a transaction of the one connection.
  assert.equal((await door.send('PUT', at('quick'), { properties: { text: 'x' } })).status, 201);
  goOn();
  assert.deepEqual(outcome(await waiting), [404, 'SlipNotFound']);
});

test('statuses, etags and errors are those of every type', async () => {
  const made = await door.send('PUT', at('a'), { properties: { text: 'x' } });
  assert.deepEqual([made.status, made.headers.etag, made.body.properties], [201, '"1"', { text: 'x' }]);
  assert.equal((await door.send('PUT', at('a'), {}, { 'if-match': '"1"' })).status, 200);
  assert.deepEqual(outcome(await door.send('PUT', at('a'), {}, { 'if-match': '"2"' })), [412, 'PreconditionFailed']);
  assert.deepEqual(outcome(await door.send('DELETE', at('a'), undefined, { 'if-match': '"2"' })), [
    412,
    'PreconditionFailed',
  ]);
  assert.deepEqual(outcome(await door.send('PATCH', at('a'), {})), [405, 'MethodNotAllowed']);
  assert.deepEqual(outcome(await door.send('GET', at('stuck'))), [409, 'StoreUnavailable']);
  assert.equal((await door.send('HEAD', at('a'))).status, 204);
  assert.equal((await door.send('HEAD', at('none'))).status, 404);
  assert.equal((await door.send('DELETE', at('a'))).status, 204);
  assert.equal(slips.has('a'), false);
});

test('lists go on where they ended', async () => {
  slips.clear();
  for (const name of ['a', 'b', 'c']) slips.set(name, { name });
  const first = await door.send('GET', `${widget}/boxes/any/slips?${version}&$maxpagesize=2`);
  const second = await door.send('GET', String(first.body.nextLink));
  assert.deepEqual([first.body.value, second.body], [[{ name: 'a' }, { name: 'b' }], { value: [{ name: 'c' }] }]);
});

test('nothing is asked of a store for who may not, of what is not, or with what is wrong', async () => {
  asked.length = 0;
  const nobody = await door.principal('nobody');
  for (const [method, path] of [
    ['GET', at('a')],
    ['PUT', at('a')],
    ['DELETE', at('a')],
    ['GET', `${widget}/boxes/any/slips?${version}`],
  ] as const)
    assert.equal((await nobody.send(method, path, method === 'PUT' ? {} : undefined)).status, 403);
  nobody.close();
  assert.deepEqual(outcome(await door.send('PUT', at('A'), {})), [400, 'InvalidResourceName']);
  assert.deepEqual(outcome(await door.send('PUT', at('a'), { properties: 'x' })), [400, 'InvalidRequestContent']);
  assert.deepEqual(outcome(await door.send('PUT', at('a'), { properties: { text: 1 } })), [
    400,
    'InvalidRequestContent',
  ]);
  for (const method of ['GET', 'DELETE'])
    assert.deepEqual(outcome(await door.send(method, at('a').replace('/One/', '/None/'))), [
      404,
      'ParentResourceNotFound',
    ]);
  assert.deepEqual(outcome(await door.send('GET', `${widget}/boxes/any/slips?${version}&$maxpagesize=x`)), [
    400,
    'InvalidParameter',
  ]);
  assert.deepEqual(asked, []);
});
