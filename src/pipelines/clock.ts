import { setTimeout as pause } from 'node:timers/promises';

/** The time, and waiting for it. */
export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves at `atMs`, or as soon as `signal` is aborted. */
  until(atMs: number, signal: AbortSignal): Promise<void>;
};

/** Node's timers take 32 bits. */
const longestMs = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: Date.now,
  until: async (atMs, signal) => {
    for (let left = atMs - Date.now(); left > 0 && !signal.aborted; left = atMs - Date.now())
      await pause(Math.min(left, longestMs), undefined, { signal }).catch(() => {});
  },
};
