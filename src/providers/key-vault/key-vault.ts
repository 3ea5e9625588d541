// Microsoft.KeyVault/vaults
import type { ActionType, NameRule, Operation, Resource, ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { listBelow } from '../../database/resource.ts';
import { decisionsAction } from '../postern/decisions.ts';
import type { Publish } from '../publication.ts';
import type { StoreDirectory } from '../store-directory.ts';
import { connectionsOfTarget, disconnectTarget } from '../target/connection.ts';
import { embeddedConnection } from '../target/private-endpoint-connection.ts';
import { keyVaultTarget } from './key-vault-target.ts';
import { KeyVault, KeyVaultPatch, propertiesOf, shownBody, storedBody } from './vault-body.ts';
import type { VaultStores } from './vault-store.ts';

const { type } = keyVaultTarget;

/** What key vaults need of the house. */
export type KeyVaultRooms = { publish: Publish; stores: VaultStores; directory: StoreDirectory; tenantId: string };

const vaultName: NameRule = {
  pattern: /^[A-Za-z](?!.*--)[A-Za-z0-9-]*[A-Za-z0-9]$/,
  min: 3,
  max: 24,
  says: 'letters, digits and single hyphens, beginning with a letter and ending with a letter or digit',
};

const refuse = (status: number, code: string, message: string, target: string) =>
  new ServiceError(status, code, message, { target });

const requireFreeName = async (operation: Operation): Promise<void> => {
  const name = operation.id.names[0]!;
  const all = await listBelow(operation.tx, { scopeKey: '', type });
  if (all.every((other) => other.name.toLowerCase() !== name.toLowerCase())) return;
  throw refuse(
    409,
    'VaultAlreadyExists',
    `The vault name '${name}' is already in use. Vault names are globally unique, so it is possible that the name is already taken. Choose another one.`,
    'name',
  );
};

/** What every write of a vault must hold to. */
const check = (rooms: KeyVaultRooms, { body }: Operation, existing: Resource | null): void => {
  const { tenantId, enablePurgeProtection } = propertiesOf(body);
  if (typeof tenantId === 'string' && tenantId.toLowerCase() !== rooms.tenantId.toLowerCase())
    throw refuse(
      400,
      'InvalidTenantId',
      `The tenant '${tenantId}' is not this Postern's: its principals are of the tenant '${rooms.tenantId}'.`,
      'properties.tenantId',
    );
  if (enablePurgeProtection === false && existing && propertiesOf(existing.body).enablePurgeProtection === true)
    throw refuse(
      400,
      'BadRequest',
      'The property "enablePurgeProtection" cannot be set to false: once enabled it stays. Leave it out or send true.',
      'properties.enablePurgeProtection',
    );
  const tag = Object.keys(isJsonObject(body.tags) ? body.tags : {}).find((one) => /^postern-backend/i.test(one));
  if (tag !== undefined)
    throw refuse(
      400,
      'InvalidTag',
      `The tag '${tag}' attaches a store that runs elsewhere, and a vault elsewhere would not accept the tokens of this Postern. Leave the tag out: a vault of the sandbox is started.`,
      `tags.${tag}`,
    );
};

const update = (rooms: KeyVaultRooms, operation: Operation, existing: Resource, body: JsonObject): JsonObject => {
  // A firewall that was closed is closed at once, whether or not the store runs.
  operation.afterCommit(rooms.publish);
  operation.afterCommit(() => rooms.stores.ensure(existing.key));
  operation.afterCommit(rooms.publish);
  return body;
};

const write = async (rooms: KeyVaultRooms, operation: Operation, existing: Resource | null): Promise<JsonObject> => {
  check(rooms, operation, existing);
  const body = storedBody(operation.body, null, operation.apiVersion);
  if (existing) {
    const { enablePurgeProtection } = propertiesOf(existing.body);
    const kept = enablePurgeProtection === true ? { enablePurgeProtection } : {};
    return update(rooms, operation, existing, { ...body, properties: { ...propertiesOf(body), ...kept } });
  }
  await requireFreeName(operation);
  operation.afterCommit(() => rooms.stores.create(operation.id.key));
  operation.afterCommit(rooms.publish);
  return body;
};

const actions = (rooms: KeyVaultRooms): ActionType[] => [
  decisionsAction('target', `${type}/privateEndpointConnections/read`),
  {
    path: 'providers/Postern.Sandbox/listEndpoints',
    method: 'POST',
    permission: `${type}/read`,
    run: async (_operation, vault) => {
      const backend = rooms.directory.backend(vault.key, 'vault');
      if (!backend)
        throw refuse(
          409,
          'StoreUnavailable',
          `The store of '${vault.name}' does not run. The log of Postern says why; writing the vault again starts it.`,
          vault.id,
        );
      return { body: { vault: `https://${backend.address}:${backend.port}` } };
    },
  },
];

/** Key vaults. Writing one answers once its store runs and the gateways know where. Deleting one removes its secrets. */
export const keyVaultType = (rooms: KeyVaultRooms): ResourceType => ({
  type,
  scope: 'resourceGroup',
  apiVersions: keyVaultTarget.apiVersions,
  name: vaultName,
  tracked: true,
  schema: KeyVault,
  etag: 'none',
  conditionalGet: false,
  status: { created: 201, updated: 200 },
  patch: {
    schema: KeyVaultPatch,
    apply: async (operation, existing) => {
      check(rooms, operation, existing);
      return update(rooms, operation, existing, storedBody(operation.body, existing.body, operation.apiVersion));
    },
  },
  write: (operation, existing) => write(rooms, operation, existing),
  remove: async (operation, existing) => {
    await disconnectTarget(operation, existing.key);
    operation.afterCommit(() => rooms.stores.remove(existing, rooms.publish));
  },
  present: async (operation, vault) => {
    const connections = await connectionsOfTarget(operation.tx, vault.key);
    return shownBody(
      vault,
      connections.map((connection) => embeddedConnection(keyVaultTarget, vault, connection)),
    );
  },
  actions: actions(rooms),
});
