// Microsoft.KeyVault/vaults
import type { NameRule, Operation, Resource, ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import type { JsonObject } from '../../base/json.ts';
import { decisionsAction } from '../postern/decisions.ts';
import type { Publish } from '../publication.ts';
import type { StoreDirectory } from '../store-directory.ts';
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
import { keyVaultTarget } from './key-vault-target.ts';
import { KeyVault, KeyVaultPatch, propertiesOf, shownBody, storedBody } from './vault-body.ts';

const { type } = keyVaultTarget;

/** What key vaults need of the house. */
export type KeyVaultRooms = { publish: Publish; stores: Stores; directory: StoreDirectory; tenantId: string };

const vaultName: NameRule = {
  pattern: /^[A-Za-z](?!.*--)[A-Za-z0-9-]*[A-Za-z0-9]$/,
  min: 3,
  max: 24,
  says: 'letters, digits and single hyphens, beginning with a letter and ending with a letter or digit',
};

const refuse = (status: number, code: string, message: string, target: string) =>
  new ServiceError(status, code, message, { target });

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
  const tag = Object.keys(tagsIn(body)).find((one) => /^postern-backend/i.test(one));
  if (tag !== undefined)
    throw refuse(
      400,
      'InvalidTag',
      `The tag '${tag}' attaches a store that runs elsewhere, and a vault elsewhere would not accept the tokens of this Postern. Leave the tag out: a vault of the sandbox is started.`,
      `tags.${tag}`,
    );
};

const update = (rooms: KeyVaultRooms, operation: Operation, existing: Resource, body: JsonObject): JsonObject => {
  renewStore(rooms, operation, existing);
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
  await requireFreeName(operation, keyVaultTarget, {
    code: 'VaultAlreadyExists',
    says: (name) =>
      `The vault name '${name}' is already in use. Vault names are globally unique, so it is possible that the name is already taken. Choose another one.`,
  });
  startStore(rooms, operation);
  return body;
};

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
  remove: removeStore(rooms),
  present: async (operation, vault) => shownBody(vault, await shownConnections(operation, keyVaultTarget, vault)),
  actions: [
    decisionsAction('target', `${type}/privateEndpointConnections/read`),
    listEndpoints(keyVaultTarget, rooms, { word: 'vault', urlOf: (place) => `https://${place}` }),
  ],
});
