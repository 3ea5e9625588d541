// A gateway: the places of its workers and the snapshot they are judged by. It holds no state that it cannot be told
// again. `main.ts` gives it a process of its own.
import { setTimeout as delay } from 'node:timers/promises';
import type { OpenNamespace } from '../namespace/seal.ts';
import { type CompiledSnapshot, compileSnapshot } from '../policy/compiled-snapshot.ts';
import { listenedPorts } from '../policy/listened-port.ts';
import type { FlowRecord, Snapshot } from '../policy/model.ts';
import type { FlowBytes } from './live-flow.ts';
import { createOutbox } from './outbox.ts';
import type { ResolveName } from './outside-name.ts';
import { type Place, type PlaceLimits, servePlace } from './place.ts';
import { keepNamespaces } from './ready-namespace.ts';

/** Decisions are acknowledged without ports that take longer; they are heard once they are there. */
const listenTimeoutMs = 1000;

/** Whose flows; all, where nothing is said. */
export type FlowsOf = { network?: string; worker?: string };

/** What a gateway does. */
export type Gateway = {
  /** Replaces the snapshot, decides every live flow again, and resolves once those that may not go on are reset on both sides. Older snapshots are ignored. */
  apply(snapshot: Snapshot): Promise<{ cut: number }>;
  /** A namespace for one worker of `network`, served from now on. */
  open(place: string, worker: string, network: string): Promise<{ networkNamespace: string }>;
  /** Cuts the flows of a place and frees its namespace. */
  closePlace(place: string): Promise<void>;
  /** Sends the records that are waiting, and tells what the live flows of a network or a worker (or all) have moved by now. */
  report(of?: FlowsOf): FlowBytes[];
  close(): Promise<void>;
};

/** Makes a gateway. `openNamespace` makes a namespace that listens on ports; `flows` is told the records in batches. */
export const createGateway = (options: {
  snapshot: Snapshot;
  ready: number;
  openNamespace(ports: readonly number[]): Promise<OpenNamespace>;
  flows(records: FlowRecord[]): void;
  trouble(error: unknown): void;
  /** Resolves public hosts, when a flow to one is to be dialled. */
  resolveName: ResolveName;
  limits?: PlaceLimits;
}): Gateway => {
  let snapshot: CompiledSnapshot = compileSnapshot(options.snapshot);
  const places = new Map<string, Place>();
  const outbox = createOutbox(options.flows);
  const namespaces = keepNamespaces({
    count: options.ready,
    ports: listenedPorts(options.snapshot),
    open: options.openNamespace,
    trouble: options.trouble,
  });

  /** A port that a later endpoint serves is heard in namespaces that are open already. */
  const listenEverywhere = async (ports: readonly number[]): Promise<void> => {
    await Promise.all([...places.values()].map((place) => place.listenOn(ports).catch(options.trouble)));
  };

  const closePlace = async (id: string): Promise<void> => {
    const place = places.get(id);
    places.delete(id);
    await place?.close();
  };

  return {
    apply: async (next) => {
      if (next.version < snapshot.version) return { cut: 0 };
      snapshot = compileSnapshot(next);
      const cuts = await Promise.all([...places.values()].map((place) => place.reconsider()));
      const ports = listenedPorts(next);
      namespaces.listenOn(ports);
      await Promise.race([listenEverywhere(ports), delay(listenTimeoutMs, undefined, { ref: false })]);
      return { cut: cuts.reduce((sum, cut) => sum + cut, 0) };
    },
    open: async (id, worker, network) => {
      const namespace = await namespaces.take();
      const place = servePlace({
        namespace,
        worker,
        network,
        snapshot: () => snapshot,
        record: outbox.put,
        resolveName: options.resolveName,
        ...(options.limits && { limits: options.limits }),
      });
      places.set(id, place);
      return { networkNamespace: namespace.networkNamespace };
    },
    closePlace,
    report: ({ network, worker } = {}) => {
      outbox.flush();
      return [...places.values()]
        .filter((place) => (network ?? place.network) === place.network && (worker ?? place.worker) === place.worker)
        .flatMap((place) => place.moved());
    },
    close: async () => {
      namespaces.close();
      await Promise.all([...places.keys()].map(closePlace));
      outbox.flush();
    },
  };
};
