import { withRetry } from '../retry.ts';
import type { Account } from './account.ts';
import { explainIdentity, troubleOf } from './failure.ts';

/** Sends a request, again where that is worth it, and throws what a person can act on. */
export type Call<Attempt> = <Value>(
  attempt: Attempt,
  signal: AbortSignal,
  request: () => Promise<Value>,
) => Promise<Value>;

/** Calls to an account whose last error `explain` turns into a failure. An abort is thrown as itself. */
export const createCall =
  <Attempt>(account: Account, explain: (error: unknown, attempt: Attempt) => unknown): Call<Attempt> =>
  async (attempt, signal, request) => {
    try {
      return await withRetry(request, troubleOf, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw explainIdentity(explain(error, attempt), account);
    }
  };
