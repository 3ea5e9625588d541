import { setTimeout as pause } from 'node:timers/promises';

/**
 * How a failed call is best treated. `refused`: nobody answers, so a few quick tries (a network that refuses must fail a
 * run in a second, not in minutes). `busy`: the store asks for patience. `final`: another try would end the same way.
 */
export type Trouble = 'refused' | 'busy' | 'final';

const pausesMs: Readonly<Record<Trouble, readonly number[]>> = {
  refused: [100, 400],
  busy: [300, 900, 2700, 6000, 10_000],
  final: [],
};

/** Calls until it succeeds or patience for its kind of trouble ends; then throws the last error. Aborting ends it at once. */
export const withRetry = async <Value>(
  call: () => Promise<Value>,
  troubleOf: (error: unknown) => Trouble,
  signal: AbortSignal,
): Promise<Value> => {
  for (let tries = 0; ; tries += 1) {
    signal.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      const wait = pausesMs[troubleOf(error)][tries];
      if (wait === undefined) throw error;
      // Half of the wait is chance, so that many workers do not come back at once.
      await pause(wait * (0.5 + Math.random() / 2), undefined, { signal });
    }
  }
};
