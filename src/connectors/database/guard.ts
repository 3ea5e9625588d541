// How long a database is waited for, and what ends when it is given up.
import type { Properties } from '../property.ts';
import { timeoutAt } from '../timeout.ts';

/**
 * How long a database may be silent, in milliseconds: while it owes an answer, and while rows are stored. A statement may
 * think for long before its first row, so these are far longer than for stores over HTTP.
 */
export type Waits = { answerMs: number; storeMs: number };

/** Azure's own. */
const defaultWaits: Waits = { answerMs: 2 * 3_600_000, storeMs: 30 * 60_000 };

/** Reads them from the settings of a source (`queryTimeout`) or a sink (`writeBatchTimeout`). */
export const readWaits = (settings?: Properties): Waits => ({
  answerMs: (settings && timeoutAt(settings, 'queryTimeout')) ?? defaultWaits.answerMs,
  storeMs: (settings && timeoutAt(settings, 'writeBatchTimeout')) ?? defaultWaits.storeMs,
});

/** What a call ends with whose database was silent for too long. */
export class SilentServer extends Error {
  readonly code = 'ETIMEDOUT';

  constructor(waitMs: number) {
    super(
      `The server was silent for ${waitMs / 1000} seconds. Find out what it waits for, or set a longer queryTimeout in the source or writeBatchTimeout in the sink.`,
    );
  }
}

/** Does `work`; `doing` is what it is, in words that follow "Failed to". */
export type Guard = <Result>(
  doing: string,
  during: AbortSignal,
  work: () => Promise<Result>,
  waitMs: number,
) => Promise<Result>;

/** A guard that ends a connection by `cut` when its work is given up or takes too long. `explain` makes the failure. */
export const createGuard =
  (cut: () => void, explain: (error: unknown, doing: string) => unknown): Guard =>
  async (doing, during, work, waitMs) => {
    during.throwIfAborted();
    let silence: SilentServer | undefined;
    const timer = setTimeout(() => {
      silence = new SilentServer(waitMs);
      cut();
    }, waitMs);
    during.addEventListener('abort', cut, { once: true });
    try {
      return await work();
    } catch (error) {
      during.throwIfAborted();
      throw explain(silence ?? error, doing);
    } finally {
      clearTimeout(timer);
      during.removeEventListener('abort', cut);
    }
  };
