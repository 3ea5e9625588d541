// `{account}/sqlRoleDefinitions`
import { randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import type { Operation, Resource, ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import type { JsonObject } from '../../base/json.ts';
import { deleteResource, listChildren, readResource, writeResource } from '../../database/resource.ts';
import { cosmosActions } from '../../sandbox/sandbox.ts';
import { propertiesOf } from './account-body.ts';
import { actionsIn, below, builtIn, dataRoleType, guidName, objectsIn, textsIn } from './data-role.ts';
import { documentDbTarget } from './document-db-target.ts';
import { assignmentsOf } from './role-assignment.ts';

const DataRole = Type.Object({
  properties: Type.Object({
    roleName: Type.String({ minLength: 1, maxLength: 256 }),
    type: Type.Optional(Type.Enum(['CustomRole', 'BuiltInRole'])),
    assignableScopes: Type.Optional(Type.Array(Type.String({ maxLength: 1024 }), { maxItems: 64 })),
    permissions: Type.Array(
      Type.Object({
        dataActions: Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { minItems: 1, maxItems: 64 }),
        notDataActions: Type.Optional(Type.Array(Type.String({ maxLength: 256 }), { maxItems: 64 })),
      }),
      { minItems: 1, maxItems: 16 },
    ),
  }),
});

const show = (account: Resource, name: string, properties: JsonObject): JsonObject => ({
  id: `${account.id}/sqlRoleDefinitions/${name}`,
  name,
  type: dataRoleType,
  properties: { ...properties, id: name, assignableScopes: properties.assignableScopes ?? [account.id] },
});

const showBuiltIn = (account: Resource, name: string): JsonObject => {
  const { roleName, dataActions } = builtIn[name]!;
  const permissions = [{ dataActions: [...dataActions], notDataActions: [] }];
  return show(account, name, { roleName, type: 'BuiltInRole', permissions });
};

const refuse = (status: number, code: string, message: string, target: string) =>
  new ServiceError(status, code, message, { target });

const requireCustom = (name: string): void => {
  if (Object.hasOwn(builtIn, name))
    throw refuse(
      400,
      'BadRequest',
      `'${builtIn[name]!.roleName}' is built in and stays as it is. Use another GUID for a role of your own.`,
      'name',
    );
};

/** What nothing here would grant, or would grant more than was meant, is refused. */
const check = (account: Resource, properties: JsonObject): void => {
  if (properties.type === 'BuiltInRole')
    throw refuse(400, 'BadRequest', "Roles of one's own are of the type CustomRole.", 'properties.type');
  const other = textsIn(properties.assignableScopes).find(
    (scope) => scope.replace(/\/$/, '').toLowerCase() !== account.key,
  );
  if (other !== undefined)
    throw refuse(
      400,
      'BadRequest',
      `A role is assignable in its whole account, '${account.id}', or it is refused here; '${other}' is another scope. Assign it at a narrower one.`,
      'properties.assignableScopes',
    );
  for (const [at, { dataActions, notDataActions }] of objectsIn(properties.permissions).entries()) {
    const place = `properties.permissions.${at}`;
    const unknown = textsIn(dataActions).find((one) => actionsIn([one]).length === 0);
    if (unknown !== undefined)
      throw refuse(
        400,
        'BadRequest',
        `'${unknown}' is none of the data actions that are known here: ${cosmosActions.map((one) => below + one).join(', ')}.`,
        `${place}.dataActions`,
      );
    if (textsIn(notDataActions).length > 0)
      throw refuse(
        400,
        'BadRequest',
        'notDataActions are not supported: list what is granted.',
        `${place}.notDataActions`,
      );
  }
};

const put = async (operation: Operation, account: Resource, name: string) => {
  requireCustom(name);
  const properties = propertiesOf(operation.body);
  check(account, properties);
  const key = operation.id.key;
  const existing = await readResource(operation.tx, key);
  await writeResource(operation.tx, {
    id: `${account.id}/sqlRoleDefinitions/${name}`,
    key,
    type: dataRoleType,
    name,
    parentKey: account.key,
    location: null,
    tags: {},
    body: { properties: { type: 'CustomRole', ...properties } },
    etag: randomUUID(),
    createdAt: operation.now,
    updatedAt: operation.now,
  });
  return { created: existing === null, body: show(account, name, { type: 'CustomRole', ...properties }) };
};

/** The role definitions of accounts. */
export const roleDefinitionType: ResourceType = {
  type: dataRoleType,
  scope: 'resourceGroup',
  apiVersions: documentDbTarget.apiVersions,
  name: guidName,
  tracked: false,
  schema: DataRole,
  etag: 'none',
  conditionalGet: false,
  status: { created: 200, updated: 200 },
  asyncOperation: true,
  rows: {
    list: async (operation, account) => {
      const own = await listChildren(operation.tx, { type: dataRoleType, parentKey: account!.key });
      return [
        ...Object.keys(builtIn).map((name) => showBuiltIn(account!, name)),
        ...own.map(({ name, body }) => show(account!, name, propertiesOf(body))),
      ];
    },
    get: async (operation, account, name) => {
      if (Object.hasOwn(builtIn, name)) return showBuiltIn(account!, name);
      const found = await readResource(operation.tx, operation.id.key);
      return found && show(account!, found.name, propertiesOf(found.body));
    },
    put: (operation, account, name) => put(operation, account!, name),
    delete: async (operation, account, name) => {
      requireCustom(name);
      const held = (await assignmentsOf(operation.tx, account!.key)).find((one) => one.role === name.toLowerCase());
      if (held)
        throw refuse(
          409,
          'Conflict',
          `The role is assigned by '${held.name}'. Delete that sqlRoleAssignment first.`,
          'name',
        );
      return deleteResource(operation.tx, operation.id.key);
    },
  },
};
