// Lists of resources of every type: what is in a group, what is in the subscription.
import { authorizationFailed } from '../../arm/authorization/access.ts';
import { groupNotFound } from '../../arm/containment.ts';

import { nextLink, readPageAsk } from '../../arm/page.ts';
import { permissionFor } from '../../arm/permission.ts';
import { idOfSegments, type ResourceId } from '../../arm/resource-id.ts';
import type { Operation, ResourceType, Route } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import type { JsonObject } from '../../base/json.ts';
import { listBelow, type Resource, readResource } from '../../database/resource.ts';
import { resourcesVersions } from './resource-group.ts';

type Keep = (resource: Resource) => boolean;

const badFilter = (filter: string) =>
  new ServiceError(
    400,
    'InvalidFilterInQueryString',
    `The $filter '${filter}' is not understood. Use resourceType eq '...', name eq '...', location eq '...', resourceGroup eq '...', tagName eq '...' and tagValue eq '...', joined by 'and'.`,
    { target: '$filter' },
  );

/** Reads the `$filter` of a resource list. */
const readFilter = (filter: string | undefined): Keep => {
  if (filter === undefined || filter.trim() === '') return () => true;
  const terms = [...filter.matchAll(/\s*(\w+)\s+eq\s+'((?:[^']|'')*)'\s*(and\b|$)/giy)];
  const matched = terms.reduce((length, [text]) => length + text.length, 0);
  if (matched !== filter.length || terms.at(-1)?.[3] !== '') throw badFilter(filter);
  const asked = new Map(terms.map(([, name = '', value = '']) => [name.toLowerCase(), value.replaceAll("''", "'")]));
  const same = (a: string | null | undefined, b: string) => a?.toLowerCase() === b.toLowerCase();
  const rules: Record<string, (value: string) => Keep> = {
    resourcetype: (value) => (resource) => same(resource.type, value),
    name: (value) => (resource) => same(resource.name, value),
    location: (value) => (resource) => same(resource.location, value.replaceAll(' ', '')),
    resourcegroup: (value) => (resource) => same(resource.key.split('/')[4], value),
    tagname: (value) => (resource) =>
      Object.entries(resource.tags).some(
        ([name, tag]) => same(name, value) && (!asked.has('tagvalue') || tag === asked.get('tagvalue')),
      ),
    tagvalue: () => () => asked.has('tagname'),
  };
  const keeps = [...asked].map(([name, value]) => {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (!rule) throw badFilter(filter);
    return rule(value);
  });
  return (resource) => keeps.every((keep) => keep(resource));
};

const show = (resource: Resource, expand: string): JsonObject => ({
  id: resource.id,
  name: resource.name,
  type: resource.type,
  location: resource.location,
  tags: resource.tags,
  ...Object.fromEntries(
    ['kind', 'sku', 'identity'].flatMap((name) => {
      const value = resource.body[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  ),
  ...(expand.includes('createdtime') && { createdTime: resource.createdAt }),
  ...(expand.includes('changedtime') && { changedTime: resource.updatedAt }),
});

const groupRead = 'Microsoft.Resources/subscriptions/resourceGroups/read';

/** Nothing is shown: because the caller may not look (and then does not learn more), there is no group, or it is empty. */
const checkGroup = async ({ tx, caller, may }: Operation, group: ResourceId) => {
  if (!may(groupRead, group.path)) throw authorizationFailed(caller, groupRead, group.path);
  if (!(await readResource(tx, group.key))) throw groupNotFound(group.resourceGroup!);
};

/** Routes for `{group}/resources` and `{subscription}/resources`. `tracked` decides what such a list shows, as in Azure. */
export const resourceListRoutes = (types: readonly ResourceType[]): Route[] => {
  const tracked = new Map(
    types
      .filter((type) => type.tracked && type.type !== 'Microsoft.Resources/resourceGroups')
      .map((type) => [type.type, type]),
  );

  const list = async (operation: Operation) => {
    const { tx, query } = operation;
    const segments = operation.id.path.split('/').slice(1);
    const scope = idOfSegments(segments.slice(0, -1));
    const page = readPageAsk(query);
    const keep = readFilter(query.$filter);
    const expand = (query.$expand ?? '').toLowerCase();
    const all = (await listBelow(tx, { scopeKey: scope.key, after: page.after })).filter((resource) => {
      const type = tracked.get(resource.type);
      return type !== undefined && keep(resource) && operation.may(permissionFor(type, scope, 'read'), resource.key);
    });
    if (scope.resourceGroup !== null && all.length === 0) await checkGroup(operation, scope);
    const shown = all.slice(0, page.limit);
    const next = all.length > shown.length ? nextLink(operation.origin, segments, query, shown.at(-1)!.key) : undefined;
    return {
      body: { value: shown.map((resource) => show(resource, expand)), ...(next !== undefined && { nextLink: next }) },
    };
  };

  return [
    '/subscriptions/{subscriptionId}/resources',
    '/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/resources',
  ].map((path): Route => ({ method: 'GET', path, apiVersions: resourcesVersions, permission: null, run: list }));
};
