import { setTimeout as pause } from 'node:timers/promises';
import { patience } from './patience.ts';

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

const mostAskedMs = 60_000;

/** What the store itself asks for, where the error of a client has its answer. */
const askedMs = (error: unknown): number => {
  const { response } = (error ?? {}) as { response?: { headers?: { get?(name: string): string | undefined } } };
  const seconds = Number(response?.headers?.get?.('retry-after'));
  return seconds > 0 ? Math.min(seconds * 1000, mostAskedMs) : 0;
};

/**
 * How long to wait before the next try, after `tries` that failed; undefined where there is none. A busy store is not asked
 * again before the time that it named, up to a minute.
 */
export const pauseMs = (trouble: Trouble, tries: number, error: unknown): number | undefined => {
  const wait = pausesMs[trouble][tries];
  if (wait === undefined) return undefined;
  // Half of the wait is chance, so that many workers do not come back at once.
  const own = wait * (0.5 + Math.random() / 2);
  return patience.pace * (trouble === 'busy' ? askedMs(error) + own : own);
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
      const wait = pauseMs(troubleOf(error), tries, error);
      if (wait === undefined) throw error;
      await pause(wait, undefined, { signal });
    }
  }
};
