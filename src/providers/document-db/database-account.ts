// Microsoft.DocumentDB/databaseAccounts
import { Type } from 'typebox';
import type { ActionType, NameRule, Operation, Resource, ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import type { SecretKey } from '../../database/secret.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { decisionsAction } from '../postern/decisions.ts';
import type { Publish } from '../publication.ts';
import type { Attachable, StoreDirectory } from '../store-directory.ts';
import type { Stores } from '../target/keep-stores.ts';
import {
  listEndpoints,
  removeStore,
  renewStore,
  requireFreeName,
  shownConnections,
  startStore,
  tagsIn,
} from '../target/store-life.ts';
import {
  accountHost,
  DatabaseAccount,
  DatabaseAccountPatch,
  propertiesOf,
  shownBody,
  storedBody,
} from './account-body.ts';
import { type CosmosKeyName, cosmosKeys, shownKeys } from './account-key.ts';
import { cosmosAttachment } from './account-store.ts';
import { documentDbTarget } from './document-db-target.ts';

const { type } = documentDbTarget;

/** What Cosmos DB accounts need of the house. */
export type DocumentDbRooms = {
  publish: Publish;
  stores: Stores;
  directory: StoreDirectory;
  attachable: Attachable;
  secretKey: SecretKey;
  sandbox: Sandbox;
};

const accountName: NameRule = {
  pattern: /^[a-z0-9]+(-[a-z0-9]+)*$/,
  min: 3,
  max: 44,
  says: 'lower-case letters, digits and single hyphens between them',
};

const refuse = (status: number, code: string, message: string, target: string) =>
  new ServiceError(status, code, message, { target });

const otherApis = ['EnableMongo', 'EnableCassandra', 'EnableGremlin', 'EnableTable'];

/** What would make it an account that nothing here serves is refused, and so is what would not be obeyed. */
const check = ({ body }: Operation): void => {
  if (body.kind !== undefined && body.kind !== 'GlobalDocumentDB')
    throw refuse(
      400,
      'BadRequest',
      `Accounts of the kind '${String(body.kind)}' are not served here: use GlobalDocumentDB, the API for NoSQL.`,
      'kind',
    );
  const { capabilities } = propertiesOf(body);
  const other = (Array.isArray(capabilities) ? capabilities : [])
    .map((one) => (isJsonObject(one) ? String(one.name) : ''))
    .find((one) => otherApis.includes(one));
  if (other !== undefined)
    throw refuse(
      400,
      'BadRequest',
      `The capability '${other}' makes an account of another API, and the API for NoSQL only is served here. Leave it out.`,
      'properties.capabilities',
    );
};

const update = (rooms: DocumentDbRooms, operation: Operation, existing: Resource, body: JsonObject): JsonObject => {
  renewStore(rooms, operation, existing);
  return body;
};

const create = async (rooms: DocumentDbRooms, operation: Operation): Promise<JsonObject> => {
  await requireFreeName(operation, documentDbTarget, {
    code: 'Conflict',
    says: (name) =>
      `The database account name '${name}' already exists. Names of Cosmos DB accounts are globally unique: choose another one.`,
  });
  cosmosAttachment.read(tagsIn(operation.body), rooms.attachable);
  await cosmosKeys.create(operation.tx, rooms.secretKey, operation.id.key);
  startStore(rooms, operation);
  return storedBody(operation.body, null);
};

const readKeys = async (rooms: DocumentDbRooms, operation: Operation, account: Resource) => {
  cosmosAttachment.requireOwn(account, 'Its keys are with whoever runs it; Postern does not know them.');
  return cosmosKeys.read(operation.tx, rooms.secretKey, account.key);
};

const descriptions: Readonly<Record<CosmosKeyName, string>> = {
  primary: 'Primary SQL Connection String',
  secondary: 'Secondary SQL Connection String',
  primaryReadonly: 'Primary Read-Only SQL Connection String',
  secondaryReadonly: 'Secondary Read-Only SQL Connection String',
};

const kindOfKey = (name: CosmosKeyName) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

const readonlyKeys = (rooms: DocumentDbRooms, method: 'GET' | 'POST', permission: string): ActionType => ({
  path: 'readonlykeys',
  method,
  permission,
  run: async (operation, account) => ({ body: shownKeys(await readKeys(rooms, operation, account), false) }),
});

const actions = (rooms: DocumentDbRooms): ActionType[] => [
  decisionsAction('target', `${type}/privateEndpointConnections/read`),
  {
    path: 'listKeys',
    method: 'POST',
    permission: `${type}/listKeys/action`,
    run: async (operation, account) => ({ body: shownKeys(await readKeys(rooms, operation, account), true) }),
  },
  readonlyKeys(rooms, 'GET', `${type}/readonlykeys/read`),
  readonlyKeys(rooms, 'POST', `${type}/readonlykeys/action`),
  {
    path: 'listConnectionStrings',
    method: 'POST',
    permission: `${type}/listConnectionStrings/action`,
    run: async (operation, account) => {
      const keys = await readKeys(rooms, operation, account);
      const connectionStrings = (Object.keys(descriptions) as CosmosKeyName[]).map((name) => ({
        connectionString: `AccountEndpoint=https://${accountHost(account.name)}:443/;AccountKey=${keys[name]};`,
        description: descriptions[name],
        keyKind: kindOfKey(name),
        type: 'Sql',
      }));
      return { body: { connectionStrings } };
    },
  },
  {
    path: 'regenerateKey',
    method: 'POST',
    permission: `${type}/regenerateKey/action`,
    body: Type.Object({ keyKind: Type.Enum(Object.keys(descriptions)) }),
    run: async (operation, account) => {
      cosmosAttachment.requireOwn(account, 'Renew its keys with whoever runs it.');
      await cosmosKeys.renew(operation.tx, rooms.secretKey, account.key, operation.body.keyKind as CosmosKeyName);
      operation.afterCommit(() => rooms.stores.ensure(account.key));
      return { status: 200 };
    },
  },
  listEndpoints(documentDbTarget, rooms, {
    word: 'account',
    attachment: cosmosAttachment,
    urlOf: (place) => `https://${place}/`,
  }),
];

/** Cosmos DB accounts. Writing one answers once its store runs and the gateways know where. */
export const databaseAccountType = (rooms: DocumentDbRooms): ResourceType => ({
  type,
  scope: 'resourceGroup',
  apiVersions: documentDbTarget.apiVersions,
  name: accountName,
  tracked: true,
  schema: DatabaseAccount,
  etag: 'none',
  conditionalGet: false,
  status: { created: 200, updated: 200 },
  asyncOperation: true,
  patch: {
    schema: DatabaseAccountPatch,
    apply: async (operation, existing) => {
      check(operation);
      if (operation.body.tags !== undefined) cosmosAttachment.requireSame(existing, tagsIn(operation.body));
      return update(rooms, operation, existing, storedBody(operation.body, existing.body));
    },
  },
  write: async (operation, existing) => {
    check(operation);
    if (!existing) return create(rooms, operation);
    cosmosAttachment.requireSame(existing, tagsIn(operation.body));
    return update(rooms, operation, existing, storedBody(operation.body, null));
  },
  remove: removeStore(rooms),
  present: async (operation, account) =>
    shownBody(account, await shownConnections(operation, documentDbTarget, account)),
  actions: actions(rooms),
});
