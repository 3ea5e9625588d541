// Everything below Microsoft.DocumentDB, in reading order.
import type { ResourceType } from '../../arm/resource-type.ts';
import { privateEndpointConnectionType } from '../target/private-endpoint-connection.ts';
import { privateLinkResourceType } from '../target/private-link-resource.ts';
import { type DocumentDbRooms, databaseAccountType } from './database-account.ts';
import { documentDbTarget } from './document-db-target.ts';
import { roleAssignmentType } from './role-assignment.ts';
import { roleDefinitionType } from './role-definition.ts';
import { sqlResourceTypes } from './sql-resource.ts';

/** The resource types of Cosmos DB. */
export const documentDbTypes = (rooms: DocumentDbRooms): ResourceType[] => [
  databaseAccountType(rooms),
  ...sqlResourceTypes(rooms.sandbox),
  roleDefinitionType,
  roleAssignmentType,
  privateEndpointConnectionType(documentDbTarget, rooms.publish),
  privateLinkResourceType(documentDbTarget),
];
