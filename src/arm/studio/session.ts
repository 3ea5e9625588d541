// Who is signed in at the Studio. Sessions are in memory and nowhere else: a restart ends them all.
import { createHash, randomBytes } from 'node:crypto';

/** Milliseconds that a session lasts at most, and that it lasts without a request. */
export const longestSessionMs = 8 * 3600 * 1000;
export const longestIdleMs = 3600 * 1000;

const mostOfPrincipal = 50;
const most = 1000;

/** One signed-in browser. */
export type Session = {
  objectId: string;
  /** When it ends at the latest, in milliseconds since the epoch. */
  until: number;
  /** Aborted when it ends, for whatever reason. */
  ended: AbortSignal;
};

/** The sessions of this process. Tokens are 32 random bytes; only their hashes are kept. */
export type Sessions = {
  open(objectId: string): { token: string; session: Session };
  /** The live session of a token, or null. `isUse`: a person did something, so its idle time begins anew. */
  find(token: string, isUse: boolean): Session | null;
  /** Ends the session of a token; idempotent. */
  end(token: string): void;
  /** Ends them all. */
  close(): void;
};

type Kept = { session: Session; usedAt: number; end(): void };

const hashOf = (token: string) => createHash('sha256').update(token).digest('base64');

/** No sessions yet. The oldest goes where a principal has 50, or all have 1,000. */
export const createSessions = (): Sessions => {
  // Maps keep the order of insertion, so the first is the oldest.
  const open = new Map<string, Kept>();

  const begin = (hash: string, objectId: string): Session => {
    const openedAt = Date.now();
    const stop = new AbortController();
    const session = { objectId, until: openedAt + longestSessionMs, ended: stop.signal };
    let timer: NodeJS.Timeout | undefined;
    const kept: Kept = {
      session,
      usedAt: openedAt,
      end: () => {
        clearTimeout(timer);
        open.delete(hash);
        stop.abort();
      },
    };
    const watch = () => {
      const left = endOf(kept) - Date.now();
      if (left <= 0) return kept.end();
      timer = setTimeout(watch, left);
      timer.unref();
    };
    open.set(hash, kept);
    watch();
    return session;
  };

  const endOf = ({ session, usedAt }: Kept) => Math.min(session.until, usedAt + longestIdleMs);

  const makeRoom = (objectId: string) => {
    const own = [...open.values()].filter(({ session }) => session.objectId === objectId);
    if (own.length >= mostOfPrincipal) own[0]!.end();
    const [oldest] = open.values();
    if (oldest && open.size >= most) oldest.end();
  };

  return {
    open: (objectId) => {
      makeRoom(objectId);
      const token = randomBytes(32).toString('base64url');
      return { token, session: begin(hashOf(token), objectId) };
    },
    find: (token, isUse) => {
      const kept = open.get(hashOf(token));
      if (!kept) return null;
      // A machine that slept has timers that are late.
      if (endOf(kept) <= Date.now()) {
        kept.end();
        return null;
      }
      if (isUse) kept.usedAt = Date.now();
      return kept.session;
    },
    end: (token) => open.get(hashOf(token))?.end(),
    close: () => {
      for (const kept of open.values()) kept.end();
    },
  };
};
