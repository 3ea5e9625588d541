// The one way to sign in with a client id and a secret, for tokens and for the Studio: what counts as a failure, and
// how often one may fail, is the same for both.
import type { Database } from '../../database/database.ts';
import { verifySecret } from '../principal.ts';
import type { Caller } from '../resource-type.ts';
import { createAttempts } from './attempt.ts';

const mostAtOnce = 8;

/** The principal; `null` where the secret is wrong or nobody has the id; or seconds to wait before another try. */
export type SignedIn = { caller: Caller | null } | { waitSeconds: number };

/** Checks a client id and its secret. */
export type SignIn = (clientId: string, secret: string) => Promise<SignedIn>;

/** Builds it. At most 8 are checked at once, and a client id that fails too often waits. */
export const createSignIn = (database: Database): SignIn => {
  const attempts = createAttempts();
  let underWay = 0;
  return async (clientId, secret) => {
    const wait = attempts.waitSeconds(clientId);
    if (wait > 0 || underWay >= mostAtOnce) return { waitSeconds: Math.max(wait, 1) };
    underWay += 1;
    try {
      const caller = await verifySecret(database, clientId, secret);
      if (caller) attempts.succeeded(clientId);
      else attempts.failed(clientId);
      return { caller };
    } finally {
      underWay -= 1;
    }
  };
};
