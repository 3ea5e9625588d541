// The one place where the database becomes what the gateways must know.
import { isJsonObject, type JsonObject } from '../base/json.ts';
import type { Database, Tx } from '../database/database.ts';
import { listBelow, type Resource } from '../database/resource.ts';
import type { Endpoint, Network, Snapshot, Store } from '../network/policy/model.ts';
import { readOwnName } from '../network/policy/own-name.ts';
import { zoneNames, zoneOf } from '../network/policy/zone.ts';
import { shownState } from '../private-link/connection.ts';
import { publicNetworkKey } from '../runtime/runtime-network.ts';
import { defaultEgress, egressOf, egressPolicyType } from './postern/egress.ts';
import type { StoreDirectory } from './store-directory.ts';
import type { TargetKind } from './target/target.ts';

type Held = {
  name: string;
  endpoint_key: string;
  target_key: string;
  group_id: string;
  state: string;
  expires_at: string | null;
  is_expired: number;
  description: string;
  network_key: string;
  address: string;
};

const readConnections = (db: Database | Tx): Promise<Held[]> =>
  db
    .selectFrom('connection')
    .innerJoin('address', 'address.endpoint_key', 'connection.endpoint_key')
    .select([
      'connection.name',
      'connection.endpoint_key',
      'connection.target_key',
      'connection.group_id',
      'connection.state',
      'connection.expires_at',
      'connection.is_expired',
      'connection.description',
      'address.network_key',
      'address.address',
    ])
    .orderBy('connection.endpoint_key')
    .execute();

/** What an endpoint leads to: names and ports of a sub-resource follow from the target, those of a whole one from both sides. */
const wayOf = (
  held: Held,
  properties: JsonObject,
  target: { resource: Resource; kind: TargetKind } | undefined,
  directory: StoreDirectory,
): Pick<Endpoint, 'names' | 'ports' | 'backend' | 'byPort'> => {
  if (held.group_id === '') {
    const byPort = target?.kind.whole?.places(target.resource) ?? {};
    const names = (Array.isArray(properties.fqdns) ? properties.fqdns : [])
      .map((name) => readOwnName(String(name)))
      .flatMap((name) => ('host' in name ? [{ host: name.host, privateLinkName: null }] : []));
    return { names, ports: Object.keys(byPort).map(Number), backend: null, byPort };
  }
  const [type = '', targetName = ''] = targetTypeAndName(String(properties.privateLinkResourceId));
  const zone = zoneOf(type, held.group_id);
  return {
    names: zone ? [zoneNames(zone, targetName)] : [],
    ports: zone?.ports ?? [],
    backend: target ? directory.backend(held.target_key, held.group_id) : null,
  };
};

const endpointOf = (
  held: Held,
  resource: Resource,
  targets: ReadonlyMap<string, { resource: Resource; kind: TargetKind }>,
  directory: StoreDirectory,
): Endpoint => {
  const properties = isJsonObject(resource.body.properties) ? resource.body.properties : {};
  const target = targets.get(held.target_key);
  const resourceId = target?.resource.id ?? String(properties.privateLinkResourceId);
  return {
    id: resource.id,
    name: resource.name,
    connection: `${resourceId}/privateEndpointConnections/${held.name}`,
    address: held.address,
    resourceId,
    groupId: held.group_id,
    state: shownState(held),
    ...(held.expires_at !== null && { expiresAt: held.expires_at }),
    description: held.description,
    ...wayOf(held, properties, target, directory),
  };
};

/** Provider type and name of a top-level resource, from its ARM id. The target itself may be gone. */
const targetTypeAndName = (id: string): [type: string, name: string] => {
  const [, namespace, type, name] = /\/providers\/([^/]+)\/([^/]+)\/([^/]+)$/i.exec(id) ?? [];
  return [`${namespace}/${type}`, name ?? ''];
};

const storesOf = (
  kind: TargetKind,
  target: Resource,
  approved: ReadonlySet<string>,
  directory: StoreDirectory,
): Store[] =>
  kind.groupIds.flatMap((groupId) => {
    const zone = zoneOf(kind.type, groupId);
    if (!zone) return [];
    return {
      host: zoneNames(zone, target.name).host,
      resourceId: target.id,
      groupId: zone.groupId,
      backend: directory.backend(target.key, zone.groupId),
      ports: zone.ports,
      publicAccess: kind.isPublic(target.body),
      hasPrivateEndpoint: approved.has(`${target.key} ${zone.groupId}`),
    };
  });

/** Compiles what stands in the database now, and where the stores listen now, under `version`. */
export const compileSnapshot = async (
  db: Database | Tx,
  version: number,
  kinds: readonly TargetKind[],
  directory: StoreDirectory,
): Promise<Snapshot> => {
  const all = (type: string) => listBelow(db, { scopeKey: '', type });
  const factories = await all('Microsoft.DataFactory/factories');
  const managed = await all('Microsoft.DataFactory/factories/managedVirtualNetworks');
  const endpoints = await all('Microsoft.DataFactory/factories/managedVirtualNetworks/managedPrivateEndpoints');
  const policies = new Map((await all(egressPolicyType)).map((policy) => [policy.parentKey, policy.body]));
  const connections = await readConnections(db);
  const targets = new Map<string, { resource: Resource; kind: TargetKind }>();
  const stores: Store[] = [];
  // One whose time is over counts on: that time passes opens nothing, not the public path either.
  const approved = new Set(
    connections.filter(({ state }) => state === 'Approved').map((held) => `${held.target_key} ${held.group_id}`),
  );
  for (const kind of kinds)
    for (const target of await all(kind.type)) {
      targets.set(target.key, { resource: target, kind });
      stores.push(...storesOf(kind, target, approved, directory));
    }
  const endpointByKey = new Map(endpoints.map((endpoint) => [endpoint.key, endpoint]));
  const held = Map.groupBy(connections, ({ network_key }) => network_key);
  const factoryByKey = new Map(factories.map((factory) => [factory.key, factory]));
  const networks: Network[] = [
    ...factories.map((factory) => ({
      key: publicNetworkKey(factory.key),
      kind: 'public' as const,
      title: `the public network of factory ${factory.name}`,
      egress: defaultEgress,
      endpoints: [],
    })),
    ...managed.map((network) => ({
      key: network.key,
      kind: 'managed' as const,
      title: `${network.name} of factory ${factoryByKey.get(network.parentKey)?.name}`,
      egress: egressOf(policies.get(network.key)),
      endpoints: (held.get(network.key) ?? []).flatMap((one) => {
        const resource = endpointByKey.get(one.endpoint_key);
        return resource ? endpointOf(one, resource, targets, directory) : [];
      }),
    })),
  ];
  return { version, networks, stores };
};
