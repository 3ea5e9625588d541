// Everything below Postern.Network, in reading order: a resource type, and what may be asked of networks and of the
// two sides of a connection.
import type { ActionType, ResourceType } from '../../arm/resource-type.ts';
import type { Publish } from '../publication.ts';
import { approvalPolicy } from '../target/approval-policy.ts';
import type { TargetKind } from '../target/target.ts';
import { decisionsAction } from './decisions.ts';
import { egressPolicy } from './egress-policy.ts';
import { explainAction } from './explain.ts';
import { flowsAction } from './flows.ts';
import type { NetworkRooms } from './probe.ts';
import { reachabilityActions } from './reachability.ts';

/** The resource types of Postern's own. */
export const posternTypes = (publish: Publish, kinds: readonly TargetKind[]): ResourceType[] => [
  egressPolicy(publish),
  approvalPolicy(kinds),
];

/** What may be asked of a network or a factory by whoever has `permission`: to read it. */
export const networkActions = (rooms: NetworkRooms, permission: string): ActionType[] => [
  explainAction(rooms, permission),
  flowsAction(rooms, permission),
  ...reachabilityActions(rooms, permission),
  decisionsAction('requester', permission),
];
