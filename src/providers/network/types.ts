// Everything below Microsoft.Network, in reading order.
import type { ResourceType, Route } from '../../arm/resource-type.ts';
import type { Publish } from '../publication.ts';
import type { Attachable } from '../store-directory.ts';
import { privateEndpointConnectionType } from '../target/private-endpoint-connection.ts';
import type { TargetKind } from '../target/target.ts';
import { networkInterfaceResource } from './network-interface.ts';
import { privateDnsZoneGroupResource } from './private-dns-zone-group.ts';
import { privateEndpointResource } from './private-endpoint.ts';
import { privateLinkServiceResource } from './private-link-service/resource.ts';
import { visibilityRoutes } from './private-link-service/visibility.ts';
import { subnetResource } from './subnet.ts';
import { virtualNetworkResource } from './virtual-network.ts';

/** What the owners' own networks need of the house. */
export type NetworkRooms = {
  /** What private endpoints may lead to, and which of it are Private Link Services. */
  kinds: readonly TargetKind[];
  privateLinkService: TargetKind;
  publish: Publish;
  attachable: Attachable;
};

/** The resource types of the owners' own networks. */
export const networkTypes = (rooms: NetworkRooms): ResourceType[] => [
  virtualNetworkResource,
  subnetResource,
  privateEndpointResource(rooms.kinds, rooms.publish),
  privateDnsZoneGroupResource,
  networkInterfaceResource,
  privateLinkServiceResource(rooms.privateLinkService, rooms),
  privateEndpointConnectionType(rooms.privateLinkService, rooms.publish),
];

/** The operations of Network that are no resource's. */
export const networkRoutes: readonly Route[] = visibilityRoutes;
