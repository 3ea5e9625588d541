// Requests of the sandbox itself to an account that it runs.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { isJsonObject } from '../../base/json.ts';
import type { CosmosAsk, CosmosReply } from '../sandbox.ts';
import { signedHeaders } from './authorization.ts';
import { readJson } from './json-text.ts';

const deadlineMs = 10_000;

/** Where an account listens, and what opens it. `ca` is PEM. */
export type AccountPlace = { port: number; key: string; ca: string };

/** Sends a request and resolves with the answer, whatever its status. Rejects where nobody answers in time. */
export const askAccount = async ({ port, key, ca }: AccountPlace, ask: CosmosAsk): Promise<CosmosReply> => {
  const { method, segments, body, headers } = ask;
  const sent = request({
    host: '127.0.0.1',
    port,
    ca,
    method,
    path: `/${segments.map(encodeURIComponent).join('/')}`,
    headers: { ...headers, ...signedHeaders(key, method, segments), 'content-type': 'application/json' },
    agent: false,
    signal: AbortSignal.timeout(deadlineMs),
  });
  sent.end(body && JSON.stringify(body));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const answer = readJson(await text(response));
  return { status: response.statusCode ?? 0, body: isJsonObject(answer) ? answer : {} };
};
