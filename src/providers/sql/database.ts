// Microsoft.Sql/servers/databases
import { Type } from 'typebox';
import { checkLocation } from '../../arm/location.ts';
import type { Operation, Resource, ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import type { Publish } from '../publication.ts';
import type { Stores } from '../target/keep-stores.ts';
import { childResource } from './child-resource.ts';
import { isWarehouse } from './server-family.ts';
import { sqlServerTarget } from './sql-server-target.ts';

const Properties = Type.Object({
  collation: Type.Optional(Type.String({ maxLength: 128 })),
  createMode: Type.Optional(Type.String({ maxLength: 64 })),
  maxSizeBytes: Type.Optional(Type.Union([Type.Integer(), Type.String()])),
  catalogCollation: Type.Optional(Type.String({ maxLength: 128 })),
  zoneRedundant: Type.Optional(Type.Boolean()),
  sampleName: Type.Optional(Type.Union([Type.String({ maxLength: 64 }), Type.Null()])),
});
const Sku = Type.Object({
  name: Type.String({ maxLength: 64 }),
  tier: Type.Optional(Type.String({ maxLength: 64 })),
  capacity: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
});

/** Body of a PUT, and of a PATCH. */
const SqlDatabase = Type.Object({ properties: Type.Optional(Properties), sku: Type.Optional(Sku) });

const objectAt = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});

/** Names of databases. */
const databaseName = {
  pattern: /^[\p{L}\p{N}_]([\p{L}\p{N}_ .-]*[\p{L}\p{N}_-])?$/u,
  min: 1,
  max: 128,
  says: 'letters, digits, spaces, dots, hyphens and underscores, not ending in a dot or a space',
};

const refuse = (message: string, target: string) => new ServiceError(400, 'InvalidParameterValue', message, { target });

/** What nothing here would do is refused: a database is always new and empty. */
const check = ({ body, id }: Pick<Operation, 'body' | 'id'>): void => {
  const { createMode, sampleName } = objectAt(body.properties);
  if (createMode !== undefined && createMode !== 'Default')
    throw refuse(
      `The create mode '${String(createMode)}' is not supported here: a database is new and empty.`,
      'properties.createMode',
    );
  if (sampleName !== undefined && sampleName !== null)
    throw refuse('Sample data is not there. Leave sampleName out.', 'properties.sampleName');
  if (id.names.at(-1)!.toLowerCase() === 'master')
    throw refuse("The database 'master' is the server's own and is not written.", 'name');
};

/** The database as its clients see it. */
const shownDatabase = ({ name, body, createdAt }: Pick<Resource, 'name' | 'body' | 'createdAt'>): JsonObject => {
  const warehouse = isWarehouse({ body });
  const sku = { name: 'GP_S_Gen5', tier: 'GeneralPurpose', ...objectAt(body.sku) };
  return {
    ...body,
    sku,
    kind: name === 'master' ? 'v12.0,system' : `v12.0,user${warehouse ? ',datawarehouse' : ''}`,
    properties: {
      maxSizeBytes: 34_359_738_368,
      ...objectAt(body.properties),
      collation: 'Latin1_General_100_CI_AS_SC_UTF8',
      status: 'Online',
      creationDate: createdAt,
      currentServiceObjectiveName: sku.name,
      requestedServiceObjectiveName: sku.name,
      zoneRedundant: false,
    },
  };
};

/** The databases of SQL servers. Writing one answers once the server has it; deleting one removes its file. */
export const sqlDatabaseType = (rooms: { stores: Stores; publish: Publish }): ResourceType => {
  const renew = (operation: Operation): void => {
    const serverKey = operation.id.key.split('/').slice(0, -2).join('/');
    operation.afterCommit(() => rooms.stores.ensure(serverKey));
  };
  const bodyOf = (body: JsonObject, before: JsonObject | null): JsonObject => ({
    ...before,
    ...body,
    properties: { ...objectAt(before?.properties), ...objectAt(body.properties) },
  });
  return {
    type: `${sqlServerTarget.type}/databases`,
    scope: 'resourceGroup',
    apiVersions: sqlServerTarget.apiVersions,
    name: databaseName,
    tracked: true,
    schema: SqlDatabase,
    etag: 'none',
    conditionalGet: false,
    status: { created: 201, updated: 200 },
    asyncOperation: true,
    patch: { schema: SqlDatabase, apply: async (operation, existing) => bodyOf(operation.body, existing.body) },
    write: async (operation, existing) => {
      check(operation);
      const body = bodyOf(operation.body, existing?.body ?? null);
      if (existing && isWarehouse({ body }) !== isWarehouse(existing))
        throw refuse('A database stays a data warehouse or none: delete it and create it again.', 'sku');
      renew(operation);
      return body;
    },
    remove: async (operation, _existing, isAsked) => {
      if (isAsked) check({ body: {}, id: operation.id });
      renew(operation);
    },
    present: async (_operation, database) => shownDatabase(database),
  };
};

/** The database that every server has: written with it. */
export const masterOf = (operation: Pick<Operation, 'id' | 'now' | 'body'>): Resource =>
  childResource(operation, sqlServerTarget.type, {
    kind: 'databases',
    name: 'master',
    location: checkLocation(String(operation.body.location), sqlServerTarget.type),
    body: { sku: { name: 'System', tier: 'System', capacity: 0 } },
  });
