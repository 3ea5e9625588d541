import { Type } from 'typebox';
import { builtInRoles, findRole, type Role } from '../../arm/authorization/built-in-role.ts';
import type { ResourceId } from '../../arm/resource-id.ts';
import type { ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import type { JsonObject } from '../../base/json.ts';

/** Versions of Microsoft.Authorization that clients in use send. */
export const authorizationVersions: readonly string[] = [
  '2015-07-01',
  '2018-01-01-preview',
  '2018-07-01',
  '2018-09-01-preview',
  '2020-04-01-preview',
  '2020-08-01-preview',
  '2020-10-01-preview',
  '2022-04-01',
  '2022-05-01-preview',
];

const show = (scope: ResourceId, role: Role): JsonObject => ({
  id: `${scope.subscriptionId === null ? '' : `/subscriptions/${scope.subscriptionId}`}/providers/Microsoft.Authorization/roleDefinitions/${role.id}`,
  name: role.id,
  type: 'Microsoft.Authorization/roleDefinitions',
  properties: {
    roleName: role.name,
    type: 'BuiltInRole',
    description: role.description,
    assignableScopes: ['/'],
    permissions: [
      {
        actions: [...role.actions],
        notActions: [...role.notActions],
        dataActions: [...role.dataActions],
        notDataActions: [],
      },
    ],
  },
});

const keptBy = (filter: string | undefined): ((role: Role) => boolean) => {
  if (filter === undefined || /^(atScope\(\)|type eq 'BuiltInRole')?$/i.test(filter)) return () => true;
  const name = /^roleName eq '([^']*)'$/i.exec(filter)?.[1];
  if (name !== undefined) return (role) => role.name.toLowerCase() === name.toLowerCase();
  throw new ServiceError(400, 'BadRequestFilter', `The $filter '${filter}' is not understood. Use roleName eq '...'.`, {
    target: '$filter',
  });
};

/** The built-in roles, at any scope. */
export const roleDefinition: ResourceType = {
  type: 'Microsoft.Authorization/roleDefinitions',
  scope: 'extension',
  apiVersions: authorizationVersions,
  name: { pattern: /^[0-9a-f-]+$/i, min: 36, max: 36, says: 'a GUID' },
  tracked: false,
  schema: Type.Object({}),
  etag: 'none',
  conditionalGet: false,
  status: { created: 201, updated: 200 },
  writable: false,
  rows: {
    list: async ({ id, query }) => builtInRoles.filter(keptBy(query.$filter)).map((role) => show(id, role)),
    get: async ({ id }, _scope, name) => {
      const role = findRole(name);
      return role ? show(id, role) : null;
    },
  },
};
