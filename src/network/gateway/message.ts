// What the control plane and a gateway say to each other, over Node's channel between the two: both are trusted. In
// order: what is sent first is done first.
import type { Seal } from '../namespace/seal.ts';
import type { FlowRecord, Snapshot } from '../policy/model.ts';
import type { SnapshotChange } from '../policy/snapshot-change.ts';
import type { FlowsOf } from './gateway.ts';
import type { FlowBytes } from './live-flow.ts';

/** To a gateway. Every request is answered once, by its `id`. */
export type GatewayRequest =
  /** The first: below which seal to open namespaces, how many to keep ready, and which name servers to ask (none: this machine's). */
  | { kind: 'start'; id: number; seal: Seal; ready: number; nameServers: readonly string[]; snapshot: Snapshot }
  /** What became of the snapshot that it was last told. */
  | { kind: 'apply'; id: number; change: SnapshotChange }
  | { kind: 'open'; id: number; place: string; worker: string; network: string }
  | { kind: 'close'; id: number; place: string }
  /** Sends all flow records that are waiting, then answers what the live ones of a network or a worker have moved. */
  | { kind: 'report'; id: number; of: FlowsOf };

/** What each request is answered with. */
export type GatewayAnswers = {
  start: { reading: 'buffer' | 'data' };
  apply: { cut: number };
  open: { networkNamespace: string };
  close: null;
  report: { moved: FlowBytes[] };
};

/** From a gateway. */
export type GatewayMessage =
  | { kind: 'answer'; id: number; value: GatewayAnswers[keyof GatewayAnswers] }
  | { kind: 'failed'; id: number; reason: string }
  | { kind: 'flows'; records: FlowRecord[] }
  | { kind: 'trouble'; message: string };
