// `reachability`: everything that a factory's runtimes may reach, and with a probe the proof that the rest is closed.
import { networkInterfaces } from 'node:os';
import type { ActionType, Operation, Reply, Resource } from '../../arm/resource-type.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Snapshot } from '../../network/policy/model.ts';
import { matrixOf, networksOf, type Target, targetsOf } from './matrix.ts';
import { mayRead, readScopeOf, type Scope } from './place.ts';
import { type NetworkRooms, runProbe, wantsProbe } from './probe.ts';
import { type Inside, planProbes } from './probe-plan.ts';
import { evidenceOf, verdictOf } from './verdict.ts';

const path = 'providers/Postern.Network/reachability';

const mostBackends = 10;

/** Where this process listens, by every address of this machine that a worker might try, and the stores that the caller may read. */
const insideOf = (snapshot: Snapshot, operation: Operation): Inside[] => {
  const port = Number(new URL(operation.origin).port || 443);
  const addresses = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
  const own = ['127.0.0.1', ...addresses].map((address) => ({ address, port, what: "Postern's own API" }));
  const backends = snapshot.stores
    .filter(({ resourceId }) => mayRead(operation, resourceId))
    .flatMap(({ backend }) => (backend ? [{ ...backend, what: 'a store, past its endpoint' }] : []));
  return [...own, ...backends.slice(0, mostBackends)];
};

type Told = { snapshot: Snapshot; scope: Scope; targets: Target[]; inside: Inside[] };

const showMatrix = ({ snapshot, scope, targets }: Told, now: string): JsonObject => ({
  factory: scope.factory.id,
  at: now,
  snapshotVersion: snapshot.version,
  networks: networksOf(snapshot, scope),
  runtimes: scope.runtimes.map(({ name, network }) => ({ name, network })),
  matrix: matrixOf(snapshot, scope.runtimes, targets),
});

/** Networks that hold no runtime run nothing; one that was asked about by itself is probed all the same. */
const probed = ({ scope, snapshot }: Told) => {
  const used = new Set(scope.runtimes.map(({ network }) => network));
  return snapshot.networks.filter(
    ({ key }) => scope.networks.includes(key) && (used.has(key) || scope.networks.length === 1),
  );
};

const probeAll = async (rooms: NetworkRooms, told: Told): Promise<JsonObject> => {
  const { snapshot, scope, targets, inside } = told;
  const probes: JsonObject[] = [];
  for (const network of probed(told)) {
    const plan = planProbes(snapshot, network, targets, inside);
    const result = await runProbe(
      rooms,
      { factory: scope.factory, network: network.key },
      plan.map(({ attempt }) => attempt),
    );
    const evidence = evidenceOf(plan, result);
    const verdict = verdictOf(evidence);
    probes.push({ network: network.key, title: network.title, worker: result.worker, ...verdict, evidence });
  }
  return { sealed: probes.length > 0 && probes.every(({ sealed }) => sealed === true), probes };
};

const answer = async (rooms: NetworkRooms, operation: Operation, resource: Resource): Promise<Reply> => {
  const scope = await readScopeOf(operation, resource);
  const snapshot = rooms.network.current();
  const targets = targetsOf(snapshot, scope.networks, operation);
  const told = { snapshot, scope, targets, inside: insideOf(snapshot, operation) };
  const body = showMatrix(told, operation.now);
  if (!wantsProbe(operation, scope.factory)) return { body };
  return { later: async () => ({ ...body, ...(await probeAll(rooms, told)) }) };
};

/** `GET` or `POST {network or factory}/providers/Postern.Network/reachability`; with `?probe=true` also from real workers. */
export const reachabilityActions = (rooms: NetworkRooms, permission: string): ActionType[] =>
  (['GET', 'POST'] as const).map((method) => ({
    path,
    method,
    permission,
    run: (operation, resource) => answer(rooms, operation, resource),
  }));
