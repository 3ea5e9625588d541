// `flows` of a store: what its owner has let in, as it flows. The owner sees how much comes over which connection; which
// worker and activity it is stays with the factory.

import { authorizationFailed } from '../../arm/authorization/access.ts';
import { resourceNotFound } from '../../arm/containment.ts';
import { idOfSegments } from '../../arm/resource-id.ts';
import type { Operation, Route } from '../../arm/resource-type.ts';
import type { JsonObject } from '../../base/json.ts';
import { readResource } from '../../database/resource.ts';
import type { FlowRecord } from '../../network/policy/model.ts';
import { type Connection, connectionsOfTarget } from '../target/connection.ts';
import type { TargetKind } from '../target/target.ts';
import { readAsk } from './flows.ts';
import type { NetworkRooms } from './probe.ts';
import { posternVersions } from './version.ts';

/** The key of the network that an endpoint is in. */
const networkOf = ({ endpoint_key }: Connection): string => endpoint_key.split('/').slice(0, -2).join('/');

const show = (flow: FlowRecord, { name }: Connection): JsonObject => {
  const { id, at, host, port, verdict, code, endpoint, bytesSent, bytesReceived, endedAt, end } = flow;
  return { id, at, host, port, verdict, code, endpoint, connection: name, bytesSent, bytesReceived, endedAt, end };
};

const run = async (rooms: Pick<NetworkRooms, 'network'>, kind: TargetKind, operation: Operation) => {
  const store = idOfSegments(operation.id.path.split('/').slice(1, -3));
  const permission = `${kind.type}/privateEndpointConnections/read`;
  if (!operation.may(permission, store.path)) throw authorizationFailed(operation.caller, permission, store.path);
  const found = await readResource(operation.tx, store.key);
  if (!found) throw resourceNotFound(store);
  const { top, changedSince } = readAsk(operation);
  const connections = await connectionsOfTarget(operation.tx, store.key);
  const byEndpoint = new Map(connections.map((connection) => [connection.endpoint_key, connection]));
  const later = async () => {
    const networks = [...new Set(connections.map(networkOf))];
    // What goes to other stores takes none of the places.
    const filter = {
      endpoints: new Set(byEndpoint.keys()),
      limit: top,
      ...(changedSince !== undefined && { changedSince }),
    };
    const all = await Promise.all(networks.map((network) => rooms.network.flows({ ...filter, network })));
    const own = all.flat().flatMap((flow) => {
      const connection = byEndpoint.get(flow.endpoint?.toLowerCase() ?? '');
      return connection ? [{ flow, connection }] : [];
    });
    const newest = own.sort((one, other) => other.flow.at.localeCompare(one.flow.at)).slice(0, top);
    return { value: newest.map(({ flow, connection }) => show(flow, connection)) };
  };
  return { later };
};

/** `GET {store}/providers/Postern.Network/flows?since=&top=`, newest first, for whoever may read the store's connections. */
export const storeFlowsRoute =
  (rooms: Pick<NetworkRooms, 'network'>) =>
  (kind: TargetKind): Route => ({
    method: 'GET',
    path: `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/${kind.type}/{store}/providers/Postern.Network/flows`,
    apiVersions: posternVersions,
    permission: null,
    run: (operation) => run(rooms, kind, operation),
  });
