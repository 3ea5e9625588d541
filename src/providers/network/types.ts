// Everything below Microsoft.Network, in reading order.
import type { ResourceType } from '../../arm/resource-type.ts';
import type { Publish } from '../publication.ts';
import type { TargetKind } from '../target/target.ts';
import { networkInterfaceResource } from './network-interface.ts';
import { privateDnsZoneGroupResource } from './private-dns-zone-group.ts';
import { privateEndpointResource } from './private-endpoint.ts';
import { subnetResource } from './subnet.ts';
import { virtualNetworkResource } from './virtual-network.ts';

/** The resource types of the owners' own networks. `kinds` are what private endpoints may lead to. */
export const networkTypes = (rooms: { kinds: readonly TargetKind[]; publish: Publish }): ResourceType[] => [
  virtualNetworkResource,
  subnetResource,
  privateEndpointResource(rooms.kinds, rooms.publish),
  privateDnsZoneGroupResource,
  networkInterfaceResource,
];
