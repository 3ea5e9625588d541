// What the front door answers below `/studio`, without a token: the files of the web application, and who is signed in.
import type { IncomingHttpHeaders } from 'node:http';
import { Type } from 'typebox';
import { ServiceError } from '../../base/error.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Database } from '../../database/database.ts';
import { expiredSession } from '../identity.ts';
import { readCaller } from '../principal.ts';
import { readBody } from '../request-body.ts';
import type { Caller } from '../resource-type.ts';
import { createAttempts } from '../token/attempt.ts';
import type { SignIn } from '../token/sign-in.ts';
import { checkBody } from '../validation.ts';
import { noCookie, sessionCookie, tokenOf } from './cookie.ts';
import { type PageReply, readPage } from './page.ts';
import { pageHeaders } from './page-header.ts';
import { requireSameOrigin } from './same-origin.ts';
import type { Session, Sessions } from './session.ts';
import type { SignInCodes } from './sign-in-code.ts';

/** One request below `/studio`, or for `/`. */
export type StudioAsk = {
  method: string;
  /** As it was written, without the query. */
  path: string;
  segments: readonly string[];
  headers: IncomingHttpHeaders;
  bytes: Buffer | undefined;
  /** Ours, as the request names it. */
  origin: string;
  /** Where it came from: codes that are guessed are counted by it. */
  address: string;
};

/** A reply: a page, or JSON. */
export type StudioReply = PageReply | { status: number; headers: Record<string, string>; json?: JsonObject };

/** Answers it, or throws a ServiceError. */
export type Studio = (ask: StudioAsk) => Promise<StudioReply>;

/** True for what the Studio answers. */
export const isForStudio = (method: string, segments: readonly string[]): boolean =>
  segments.length === 0 ? method === 'GET' || method === 'HEAD' : segments[0] === 'studio';

const Credentials = Type.Union([
  Type.Object({ code: Type.String({ minLength: 1, maxLength: 200 }) }),
  Type.Object({
    clientId: Type.String({ minLength: 1, maxLength: 200 }),
    clientSecret: Type.String({ minLength: 1, maxLength: 400 }),
  }),
]);

const sessionMethods = 'GET, POST, DELETE';
const pageMethods = 'GET, HEAD';

const notAllowed = (method: string, allow: string) =>
  new ServiceError(405, 'MethodNotAllowed', `${method} is not possible here. Possible: ${allow}.`, {
    headers: { allow },
  });

const tooMany = (seconds: number) =>
  new ServiceError(429, 'TooManyRequests', `Too many failed sign-ins. Wait ${seconds} s.`, {
    headers: { 'retry-after': `${seconds}` },
  });

/** Builds it. `folder` is where the built application lies. */
export const createStudio = (options: {
  database: Database;
  sessions: Sessions;
  codes: SignInCodes;
  signIn: SignIn;
  folder: string;
  tenantId: string;
  subscriptionId: string;
}): Studio => {
  const { database, sessions, codes, signIn, folder, tenantId, subscriptionId } = options;
  const attempts = createAttempts();

  const callerOf = (objectId: string) => database.transaction().execute((tx) => readCaller(tx, objectId));

  const byCode = async (code: string, address: string): Promise<Caller | null> => {
    const wait = attempts.waitSeconds(address);
    if (wait > 0) throw tooMany(wait);
    const objectId = codes.redeem(code);
    const caller = objectId === null ? null : await callerOf(objectId);
    if (!caller) attempts.failed(address);
    return caller;
  };

  const bySecret = async (clientId: string, secret: string): Promise<Caller | null> => {
    const signedIn = await signIn(clientId, secret);
    if ('waitSeconds' in signedIn) throw tooMany(signedIn.waitSeconds);
    return signedIn.caller;
  };

  const show = ({ objectId, name }: Caller, { until }: Session): JsonObject => ({
    objectId,
    name,
    tenantId,
    subscriptionId,
    expiresAt: new Date(until).toISOString(),
  });

  const json = (status: number, body: JsonObject | undefined, more: Record<string, string> = {}): StudioReply => ({
    status,
    headers: { ...pageHeaders(), 'cache-control': 'no-store', ...more },
    ...(body && { json: body }),
  });

  const enter = async ({ headers, bytes, address }: StudioAsk): Promise<StudioReply> => {
    const body = readBody(bytes, headers['content-type']);
    checkBody(Credentials, body);
    const caller =
      body.code === undefined
        ? await bySecret(String(body.clientId), String(body.clientSecret))
        : await byCode(String(body.code), address);
    if (!caller)
      throw new ServiceError(
        401,
        'SignInFailed',
        body.code === undefined
          ? 'The client id or the secret is wrong.'
          : 'This code was used already, is older than 10 minutes, or was never made. Ask for another with `postern studio`.',
        { target: body.code === undefined ? 'clientSecret' : 'code' },
      );
    // Whatever cookie came along is not the one that is signed in from now on.
    const before = tokenOf(headers.cookie);
    if (before) sessions.end(before);
    const { token, session } = sessions.open(caller.objectId);
    return json(200, show(caller, session), { 'set-cookie': sessionCookie(token) });
  };

  const look = async ({ headers, origin }: StudioAsk): Promise<StudioReply> => {
    const token = tokenOf(headers.cookie);
    if (token === null)
      throw new ServiceError(401, 'AuthenticationFailed', 'Nobody is signed in. POST a code or a secret here.');
    const session = sessions.find(token, true);
    const caller = session && (await callerOf(session.objectId));
    if (!session || !caller) {
      sessions.end(token);
      throw expiredSession(origin);
    }
    return json(200, show(caller, session));
  };

  const leave = ({ headers }: StudioAsk): StudioReply => {
    const token = tokenOf(headers.cookie);
    if (token) sessions.end(token);
    return json(204, undefined, { 'set-cookie': noCookie });
  };

  return async (ask) => {
    const { method, segments, origin, headers } = ask;
    const [, second] = segments;
    if (segments.length === 2 && second === 'session') {
      requireSameOrigin(headers, origin);
      if (method === 'POST') return enter(ask);
      if (method === 'GET') return look(ask);
      if (method === 'DELETE') return leave(ask);
      throw notAllowed(method, sessionMethods);
    }
    if (method !== 'GET' && method !== 'HEAD') throw notAllowed(method, pageMethods);
    if (segments.length === 0 || ask.path === '/studio')
      return { status: 302, headers: { ...pageHeaders(), location: '/studio/' }, body: undefined };
    return readPage(folder, segments.slice(1), method === 'HEAD', String(headers['accept-encoding'] ?? ''));
  };
};
