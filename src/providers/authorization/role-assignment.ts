// Who has which role where. Only who may write role assignments at a scope may give a role there (the front door sees
// to that); what is given must be a known role and a known principal.
import type { Selectable } from 'kysely';
import { type Static, Type } from 'typebox';
import { findRole, roleIdOf } from '../../arm/authorization/built-in-role.ts';
import { contains } from '../../arm/authorization/grant.ts';
import type { Operation, ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import type { RoleAssignmentTable } from '../../database/table.ts';
import { authorizationVersions } from './role-definition.ts';

type Row = Selectable<RoleAssignmentTable>;

const type = 'Microsoft.Authorization/roleAssignments';

const schema = Type.Object({
  properties: Type.Object({
    roleDefinitionId: Type.String({ minLength: 36, maxLength: 1024 }),
    principalId: Type.String({ minLength: 36, maxLength: 36 }),
    principalType: Type.Optional(Type.String()),
    description: Type.Optional(Type.Union([Type.String({ maxLength: 1024 }), Type.Null()])),
  }),
});

const show = (row: Row): JsonObject => {
  const body = JSON.parse(row.body) as JsonObject;
  return {
    id: row.id,
    name: row.name,
    type,
    properties: {
      ...(isJsonObject(body.properties) ? body.properties : {}),
      roleDefinitionId: row.role_definition_id,
      principalId: row.principal_id,
      scope: row.scope,
      createdOn: row.created_at,
      updatedOn: row.created_at,
    },
  };
};

/** The scope that an extension's id stands at: what is before its own `/providers/`. */
const scopeOf = (operation: Operation, isInstance: boolean) => {
  const { path } = operation.id;
  const scope = isInstance ? path.split('/').slice(0, -4).join('/') : path;
  return scope === '' ? '/' : scope;
};

type Keep = (row: Row) => boolean;

const keptBy = (filter: string | undefined, scopeKey: string): Keep => {
  const isAbove: Keep = (row) => contains(row.scope_key, scopeKey);
  const isRelated: Keep = (row) => isAbove(row) || contains(scopeKey, row.scope_key);
  const terms = (filter ?? '').split(/\s+and\s+/i).map((term) => term.trim());
  const keeps = terms.map((term): Keep => {
    if (term === '') return isRelated;
    if (/^atScope\(\)$/i.test(term)) return isAbove;
    const principal = /^(?:principalId\s+eq\s+'([0-9a-f-]{36})'|assignedTo\('([0-9a-f-]{36})'\))$/i.exec(term);
    if (!principal)
      throw new ServiceError(
        400,
        'BadRequestFilter',
        `The $filter '${filter}' is not understood. Use atScope(), principalId eq '...' or assignedTo('...'), joined by 'and'.`,
        { target: '$filter' },
      );
    const id = (principal[1] ?? principal[2])!.toLowerCase();
    return (row) => isRelated(row) && row.principal_id === id;
  });
  return (row) => keeps.every((keep) => keep(row));
};

const read = (operation: Operation) =>
  operation.tx.selectFrom('role_assignment').selectAll().where('key', '=', operation.id.key).executeTakeFirst();

const refuse = (status: number, code: string, message: string, target: string) =>
  new ServiceError(status, code, message, { target });

const checkContent = async (operation: Operation, properties: JsonObject, roleId: string, principalId: string) => {
  if (!findRole(roleId))
    throw refuse(
      404,
      'RoleDefinitionDoesNotExist',
      `The specified role definition with ID '${roleId}' does not exist. List roleDefinitions to see which do.`,
      'properties.roleDefinitionId',
    );
  if (properties.condition !== undefined && properties.condition !== null)
    throw refuse(
      400,
      'RoleAssignmentConditionNotSupported',
      'Conditions on role assignments are not supported. Leave it out, or assign the role at a narrower scope.',
      'properties.condition',
    );
  const principal = await operation.tx
    .selectFrom('principal')
    .select('object_id')
    .where('object_id', '=', principalId)
    .executeTakeFirst();
  if (!principal)
    throw refuse(
      400,
      'PrincipalNotFound',
      `Principal '${principalId}' does not exist in this tenant. Its object id is asked for, not its client id.`,
      'properties.principalId',
    );
};

/** Role assignments, at any scope. */
export const roleAssignment: ResourceType = {
  type,
  scope: 'extension',
  apiVersions: authorizationVersions,
  name: { pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, min: 36, max: 36, says: 'a GUID' },
  tracked: false,
  schema,
  etag: 'none',
  conditionalGet: false,
  status: { created: 201, updated: 200 },
  rows: {
    list: async (operation) => {
      const keep = keptBy(operation.query.$filter, scopeOf(operation, false).toLowerCase());
      const rows = await operation.tx.selectFrom('role_assignment').selectAll().execute();
      return rows.filter(keep).map(show);
    },
    get: async (operation) => {
      const row = await read(operation);
      return row ? show(row) : null;
    },
    put: async (operation, _parent, name) => {
      const { properties } = operation.body as Static<typeof schema>;
      const roleId = roleIdOf(properties.roleDefinitionId);
      const principalId = properties.principalId.toLowerCase();
      await checkContent(operation, properties as JsonObject, roleId, principalId);
      const existing = await read(operation);
      if (existing) {
        if (roleIdOf(existing.role_definition_id) !== roleId || existing.principal_id !== principalId)
          throw refuse(
            409,
            'RoleAssignmentUpdateNotPermitted',
            'The role and the principal of a role assignment cannot be changed. Delete it, or use another name.',
            'properties',
          );
        return { created: false, body: show(existing) };
      }
      const scope = scopeOf(operation, true);
      const roleDefinitionId = `${operation.id.subscriptionId === null ? '' : `/subscriptions/${operation.id.subscriptionId}`}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`;
      const same = await operation.tx
        .selectFrom('role_assignment')
        .select('name')
        .where('scope_key', '=', scope.toLowerCase())
        .where('principal_id', '=', principalId)
        .where('role_definition_id', 'like', `%${roleId}`)
        .executeTakeFirst();
      if (same)
        throw refuse(409, 'RoleAssignmentExists', `The role assignment already exists: '${same.name}'.`, 'properties');
      const row: Row = {
        key: operation.id.key,
        id: operation.id.path,
        name,
        scope_key: scope.toLowerCase(),
        scope,
        role_definition_id: roleDefinitionId,
        principal_id: principalId,
        body: JSON.stringify({ properties: { principalType: 'ServicePrincipal', ...properties } }),
        created_at: operation.now,
      };
      await operation.tx.insertInto('role_assignment').values(row).execute();
      return { created: true, body: show(row) };
    },
    delete: async (operation) => {
      const { numDeletedRows } = await operation.tx
        .deleteFrom('role_assignment')
        .where('key', '=', operation.id.key)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
  },
};
