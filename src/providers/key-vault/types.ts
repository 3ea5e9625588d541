// Everything below Microsoft.KeyVault, in reading order.
import type { ResourceType } from '../../arm/resource-type.ts';
import { privateEndpointConnectionType } from '../target/private-endpoint-connection.ts';
import { privateLinkResourceType } from '../target/private-link-resource.ts';
import { type KeyVaultRooms, keyVaultType } from './key-vault.ts';
import { keyVaultTarget } from './key-vault-target.ts';

/** The resource types of Key Vault. */
export const keyVaultTypes = (rooms: KeyVaultRooms): ResourceType[] => [
  keyVaultType(rooms),
  privateEndpointConnectionType(keyVaultTarget, rooms.publish),
  privateLinkResourceType(keyVaultTarget),
];
