// Everything below Microsoft.Storage, in reading order.
import type { ResourceType, Route } from '../../arm/resource-type.ts';
import { privateEndpointConnectionType } from '../target/private-endpoint-connection.ts';
import { privateLinkResourceType } from '../target/private-link-resource.ts';
import { containerKind } from './content/container.ts';
import { contentType } from './content/content-type.ts';
import { faceKinds } from './content/face.ts';
import { shareKind } from './content/share.ts';
import { tableKind } from './content/table.ts';
import { nameAvailability } from './name-availability.ts';
import { type StorageRooms, storageAccountType } from './storage-account.ts';
import { storageTarget } from './storage-target.ts';

/** The resource types of Storage. */
export const storageTypes = (rooms: StorageRooms): ResourceType[] => [
  storageAccountType(rooms),
  privateEndpointConnectionType(storageTarget, rooms.publish),
  privateLinkResourceType(storageTarget),
  ...[...faceKinds, containerKind, shareKind, tableKind].map((kind) => contentType(rooms.sandbox, kind)),
];

/** The operations of Storage that are no resource's. */
export const storageRoutes: readonly Route[] = [nameAvailability];
