// Microsoft.Storage/storageAccounts
import { Type } from 'typebox';
import type { ActionType, Operation, Resource, ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import type { JsonObject } from '../../base/json.ts';
import type { SecretKey } from '../../database/secret.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { decisionsAction } from '../postern/decisions.ts';
import type { Publish } from '../publication.ts';
import type { Attachable, StoreDirectory } from '../store-directory.ts';
import type { Stores } from '../target/keep-stores.ts';
import { showConnection } from '../target/private-endpoint-connection.ts';
import {
  listEndpoints,
  removeStore,
  renewStore,
  requireFreeName,
  shownConnections,
  startStore,
  tagsIn,
} from '../target/store-life.ts';
import { isHierarchical, StorageAccount, StorageAccountPatch, shownBody, storedBody } from './account-body.ts';
import { type AccountKeyName, accountKeys } from './account-key.ts';
import { storageAttachment } from './account-store.ts';
import { accountName } from './name.ts';
import { storageTarget } from './storage-target.ts';

const { type } = storageTarget;

/** What storage accounts need of the house. */
export type StorageRooms = {
  publish: Publish;
  stores: Stores;
  directory: StoreDirectory;
  attachable: Attachable;
  secretKey: SecretKey;
  sandbox: Sandbox;
};

/** Whether an account has folders of their own is settled when it is made: what it holds was written one way or the other. */
const requireSameNamespace = (existing: Resource, body: JsonObject): void => {
  if (isHierarchical(existing.body) === isHierarchical(body)) return;
  throw new ServiceError(
    400,
    'AccountPropertyCannotBeUpdated',
    `The property 'isHnsEnabled' of '${existing.name}' is set when the account is created and stays as it is. Delete the account and create it again, or make another one.`,
    { target: 'properties.isHnsEnabled' },
  );
};

const requireHierarchyAllowed = ({ body }: Operation): void => {
  if (!isHierarchical(body) || body.kind === 'StorageV2' || body.kind === 'BlockBlobStorage') return;
  throw new ServiceError(
    400,
    'InvalidRequestPropertyValue',
    `The value 'True' is not allowed for property isHnsEnabled of an account of kind ${String(body.kind)}. A hierarchical namespace needs StorageV2 or BlockBlobStorage.`,
    { target: 'properties.isHnsEnabled' },
  );
};

const update = (rooms: StorageRooms, operation: Operation, existing: Resource, tags: Record<string, string>) => {
  storageAttachment.requireSame(existing, tags);
  const body = storedBody(operation.body, existing.body, operation.now);
  requireSameNamespace(existing, body);
  renewStore(rooms, operation, existing);
  return body;
};

const create = async (rooms: StorageRooms, operation: Operation): Promise<JsonObject> => {
  await requireFreeName(operation, storageTarget, {
    code: 'StorageAccountInAnotherResourceGroup',
    says: (name) =>
      `The account ${name} is already in another resource group in this subscription. Names of storage accounts are globally unique: choose another one.`,
  });
  requireHierarchyAllowed(operation);
  storageAttachment.read(tagsIn(operation.body), rooms.attachable);
  await accountKeys.create(operation.tx, rooms.secretKey, operation.id.key);
  startStore(rooms, operation);
  return storedBody(operation.body, null, operation.now);
};

const keysReply = async (rooms: StorageRooms, operation: Operation, account: Resource) => {
  storageAttachment.requireOwn(account, 'Its keys are with whoever runs it; Postern does not know them.');
  const keys = await accountKeys.read(operation.tx, rooms.secretKey, account.key);
  const shown = Object.entries(keys).map(([keyName, value]) => ({
    keyName,
    value,
    permissions: 'FULL',
    creationTime: account.createdAt,
  }));
  return { body: { keys: shown } };
};

const actions = (rooms: StorageRooms): ActionType[] => [
  decisionsAction('target', `${type}/privateEndpointConnections/read`),
  {
    path: 'listKeys',
    method: 'POST',
    permission: `${type}/listkeys/action`,
    run: (operation, account) => keysReply(rooms, operation, account),
  },
  {
    path: 'regenerateKey',
    method: 'POST',
    permission: `${type}/regeneratekey/action`,
    body: Type.Object({ keyName: Type.Enum(['key1', 'key2']) }),
    run: async (operation, account) => {
      storageAttachment.requireOwn(account, 'Renew its keys with whoever runs it.');
      const name = operation.body.keyName as AccountKeyName;
      await accountKeys.renew(operation.tx, rooms.secretKey, account.key, name);
      operation.afterCommit(() => rooms.stores.ensure(account.key));
      return keysReply(rooms, operation, account);
    },
  },
  listEndpoints(storageTarget, rooms, {
    word: 'account',
    attachment: storageAttachment,
    urlOf: (place, { name }) => `https://${place}/${name}`,
    // A client of Data Lake on this machine asks both hosts at the one address that it is given.
    shown: ({ lake, ...others }) => ({ ...others, ...(lake && { dfs: lake }) }),
  }),
];

/** Storage accounts. Writing one answers once its store runs and the gateways know where. */
export const storageAccountType = (rooms: StorageRooms): ResourceType => ({
  type,
  scope: 'resourceGroup',
  apiVersions: storageTarget.apiVersions,
  name: accountName,
  tracked: true,
  schema: StorageAccount,
  etag: 'none',
  conditionalGet: false,
  // Never 201: Azure's command line takes it for an error.
  status: { created: 200, updated: 200 },
  patch: {
    schema: StorageAccountPatch,
    apply: async (operation, existing) =>
      update(rooms, operation, existing, operation.body.tags === undefined ? existing.tags : tagsIn(operation.body)),
  },
  write: async (operation, existing) =>
    existing ? update(rooms, operation, existing, tagsIn(operation.body)) : create(rooms, operation),
  remove: removeStore(rooms),
  present: async (operation, account) =>
    shownBody(account, await shownConnections(operation, storageTarget, account, showConnection)),
  actions: actions(rooms),
});
