// A snapshot made ready for questions: every lookup that a decision makes is one map lookup, however many endpoints,
// networks and stores there are.
import { canonicalHost } from './host-name.ts';
import { normalAddress } from './ip-address.ts';
import type { Backend, Endpoint, Network, Snapshot, Store } from './model.ts';

/** One network, by the two things a flow carries: the address that was dialled, and the name it was given for. */
export type CompiledNetwork = {
  network: Network;
  byAddress: ReadonlyMap<string, Endpoint>;
  byHost: ReadonlyMap<string, Endpoint>;
  allowedHosts: ReadonlySet<string>;
};

/** What `decide` and `resolve` read. */
export type CompiledSnapshot = {
  version: number;
  networks: ReadonlyMap<string, CompiledNetwork>;
  stores: ReadonlyMap<string, Store>;
  /** Where the hosts that the operator vouches for are dialled. */
  publicHosts: ReadonlyMap<string, Backend>;
};

const compileNetwork = (network: Network): CompiledNetwork => {
  const byAddress = new Map<string, Endpoint>();
  const byHost = new Map<string, Endpoint>();
  // A public network has no endpoints, whatever a snapshot says.
  for (const endpoint of network.kind === 'managed' ? network.endpoints : []) {
    const address = normalAddress(endpoint.address);
    // An address or name that two endpoints claim belongs to the first: each stands for exactly one sub-resource of one resource.
    if (!byAddress.has(address)) byAddress.set(address, endpoint);
    for (const name of endpoint.names)
      for (const written of [name.host, name.privateLinkName]) {
        const host = written === null ? null : canonicalHost(written);
        if (host !== null && !byHost.has(host)) byHost.set(host, endpoint);
      }
  }
  const allowedHosts = new Set(network.egress.hosts.map(canonicalHost).filter((host) => host !== null));
  return { network, byAddress, byHost, allowedHosts };
};

/** Compiles a snapshot once, so that each later question costs the same for one endpoint as for a thousand. */
export const compileSnapshot = (snapshot: Snapshot): CompiledSnapshot => {
  const stores = new Map<string, Store>();
  for (const store of snapshot.stores) {
    const host = canonicalHost(store.host);
    if (host !== null && !stores.has(host)) stores.set(host, store);
  }
  return {
    version: snapshot.version,
    networks: new Map(snapshot.networks.map((network) => [network.key, compileNetwork(network)])),
    stores,
    publicHosts: new Map(snapshot.publicHosts?.map(({ host, backend }) => [host, backend])),
  };
};
