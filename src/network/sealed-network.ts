// What the rest of the house sees of the sealed network. `main.ts` starts one; `runtime` opens workers in it;
// providers apply snapshots to it. The gateway processes, the namespaces and the log of flows are behind it.
import type { Jailed, WorkerProgram } from './namespace/seal.ts';
import type { FlowRecord, Snapshot } from './policy/model.ts';

/** Which flows: of one worker, of one network, over one of some endpoints (lower case), begun since an instant (ISO 8601), ended since one or alive. */
export type FlowFilter = {
  worker?: string;
  network?: string;
  endpoints?: ReadonlySet<string>;
  since?: string;
  changedSince?: string;
  limit?: number;
};

/** A namespace that is ready for one worker of one network. */
export type WorkerPlace = {
  worker: string;
  network: string;
  /** Starts the one program of this place, jailed. */
  launch(program: WorkerProgram): Promise<Jailed>;
  /** Ends the program and the namespace and resolves once both are gone. Idempotent. */
  close(): Promise<void>;
};

export type SealedNetwork = {
  /**
   * Gives every gateway the snapshot and resolves once all have applied it and every live flow that it no longer
   * allows has been reset. Snapshots older than the last one applied are ignored.
   */
  apply(snapshot: Snapshot): Promise<{ cut: number }>;
  /** The last snapshot given to `apply`. */
  current(): Snapshot;
  /** A namespace for `worker` in `network` (a key of the snapshot). Takes a ready one where the pool has it. */
  open(worker: string, network: string): Promise<WorkerPlace>;
  /** Flows, newest first, after asking every gateway for what it has not told yet and what live ones have moved. */
  flows(filter: FlowFilter): Promise<FlowRecord[]>;
  /** Calls back for each flow when it is decided and again when it ends. Returns how to stop. */
  onFlow(listener: (flow: FlowRecord) => void): () => void;
  /** Ends workers, gateways and namespaces. */
  close(): Promise<void>;
};
