// The decision: may this flow pass, and where to? Pure; the only place that knows these rules. In this order:
//   1. an endpoint (by its address, or by the name that the flow's address was given for): its state, port and store decide;
//   2. no name: AddressLiteral, whatever the port, for an address that was never given out is not judged any further;
//   3. a public network: a store that Postern knows answers if its own firewall lets it, on the ports it serves;
//   4. a managed network: storage hosts and stores that have private endpoints elsewhere never go the public way;
//   5. the port, the egress list, the TLS server name, and for a host that the operator vouches for, the ports it was named with.
import type { CompiledNetwork, CompiledSnapshot } from './compiled-snapshot.ts';
import { isInternalAddress, normalAddress } from './ip-address.ts';
import type { Allow, Backend, Deny, DenyCode, Endpoint, Flow, Store, Verdict } from './model.ts';
import { deny } from './reason.ts';
import { isStorageHost } from './zone.ts';

const refusingState = {
  Pending: 'EndpointPending',
  Rejected: 'EndpointRejected',
  Disconnected: 'EndpointDisconnected',
  Expired: 'EndpointExpired',
} as const;

const backendOf = ({ byPort, backend }: Endpoint, port: number): Backend | null =>
  byPort === undefined ? backend : (byPort[port] ?? null);

const decideEndpoint = ({ network }: CompiledNetwork, endpoint: Endpoint, flow: Flow): Verdict => {
  const more = { network, endpoint };
  // Whatever is not Approved is refused, so a state that is added later begins closed.
  if (endpoint.state !== 'Approved') return deny(refusingState[endpoint.state] ?? 'EndpointPending', flow, more);
  if (flow.protocol !== 'tcp' || !endpoint.ports.includes(flow.port)) return deny('UnknownPort', flow, more);
  const backend = backendOf(endpoint, flow.port);
  if (backend === null) return deny('StoreUnavailable', flow, more);
  return {
    allow: true,
    code: 'Allowed.PrivateEndpoint',
    endpoint: endpoint.id,
    connection: endpoint.connection,
    resourceId: endpoint.resourceId,
    groupId: endpoint.groupId,
    backend,
  };
};

const endpointOf = (network: CompiledNetwork, flow: Flow): Endpoint | undefined => {
  const byName = flow.host === null ? undefined : network.byHost.get(flow.host);
  if (byName) return byName;
  const byAddress = network.byAddress.get(flow.address);
  // The address was given for another name, whose endpoint is gone: it must not lead to whoever has the address now.
  return flow.host === null ? byAddress : undefined;
};

const isListed = ({ network, allowedHosts }: CompiledNetwork, host: string): boolean =>
  network.egress.mode === 'Https' ||
  network.egress.mode === 'AnyPort' || // both admit every public host
  (network.egress.mode === 'AllowList' && allowedHosts.has(host));

const decideStore = (store: Store, flow: Flow, more: { network: CompiledNetwork['network'] }): Verdict => {
  const known = { ...more, store };
  if (!store.publicAccess) return deny('PublicAccessDisabled', flow, known);
  if (flow.protocol !== 'tcp' || !store.ports.includes(flow.port)) return deny('UnknownPort', flow, known);
  if (store.backend === null) return deny('StoreUnavailable', flow, known);
  return {
    allow: true,
    code: 'Allowed.PublicHttps',
    host: flow.host!,
    port: flow.port,
    backend: store.backend,
  };
};

/** The standard port leads to a vouched host's own; where any port may be dialled, that one is its own name. */
const decideVouched = (backend: Backend, host: string, flow: Flow, network: CompiledNetwork['network']): Verdict =>
  flow.port === 443 || flow.port === backend.port
    ? { allow: true, code: 'Allowed.PublicHttps', host, port: flow.port, backend }
    : deny('UnknownPort', flow, { network, served: [...new Set([443, backend.port])] });

const decideHost = (snapshot: CompiledSnapshot, compiled: CompiledNetwork, host: string, flow: Flow): Verdict => {
  const { network } = compiled;
  const store = snapshot.stores.get(host);
  const vouched = snapshot.publicHosts.get(host);
  const more = { network, store: store ?? null };
  const isPublic = network.kind === 'public';
  if (isPublic && store) return decideStore(store, flow, { network });
  if (!isPublic) {
    if (isStorageHost(host)) return deny('PrivateEndpointRequired', flow, more);
    if (store?.hasPrivateEndpoint) return deny('PrivateEndpointExists', flow, more);
    if (store && !store.publicAccess) return deny('PublicAccessDisabled', flow, more);
  }
  const anyPort = isPublic || network.egress.mode === 'AnyPort';
  if (flow.protocol !== 'tcp' || (!anyPort && flow.port !== 443)) return deny('PortNotAllowed', flow, more);
  let audited: DenyCode | undefined;
  if (!isListed(compiled, host)) {
    if (!network.egress.audit) return deny('HostNotAllowed', flow, more);
    audited = 'HostNotAllowed';
  }
  // Before the first bytes are read the name is not known; where TLS is not required (any port) it need not come.
  const named = flow.serverName === undefined || flow.serverName === host;
  if (!named && !(flow.serverName === null && anyPort && flow.port !== 443))
    return deny('ServerNameMismatch', flow, more);
  const verdict: Verdict = store
    ? decideStore(store, flow, { network })
    : vouched
      ? decideVouched(vouched, host, flow, network)
      : { allow: true, code: 'Allowed.PublicHttps', host, port: flow.port, backend: null };
  if (!verdict.allow) return verdict;
  const isUnread = flow.serverName === undefined && flow.port === 443;
  return { ...verdict, ...(isUnread && { needsServerName: true }), ...(audited && { audited }) };
};

/** Judges one flow. `flow.host` is canonical or null, `flow.address` normal; costs the same whatever the snapshot holds. */
export const decide = (snapshot: CompiledSnapshot, flow: Flow): Verdict => {
  const network = snapshot.networks.get(flow.network);
  if (!network) return deny('HostNotAllowed', flow);
  const endpoint = endpointOf(network, flow);
  if (endpoint) return decideEndpoint(network, endpoint, flow);
  if (flow.host === null) return deny('AddressLiteral', flow, { network: network.network });
  return decideHost(snapshot, network, flow.host, flow);
};

/** The refusal of an allowed flow whose backend then does not answer; `because` says what is known of why. */
export const denyUnavailable = (snapshot: CompiledSnapshot, flow: Flow, because = ''): Deny => {
  const network = snapshot.networks.get(flow.network);
  const endpoint = network && endpointOf(network, flow);
  const store = flow.host === null ? undefined : snapshot.stores.get(flow.host);
  return deny(endpoint || store ? 'StoreUnavailable' : 'HostUnreachable', flow, {
    because,
    network: network?.network ?? null,
    endpoint: endpoint ?? null,
    store: store ?? null,
  });
};

/**
 * Judges the address that a public host resolved to, before it is dialled; `own` are this machine's addresses, normal. The caller
 * dials exactly this address. Null: nothing against it.
 */
export const decideResolved = (
  snapshot: CompiledSnapshot,
  flow: Flow,
  address: string,
  own: ReadonlySet<string> = new Set(),
): Verdict | null =>
  isInternalAddress(address) || own.has(normalAddress(address))
    ? deny('TargetIsInternal', flow, { network: snapshot.networks.get(flow.network)?.network ?? null })
    : null;

/** Whether a flow that was allowed as `before` may live on as `after`: by the same connection, to the same place. */
export const isSameWay = (before: Allow, after: Verdict): boolean => {
  if (!after.allow || before.code !== after.code) return false;
  if (before.backend?.address !== after.backend?.address || before.backend?.port !== after.backend?.port) return false;
  if (before.code === 'Allowed.PublicHttps') return after.code === before.code && after.host === before.host;
  return (
    after.code === before.code &&
    after.endpoint === before.endpoint &&
    after.connection === before.connection &&
    after.resourceId === before.resourceId &&
    after.groupId === before.groupId
  );
};
