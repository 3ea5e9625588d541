// The words of the policy: what a gateway must know to decide (the snapshot), what it is asked (the flow) and what it
// answers (the verdict). Plain data, so that it crosses processes as JSON. Nothing here does anything.
import type { ShownState } from '../../private-link/connection.ts';

/** Where a store really listens. Only a gateway ever dials it. */
export type Backend = { address: string; port: number };

/** A managed private endpoint, as a network holds it. */
export type Endpoint = {
  /** ARM id of the managed private endpoint. */
  id: string;
  name: string;
  /**
   * ARM id of the private endpoint connection on the target. Deleting and making an endpoint again gives another
   * connection, and so another id here: a flow of the old one is then cut, even if the new one is approved.
   */
  connection: string;
  /** The private address it has in this network. */
  address: string;
  /** Ports that the sub-resource serves; any other is `UnknownPort`. */
  ports: readonly number[];
  /** Canonical public host names that resolve to `address`, each with its name in the `privatelink` zone (null: none, as for a Private Link Service). */
  names: readonly { host: string; privateLinkName: string | null }[];
  /** ARM id of the one target, and its one sub-resource. */
  resourceId: string;
  groupId: string;
  /** Expired: the connection is Approved, but the time of its approval is over. */
  state: ShownState;
  /** When the approval runs out, or ran out (ISO 8601); absent: never. */
  expiresAt?: string;
  /** The owner's words with the last decision. */
  description: string;
  /** The registered address of that resource; null while the store is not running. */
  backend: Backend | null;
  /** Of a target that leads each port elsewhere (a Private Link Service): the registered address of each; `backend` is not asked then. */
  byPort?: Readonly<Record<number, Backend | null>>;
};

/** How a network treats public names. `None` is closed; the others open TCP 443 (or any port) by name. */
export type EgressPolicy = {
  mode: 'Https' | 'AllowList' | 'None' | 'AnyPort';
  audit: boolean;
  hosts: readonly string[];
};

/** One network: a factory's managed virtual network, or the public network of its runtimes without one. */
export type Network = {
  /** Lower-case ARM id of the managed virtual network, or of the factory followed by `/public`. */
  key: string;
  kind: 'managed' | 'public';
  /** For messages: `default of factory acme`. */
  title: string;
  egress: EgressPolicy;
  endpoints: readonly Endpoint[];
};

/** A store that Postern knows by one of its public host names. */
export type Store = {
  host: string;
  resourceId: string;
  groupId: string;
  backend: Backend | null;
  ports: readonly number[];
  /** Whether the store's own firewall lets public networks in. */
  publicAccess: boolean;
  /** Whether any private endpoint connection to the store exists, in whatever network; not yet Approved ones do not count, nor Disconnected ones. */
  hasPrivateEndpoint: boolean;
};

/** A public host that the operator vouches for: `backend` is dialled for it, even inside. All other rules hold. */
export type PublicHost = { host: string; backend: Backend };

/** All that the gateways know. Compiled from the database after each commit, applied whole. */
export type Snapshot = {
  version: number;
  networks: readonly Network[];
  stores: readonly Store[];
  /** The operator's own list; none where absent. */
  publicHosts?: readonly PublicHost[];
};

/** One attempt to connect, as the gateway saw it. */
export type Flow = {
  network: string;
  /** The address and port that were dialled, IPv4-mapped addresses already in IPv4 form. */
  address: string;
  port: number;
  protocol: 'tcp' | 'udp';
  /** The name this worker was given `address` for; null if it never asked. */
  host: string | null;
  /** The TLS server name of the first bytes, once read; undefined before. */
  serverName?: string | null;
};

/** Stable, machine-readable reasons for a refusal. */
export type DenyCode =
  | 'EndpointPending'
  | 'EndpointRejected'
  | 'EndpointDisconnected'
  | 'EndpointExpired'
  | 'PrivateEndpointRequired'
  | 'PrivateEndpointExists'
  | 'PortNotAllowed'
  | 'AddressLiteral'
  | 'HostNotAllowed'
  | 'ServerNameMismatch'
  | 'TargetIsInternal'
  | 'PublicAccessDisabled'
  | 'UnknownPort'
  | 'StoreUnavailable'
  | 'HostUnreachable'
  | 'TooManyFlows';

export type Allow =
  | {
      allow: true;
      code: 'Allowed.PrivateEndpoint';
      endpoint: string;
      connection: string;
      resourceId: string;
      groupId: string;
      backend: Backend;
      audited?: DenyCode;
    }
  | {
      allow: true;
      code: 'Allowed.PublicHttps';
      host: string;
      port: number;
      /** A store of ours reached by its public path, or a host that the operator vouches for; null: a host of the internet. */
      backend: Backend | null;
      /** The verdict stands only once the TLS server name has been read and judged too. */
      needsServerName?: true;
      audited?: DenyCode;
    };

export type Deny = {
  allow: false;
  code: DenyCode;
  /** Names the endpoint or the rule. */
  message: string;
  /** Names the person who can act and the call to make. */
  remedy: string;
  /** ARM id of the endpoint concerned, if one is. */
  endpoint: string | null;
};

export type Verdict = Allow | Deny;

/** A flow that was decided: the row of the flow log. Bytes are from the worker's side, as of when they were asked for. */
export type FlowRecord = {
  id: string;
  worker: string;
  network: string;
  at: string;
  address: string;
  port: number;
  protocol: 'tcp' | 'udp';
  host: string | null;
  verdict: 'allowed' | 'denied';
  code: string;
  message: string;
  remedy: string;
  endpoint: string | null;
  /** The violation that passed because the egress policy only audits; absent where there was none. */
  audited?: DenyCode;
  bytesSent: number;
  bytesReceived: number;
  /** Null while the flow lives. */
  endedAt: string | null;
  /** `closed`, `cut` (a decision changed), `failed` (the store could not be dialled) or null while it lives. */
  end: 'closed' | 'cut' | 'failed' | null;
};
