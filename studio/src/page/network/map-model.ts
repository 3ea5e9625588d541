// What the map shows, from what the API tells: who is inside, which gates there are, what they lead to. Pure.
import { nameIn } from '../../../../src/base/show.ts';
import type { Reachability } from '../../../../src/cli/network-shape.ts';
import { isSameId, typeOf } from '../../api/id.ts';
import type { Flow } from '../../api/shape.ts';
import { storeKindOf } from '../../api/store.ts';
import { groupTitle, hostOf } from '../../api/target.ts';

/** What flows over a line now, and what lately came of it. */
export type Weight = { live: number; bytes: number; denied: number };

/** A gate in the wall: an endpoint, or the public door. `reason` is why its owner shut it, in their words. */
export type Gate = { id: string; name: string; state: string; reason: string; target: string; weight: Weight };

/** Something outside the wall. `host` and `port` are what a worker would dial. */
export type Outside = { key: string; title: string; says: string; host: string; port: number; gate: string | null };

/** The map. */
export type MapModel = {
  inside: string[];
  outsideRuntimes: string[];
  gates: Gate[];
  outsides: Outside[];
  door: { says: string; mode: string; weight: Weight } | null;
};

const lately = 60_000;

const weigh = (flows: readonly Flow[], now: number): Weight => ({
  live: flows.filter(({ endedAt, verdict }) => endedAt === null && verdict === 'allowed').length,
  bytes: flows.reduce((sum, flow) => sum + flow.bytesSent + flow.bytesReceived, 0),
  denied: flows.filter(({ verdict, at }) => verdict === 'denied' && now - Date.parse(at) < lately).length,
});

/** Builds the map of a factory. */
export const mapOf = (told: Reachability, flows: readonly Flow[], now: number): MapModel => {
  const managed = told.networks.find(({ kind }) => kind === 'managed');
  const isInside = (network: string) => managed !== undefined && isSameId(network, managed.network);
  const own = flows.filter(({ network }) => isInside(network));
  const gates = (managed?.endpoints ?? []).map(
    (endpoint): Gate => ({
      id: endpoint.id,
      name: endpoint.name,
      state: endpoint.state,
      // Until the owner has spoken there are no words of theirs; what is open needs none.
      reason: endpoint.state === 'Pending' || endpoint.state === 'Approved' ? '' : endpoint.description,
      target: `${endpoint.resourceId}|${endpoint.groupId}`.toLowerCase(),
      weight: weigh(
        own.filter((flow) => isSameId(flow.endpoint, endpoint.id)),
        now,
      ),
    }),
  );
  const outsides = new Map<string, Outside>();
  for (const { resourceId, groupId, host, port } of [
    ...(managed?.endpoints ?? []).map(({ resourceId, groupId }) => ({
      resourceId,
      groupId,
      host: hostOf(resourceId, groupId) ?? '',
      port: told.matrix.find((cell) => cell.host === hostOf(resourceId, groupId))?.port ?? 443,
    })),
    ...told.matrix,
  ]) {
    const target = `${resourceId}|${groupId}`.toLowerCase();
    const gate = gates.find((one) => one.target === target);
    // A store that no gate leads to is one thing, however many doors it would have.
    const key = gate ? target : resourceId.toLowerCase();
    if (outsides.has(key) || host === '') continue;
    outsides.set(key, {
      key,
      title: nameIn(resourceId),
      says: gate ? groupTitle(resourceId, groupId) : (storeKindOf(typeOf(resourceId))?.title ?? ''),
      host,
      port,
      gate: gate?.id ?? null,
    });
  }
  return {
    inside: told.runtimes.filter(({ network }) => isInside(network)).map(({ name }) => name),
    outsideRuntimes: told.runtimes.filter(({ network }) => !isInside(network)).map(({ name }) => name),
    gates,
    // What has a gate stands beside it; the rest, which nothing leads to, comes after.
    outsides: [
      ...gates.flatMap(({ target }) => outsides.get(target) ?? []),
      ...[...outsides.values()].filter(
        ({ gate, key }) => gate === null && !gates.some(({ target }) => target.startsWith(`${key}|`)),
      ),
    ],
    door: managed
      ? {
          says: managed.says,
          mode: managed.egress.mode,
          weight: weigh(
            own.filter(({ endpoint, port }) => endpoint === null && port !== 53),
            now,
          ),
        }
      : null,
  };
};
