// Microsoft.Synapse/workspaces/sqlPools: dedicated SQL pools.
import { Type } from 'typebox';
import type { Operation, ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import type { Stores } from '../target/keep-stores.ts';
import { workspaceTarget } from './workspace-target.ts';

const SqlPool = Type.Object({
  sku: Type.Optional(Type.Object({ name: Type.String({ maxLength: 64 }) })),
  properties: Type.Optional(
    Type.Object({
      collation: Type.Optional(Type.String({ maxLength: 128 })),
      createMode: Type.Optional(Type.String({ maxLength: 64 })),
      maxSizeBytes: Type.Optional(Type.Integer()),
    }),
  ),
});

const objectAt = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});

const check = ({ body, id }: Operation): void => {
  const { createMode } = objectAt(body.properties);
  if (createMode !== undefined && createMode !== 'Default')
    throw new ServiceError(
      400,
      'InvalidParameterValue',
      `The create mode '${String(createMode)}' is not supported here: a pool is new and empty.`,
      { target: 'properties.createMode' },
    );
  if (id.names.at(-1)!.toLowerCase() === 'master')
    throw new ServiceError(400, 'InvalidParameterValue', "The name 'master' is the workspace's own.", {
      target: 'name',
    });
};

/** Dedicated SQL pools. Writing one answers once the server has its database; deleting one removes its file. */
export const sqlPoolType = (rooms: { stores: Stores }): ResourceType => {
  const renew = (operation: Operation): void => {
    const workspaceKey = operation.id.key.split('/').slice(0, -2).join('/');
    operation.afterCommit(() => rooms.stores.ensure(workspaceKey));
  };
  const bodyOf = (body: JsonObject, before: JsonObject | null): JsonObject => ({
    ...before,
    ...body,
    properties: { ...objectAt(before?.properties), ...objectAt(body.properties) },
  });
  return {
    type: `${workspaceTarget.type}/sqlPools`,
    scope: 'resourceGroup',
    apiVersions: workspaceTarget.apiVersions,
    name: { pattern: /^\w+$/, min: 1, max: 60, says: 'letters, digits and underscores' },
    tracked: true,
    schema: SqlPool,
    etag: 'none',
    conditionalGet: false,
    // A 201 is an error to `az synapse sql pool create`.
    status: { created: 202, updated: 200 },
    asyncOperation: true,
    patch: { schema: SqlPool, apply: async (operation, existing) => bodyOf(operation.body, existing.body) },
    write: async (operation, existing) => {
      check(operation);
      renew(operation);
      return bodyOf(operation.body, existing?.body ?? null);
    },
    remove: async (operation) => renew(operation),
    present: async (_operation, { body, createdAt }) => ({
      ...body,
      sku: { name: 'DW100c', tier: 'DataWarehouse', ...objectAt(body.sku) },
      properties: {
        maxSizeBytes: 263_882_790_666_240,
        ...objectAt(body.properties),
        collation: 'Latin1_General_100_CI_AS_SC_UTF8',
        status: 'Online',
        provisioningState: 'Succeeded',
        creationDate: createdAt,
      },
    }),
  };
};
