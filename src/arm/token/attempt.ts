const windowMs = 60_000;
const allowed = 10;
const mostKept = 10_000;

/** Counts failed sign-ins by client id. */
export type Attempts = {
  /** Seconds to wait before this client may try again; 0 where it may. */
  waitSeconds(clientId: string): number;
  failed(clientId: string): void;
  succeeded(clientId: string): void;
};

/** After 10 failures within a minute a client id waits for the rest of that minute. */
export const createAttempts = (now: () => number = Date.now): Attempts => {
  const failures = new Map<string, { count: number; since: number }>();
  const current = (clientId: string) => {
    const entry = failures.get(clientId);
    if (entry && now() - entry.since < windowMs) return entry;
    failures.delete(clientId);
    return undefined;
  };
  return {
    waitSeconds: (clientId) => {
      const entry = current(clientId);
      return entry && entry.count >= allowed ? Math.ceil((entry.since + windowMs - now()) / 1000) : 0;
    },
    failed: (clientId) => {
      const entry = current(clientId) ?? { count: 0, since: now() };
      entry.count += 1;
      failures.set(clientId, entry);
      if (failures.size > mostKept) failures.delete(failures.keys().next().value!);
    },
    succeeded: (clientId) => failures.delete(clientId),
  };
};
