/** Which job each worker ran when, so that a flow can be told from the next. Bounded: the oldest is forgotten first. */
export type JobLedger = {
  /** Notes that `worker` begins a job; the answer notes its end. */
  begin(worker: string, jobId: string): () => void;
  /** The job of `worker` at an instant (ISO 8601), or null. */
  at(worker: string, instant: string): string | null;
};

type Entry = { jobId: string; from: number; until: number };

/** An empty ledger with room for `capacity` jobs. `now` is in milliseconds since 1970. */
export const createJobLedger = (capacity = 20_000, now: () => number = Date.now): JobLedger => {
  const byWorker = new Map<string, Entry[]>();
  let count = 0;
  const forgetOldest = () => {
    const [worker, entries] = byWorker.entries().next().value!;
    entries.shift();
    count -= 1;
    if (entries.length === 0) byWorker.delete(worker);
  };
  return {
    begin: (worker, jobId) => {
      const entry: Entry = { jobId, from: now(), until: Number.POSITIVE_INFINITY };
      const entries = byWorker.get(worker) ?? [];
      entries.push(entry);
      byWorker.set(worker, entries);
      count += 1;
      if (count > capacity) forgetOldest();
      return () => {
        entry.until = now();
      };
    },
    at: (worker, instant) => {
      const when = Date.parse(instant);
      return byWorker.get(worker)?.findLast(({ from, until }) => from <= when && when <= until)?.jobId ?? null;
    },
  };
};
