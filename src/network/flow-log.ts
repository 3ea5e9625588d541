import type { FlowRecord } from './policy/model.ts';
import type { FlowFilter } from './sealed-network.ts';

/** The latest flows, bounded in all and per worker, so that one worker's noise hides nobody else's refusals. */
export type FlowLog = {
  /** Adds a record, or replaces that of the same id. */
  put(record: FlowRecord): void;
  has(id: string): boolean;
  /** Newest first. */
  find(filter: FlowFilter): FlowRecord[];
  /** Flows that have not ended, as far as it was told. */
  live(): FlowRecord[];
};

const defaultLimit = 1000;

/** An empty log. The oldest record goes first, when its worker has `perWorker` or all have `total`. */
export const createFlowLog = (
  bounds: { total: number; perWorker: number } = { total: 20_000, perWorker: 2_000 },
): FlowLog => {
  // Maps keep the order of insertion, so the first is the oldest.
  const all = new Map<string, FlowRecord>();
  const workers = new Map<string, Map<string, FlowRecord>>();

  const drop = (record: FlowRecord) => {
    all.delete(record.id);
    const own = workers.get(record.worker);
    own?.delete(record.id);
    if (own?.size === 0) workers.delete(record.worker);
  };
  const dropOldest = (records: Map<string, FlowRecord>) => {
    const [oldest] = records.values();
    if (oldest) drop(oldest);
  };

  return {
    put: (record) => {
      const own = workers.get(record.worker) ?? new Map<string, FlowRecord>();
      workers.set(record.worker, own);
      all.set(record.id, record);
      own.set(record.id, record);
      if (own.size > bounds.perWorker) dropOldest(own);
      if (all.size > bounds.total) dropOldest(all);
    },
    has: (id) => all.has(id),
    find: ({ worker, network, endpoints, since, changedSince, limit = defaultLimit }) => {
      const candidates = worker === undefined ? all : (workers.get(worker) ?? new Map<string, FlowRecord>());
      const from = since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since);
      const changedFrom = changedSince === undefined ? Number.NEGATIVE_INFINITY : Date.parse(changedSince);
      const found: FlowRecord[] = [];
      for (const record of [...candidates.values()].reverse()) {
        if (found.length >= limit) break;
        if (network !== undefined && record.network !== network) continue;
        if (endpoints && !endpoints.has(record.endpoint?.toLowerCase() ?? '')) continue;
        // One that lives goes on changing.
        const changed = record.endedAt === null ? Number.POSITIVE_INFINITY : Date.parse(record.endedAt);
        if (Date.parse(record.at) < from || changed < changedFrom) continue;
        found.push(record);
      }
      return found;
    },
    live: () => [...all.values()].filter((record) => record.endedAt === null),
  };
};
