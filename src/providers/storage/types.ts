// Everything below Microsoft.Storage, in reading order.
import type { ResourceType, Route } from '../../arm/resource-type.ts';
import { privateEndpointConnectionType } from '../target/private-endpoint-connection.ts';
import { privateLinkResourceType } from '../target/private-link-resource.ts';
import { nameAvailability } from './name-availability.ts';
import { type StorageRooms, storageAccountType } from './storage-account.ts';
import { storageTarget } from './storage-target.ts';

/** The resource types of Storage. */
export const storageTypes = (rooms: StorageRooms): ResourceType[] => [
  storageAccountType(rooms),
  privateEndpointConnectionType(storageTarget, rooms.publish),
  privateLinkResourceType(storageTarget),
];

/** The operations of Storage that are no resource's. */
export const storageRoutes: readonly Route[] = [nameAvailability];
