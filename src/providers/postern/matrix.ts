// The matrix: each runtime of a factory against each target, and what may pass, by the function that also decides.
import type { Operation } from '../../arm/resource-type.ts';
import type { JsonObject } from '../../base/json.ts';
import { compileSnapshot } from '../../network/policy/compiled-snapshot.ts';
import { explain } from '../../network/policy/explain.ts';
import type { Endpoint, Network, Snapshot } from '../../network/policy/model.ts';
import { endpointBehind, wordsOf } from './explain.ts';
import { mayRead, type RuntimeSeat, type Scope } from './place.ts';

/** One sub-resource that a runtime may want: a host and a port. */
export type Target = { resourceId: string; groupId: string; host: string; port: number };

/** One cell. */
export type Cell = Target & {
  runtime: string;
  network: string;
  verdict: 'allowed' | 'denied';
  code: string;
  message: string;
  remedy: string;
  rule: string;
  endpoint: string | null;
  state: string | null;
};

/**
 * What the factory's endpoints lead to, and every other store that runs here and the caller may read; the ids of stores that
 * somebody else owns are not told.
 */
export const targetsOf = (snapshot: Snapshot, networks: readonly string[], operation: Operation): Target[] => {
  const found = new Map<string, Target>();
  const add = (target: Target) => {
    const key = `${target.host}:${target.port}`;
    if (!found.has(key)) found.set(key, target);
  };
  for (const { key, endpoints } of snapshot.networks)
    if (networks.includes(key))
      for (const { resourceId, groupId, names, ports } of endpoints)
        for (const { host } of names) for (const port of ports) add({ resourceId, groupId, host, port });
  for (const { resourceId, groupId, host, ports, backend } of snapshot.stores)
    if (backend !== null && mayRead(operation, resourceId))
      for (const port of ports) add({ resourceId, groupId, host, port });
  return [...found.values()].sort((one, other) => one.host.localeCompare(other.host) || one.port - other.port);
};

/** Every runtime against every target. */
export const matrixOf = (snapshot: Snapshot, runtimes: readonly RuntimeSeat[], targets: readonly Target[]): Cell[] => {
  const compiled = compileSnapshot(snapshot);
  return runtimes.flatMap(({ name, network }) =>
    targets.map((target): Cell => {
      const { verdict, rule } = explain(compiled, network, target);
      const endpoint = endpointBehind(snapshot, network, verdict);
      return {
        ...target,
        runtime: name,
        network,
        verdict: verdict.allow ? 'allowed' : 'denied',
        code: verdict.code,
        ...wordsOf(verdict, endpoint),
        rule: rule.name,
        endpoint: endpoint?.id ?? null,
        state: endpoint?.state ?? null,
      };
    }),
  );
};

const egressWords = ({ kind, egress }: Network): string => {
  if (kind === 'public')
    return 'A public network: no private endpoints; stores answer by their public path if their own firewall admits public networks, other public hosts by their names on any TCP port.';
  const { mode, hosts, audit } = egress;
  const audited = audit ? ' Audit: what the list does not admit is allowed and recorded.' : '';
  switch (mode) {
    case 'None':
      return `No public host is admitted.${audited}`;
    case 'AllowList':
      return `Public hosts on the list, on TCP port 443: ${hosts.join(', ') || 'none'}.${audited}`;
    case 'Https':
      return 'Any public host by its name on TCP port 443, storage and data lake hosts apart.';
    case 'AnyPort':
      return 'Any public host by its name on any TCP port, storage and data lake hosts apart.';
  }
};

const endpointWords = ({ id, name, state, resourceId, groupId, description, expiresAt }: Endpoint): JsonObject => {
  return { id, name, state, expiresAt: expiresAt ?? null, resourceId, groupId, description };
};

/** Each network of the question, its endpoints, and what it admits of the public. */
export const networksOf = (snapshot: Snapshot, { networks }: Pick<Scope, 'networks'>): JsonObject[] =>
  snapshot.networks
    .filter(({ key }) => networks.includes(key))
    .map((network) => ({
      network: network.key,
      title: network.title,
      kind: network.kind,
      egress: { mode: network.egress.mode, audit: network.egress.audit, hosts: [...network.egress.hosts] },
      says: egressWords(network),
      endpoints: network.endpoints.map(endpointWords),
    }));
