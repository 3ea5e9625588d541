// Everything below Microsoft.Sql, in reading order.
import type { ResourceType, Route } from '../../arm/resource-type.ts';
import { privateEndpointConnectionType } from '../target/private-endpoint-connection.ts';
import { privateLinkResourceType } from '../target/private-link-resource.ts';
import { sqlDatabaseType } from './database.ts';
import { administratorTypes } from './entra-administrator.ts';
import { firewallRuleType } from './firewall-rule.ts';
import { sqlNameAvailability } from './name-availability.ts';
import { type SqlRooms, sqlServerType } from './server.ts';
import { sqlServerTarget } from './sql-server-target.ts';

/** The resource types of Azure SQL. */
export const sqlTypes = (rooms: SqlRooms): ResourceType[] => [
  sqlServerType(rooms),
  sqlDatabaseType(rooms),
  ...administratorTypes(sqlServerTarget, rooms),
  firewallRuleType(sqlServerTarget, rooms.publish),
  privateEndpointConnectionType(sqlServerTarget, rooms.publish),
  privateLinkResourceType(sqlServerTarget),
];

/** The operations of Azure SQL that are no resource's. */
export const sqlRoutes: readonly Route[] = [sqlNameAvailability];
