// Microsoft.DocumentDB/databaseAccounts/sqlDatabases and .../containers: what templates and Terraform make before any data.
// Making and removing them here does the same in the account's store. What a data client makes there is not listed here.
import { Type } from 'typebox';
import type { NameRule, Operation, Resource, ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { readResource } from '../../database/resource.ts';
import type { CosmosReply, Sandbox } from '../../sandbox/sandbox.ts';
import { storeUnavailable } from '../target/store-life.ts';
import { propertiesOf } from './account-body.ts';
import { cosmosAttachment } from './account-store.ts';
import { documentDbTarget } from './document-db-target.ts';

const databases = `${documentDbTarget.type}/sqlDatabases`;

const name: NameRule = {
  pattern: /^[^/\\?#%\u0000-\u001f]*[^/\\?#%\u0000-\u001f\s]$/,
  min: 1,
  max: 255,
  says: 'no / \\ ? # %, no control characters, no space at the end',
};

const Options = Type.Optional(
  Type.Object({
    throughput: Type.Optional(Type.Integer({ minimum: 100, maximum: 1_000_000 })),
    autoscaleSettings: Type.Optional(
      Type.Object({ maxThroughput: Type.Integer({ minimum: 1000, maximum: 1_000_000 }) }),
    ),
  }),
);

const Database = Type.Object({
  properties: Type.Object({ resource: Type.Object({ id: Type.String() }), options: Options }),
});

const Container = Type.Object({
  properties: Type.Object({
    resource: Type.Object({
      id: Type.String(),
      partitionKey: Type.Object({ paths: Type.Array(Type.String(), { minItems: 1, maxItems: 3 }) }),
    }),
    options: Options,
  }),
});

const objectAt = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});
const resourceIn = (body: JsonObject): JsonObject => objectAt(propertiesOf(body).resource);

const throughputHeaders = (body: JsonObject): Record<string, string> => {
  const { throughput, autoscaleSettings } = objectAt(propertiesOf(body).options);
  const most = throughput ?? objectAt(autoscaleSettings).maxThroughput;
  return most === undefined ? {} : { 'x-ms-offer-throughput': String(most) };
};

/** The account's store, or a refusal where it is not ours or does not run. */
const storeOf = async (sandbox: Sandbox, { tx, id }: Operation) => {
  const key = id.key.split('/').slice(0, 9).join('/');
  const account = (await readResource(tx, key))!;
  cosmosAttachment.requireOwn(account, 'Make databases and containers where it runs.');
  return async (ask: Parameters<Sandbox['askCosmosAccount']>[1], fine: readonly number[]): Promise<CosmosReply> => {
    const reply = await sandbox.askCosmosAccount(account.name.toLowerCase(), ask).catch((error: unknown) => {
      throw storeUnavailable(account, 'account', error);
    });
    if (reply.status < 300 || fine.includes(reply.status)) return reply;
    const { code, message } = reply.body;
    throw new ServiceError(reply.status, String(code ?? 'BadRequest'), String(message ?? 'The store refused this.'), {
      target: 'properties.resource',
    });
  };
};

const requireOwnName = ({ id, body }: Operation): void => {
  const own = id.names.at(-1)!;
  if (resourceIn(body).id === own) return;
  throw new ServiceError(400, 'BadRequest', `'properties.resource.id' must be '${own}', the name in the path.`, {
    target: 'properties.resource.id',
  });
};

// What the store says of a resource that matters to whoever reads it here.
const told = ({ body }: CosmosReply): JsonObject =>
  Object.fromEntries(Object.entries(body).filter(([field]) => ['_rid', '_ts', '_etag'].includes(field)));

const shared = {
  scope: 'resourceGroup',
  apiVersions: documentDbTarget.apiVersions,
  name,
  tracked: false,
  etag: 'none',
  conditionalGet: false,
  status: { created: 200, updated: 200 },
  asyncOperation: true,
  present: async (_operation: Operation, { body }: Resource): Promise<JsonObject> => ({
    ...body,
    properties: { options: {}, ...propertiesOf(body) },
  }),
} as const;

const stored = (body: JsonObject, reply: CosmosReply): JsonObject => ({
  ...body,
  properties: { ...propertiesOf(body), resource: { ...resourceIn(body), ...told(reply) } },
});

/** Databases of an account. */
const databaseType = (sandbox: Sandbox): ResourceType => ({
  ...shared,
  type: databases,
  schema: Database,
  write: async (operation) => {
    requireOwnName(operation);
    const { body, id } = operation;
    const [, database] = id.names as [string, string];
    const ask = await storeOf(sandbox, operation);
    await ask({ method: 'POST', segments: ['dbs'], body: { id: database } }, [409]);
    return stored(body, await ask({ method: 'GET', segments: ['dbs', database] }, []));
  },
  // With the account goes its store, and all that is in it.
  remove: async (operation, { name: database }, isAsked) => {
    if (!isAsked) return;
    const ask = await storeOf(sandbox, operation);
    await ask({ method: 'DELETE', segments: ['dbs', database] }, [404]);
  },
});

/** Containers of a database. */
const containerType = (sandbox: Sandbox): ResourceType => ({
  ...shared,
  type: `${databases}/containers`,
  schema: Container,
  write: async (operation) => {
    requireOwnName(operation);
    const { body, id } = operation;
    const [, database, container] = id.names as [string, string, string];
    const ask = await storeOf(sandbox, operation);
    const colls = ['dbs', database, 'colls'];
    const definition = Object.fromEntries(
      Object.entries(resourceIn(body)).filter(([field, value]) => value !== null && !field.startsWith('_')),
    );
    const made = await ask(
      { method: 'POST', segments: colls, body: definition, headers: throughputHeaders(body) },
      [409],
    );
    const place = [...colls, container];
    return stored(
      body,
      made.status === 409 ? await ask({ method: 'PUT', segments: place, body: definition }, []) : made,
    );
  },
  remove: async (operation, { name: container }, isAsked) => {
    if (!isAsked) return;
    const ask = await storeOf(sandbox, operation);
    await ask({ method: 'DELETE', segments: ['dbs', operation.id.names[1]!, 'colls', container] }, [404]);
  },
});

/** The databases and containers of Cosmos DB accounts. */
export const sqlResourceTypes = (sandbox: Sandbox): ResourceType[] => [databaseType(sandbox), containerType(sandbox)];
