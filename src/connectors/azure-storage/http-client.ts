// What carries the requests of the official clients of storage: an HTTP client of our own behind the place that they have
// for one. Signing, errors and all that is asked stay theirs. Their own costs several times as much for each byte.
import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { type HttpHeaders, type IHttpClient, RestError, type WebResource } from '@azure/storage-blob';
import { messageOf } from '../../base/error.ts';
import type { Answer } from '../transport/answer-reader.ts';
import { exchange, type Request } from '../transport/exchange.ts';

/** What the client is not told: where bytes go, or an answer that is there already. */
const aside = new AsyncLocalStorage<{ into: Buffer } | { answer: Answer }>();

/** Downloads: the bytes that `download` asks for fill `into` to its last byte before it resolves. */
export const downloadInto = <Value>(into: Buffer, download: () => Promise<Value>): Promise<Value> =>
  aside.run({ into }, download);

/** Lets the client read an answer as if it had got it for what it asks in `ask`; nothing is sent. */
export const readByClient = <Value>(answer: Answer, ask: () => Promise<Value>): Promise<Value> =>
  aside.run({ answer }, ask);

/** Sends a request. Errors are such as the clients' own would be. */
export const send = async (request: Request, signal: AbortSignal | undefined): Promise<Answer> => {
  try {
    return await exchange(request, signal);
  } catch (error) {
    const { code = 'REQUEST_SEND_ERROR' } = error as { code?: string };
    throw Object.assign(new RestError(messageOf(error), { code }), { request });
  }
};

const headersOf = ({ headers: sent }: WebResource, { headers }: Answer): HttpHeaders => {
  const received = sent.clone();
  for (const name of received.headerNames()) received.remove(name);
  for (const [name, value] of headers) if (!received.contains(name)) received.set(name, value);
  return received;
};

/** A stream of which nobody reads: its bytes are where they belong. */
const nothing = () => new Readable({ read: () => {} });

const bodyOf = (body: unknown): Buffer | undefined => {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.length);
  throw new TypeError('A body must be text or bytes.');
};

/** The client. Its errors are those of the clients' own. */
export const storageHttpClient: IHttpClient = {
  sendRequest: async (request) => {
    const { method, url, abortSignal } = request;
    const beside = aside.getStore();
    const into = beside && 'into' in beside ? beside.into : undefined;
    const headers = request.headers.headersArray().map(({ name, value }) => [name, value] as const);
    const answer =
      beside && 'answer' in beside
        ? beside.answer
        : await send(
            { method, url, headers, body: bodyOf(request.body), into },
            abortSignal as AbortSignal | undefined,
          );
    const { status, text } = answer;
    const isStream = request.streamResponseStatusCodes?.has(status) ?? false;
    return {
      request,
      status,
      headers: headersOf(request, answer),
      ...(isStream
        ? { readableStreamBody: into ? nothing() : Readable.from([text]) }
        : { bodyAsText: text.toString() }),
    };
  },
};
