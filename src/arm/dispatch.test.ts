import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { createDispatch } from './dispatch.ts';
import type { ResourceType } from './resource-type.ts';

const define = (type: string, more: Partial<ResourceType> = {}): ResourceType => ({
  type,
  scope: 'resourceGroup',
  apiVersions: ['2020-01-01'],
  name: { pattern: /./, min: 1, max: 9, says: 'anything' },
  tracked: false,
  schema: Type.Object({}),
  etag: 'none',
  conditionalGet: false,
  status: { created: 201, updated: 200 },
  ...more,
});

const action = (path: string, method: 'GET' | 'POST') => ({ path, method, permission: 'p', run: async () => ({}) });

const types = [
  define('Microsoft.Resources/resourceGroups', { scope: 'subscription', tracked: true }),
  define('A.B/things', {
    tracked: true,
    actions: [action('start', 'POST'), action('runs/{runId}/cancel', 'POST'), action('runs/{runId}', 'GET')],
  }),
  define('A.B/things/parts', { writable: false, actions: [action('providers/Postern.X/explain', 'POST')] }),
  define('C.D/notes', { scope: 'extension' }),
];
const dispatch = createDispatch({
  types,
  routes: [
    {
      method: 'GET',
      path: '/subscriptions/{subscriptionId}/locations',
      apiVersions: [],
      permission: null,
      run: async () => ({}),
    },
  ],
});
const at = (method: string, path: string) => {
  const to = dispatch(method, path.split('/').slice(1));
  const type = to.kind === 'route' ? to.route.path : to.type.type;
  const about = 'id' in to ? to.id.path : to.scope.path;
  return { kind: to.kind, type, about, ...('parameters' in to && { parameters: { ...to.parameters } }) };
};
const G = '/subscriptions/S/resourceGroups/G';

test('paths lead to resources, collections, actions, extensions and routes, whatever their case', () => {
  assert.deepEqual(at('GET', '/subscriptions/S/LOCATIONS'), {
    kind: 'route',
    type: '/subscriptions/{subscriptionId}/locations',
    about: '/subscriptions/S',
    parameters: { subscriptionId: 'S' },
  });
  const group = 'Microsoft.Resources/resourceGroups';
  assert.deepEqual(at('PUT', G.toLowerCase()), { kind: 'resource', type: group, about: G.toLowerCase() });
  assert.deepEqual(at('GET', '/subscriptions/S/resourcegroups'), {
    kind: 'collection',
    type: group,
    about: '/subscriptions/S',
  });
  const thing = `${G}/PROVIDERS/a.b/THINGS/T`;
  assert.deepEqual(at('PUT', thing), { kind: 'resource', type: 'A.B/things', about: thing });
  assert.deepEqual(at('GET', `${G}/providers/A.B/things`), { kind: 'collection', type: 'A.B/things', about: G });
  assert.deepEqual(at('GET', '/subscriptions/S/providers/A.B/things'), {
    kind: 'collection',
    type: 'A.B/things',
    about: '/subscriptions/S',
  });
  assert.deepEqual(at('GET', `${thing}/parts`), { kind: 'collection', type: 'A.B/things/parts', about: thing });
  assert.deepEqual(at('POST', `${thing}/START`), { kind: 'action', type: 'A.B/things', about: thing, parameters: {} });
  assert.deepEqual(at('POST', `${thing}/runs/Run1/cancel`), {
    kind: 'action',
    type: 'A.B/things',
    about: thing,
    parameters: { runId: 'Run1' },
  });
  assert.deepEqual(at('POST', `${thing}/parts/P/providers/postern.x/explain`), {
    kind: 'action',
    type: 'A.B/things/parts',
    about: `${thing}/parts/P`,
    parameters: {},
  });
  for (const scope of ['', '/subscriptions/S', G, thing]) {
    const note = `${scope}/providers/C.D/notes/N`;
    assert.deepEqual(at('PUT', note), { kind: 'resource', type: 'C.D/notes', about: note });
    const list = { kind: 'collection', type: 'C.D/notes', about: scope || '/' };
    assert.deepEqual(at('GET', `${scope}/providers/C.D/notes`), list);
  }
});

for (const [method, path, status, code] of [
  ['GET', `${G}/providers/X.Y/things/T`, 404, 'InvalidResourceNamespace'],
  ['GET', `${G}/providers/A.B/nothing/T`, 404, 'InvalidResourceType'],
  ['GET', `${G}/providers/A.B`, 404, 'InvalidResourceType'],
  ['GET', `${G}/providers/A.B/things/T/nothing`, 404, 'InvalidResourceType'],
  ['GET', `${G}/providers/A.B/things/T/parts/P/nothing`, 404, 'InvalidResourceType'],
  ['PUT', '/subscriptions/S/providers/A.B/things/T', 404, 'InvalidResourceType'],
  ['POST', '/subscriptions/S/providers/A.B/things/T/start', 404, 'InvalidResourceType'],
  ['GET', '/providers/A.B/things', 404, 'InvalidResourceType'],
  ['GET', '/', 404, 'NotFound'],
  ['GET', '/subscriptions/S/nothing', 404, 'NotFound'],
  ['GET', `${G}/nothing`, 404, 'NotFound'],
  ['PUT', '/elsewhere/providers/C.D/notes/N', 404, 'NotFound'],
  ['PUT', '/subscriptions/S/elsewhere/providers/C.D/notes/N', 404, 'NotFound'],
  ['PUT', `${G}/elsewhere/providers/C.D/notes/N`, 404, 'NotFound'],
  ['PUT', `${G}/providers/A.B/things/providers/C.D/notes/N`, 404, 'NotFound'],
  ['PUT', `${G}/providers/A.B/providers/C.D/notes/N`, 404, 'NotFound'],
  ['POST', `${G}/providers/A.B/things/T`, 405, 'MethodNotAllowed'],
  ['PUT', `${G}/providers/A.B/things`, 405, 'MethodNotAllowed'],
  ['GET', `${G}/providers/A.B/things/T/start`, 405, 'MethodNotAllowed'],
  ['PUT', `${G}/providers/A.B/things/T/parts/P`, 405, 'MethodNotAllowed'],
  ['DELETE', `${G}/providers/A.B/things/T/parts/P`, 405, 'MethodNotAllowed'],
  ['POST', '/subscriptions/S/locations', 405, 'MethodNotAllowed'],
] as const)
  test(`${method} ${path} is ${code}`, () => {
    assert.throws(() => dispatch(method, path.split('/').filter(Boolean)), { status, code });
  });

test('two types of one name are refused', () => {
  const twice = [define('A.B/things'), define('a.b/THINGS')];
  assert.throws(() => createDispatch({ types: twice, routes: [] }), /Two resource types/);
});
