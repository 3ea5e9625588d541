// Why a flow was refused, in plain words: one entry per code, with the message (what stood in the way) and the remedy (who can
// change it, and by which call). The only place where the network's refusals are worded.
import type { Deny, DenyCode, Endpoint, Flow, Network, Store } from './model.ts';

/** What a reason may name. */
type Circumstance = {
  flow: Flow;
  network: Network | null;
  endpoint: Endpoint | null;
  store: Store | null;
  /** Ports that it serves, where neither endpoint nor store says. */
  served: readonly number[];
  because: string;
};

/** Synthetic and given names apart, what was dialled: `host:port`, or the bare address. */
const dialled = ({ flow }: Circumstance): string => `${flow.host ?? flow.address}:${flow.port}`;

const lastSegment = (id: string): string => id.slice(id.lastIndexOf('/') + 1);

const titleOf = ({ network, flow }: Circumstance): string => `network ${network?.title ?? flow.network}`;

const endpointOf = ({ endpoint }: Circumstance): string =>
  endpoint === null
    ? 'The private endpoint'
    : `Managed private endpoint '${endpoint.name}' (${endpoint.groupId || 'the service'} of '${lastSegment(endpoint.resourceId)}')`;

const ownerOf = ({ endpoint, store }: Circumstance): string =>
  `The owner of ${endpoint?.resourceId ?? store?.resourceId ?? 'the target'}`;

const said = ({ endpoint }: Circumstance): string =>
  endpoint?.description ? ` The owner said: "${endpoint.description}".` : '';

const approval = ({ endpoint }: Circumstance): string => {
  const connection = endpoint?.connection || '{target}/privateEndpointConnections/{name}';
  return `PUT ${connection} with status Approved, or: az network private-endpoint-connection approve --id ${connection}`;
};

/** The call that requests an endpoint; a public network has none, so there it takes a runtime in a managed one. */
const requestCall = ({ network, flow }: Circumstance): string =>
  network?.kind === 'managed'
    ? `PUT ${flow.network}/managedPrivateEndpoints/{name}`
    : 'PUT {factory}/managedVirtualNetworks/default/managedPrivateEndpoints/{name}, for a runtime in that managed network';

const requestEndpoint = (circumstance: Circumstance): string => {
  const target = circumstance.store;
  const what = target === null ? 'the resource' : `${target.resourceId} (group id '${target.groupId}')`;
  return `The engineer of the factory can request a managed private endpoint to ${what}: ${requestCall(circumstance)}; then the owner of ${
    target?.resourceId ?? 'the resource'
  } approves its connection.`;
};

type Wording = { message: (c: Circumstance) => string; remedy: (c: Circumstance) => string };

const wordings: { readonly [Code in DenyCode]: Wording } = {
  EndpointPending: {
    message: (c) =>
      `${endpointOf(c)} in ${titleOf(c)} is Pending: the factory waits for the owner of '${lastSegment(c.endpoint?.resourceId ?? '')}' to approve the connection.`,
    remedy: (c) => `${ownerOf(c)} can approve it: ${approval(c)}`,
  },
  EndpointRejected: {
    message: (c) => `${endpointOf(c)} in ${titleOf(c)} was Rejected by the owner of its target.${said(c)}`,
    remedy: (c) => `${ownerOf(c)} can still approve it: ${approval(c)}`,
  },
  EndpointDisconnected: {
    message: (c) => `${endpointOf(c)} in ${titleOf(c)} is Disconnected: the owner removed its connection.${said(c)}`,
    remedy: (c) =>
      `The engineer of the factory deletes the endpoint (DELETE ${c.endpoint?.id ?? ''}) and requests it again; then the owner of ${c.endpoint?.resourceId ?? 'the target'} approves the new connection.`,
  },
  EndpointExpired: {
    message: (c) =>
      `${endpointOf(c)} in ${titleOf(c)} is no longer approved: its approval ran out${c.endpoint?.expiresAt ? ` at ${c.endpoint.expiresAt}` : ''}.${said(c)}`,
    remedy: (c) => `${ownerOf(c)} can approve it again: ${approval(c)}`,
  },
  PrivateEndpointRequired: {
    message: (c) =>
      `'${c.flow.host}' is a storage or data lake host, and ${titleOf(c)} has no managed private endpoint to it; storage is never reached over the public path.`,
    remedy: requestEndpoint,
  },
  PrivateEndpointExists: {
    message: (c) =>
      `'${c.flow.host}' has private endpoints, but none in ${titleOf(c)}; it can be reached from here by a private endpoint only.`,
    remedy: requestEndpoint,
  },
  PortNotAllowed: {
    message: (c) =>
      `${dialled(c)} (${c.flow.protocol}) was refused: from ${titleOf(c)} public hosts are reached on TCP port 443 only.`,
    remedy: (c) =>
      `Use port 443, or have the engineer of the factory request a managed private endpoint to the service: ${requestCall(c)}.`,
  },
  AddressLiteral: {
    message: (c) =>
      `${c.flow.address}:${c.flow.port} was dialled as an address that this network gave out for no name.`,
    remedy: () => 'Use the host name of the service, not an address: access is decided by name.',
  },
  HostNotAllowed: {
    message: (c) =>
      c.network === null
        ? `${titleOf(c)} no longer exists.`
        : c.network.egress.mode === 'None'
          ? `'${c.flow.host}' is not a private endpoint of ${titleOf(c)}, and public egress from it is closed (mode None).`
          : `'${c.flow.host}' is not on the list of public hosts that ${titleOf(c)} may reach.`,
    remedy: (c) =>
      `The engineer of the factory can request a managed private endpoint to the service (${requestCall(c)}), or whoever sets the network's egress policy can admit the host.`,
  },
  ServerNameMismatch: {
    message: (c) =>
      `The TLS server name ${c.flow.serverName ? `'${c.flow.serverName}'` : '(none)'} is not the name that was resolved, '${c.flow.host}'.`,
    remedy: () => 'Connect with the TLS server name (SNI) of the host that was resolved.',
  },
  TargetIsInternal: {
    message: (c) =>
      `The public name '${c.flow.host}' leads to a loopback, private, link-local, multicast or otherwise internal address.`,
    remedy: (c) => `Services inside are reached by a private endpoint. ${requestEndpoint(c)}`,
  },
  PublicAccessDisabled: {
    message: (c) => `The firewall of '${c.flow.host}' refuses public networks, and ${titleOf(c)} would come by one.`,
    remedy: (c) =>
      `${ownerOf(c)} can admit public networks (publicNetworkAccess, networkAcls.defaultAction: PUT ${c.store?.resourceId ?? '{target}'}), or the engineer of the factory uses a runtime in a managed network with a private endpoint.`,
  },
  UnknownPort: {
    message: (c) =>
      `${c.endpoint ? endpointOf(c) : `'${c.flow.host}'`} does not serve ${c.flow.protocol} port ${c.flow.port}; it serves ${
        (c.endpoint?.ports ?? c.store?.ports ?? c.served).join(', ') || 'none'
      }.`,
    remedy: (c) =>
      c.endpoint?.byPort
        ? `Use a port that it serves. ${ownerOf(c)} can say where this one leads: PUT ${c.endpoint.resourceId} with the tag postern-backend-${c.flow.port}, or with it in postern-ports.`
        : 'Use a port that the sub-resource serves.',
  },
  StoreUnavailable: {
    message: (c) =>
      `${c.endpoint ? endpointOf(c) : `'${c.flow.host}'`} is allowed, but its store ('${lastSegment(c.endpoint?.resourceId ?? c.store?.resourceId ?? '')}') does not answer.`,
    remedy: (c) => `${ownerOf(c)} can see to it that the store runs; then try again.`,
  },
  HostUnreachable: {
    message: (c) => `'${c.flow.host}' is allowed, but could not be reached${c.because ? `: ${c.because}` : ''}.`,
    remedy: () =>
      'See that the host runs and that the machine of Postern can resolve and reach it; its operator can name an address for it (postern up --public-host NAME=ADDRESS:PORT). Then try again.',
  },
  TooManyFlows: {
    message: (c) =>
      `${dialled(c)} was refused: this worker already has as many open connections as one worker may have.`,
    remedy: () => 'Close connections that are done, or lower the parallelism of the activity.',
  },
};

/** A refusal, worded. */
export const deny = (code: DenyCode, flow: Flow, more: Partial<Omit<Circumstance, 'flow'>> = {}): Deny => {
  const circumstance = {
    flow,
    network: more.network ?? null,
    endpoint: more.endpoint ?? null,
    store: more.store ?? null,
    served: more.served ?? [],
    because: more.because ?? '',
  };
  const { message, remedy } = wordings[code];
  return {
    allow: false,
    code,
    message: message(circumstance),
    remedy: remedy(circumstance),
    endpoint: circumstance.endpoint?.id ?? null,
  };
};

/** Why a name was not resolved: no name of the network, no legal host name, or one more than a worker may ask for. */
export type UnresolvedName = 'unknown' | 'illegal' | 'full';

const unresolved: { readonly [Why in UnresolvedName]: string } = {
  unknown: 'is neither the name of a private endpoint of this network nor a public host name',
  illegal: 'is not a legal host name',
  full: 'is one more name than a worker may resolve',
};

/** The refusal of a name that the resolver does not answer; recorded as a flow to the resolver's port. */
export const denyName = (flow: Flow, why: UnresolvedName): Deny => ({
  allow: false,
  code: 'HostNotAllowed',
  message: `'${flow.host}' ${unresolved[why]}; it was not resolved.`,
  remedy: 'Check the spelling of the host; use the full public host name of the service.',
  endpoint: null,
});
