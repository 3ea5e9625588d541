// Principals are made here, because there is no directory to make them in. They carry no rights of their own: a role
// assignment gives those. Writing them asks for a permission that Owner and User Access Administrator have at `/`.
import { Type } from 'typebox';
import { addPrincipal, createSecret } from '../../arm/principal.ts';
import type { Operation, ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import type { JsonObject } from '../../base/json.ts';

type Row = { object_id: string; application_id: string; name: string; created_at: string };

const show = (row: Row): JsonObject => ({
  id: `/providers/Postern.Identity/principals/${row.name}`,
  name: row.name,
  type: 'Postern.Identity/principals',
  properties: { objectId: row.object_id, clientId: row.application_id, createdAt: row.created_at },
});

const checkScope = ({ id }: Operation) => {
  if (id.subscriptionId !== null)
    throw new ServiceError(
      404,
      'InvalidResourceType',
      'Principals belong to the tenant: /providers/Postern.Identity/principals/{name}.',
    );
};

const find = async (operation: Operation, name: string) => {
  checkScope(operation);
  const rows = await operation.tx.selectFrom('principal').selectAll().execute();
  return rows.find((row) => row.name.toLowerCase() === name.toLowerCase());
};

/** Principals: PUT answers with the client id and, this once, the secret. */
export const principal: ResourceType = {
  type: 'Postern.Identity/principals',
  scope: 'extension',
  apiVersions: ['2026-11-01'],
  permission: 'Microsoft.Authorization/principals',
  name: {
    pattern: /^[A-Za-z0-9][A-Za-z0-9 ._@-]*$/,
    min: 1,
    max: 64,
    says: 'letters, digits, spaces and . _ @ -, beginning with a letter or digit',
  },
  tracked: false,
  schema: Type.Object({ properties: Type.Optional(Type.Object({})) }),
  etag: 'none',
  conditionalGet: false,
  status: { created: 201, updated: 200 },
  rows: {
    list: async (operation) => {
      checkScope(operation);
      return (await operation.tx.selectFrom('principal').selectAll().execute()).map(show);
    },
    get: async (operation, _parent, name) => {
      const row = await find(operation, name);
      return row ? show(row) : null;
    },
    put: async (operation, _parent, name) => {
      if (await find(operation, name))
        throw new ServiceError(
          409,
          'PrincipalExists',
          `There is a principal '${name}' already, and its secret was shown when it was made. Delete it first, or use another name.`,
          { target: 'name' },
        );
      const { clientSecret, secretHash } = await createSecret();
      const body = show(await addPrincipal(operation.tx, name, secretHash, operation.now));
      return { created: true, body: { ...body, properties: { ...(body.properties as JsonObject), clientSecret } } };
    },
    delete: async (operation, _parent, name) => {
      const row = await find(operation, name);
      if (!row) return false;
      if (row.object_id === operation.caller.objectId)
        throw new ServiceError(409, 'PrincipalInUse', 'You cannot delete the principal that you are signed in as.');
      await operation.tx.deleteFrom('role_assignment').where('principal_id', '=', row.object_id).execute();
      await operation.tx.deleteFrom('principal').where('object_id', '=', row.object_id).execute();
      return true;
    },
  },
};
