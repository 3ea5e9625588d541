// The seam between the three who share a sealed namespace: the control plane prepares a seal and launches workers, a
// gateway opens namespaces below it and receives their listening sockets. The Linux work is in the files beside.
import type { Socket as DatagramSocket } from 'node:dgram';
import type { Server } from 'node:net';
import type { Readable, Writable } from 'node:stream';

/** Namespace files (`/proc/<pid>/fd/<n>` of the control plane) that other processes of this Postern enter by. */
export type Seal = {
  /** The user namespace that owns every network namespace of this Postern. */
  userNamespace: string;
  /** A mount namespace whose root already is the workers' read-only root. */
  mountNamespace: string;
  /** The same root with the host's /proc, for the trusted program that makes network namespaces. */
  makerMountNamespace: string;
  /** Host identity that workers have when Postern runs as root; null: Postern's own, unprivileged already. */
  identity: { uid: number; gid: number } | null;
  /** In a jail, the PEM file of the authorities that workers trust besides the public ones. */
  authority: string | null;
};

/** One wildcard listener (IPv4 and IPv6); `socket.localAddress`/`localPort` say what was dialled. */
export type Listener = { port: number; server: Server };

/** A network namespace with no route, whose listeners the calling gateway now owns. */
export type OpenNamespace = {
  /** `/proc/<gateway pid>/fd/<n>`: how the control plane launches a worker into it. */
  networkNamespace: string;
  /** One per port that it was opened with. */
  listeners: readonly Listener[];
  /** Listens on more ports from now on. Rejects once the namespace is closed, or its maker gone. */
  listen(ports: readonly number[]): Promise<readonly Listener[]>;
  dns: { udp: DatagramSocket; tcp: Server };
  /** Closes the listeners and the namespace's descriptor. Idempotent. */
  close(): void;
};

/** What runs in a jail. Paths are paths inside the jail. */
export type WorkerProgram = {
  /** Module that Node runs after the bootstrap has put the seccomp filter on. */
  module: string;
  arguments?: readonly string[];
  environment?: Readonly<Record<string, string>>;
  /** Heap limit of the worker, MiB. */
  heapMiB?: number;
};

/** A running jail. `stdin`/`stdout` carry the protocol, `stderr` what the program complains of. */
export type Jailed = {
  pid: number;
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  /** Resolves once every process of the jail is gone. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Ends every process of the jail at once (SIGKILL). Idempotent. */
  kill(): void;
};
