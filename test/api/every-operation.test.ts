// Every operation that is served, by the registry itself: none is without its permission, and none that changes anything is a reader's.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ActionType, ResourceType } from '../../src/arm/resource-type.ts';
import type { Client } from '../../src/cli/client.ts';
import { type Estate, openEstate } from './estate.ts';

const reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
const ownVersion = '2026-11-01';

type Asked = { method: string; path: string; permission: string };

let estate: Estate;
let nobody: Client;
let looker: Client;
let all: Asked[] = [];

const named = ({ name }: ResourceType): string =>
  ['default', 'abcdefgh', 'abcdefghijkl', '11111111-1111-4111-8111-111111111111'].find(
    (one) => one.length >= name.min && one.length <= name.max && new RegExp(name.pattern).test(one),
  ) ?? 'default';

const pathOf = (type: ResourceType, types: ReadonlyMap<string, ResourceType>, group: string): string => {
  const [namespace, ...kinds] = type.type.split('/');
  const names = kinds.map((_kind, at) => types.get([namespace, ...kinds.slice(0, at + 1)].join('/')) ?? type);
  const end = kinds.map((kind, at) => `${kind}/${named(names[at]!)}`).join('/');
  return `${type.scope === 'subscription' ? group.split('/resourceGroups')[0] : group}/providers/${namespace}/${end}`;
};

const versionOf = (type: ResourceType, action?: ActionType): string =>
  (action?.apiVersions ?? (action?.path.includes('Postern.') ? [ownVersion] : type.apiVersions))[0]!;

before(async () => {
  estate = await openEstate();
  const subscription = `/subscriptions/${estate.subscriptionId}`;
  const group = `${subscription}/resourceGroups/rg`;
  await estate.admin.call('PUT', `${group}?api-version=2021-04-01`, { location: 'westeurope' });
  nobody = await estate.principal('nobody');
  looker = await estate.principal('looker', [reader, subscription]);
  const { types } = estate.providers;
  const byName = new Map(types.map((type) => [type.type, type]));
  all = types.flatMap((type): Asked[] => {
    const path = pathOf(type, byName, group);
    const verbs = { GET: 'read', PUT: 'write', PATCH: 'write', DELETE: 'delete' };
    const isWritable = type.writable !== false && (!type.rows || type.rows.put !== undefined);
    const written = type.kept?.methods ?? (isWritable ? ['PUT', 'DELETE'] : []);
    return [
      ...Object.entries(verbs)
        .filter(([method]) => method === 'GET' || written.includes(method as 'PUT'))
        .map(([method, verb]) => ({ method, path: `${path}?api-version=${versionOf(type)}`, permission: `x/${verb}` })),
      ...(type.actions ?? []).map((action) => ({
        method: action.method,
        path: `${path}/${action.path.replaceAll(/\{\w+\}/g, 'x')}?api-version=${versionOf(type, action)}`,
        permission: action.permission,
      })),
    ];
  });
});
after(async () => {
  for (const client of [nobody, looker]) client?.close();
  await estate?.discard();
});

const outcome = async (client: Client, { method, path }: Asked) => {
  const { status, body } = await client.send(method, path, ['PUT', 'PATCH', 'POST'].includes(method) ? {} : undefined);
  return [status, (body.error as { code?: string } | undefined)?.code];
};

test('who has no role is refused each of them, before anything else is said', async () => {
  assert.ok(all.length > 100, `${all.length}`);
  for (const one of all) assert.deepEqual([one, await outcome(nobody, one)], [one, [403, 'AuthorizationFailed']]);
});

test('who may read may do nothing that is not reading', async () => {
  for (const one of all.filter(({ permission }) => !permission.endsWith('/read')))
    assert.deepEqual([one, await outcome(looker, one)], [one, [403, 'AuthorizationFailed']]);
});

test('what asks for no more than reading changes nothing', () => {
  const posts = all.filter(({ method, permission }) => method !== 'GET' && permission.endsWith('/read'));
  assert.deepEqual([...new Set(posts.map(({ path }) => path.split('?')[0]!.split('/').at(-1)))].sort(), [
    'explain',
    'getStatus',
    'listEndpoints',
    'queryActivityruns',
    'queryPipelineRuns',
    'reachability',
  ]);
});
