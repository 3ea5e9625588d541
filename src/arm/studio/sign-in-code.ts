// One-time codes: how somebody who has a terminal signs in at the Studio without typing a secret.
import { createHash, randomBytes } from 'node:crypto';

const lifetimeMs = 10 * 60_000;
const most = 1000;

/** Codes that were given out and not used yet. Only their hashes are kept, in memory. */
export type SignInCodes = {
  /** A new code for a principal. It works once, for 10 minutes. */
  issue(objectId: string): { code: string; expiresAt: Date };
  /** The principal of a code, which is used up by this; null where there is no such code any more. */
  redeem(code: string): string | null;
};

const hashOf = (code: string) => createHash('sha256').update(code).digest('base64');

/** No codes yet. The oldest is forgotten where there are 1,000. */
export const createSignInCodes = (): SignInCodes => {
  const open = new Map<string, { objectId: string; until: number }>();
  return {
    issue: (objectId) => {
      const [oldest] = open.keys();
      if (oldest !== undefined && open.size >= most) open.delete(oldest);
      const code = randomBytes(32).toString('base64url');
      const until = Date.now() + lifetimeMs;
      open.set(hashOf(code), { objectId, until });
      return { code, expiresAt: new Date(until) };
    },
    redeem: (code) => {
      const hash = hashOf(code);
      const found = open.get(hash);
      open.delete(hash);
      return found && found.until > Date.now() ? found.objectId : null;
    },
  };
};
