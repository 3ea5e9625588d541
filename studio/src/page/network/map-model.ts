// What the map shows, from what the API tells: who is inside, which gates there are, what they lead to. Pure.
import { nameIn } from '../../../../src/base/show.ts';
import type { Reachability } from '../../../../src/cli/network-shape.ts';
import { isSameId, typeOf } from '../../api/id.ts';
import type { Flow } from '../../api/shape.ts';
import { storeKindOf } from '../../api/store-kind.ts';
import { groupTitle, hostOf } from '../../api/target.ts';

/** What flows over a line now, and what lately came of it. `rate` is bytes per second. */
export type Weight = { live: number; rate: number; bytes: number; denied: number };

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
  /** How many gates and things without a gate there are beside those that are drawn. */
  left: { gates: number; outsides: number };
};

/** More than this nobody can follow with their eyes: of each side so many are drawn. */
export const mostDrawn = 40;

const lately = 60_000;

const nothing: Weight = { live: 0, rate: 0, bytes: 0, denied: 0 };

/** What moves, by bytes per second of each flow's id. */
export type Rates = ReadonlyMap<string, number>;

const weigh = (flows: readonly Flow[], rates: Rates, now: number): Weight => {
  const live = flows.filter(({ endedAt, verdict }) => endedAt === null && verdict === 'allowed');
  return {
    live: live.length,
    rate: live.reduce((sum, { id }) => sum + (rates.get(id) ?? 0), 0),
    bytes: flows.reduce((sum, flow) => sum + flow.bytesSent + flow.bytesReceived, 0),
    denied: flows.filter(({ verdict, at }) => verdict === 'denied' && now - Date.parse(at) < lately).length,
  };
};

/** Whom somebody would look for first: what moves, what is refused, what waits. */
const rankOf = ({ weight, state }: Gate) =>
  weight.live > 0 ? 0 : weight.denied > 0 ? 1 : state === 'Pending' ? 2 : state === 'Approved' ? 3 : 4;

const mostWanted = (gates: readonly Gate[], word: string): Gate[] => {
  const found = gates.filter(({ name, target }) => word === '' || `${name} ${target}`.toLowerCase().includes(word));
  if (found.length <= mostDrawn) return found;
  const drawn = new Set(found.toSorted((one, other) => rankOf(one) - rankOf(other)).slice(0, mostDrawn));
  return found.filter((gate) => drawn.has(gate));
};

const keyOf = (resourceId: string, groupId: string) => `${resourceId}|${groupId}`.toLowerCase();

/** Builds the map of a factory, with the gates and stores that have `word` in their names. */
export const mapOf = (
  told: Reachability,
  { flows, rates, now, word }: { flows: readonly Flow[]; rates: Rates; now: number; word: string },
): MapModel => {
  const managed = told.networks.find(({ kind }) => kind === 'managed');
  const isInside = (network: string) => managed !== undefined && isSameId(network, managed.network);
  const own = Map.groupBy(
    flows.filter(({ network }) => isInside(network)),
    ({ endpoint }) => endpoint?.toLowerCase() ?? '',
  );
  const weightOf = (endpoint: string) => {
    const over = own.get(endpoint);
    return over ? weigh(over, rates, now) : nothing;
  };
  const all = (managed?.endpoints ?? []).map(
    ({ id, name, state, description, resourceId, groupId }): Gate => ({
      id,
      name,
      state,
      // Until the owner has spoken there are no words of theirs; what is open needs none.
      reason: state === 'Pending' || state === 'Approved' ? '' : description,
      target: keyOf(resourceId, groupId),
      weight: weightOf(id.toLowerCase()),
    }),
  );
  const gates = mostWanted(all, word.trim().toLowerCase());
  const gateOf = new Map(all.map((gate) => [gate.target, gate]));
  const gatedStores = new Set(all.map(({ target }) => target.slice(0, target.indexOf('|'))));
  const portOf = new Map(told.matrix.map(({ host, port }) => [host, port]));
  const drawn = new Map(gates.map((gate) => [gate.target, gate]));
  const beside = (managed?.endpoints ?? []).flatMap(({ resourceId, groupId }): Outside[] => {
    const key = keyOf(resourceId, groupId);
    const gate = drawn.get(key);
    const host =
      hostOf(resourceId, groupId) ?? told.matrix.find((cell) => keyOf(cell.resourceId, cell.groupId) === key)?.host;
    if (!gate || !host) return [];
    const says = groupTitle(resourceId, groupId);
    return [{ key, title: nameIn(resourceId), says, host, port: portOf.get(host) ?? 443, gate: gate.id }];
  });
  // A store that no gate leads to is one thing, however many doors it would have.
  const apart = new Map<string, Outside>();
  for (const { resourceId, groupId, host, port } of told.matrix) {
    const key = resourceId.toLowerCase();
    if (apart.has(key) || gateOf.has(keyOf(resourceId, groupId)) || gatedStores.has(key)) continue;
    if (word !== '' && !key.includes(word.trim().toLowerCase())) continue;
    const says = storeKindOf(typeOf(resourceId))?.title ?? '';
    apart.set(key, { key, title: nameIn(resourceId), says, host, port, gate: null });
  }
  const others = [...apart.values()].slice(0, Math.max(0, mostDrawn - beside.length));
  return {
    inside: told.runtimes.filter(({ network }) => isInside(network)).map(({ name }) => name),
    outsideRuntimes: told.runtimes.filter(({ network }) => !isInside(network)).map(({ name }) => name),
    gates,
    // What has a gate stands beside it, in the gates' order; the rest, which nothing leads to, comes after.
    outsides: [...gates.flatMap(({ id }) => beside.find(({ gate }) => gate === id) ?? []), ...others],
    door: managed
      ? {
          says: managed.says,
          mode: managed.egress.mode,
          weight: weigh(
            (own.get('') ?? []).filter(({ port }) => port !== 53),
            rates,
            now,
          ),
        }
      : null,
    left: { gates: all.length - gates.length, outsides: apart.size - others.length },
  };
};
