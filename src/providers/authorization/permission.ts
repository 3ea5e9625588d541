import { Type } from 'typebox';
import { findRole } from '../../arm/authorization/built-in-role.ts';
import { contains } from '../../arm/authorization/grant.ts';
import type { ResourceType } from '../../arm/resource-type.ts';
import { authorizationVersions } from './role-definition.ts';

/** What the caller may do at a scope. */
export const permission: ResourceType = {
  type: 'Microsoft.Authorization/permissions',
  scope: 'extension',
  apiVersions: authorizationVersions,
  name: { pattern: /^\w+$/, min: 1, max: 64, says: 'none: permissions are only listed' },
  tracked: false,
  schema: Type.Object({}),
  etag: 'none',
  conditionalGet: false,
  status: { created: 201, updated: 200 },
  writable: false,
  rows: {
    list: async ({ tx, id, caller }) => {
      const rows = await tx
        .selectFrom('role_assignment')
        .select(['scope_key', 'role_definition_id'])
        .where('principal_id', '=', caller.objectId)
        .execute();
      return rows.flatMap((row) => {
        const role = contains(row.scope_key, id.key) ? findRole(row.role_definition_id) : undefined;
        if (!role) return [];
        const { actions, notActions, dataActions } = role;
        return [
          { actions: [...actions], notActions: [...notActions], dataActions: [...dataActions], notDataActions: [] },
        ];
      });
    },
    get: async () => null,
  },
};
