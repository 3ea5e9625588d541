// What the network's resolver says to a name. Pure: the address that stands for a public name is chosen per worker, by
// the gateway, for it must stand for that name as long as the worker lives.
import type { CompiledSnapshot } from './compiled-snapshot.ts';
import { canonicalHost, isPublicHost } from './host-name.ts';

/** The resolver's answer. */
export type Resolution =
  /** `chain` leads from the asked name to the last, which has `address`. */
  | { kind: 'endpoint'; host: string; chain: readonly { name: string; alias: string }[]; address: string }
  /** A legal public name: the worker is given a synthetic address for it; nobody outside is asked. */
  | { kind: 'public'; host: string }
  /** Not a name of this network nor a legal public one: NXDOMAIN. */
  | { kind: 'unknown'; host: string }
  /** Not a legal host name at all: REFUSED. */
  | { kind: 'illegal' };

/** Resolves `name` as a worker in `network` would. Endpoints answer in any state, so that the refusal can say why. */
export const resolve = (snapshot: CompiledSnapshot, network: string, name: string): Resolution => {
  const host = canonicalHost(name);
  if (host === null) return { kind: 'illegal' };
  const compiled = snapshot.networks.get(network);
  if (!compiled) return { kind: 'unknown', host };
  const endpoint = compiled.byHost.get(host);
  if (endpoint) {
    const alias = endpoint.names.find((each) => canonicalHost(each.host) === host)?.privateLinkName;
    return {
      kind: 'endpoint',
      host,
      chain: alias ? [{ name: host, alias: alias.toLowerCase() }] : [],
      address: endpoint.address,
    };
  }
  return isPublicHost(host) ? { kind: 'public', host } : { kind: 'unknown', host };
};
