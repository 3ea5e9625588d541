// Everything below Microsoft.Synapse, in reading order.
import type { ResourceType } from '../../arm/resource-type.ts';
import { administratorTypes } from '../sql/entra-administrator.ts';
import { firewallRuleType } from '../sql/firewall-rule.ts';
import type { SqlRooms } from '../sql/server.ts';
import { privateEndpointConnectionType } from '../target/private-endpoint-connection.ts';
import { privateLinkResourceType } from '../target/private-link-resource.ts';
import { sqlPoolType } from './sql-pool.ts';
import { workspaceType } from './workspace.ts';
import { workspaceTarget } from './workspace-target.ts';

/** The resource types of Synapse. */
export const synapseTypes = (rooms: SqlRooms): ResourceType[] => [
  workspaceType(rooms),
  sqlPoolType(rooms),
  ...administratorTypes(workspaceTarget, rooms, ['administrators', 'sqlAdministrators']),
  firewallRuleType(workspaceTarget, rooms.publish),
  privateEndpointConnectionType(workspaceTarget, rooms.publish),
  privateLinkResourceType(workspaceTarget),
];
