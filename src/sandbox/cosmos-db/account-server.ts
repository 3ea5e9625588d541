// One account on a listener of its own: signature or token, right, operation, in this order.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Json } from '../../base/json.ts';
import { requestAuthority } from '../request-authority.ts';
import type { StoreFrame, StoreServer } from '../store-program.ts';
import { openAccountFile } from './account-file.ts';
import type { Ask } from './ask.ts';
import { readCredential, readRight } from './authorization.ts';
import { createCosmosBearer } from './bearer.ts';
import { badRequest, CosmosError } from './cosmos-error.ts';
import { deepestJson, readJson } from './json-text.ts';
import type { CosmosOrder } from './message.ts';
import { findOperation, type Operation } from './operation.ts';
import { createPager } from './page.ts';
import { type Reply, requestCharge } from './reply.ts';

/** An account that is served. */
export type CosmosServer = StoreServer<CosmosOrder> & { renew(order: CosmosOrder): void };

const longestBody = 5 * 2 ** 20;
const mostRequests = 64;
const mostConnections = 512;

const triggerHeaders = ['x-ms-documentdb-pre-trigger-include', 'x-ms-documentdb-post-trigger-include'];

/** The client went away: nobody is there to be told. */
class Gone extends Error {}

const readBody = async (request: IncomingMessage): Promise<Json | undefined> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > longestBody)
      throw new CosmosError(
        413,
        'RequestEntityTooLarge',
        `Request size is too large: a body is at most ${longestBody} bytes.`,
      );
    chunks.push(chunk);
  }
  if (bytes === 0) return undefined;
  // A batch holds its items some levels deep.
  const body = readJson(Buffer.concat(chunks).toString('utf8'), deepestJson + 4);
  if (body === undefined)
    throw badRequest(
      `The input content is invalid: it must be JSON, nested at most ${deepestJson} levels deep, with numbers that a double can hold.`,
    );
  return body;
};

const segmentsOf = (path: string): string[] => {
  try {
    const segments = path
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent);
    if (segments.every((segment) => !/[\u0000-\u001f]/.test(segment))) return segments;
  } catch {
    // Said below.
  }
  throw badRequest('The path is not encoded as a URL is.');
};

const textOf = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' ? header : header?.join(',');

/** Serves an account; resolves once it accepts connections. */
export const serveAccount = async (first: CosmosOrder, { ask, onTrouble }: StoreFrame): Promise<CosmosServer> => {
  const { name, trust } = first;
  const host = `${name}.documents.azure.com`;
  const file = openAccountFile(join(first.folder, 'account.sqlite'));
  const page = createPager();
  const readToken = trust && createCosmosBearer({ account: name, trust, ask });
  let order = first;
  let requests = 0;
  let isClosed = false;

  type Demand = (operation: Operation, asked: Pick<Ask, 'header'>) => void;

  /** By what the request is let in, and what it may do with that. */
  const readDemand = async (
    signed: { method: string; segments: readonly string[]; date: string | undefined },
    authorization: string | undefined,
  ): Promise<Demand> => {
    const credential = readCredential(authorization);
    if (credential.kind === 'token') {
      if (!readToken)
        throw new CosmosError(401, 'Unauthorized', 'This store takes no tokens: use a key of the account.', 5002);
      const demand = await readToken(credential.token, signed);
      return ({ actions }, asked) => demand(typeof actions === 'function' ? actions(asked) : actions);
    }
    const right = readRight(signed, credential.signature, order.keys, Date.now());
    return ({ writes }, asked) => {
      if (right === 'write' || !(typeof writes === 'boolean' ? writes : writes(asked))) return;
      throw new CosmosError(
        403,
        'Forbidden',
        'The request is signed with a read-only key, which may read and query only. Use a primary or secondary key.',
      );
    };
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<Reply> => {
    const header = (one: string) => textOf(request.headers[one]);
    const method = request.method ?? '';
    const path = (request.url ?? '/').split('?', 1)[0]!;
    const segments = segmentsOf(path);
    const signed = { method, segments, date: header('x-ms-date') ?? header('date') };
    const demand = await readDemand(signed, header('authorization'));
    const operation = findOperation(method, segments);
    if (triggerHeaders.some((one) => header(one) !== undefined))
      throw new CosmosError(501, 'NotImplemented', 'Triggers are not supported by this store: leave them out.');
    demand(operation, { header });
    const authority = requestAuthority(header('host'), host);
    const asked: Ask = {
      file,
      account: { name, location: order.location, endpoint: `https://${authority}${authority === host ? ':443' : ''}/` },
      segments,
      header,
      body: () => readBody(request),
      page,
      rest: async () => {
        await turn();
        if (response.destroyed || isClosed) throw new Gone();
      },
      now: Math.floor(Date.now() / 1000),
    };
    return operation.run(asked);
  };

  const refuse = (error: unknown): Reply => {
    if (!(error instanceof CosmosError)) {
      onTrouble(error);
      return refuse(new CosmosError(500, 'InternalServerError', "The store failed; Postern's log says why."));
    }
    const { status, code, message, substatus } = error;
    return {
      status,
      headers: {
        ...(substatus !== undefined && { 'x-ms-substatus': `${substatus}` }),
        ...(status === 429 && { 'x-ms-retry-after-ms': '100' }),
      },
      body: JSON.stringify({ code, message }),
    };
  };

  const send = (response: ServerResponse, { status, headers, body }: Reply): void => {
    response.writeHead(status, {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      'cache-control': 'no-store, no-cache',
      'x-ms-activity-id': randomUUID(),
      'x-ms-request-charge': `${requestCharge}`,
      'x-ms-gatewayversion': 'version=2.14.0',
      'x-ms-serviceversion': 'version=2.14.0',
      ...headers,
    });
    response.end(body);
  };

  const limited = async (request: IncomingMessage, response: ServerResponse): Promise<Reply> => {
    if (requests > mostRequests)
      throw new CosmosError(429, 'TooManyRequests', 'The account answers too many requests at once. Try again.', 3200);
    return answer(request, response);
  };

  const server = createServer({ ...first.certificate, minVersion: 'TLSv1.2' }, (request, response) => {
    requests += 1;
    limited(request, response)
      .then((reply) => send(response, reply))
      .catch((error: unknown) => {
        if (error instanceof Gone) return response.destroy();
        const reply = refuse(error);
        // What was not read of a body must not be taken for the next request.
        return send(
          response,
          request.complete ? reply : { ...reply, headers: { ...reply.headers, connection: 'close' } },
        );
      })
      .catch((error: unknown) => {
        onTrouble(error);
        response.destroy();
      })
      .finally(() => {
        requests -= 1;
      });
  });
  server.maxConnections = mostConnections;
  server.keepAliveTimeout = 65_000;
  server.requestTimeout = 60_000;
  try {
    server.listen(first.ports.Sql, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    file.close();
    throw error;
  }
  return {
    ports: { Sql: (server.address() as AddressInfo).port },
    renew: (fresh) => {
      order = fresh;
    },
    close: async () => {
      isClosed = true;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      file.close();
    },
  };
};
