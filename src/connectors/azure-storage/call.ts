import { withRetry } from '../retry.ts';
import { troubleOf } from './failure.ts';

/** Sends a request, again where that is worth it, and throws what a person can act on. */
export type Call<Attempt> = <Value>(
  attempt: Attempt,
  signal: AbortSignal,
  request: () => Promise<Value>,
) => Promise<Value>;

/** Calls whose last error `explain` turns into a failure. An abort is thrown as itself. */
export const createCall =
  <Attempt>(explain: (error: unknown, attempt: Attempt) => unknown): Call<Attempt> =>
  async (attempt, signal, request) => {
    try {
      return await withRetry(request, troubleOf, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw explain(error, attempt);
    }
  };
