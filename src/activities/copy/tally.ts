import type { FileStore } from '../../connectors/file-store.ts';
import { bytesOf, type RecordBatch } from '../../connectors/row/record-batch.ts';
import type { RowSink, RowSource } from '../../connectors/row/row-store.ts';

/** What happened on one side of a copy so far. */
export type SideTally = {
  bytes: number;
  files: number;
  rows: number;
  peakConnections: number;
  /** Time with at least one request under way, ms. */
  workingMs(): number;
  /** Time spent listing, ms. */
  listingMs: number;
};

const createTally = () => {
  let busyMs = 0;
  let busySince = 0;
  let connections = 0;
  const tally: SideTally = {
    bytes: 0,
    files: 0,
    rows: 0,
    peakConnections: 0,
    listingMs: 0,
    workingMs: () => busyMs + (connections > 0 ? performance.now() - busySince : 0),
  };
  const count = async <Value>(work: Promise<Value>, bytes: number): Promise<Value> => {
    if (connections === 0) busySince = performance.now();
    connections += 1;
    tally.peakConnections = Math.max(tally.peakConnections, connections);
    try {
      const value = await work;
      tally.bytes += bytes;
      return value;
    } finally {
      connections -= 1;
      if (connections === 0) busyMs += performance.now() - busySince;
    }
  };
  return { tally, count };
};

/** A store that keeps a tally of what goes through it. */
export const tallied = (store: FileStore): { store: FileStore; tally: SideTally } => {
  const { tally, count } = createTally();
  return {
    tally,
    store: {
      name: store.name,
      ...(store.keepsFolders && { keepsFolders: store.keepsFolders }),
      async *list(...ask) {
        const pages = store.list(...ask)[Symbol.asyncIterator]();
        for (;;) {
          const since = performance.now();
          const { value, done } = await pages.next();
          tally.listingMs += performance.now() - since;
          if (done) return;
          yield value;
        }
      },
      children: (...ask) => store.children(...ask),
      find: (...ask) => count(store.find(...ask), 0),
      read: (file, offset, into, signal) => count(store.read(file, offset, into, signal), into.length),
      put: (path, bytes, ...rest) => count(store.put(path, bytes, ...rest), bytes.length),
      begin: (...given) => {
        const staged = store.begin(...given);
        return {
          stage: (index, bytes, signal) => count(staged.stage(index, bytes, signal), bytes.length),
          commit: (blocks, signal) => count(staged.commit(blocks, signal), 0),
          discard: () => count(staged.discard(), 0),
        };
      },
      missing: (path) => store.missing(path),
      remove: (file, signal) => count(store.remove(file, signal), 0),
    },
  };
};

/** A table that keeps a tally of what is read from it, in parts too. */
export const talliedSource = (source: RowSource): { source: RowSource; tally: SideTally } => {
  const { tally, count } = createTally();
  const counting = (one: RowSource): RowSource => ({
    name: one.name,
    async *read(...ask): AsyncGenerator<RecordBatch> {
      const batches = one.read(...ask)[Symbol.asyncIterator]();
      try {
        for (;;) {
          const { value, done } = await count(batches.next(), 0);
          if (done) return;
          tally.bytes += bytesOf(value);
          yield value;
        }
      } finally {
        await batches.return?.();
      }
    },
    ...(one.parts && { parts: async (...ask) => (await count(one.parts!(...ask), 0)).map(counting) }),
  });
  return { tally, source: counting(source) };
};

/** A table that keeps a tally of what is written to it. */
export const talliedSink = (sink: RowSink): { sink: RowSink; tally: SideTally } => {
  const { tally, count } = createTally();
  return {
    tally,
    sink: {
      ...sink,
      begin: (...given) => {
        const writing = sink.begin(...given);
        return {
          write: (batch, signal) => count(writing.write(batch, signal), bytesOf(batch)),
          end: (signal) => count(writing.end(signal), 0),
        };
      },
    },
  };
};
