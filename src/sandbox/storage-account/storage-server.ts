// The listener of a sub-resource that Azurite does not serve: TLS, the headers of every answer, errors in Azure's shape.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { IssuedCertificate } from '../certificate-authority.ts';
import { StorageError } from './storage-error.ts';

/** An answer. Headers without a value are left out; a stream's length is among the headers. */
export type StorageAnswer = {
  status: number;
  headers?: Readonly<Record<string, string | undefined>>;
  body?: string | Readable;
};

/** How a service writes an error's body, and its type. */
export type WriteError = (error: StorageError) => { type: string; body: string };

/** Answers one request, whole or with a `StorageError`. */
export type AnswerRequest = (incoming: IncomingMessage) => Promise<StorageAnswer>;

const plain = (text: string | string[] | undefined, form: RegExp): string | undefined =>
  typeof text === 'string' && form.test(text) ? text : undefined;

const send = async (incoming: IncomingMessage, response: ServerResponse, answer: StorageAnswer): Promise<void> => {
  const { status, headers = {}, body } = answer;
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
  // What was not read of a body must not be taken for the next request.
  if (!incoming.complete) response.setHeader('connection', 'close');
  if (typeof body === 'string') response.setHeader('content-length', Buffer.byteLength(body));
  else if (body === undefined && incoming.method !== 'HEAD') response.setHeader('content-length', 0);
  response.writeHead(status);
  if (typeof body === 'object') await pipeline(body, response);
  else response.end(incoming.method === 'HEAD' ? undefined : body);
};

/** The listener for requests; it is not listening yet. */
export const storageListener =
  (answer: AnswerRequest, writeError: WriteError, onTrouble: (error: unknown) => void) =>
  (incoming: IncomingMessage, response: ServerResponse): void => {
    const clientId = plain(incoming.headers['x-ms-client-request-id'], /^[\w.-]{1,128}$/);
    response.setHeader('x-ms-request-id', randomUUID());
    response.setHeader('x-ms-version', plain(incoming.headers['x-ms-version'], /^\d{4}-\d\d-\d\d$/) ?? '2021-08-06');
    if (clientId !== undefined) response.setHeader('x-ms-client-request-id', clientId);
    const refuse = (thrown: unknown): StorageAnswer => {
      const error =
        thrown instanceof StorageError
          ? thrown
          : new StorageError(500, 'InternalError', "The server failed; Postern's log says why.");
      if (error !== thrown) onTrouble(thrown);
      const { type, body } = writeError(error);
      return {
        status: error.status,
        headers: { ...error.headers, 'content-type': type, 'x-ms-error-code': error.code },
        ...(error.status !== 304 && { body }),
      };
    };
    answer(incoming)
      .catch(refuse)
      .then((given) => send(incoming, response, given))
      .catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') onTrouble(error);
        response.destroy();
      });
  };

/** Listens on loopback. A port of 0 means any. */
export const listenStorage = async (
  certificate: IssuedCertificate,
  port: number,
  listener: (incoming: IncomingMessage, response: ServerResponse) => void,
): Promise<{ port: number; close(): Promise<void> }> => {
  const server: Server = createServer({ ...certificate, minVersion: 'TLSv1.2' }, listener);
  // Longer than any client keeps an idle connection, so that the client is the one who closes.
  server.keepAliveTimeout = 125_000;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
