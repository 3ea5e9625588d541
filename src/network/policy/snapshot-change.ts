// What became of a snapshot: the control plane tells its gateways of a change, not of everything again. A network of
// thousands of endpoints is told once; after that one decision is one endpoint.
import { isDeepStrictEqual } from 'node:util';
import type { Endpoint, Network, Snapshot, Store } from './model.ts';

/** How a list became another: the first `head` items stand, then come `items`, then the last `tail` stand. */
type ListChange<Told> = { head: number; items: readonly Told[]; tail: number };

/** A network, its endpoints as what became of those of the network of the same key before; of none, where there was none. */
type NetworkChange = Omit<Network, 'endpoints'> & { endpoints: ListChange<Endpoint> };

/** What makes one snapshot of another. Plain data, so that it crosses processes as JSON. */
export type SnapshotChange = Omit<Snapshot, 'networks' | 'stores'> & {
  /** The version that it changes: it says nothing of any other. */
  from: number;
  networks: ListChange<NetworkChange>;
  stores: ListChange<Store>;
};

/** What a gateway knows before it is told anything. */
export const nothingKnown: Snapshot = { version: -1, networks: [], stores: [] };

const listChange = <Item, Told>(
  before: readonly Item[],
  after: readonly Item[],
  told: (item: Item) => Told,
): ListChange<Told> => {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && isDeepStrictEqual(before[head], after[head])) head += 1;
  let tail = 0;
  while (tail < most - head && isDeepStrictEqual(before.at(-1 - tail), after.at(-1 - tail))) tail += 1;
  return { head, items: after.slice(head, after.length - tail).map(told), tail };
};

const changedList = <Item, Told>(
  before: readonly Item[],
  change: ListChange<Told>,
  item: (told: Told) => Item,
): Item[] => [...before.slice(0, change.head), ...change.items.map(item), ...before.slice(before.length - change.tail)];

const itself = <Item>(item: Item): Item => item;
const byKey = (networks: readonly Network[]) => new Map(networks.map((network) => [network.key, network]));

/** What makes `after` of `before`. Its size is that of what differs, from the first difference of a list to the last. */
export const changeOf = (before: Snapshot, after: Snapshot): SnapshotChange => {
  const known = byKey(before.networks);
  return {
    ...after,
    from: before.version,
    networks: listChange(before.networks, after.networks, (network) => ({
      ...network,
      endpoints: listChange(known.get(network.key)?.endpoints ?? [], network.endpoints, itself),
    })),
    stores: listChange(before.stores, after.stores, itself),
  };
};

/** The snapshot that a change makes. What did not change is the same object as before. Throws for a change of another version. */
export const changed = (before: Snapshot, { from, ...change }: SnapshotChange): Snapshot => {
  if (from !== before.version)
    throw new Error(`a change of version ${from} cannot be applied to version ${before.version}`);
  const known = byKey(before.networks);
  return {
    ...change,
    networks: changedList(before.networks, change.networks, (network) => ({
      ...network,
      endpoints: changedList(known.get(network.key)?.endpoints ?? [], network.endpoints, itself),
    })),
    stores: changedList(before.stores, change.stores, itself),
  };
};
