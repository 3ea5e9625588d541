// Who sent a request: the bearer of a token, or somebody signed in at the Studio.
import type { IncomingHttpHeaders } from 'node:http';
import { ServiceError } from '../base/error.ts';
import type { RequestUrl } from './request-url.ts';
import { tokenOf } from './studio/cookie.ts';
import { requireSameOrigin } from './studio/same-origin.ts';
import type { Sessions } from './studio/session.ts';
import type { ReadBearer } from './token/bearer.ts';

/** The principal that a request is from, and for how long it may be taken as that. */
export type Identity = {
  objectId: string;
  /** Milliseconds since the epoch. */
  until: number;
  /** Aborted when a session ends before that; null for a token, which cannot. */
  ended: AbortSignal | null;
};

type Ask = { method: string; url: RequestUrl; headers: IncomingHttpHeaders; origin: string };

/** Tells who sent a request, or throws a 401 or 403 that says what is wrong. */
export type Identify = (ask: Ask) => Promise<Identity>;

/** The refusal of a cookie that stands for no session. */
export const expiredSession = (origin: string): ServiceError =>
  new ServiceError(401, 'ExpiredSession', 'The session has ended. Sign in again.', {
    headers: { 'www-authenticate': `Bearer authorization_uri="${origin}"` },
  });

const tail = ({ segments }: RequestUrl) =>
  segments
    .slice(-3)
    .map((segment) => segment.toLowerCase())
    .join('/');

const isEvents = ({ method, url }: Ask) => method === 'GET' && tail(url) === 'providers/postern.authoring/events';

/** A session must not make another one: it would outlive its eight hours. */
const needsToken = ({ url }: Ask) => tail(url) === 'providers/postern.authoring/signincodes';

const ofSession = (sessions: Sessions, token: string, ask: Ask): Identity => {
  const { headers, origin } = ask;
  requireSameOrigin(headers, origin);
  // A page of another site cannot send the header without asking us first, and we never say yes. The browser's event
  // source cannot send it either, but says where it comes from; what it asks for changes nothing.
  const isMarked = headers['x-postern-studio'] === '1';
  const isEventSource = isEvents(ask) && headers['sec-fetch-site'] === 'same-origin';
  if (!isMarked && !isEventSource)
    throw new ServiceError(
      401,
      'AuthenticationFailed',
      "Authentication failed. The session counts only with the header 'x-postern-studio: 1', and there is no 'Authorization' header.",
      { target: 'x-postern-studio', headers: { 'www-authenticate': `Bearer authorization_uri="${origin}"` } },
    );
  if (needsToken(ask))
    throw new ServiceError(
      403,
      'TokenRequired',
      'A session cannot make codes to sign in with. Use an access token, or `postern studio`.',
    );
  const session = sessions.find(token, !isEventSource);
  if (!session) throw expiredSession(origin);
  return session;
};

/** Builds it. A token goes before a cookie. */
export const createIdentify =
  (readBearer: ReadBearer, sessions: Sessions): Identify =>
  async (ask) => {
    const { authorization, cookie } = ask.headers;
    const token = authorization === undefined ? tokenOf(cookie) : null;
    if (token !== null) return ofSession(sessions, token, ask);
    return { ...(await readBearer(authorization, ask.origin)), ended: null };
  };
