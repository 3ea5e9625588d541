// Requests that carry the bytes of blobs, past the machinery of the official client, which costs ten times what such a
// request does. Its credential signs them, and an answer that is no success is given to it to read.
import { createHmac, createSecretKey, type KeyObject, randomUUID } from 'node:crypto';
import {
  type HttpHeaders,
  type RequestPolicy,
  StorageSharedKeyCredential,
  type WebResource,
} from '@azure/storage-blob';
import type { Answer } from '../transport/answer-reader.ts';
import type { Credential } from './account.ts';
import { readByClient, send } from './http-client.ts';

/** `url` has the query that a request is signed with, if that is how it is. A body is what is sent, `into` what is filled. */
export type ByteRequest = {
  method: 'GET' | 'PUT';
  url: string;
  headers: Readonly<Record<string, string>>;
  body?: Buffer;
  into?: Buffer;
};

/** Sends one. `byClient` is the same asked of the client, which reads what went wrong. */
export type SendBytes = (request: ByteRequest, signal: AbortSignal, byClient: () => Promise<unknown>) => Promise<void>;

const version = '2023-11-03';

/** All that a credential wants of headers. */
const createHeaders = (headers: Map<string, string>) =>
  ({
    get: (name: string) => headers.get(name.toLowerCase()),
    set: (name: string, value: string | number) => void headers.set(name.toLowerCase(), String(value)),
    headersArray: () => [...headers].map(([name, value]) => ({ name, value })),
  }) as unknown as HttpHeaders;

/** The client's own, which makes its key anew for each signature. */
class KeyCredential extends StorageSharedKeyCredential {
  readonly #key: KeyObject;

  constructor(account: string, key: string) {
    super(account, key);
    this.#key = createSecretKey(key, 'base64');
  }

  override computeHMACSHA256(text: string): string {
    return createHmac('sha256', this.#key).update(text, 'utf8').digest('base64');
  }
}

type Signer = (request: ByteRequest, headers: Map<string, string>) => unknown;

const signerOf = (credential: Credential): Signer => {
  if (credential.kind === 'token') return (_, headers) => headers.set('authorization', `Bearer ${credential.token}`);
  if (credential.kind !== 'key') return () => undefined;
  const last = { sendRequest: async (signed: WebResource) => ({ request: signed }) } as unknown as RequestPolicy;
  const policy = new KeyCredential(credential.account, credential.key).create(last, {} as never);
  return ({ method, url, body }, headers) =>
    policy.sendRequest({ method, url, body, headers: createHeaders(headers) } as unknown as WebResource);
};

const isSuccess = ({ status }: Answer, { into }: ByteRequest) =>
  into ? status === 200 || status === 206 : status === 201;

/** Makes what sends such requests. Errors are the client's own. */
export const createByteRequests = (credential: Credential): SendBytes => {
  const sign = signerOf(credential);
  return async (request, signal, byClient) => {
    const { method, url, body, into } = request;
    const headers = new Map([
      ['x-ms-version', version],
      ['x-ms-client-request-id', randomUUID()],
      ['user-agent', 'Postern'],
    ]);
    if (body) headers.set('content-length', String(body.length));
    for (const [name, value] of Object.entries(request.headers)) headers.set(name, value);
    await sign(request, headers);
    const answer = await send({ method, url, headers, body, into }, signal);
    if (!isSuccess(answer, request)) await readByClient(answer, byClient);
  };
};
