// The front door: HTTPS, tokens, common headers, error bodies. What a request means is decided in `answer.ts`.
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { ServiceError } from '../base/error.ts';
import type { Log } from '../base/log.ts';
import type { Database } from '../database/database.ts';
import { type Answer, createAnswer } from './answer.ts';
import { cloudMetadata, isForCloud } from './cloud-metadata.ts';
import { createDispatch } from './dispatch.ts';
import { watchConnections } from './drain.ts';
import { errorReply } from './error-body.ts';
import { createIdentify, type Identify, type Identity } from './identity.ts';
import { operationRoutes } from './long-running.ts';
import { createRemover, type Remover } from './remover.ts';
import { replyHeaders } from './reply-header.ts';
import { bodyLimit } from './request-body.ts';
import { type RequestUrl, readUrl } from './request-url.ts';
import type { Registry } from './resource-type.ts';
import { createStreams } from './stream.ts';
import { pageHeaders } from './studio/page-header.ts';
import { createSessions } from './studio/session.ts';
import type { SignInCodes } from './studio/sign-in-code.ts';
import { createStudio, isForStudio } from './studio/studio.ts';
import { createBearer } from './token/bearer.ts';
import { createIssuer, type Issuer } from './token/issuer.ts';
import { createPlace, type Place } from './token/place.ts';
import type { SignIn } from './token/sign-in.ts';
import { openSigningKey } from './token/signing-key.ts';

/** What the front door is built from. */
export type FrontDoorOptions = {
  database: Database;
  registry: Registry;
  /** PEM. */
  tls: { key: string | Buffer; cert: string | Buffer };
  tenantId: string;
  subscriptionId: string;
  /** Where the key that signs tokens is kept. */
  dataDir: string;
  log: Log;
  version: string;
  /** Codes that people sign in with at the Studio. */
  signInCodes: SignInCodes;
  /** Shared with whoever else checks secrets, so that guesses count together. */
  signIn: SignIn;
  /** Where the built Studio lies. */
  studioFolder: string;
  /** Further host names that lead here. `localhost`, loopback addresses and the listening host always do. */
  hosts?: readonly string[];
};

/** The front door. `listen` resumes what an earlier process left under way. */
export type FrontDoor = {
  listen(at: { host: string; port: number }): Promise<{ origin: string }>;
  close(): Promise<void>;
};

const formLimit = 16_384;
const mostRequestsAtOnce = 256;
const mostConnections = 2048;
const notTenants = ['subscriptions', 'tenants', 'providers', 'metadata'];

type Open = { place: Place; issuer: Issuer; identify: Identify; answer: Answer; remover: Remover };

/** What a request turned out to be for, before its body was read. */
type Known = { url: RequestUrl; origin: string } & (
  | { is: 'token' }
  | { is: 'cloud' }
  | { is: 'studio' }
  | { is: 'arm'; identity: Identity }
);

const isForIssuer = ({ segments }: RequestUrl) =>
  segments.length > 1 && !notTenants.includes(segments[0]!.toLowerCase());

const single = (header: string | string[] | undefined) => (Array.isArray(header) ? header.join(',') : header);

/** Nobody has shown a token there: a form that says its length, and is short, is all that is read. */
const checkFormLength = ({ method, headers }: FastifyRequest) => {
  const { 'content-length': length, 'transfer-encoding': coding } = headers;
  const hasBody = method === 'POST' || length !== undefined || coding !== undefined;
  if (hasBody && !(coding === undefined && Number(length) <= formLimit))
    throw new ServiceError(
      413,
      'RequestEntityTooLarge',
      `Send a form of at most ${formLimit} bytes, and its content-length.`,
    );
};

/** Builds a front door; nothing is served before `listen`. */
export const createFrontDoor = (options: FrontDoorOptions): FrontDoor => {
  const { database, tls, tenantId, subscriptionId, dataDir, log, signIn } = options;
  const registry: Registry = {
    types: options.registry.types,
    routes: [...options.registry.routes, ...operationRoutes],
  };
  const dispatch = createDispatch(registry);
  const key = openSigningKey(dataDir);
  const sessions = createSessions();
  const streams = createStreams();
  const studio = createStudio({
    database,
    sessions,
    codes: options.signInCodes,
    signIn,
    folder: options.studioFolder,
    tenantId,
    subscriptionId,
  });
  let open: Open | null = null;
  let underWay = 0;

  const app = Fastify<Server>({
    serverFactory: (serve) =>
      createServer(
        {
          ...tls,
          minVersion: 'TLSv1.2',
          handshakeTimeout: 10_000,
          requestTimeout: 60_000,
          headersTimeout: 15_000,
          keepAliveTimeout: 65_000,
        },
        serve,
      ),
    // One route: the registry dispatches, and the router never sees a path that somebody made up.
    rewriteUrl: () => '/',
    bodyLimit,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    clientErrorHandler: (error, socket) => {
      if (!socket.writable) return socket.destroy();
      const body = JSON.stringify({
        error: { code: 'BadRequest', message: 'The request is not HTTP/1.1 as we read it.' },
      });
      const isTooLarge = (error as NodeJS.ErrnoException).code === 'HPE_HEADER_OVERFLOW';
      const line = isTooLarge ? '431 Request Header Fields Too Large' : '400 Bad Request';
      socket.end(
        `HTTP/1.1 ${line}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
      );
    },
  });
  app.server.maxConnections = mostConnections;
  const connections = watchConnections(app.server);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  const send = (reply: FastifyReply, status: number, headers: Record<string, string>, body: unknown) => {
    reply.code(status).headers(headers);
    if (body === undefined || status === 204 || status === 304) return reply.send();
    return reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(body));
  };

  const sendError = (request: FastifyRequest, reply: FastifyReply, error: unknown) => {
    const { status, headers, body } = errorReply(error, log);
    if (request.method === 'HEAD')
      return send(reply, status, { ...headers, 'x-ms-error-code': body.error.code }, undefined);
    return send(reply, status, { ...headers, 'x-ms-error-code': body.error.code }, body);
  };
  app.setErrorHandler((error, request, reply) => sendError(request, reply, error));
  app.setNotFoundHandler((request, reply) =>
    sendError(
      request,
      reply,
      new ServiceError(405, 'MethodNotAllowed', `The method ${request.method} is not known here.`),
    ),
  );

  const known = new WeakMap<FastifyRequest, Known>();

  // Before the body is read: nobody without a token makes us hold four megabytes.
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(replyHeaders(request.headers, request.method));
    const url = readUrl(request.originalUrl);
    if (!open) throw new ServiceError(503, 'ServerStarting', 'The server is starting. Repeat the request.');
    const { method, headers } = request;
    const origin = open.place.originOf(headers.host);
    if (isForStudio(method, url.segments)) {
      reply.headers(pageHeaders());
      checkFormLength(request);
      known.set(request, { is: 'studio', url, origin });
    } else if (isForIssuer(url)) {
      checkFormLength(request);
      known.set(request, { is: 'token', url, origin });
    } else if (isForCloud(url)) {
      checkFormLength(request);
      known.set(request, { is: 'cloud', url, origin });
    } else
      known.set(request, { is: 'arm', url, origin, identity: await open.identify({ method, url, headers, origin }) });
  });

  const serveStudio = async (request: FastifyRequest, reply: FastifyReply, { url, origin }: Known) => {
    const { method, headers } = request;
    const answer = await studio({
      method,
      headers,
      origin,
      segments: url.segments,
      path: request.originalUrl.split('?')[0]!,
      bytes: Buffer.isBuffer(request.body) ? request.body : undefined,
      address: request.raw.socket.remoteAddress ?? '',
    });
    for (const name of ['pragma', 'expires']) reply.removeHeader(name);
    if (!('body' in answer))
      return send(reply, answer.status, answer.headers, 'json' in answer ? answer.json : undefined);
    return reply.code(answer.status).headers(answer.headers).send(answer.body);
  };

  const serve = async (request: FastifyRequest, reply: FastifyReply) => {
    const { issuer, answer } = open!;
    const about = known.get(request)!;
    const { url, origin } = about;
    const { method } = request;
    if (about.is === 'studio') return serveStudio(request, reply, about);
    if (about.is === 'cloud') return send(reply, 200, {}, cloudMetadata(method, url.query, origin));
    const bytes = Buffer.isBuffer(request.body) ? request.body : undefined;
    if (about.is === 'token') {
      const [tenant = '', ...segments] = url.segments;
      const token = await issuer({ method, tenant, segments, origin, body: bytes });
      if (!token) throw new ServiceError(404, 'NotFound', `There is nothing at '/${url.segments.join('/')}'.`);
      return send(reply, token.status, token.headers ?? {}, token.body);
    }
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch, 'content-type': contentType } = request.headers;
    const conditions = { ifMatch: single(ifMatch), ifNoneMatch: single(ifNoneMatch) };
    const { identity } = about;
    const { objectId } = identity;
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const asked = { method, url, conditions, contentType, bytes, origin, objectId, gone: gone.signal };
    const result = await answer(asked);
    if (!result.stream) return send(reply, result.status, result.headers ?? {}, result.body);
    const headers = { ...(reply.getHeaders() as Record<string, string>), 'content-type': 'text/event-stream' };
    const lastEventId = single(request.headers['last-event-id']) ?? null;
    streams.open(reply.raw, { identity, lastEventId, headers }, result.stream);
    return reply.hijack();
  };

  app.route({
    method: ['GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE', 'OPTIONS'],
    url: '/',
    handler: async (request, reply) => {
      if (underWay >= mostRequestsAtOnce)
        throw new ServiceError(429, 'TooManyRequests', 'Too many requests at once. Repeat this one in a second.', {
          headers: { 'retry-after': '1' },
        });
      underWay += 1;
      try {
        return await serve(request, reply);
      } finally {
        underWay -= 1;
      }
    },
  });
  app.addHook('onResponse', async (request, reply) => {
    const path = request.originalUrl.split('?')[0];
    const ms = Math.round(reply.elapsedTime);
    log.info({
      method: request.method,
      path,
      status: reply.statusCode,
      ms,
      requestId: reply.getHeader('x-ms-request-id'),
    });
  });

  return {
    listen: async ({ host, port }) => {
      await app.listen({ host, port });
      const address = app.server.address() as AddressInfo;
      const place = createPlace(host, address.port, options.hosts ?? []);
      const origin = place.originOf(undefined);
      const remover = createRemover({ database, registry, log, origin });
      open = {
        place,
        remover,
        issuer: createIssuer({ signIn, key, tenantId, place }),
        identify: createIdentify(createBearer({ key, tenantId, place }), sessions),
        answer: createAnswer({ database, registry, dispatch, subscriptionId, background: remover.start }),
      };
      await remover.resume();
      return { origin };
    },
    close: async () => {
      const removed = open?.remover.close();
      streams.close();
      sessions.close();
      const closed = app.close();
      connections.drain();
      await closed;
      await removed;
    },
  };
};
