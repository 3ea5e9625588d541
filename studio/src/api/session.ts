// Who is signed in. The cookie is the browser's and unseen here; this is what the server says of it.
import { ApiError, readError } from './error.ts';

/** Somebody who is signed in. */
export type Who = {
  objectId: string;
  name: string;
  tenantId: string;
  subscriptionId: string;
  expiresAt: string;
};

/** `asking`: not known yet. `out`: nobody. `in`. `lapsed`: the session ended while a page was open. */
export type SessionState = { state: 'asking' | 'out'; who: null } | { state: 'in' | 'lapsed'; who: Who };

let current: SessionState = { state: 'asking', who: null };
const listeners = new Set<() => void>();
let waiting: (() => void)[] = [];

const become = (next: SessionState) => {
  current = next;
  for (const listener of listeners) listener();
};

/** For `useSyncExternalStore`. */
export const sessionStore = {
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  read: () => current,
};

/** Says that requests come from this page and not from another site's form. */
export const studioHeader = { 'x-postern-studio': '1' } as const;

const exchange = async (method: string, body?: unknown): Promise<Who | null> => {
  const response = await fetch('/studio/session', {
    method,
    headers: { ...studioHeader, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new ApiError(0, 'Unreachable', 'Postern does not answer. Is it running? Start it with: npx postern up');
  });
  const text = await response.text();
  if (response.status === 401 && method === 'GET') return null;
  if (!response.ok) throw readError(response.status, text === '' ? null : JSON.parse(text));
  return method === 'DELETE' ? null : (JSON.parse(text) as Who);
};

/** How somebody signs in: by a link's code, or as a principal. */
export type Proof = { code: string } | { clientId: string; clientSecret: string };

const enter = (who: Who) => {
  become({ state: 'in', who });
  const released = waiting;
  waiting = [];
  for (const release of released) release();
};

/** Signs in and lets every request go on that waited for it. Throws an `ApiError` where the proof is refused. */
export const signIn = async (proof: Proof): Promise<void> => {
  enter((await exchange('POST', proof))!);
};

/** Goes on where somebody signed in in another window meanwhile. */
export const lookForSession = async (): Promise<void> => {
  const who = await exchange('GET').catch(() => null);
  if (who) enter(who);
};

/** Asks who is signed in, with the code of a sign-in link if the page was opened by one. */
export const resumeSession = async (code: string | null): Promise<void> => {
  if (code !== null) return signIn({ code });
  const who = await exchange('GET');
  become(who ? { state: 'in', who } : { state: 'out', who: null });
};

/** Nobody is signed in, as far as this page knows. */
export const noSession = (): void => become({ state: 'out', who: null });

/** Ends the session and leaves the page as a stranger sees it. */
export const signOut = async (): Promise<void> => {
  await exchange('DELETE').catch(() => null);
  location.assign('/studio/');
};

/** Resolves once somebody has signed in again over the page. Nothing that was typed is lost meanwhile. */
export const whenSignedInAgain = (): Promise<void> =>
  new Promise((resolve) => {
    waiting.push(resolve);
    if (current.state === 'in') become({ state: 'lapsed', who: current.who });
  });
