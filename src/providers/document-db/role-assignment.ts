// `{account}/sqlRoleAssignments`: who has which role for an account's data, and in which part of it.
import { Type } from 'typebox';
import type { Operation, ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Database, Tx } from '../../database/database.ts';
import { listChildren } from '../../database/resource.ts';
import type { CosmosGrant } from '../../sandbox/sandbox.ts';
import { propertiesOf } from './account-body.ts';
import { actionsOfRole, guidName } from './data-role.ts';
import { documentDbTarget } from './document-db-target.ts';

const type = `${documentDbTarget.type}/sqlRoleAssignments`;

const RoleAssignment = Type.Object({
  properties: Type.Object({
    roleDefinitionId: Type.String({ minLength: 36, maxLength: 1024 }),
    scope: Type.String({ minLength: 1, maxLength: 2048 }),
    principalId: Type.String({ pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' }),
  }),
});

/** An assignment: the GUIDs of the role and of who has it, in lower case, and the part of the account. */
type Assignment = { name: string; role: string; principal: string; scope: readonly string[] };

/** The GUID of a role of this account, by its id or alone. */
const roleIn = (accountKey: string, text: string): string | null => {
  const prefix = `${accountKey}/sqlroledefinitions/`;
  const lower = text.toLowerCase();
  const name = lower.startsWith(prefix) ? lower.slice(prefix.length) : lower;
  return guidName.pattern.test(name) ? name : null;
};

/** The part of this account that a scope names: all of it, a database or a container. Names keep their case. */
const scopeIn = (accountKey: string, text: string): string[] | null => {
  const rest = text.toLowerCase().startsWith(accountKey) ? text.slice(accountKey.length) : text;
  const segments = rest.split('/').filter((one) => one !== '');
  const isPlace =
    (rest === '' || rest.startsWith('/')) &&
    [0, 2, 4].includes(segments.length) &&
    [undefined, 'dbs'].includes(segments[0]) &&
    [undefined, 'colls'].includes(segments[2]);
  return isPlace ? segments : null;
};

/** The assignments of an account. */
export const assignmentsOf = async (db: Database | Tx, accountKey: string): Promise<Assignment[]> => {
  const all = await listChildren(db, { type, parentKey: accountKey });
  return all.map(({ name, body }) => {
    const { roleDefinitionId, scope, principalId } = propertiesOf(body);
    return {
      name,
      role: roleIn(accountKey, String(roleDefinitionId)) ?? '',
      principal: String(principalId).toLowerCase(),
      scope: scopeIn(accountKey, String(scope)) ?? ['none'],
    };
  });
};

/** What a principal may do with the data of an account. */
export const grantsOf = async (db: Database | Tx, accountKey: string, objectId: string): Promise<CosmosGrant[]> => {
  const mine = (await assignmentsOf(db, accountKey)).filter(({ principal }) => principal === objectId.toLowerCase());
  return Promise.all(
    mine.map(async ({ role, scope }) => ({ scope, actions: (await actionsOfRole(db, accountKey, role)) ?? [] })),
  );
};

const refuse = (message: string, field: string) =>
  new ServiceError(400, 'BadRequest', message, { target: `properties.${field}` });

const write = async (operation: Operation): Promise<JsonObject> => {
  const properties = propertiesOf(operation.body);
  const [roleDefinitionId, scope] = [String(properties.roleDefinitionId), String(properties.scope)];
  const principalId = String(properties.principalId).toLowerCase();
  const accountKey = operation.id.key.split('/').slice(0, -2).join('/');
  const role = roleIn(accountKey, roleDefinitionId);
  if (role === null || !(await actionsOfRole(operation.tx, accountKey, role)))
    throw refuse(
      `'${roleDefinitionId}' is no role of this account. List its sqlRoleDefinitions to see which there are.`,
      'roleDefinitionId',
    );
  if (scopeIn(accountKey, scope) === null)
    throw refuse(
      `'${scope}' is no part of this account: it is the account's id, alone or with /dbs/{name} or /dbs/{name}/colls/{name} after it.`,
      'scope',
    );
  const principal = await operation.tx
    .selectFrom('principal')
    .select('object_id')
    .where('object_id', '=', principalId)
    .executeTakeFirst();
  if (!principal)
    throw refuse(
      `The principal '${principalId}' does not exist in this tenant. Its object id is asked for, not its client id.`,
      'principalId',
    );
  return { ...operation.body, properties: { ...properties, principalId } };
};

/** The role assignments of accounts. Each request by token is judged by those of that moment. */
export const roleAssignmentType: ResourceType = {
  type,
  scope: 'resourceGroup',
  apiVersions: documentDbTarget.apiVersions,
  name: guidName,
  tracked: false,
  schema: RoleAssignment,
  etag: 'none',
  conditionalGet: false,
  status: { created: 200, updated: 200 },
  asyncOperation: true,
  write,
};
