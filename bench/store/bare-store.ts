// A blob server for measures only: fast, in memory, and with no rules. It checks no signature and keeps no promise;
// what it has is that it is quicker than the clients, so that their differences show. One HTTPS listener per account.
// Started with a JSON array of { name, key, cert } on standard input; says { name: port } as its first line.

import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, get as fetchHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';

type Blob = { chunks: readonly Buffer[]; size: number; etag: string; modified: string };
type Account = { containers: Set<string>; blobs: Map<string, Blob>; blocks: Map<string, Buffer>; agent: Agent };

const newBlob = (chunks: readonly Buffer[]): Blob => ({
  chunks,
  size: chunks.reduce((sum, one) => sum + one.length, 0),
  etag: `"0x${randomUUID().replaceAll('-', '').slice(0, 15).toUpperCase()}"`,
  modified: new Date().toUTCString(),
});

const bodyOf = async (message: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
};

/** What a request brings: its body, or what the store is told to fetch (Put Blob From URL, Put Block From URL). */
const contentOf = async ({ agent }: Account, request: IncomingMessage): Promise<Buffer> => {
  const { 'x-ms-copy-source': source, 'x-ms-source-range': range } = request.headers;
  if (typeof source !== 'string') return bodyOf(request);
  const fetching = fetchHttps(source, { agent, headers: range ? { range: String(range) } : {} });
  const [answer] = (await once(fetching, 'response')) as [IncomingMessage];
  return bodyOf(answer);
};

const finish = (response: ServerResponse, status: number, headers: Record<string, string> = {}, body = ''): void => {
  response.writeHead(status, {
    'x-ms-request-id': randomUUID(),
    'x-ms-version': '2021-12-02',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  });
  response.end(body);
};

const fail = (response: ServerResponse, status: number, code: string): void =>
  finish(
    response,
    status,
    { 'x-ms-error-code': code, 'content-type': 'application/xml' },
    response.req.method === 'HEAD'
      ? ''
      : `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
  );

const put = async (account: Account, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
  const path = decodeURIComponent(url.pathname);
  const comp = url.searchParams.get('comp');
  const body = await contentOf(account, request);
  if (url.searchParams.get('restype') === 'container') {
    if (account.containers.has(path)) return fail(response, 409, 'ContainerAlreadyExists');
    account.containers.add(path);
    return finish(response, 201, { etag: '"0x1"', 'last-modified': new Date().toUTCString() });
  }
  // As Azure does: the digest of what arrived, where the client gave one to compare with.
  const digest = request.headers['content-md5'] ? createHash('md5').update(body).digest('base64') : undefined;
  if (digest !== request.headers['content-md5']) return fail(response, 400, 'Md5Mismatch');
  const echoed: Record<string, string> = digest ? { 'content-md5': digest } : {};
  if (comp === 'block') {
    account.blocks.set(`${path}\0${url.searchParams.get('blockid')}`, body);
    return finish(response, 201, echoed);
  }
  if (comp === 'blocklist') {
    const ids = [...body.toString().matchAll(/<(?:Latest|Uncommitted|Committed)>([^<]+)</g)].map((match) => match[1]);
    const chunks = ids.map((id) => account.blocks.get(`${path}\0${id}`));
    if (chunks.includes(undefined)) return fail(response, 400, 'InvalidBlockList');
    for (const id of ids) account.blocks.delete(`${path}\0${id}`);
    account.blobs.set(path, newBlob(chunks as Buffer[]));
  } else account.blobs.set(path, newBlob([body]));
  const { etag, modified } = account.blobs.get(path)!;
  finish(response, 201, { ...echoed, etag, 'last-modified': modified });
};

const get = async (account: Account, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
  const path = decodeURIComponent(url.pathname);
  if (url.searchParams.get('comp') === 'list') return list(account, response, url, path);
  if (url.searchParams.get('restype') === 'container')
    return account.containers.has(path)
      ? finish(response, 200, { etag: '"0x1"' })
      : fail(response, 404, 'ContainerNotFound');
  const blob = account.blobs.get(path);
  if (!blob) return fail(response, 404, 'BlobNotFound');
  const range = /^bytes=(\d+)-(\d*)$/.exec(String(request.headers['x-ms-range'] ?? request.headers.range ?? ''));
  const first = Number(range?.[1] ?? 0);
  const last = range?.[2] ? Math.min(Number(range[2]), blob.size - 1) : blob.size - 1;
  response.writeHead(range ? 206 : 200, {
    'content-length': String(Math.max(0, last - first + 1)),
    'content-type': 'application/octet-stream',
    ...(range ? { 'content-range': `bytes ${first}-${last}/${blob.size}` } : {}),
    'accept-ranges': 'bytes',
    etag: blob.etag,
    'last-modified': blob.modified,
    'x-ms-blob-type': 'BlockBlob',
    'x-ms-request-id': randomUUID(),
    'x-ms-version': '2021-12-02',
  });
  if (request.method !== 'HEAD')
    for (const part of slices(blob, first, last + 1)) if (!response.write(part)) await once(response, 'drain');
  response.end();
};

function* slices({ chunks }: Blob, start: number, end: number): Generator<Buffer> {
  let at = 0;
  for (const chunk of chunks) {
    const part = chunk.subarray(Math.max(0, start - at), Math.max(0, end - at));
    if (part.length > 0) yield part;
    at += chunk.length;
  }
}

const asEntity = (text: string): string => text.replace(/[&<>]/g, (one) => `&#${one.charCodeAt(0)};`);

const list = (account: Account, response: ServerResponse, url: URL, path: string): void => {
  const prefix = `${path.replace(/\/$/, '')}/${url.searchParams.get('prefix') ?? ''}`;
  const items = [...account.blobs].filter(([name]) => name.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
  const entries = items.map(
    ([name, blob]) =>
      `<Blob><Name>${asEntity(name.slice(path.length + 1))}</Name><Properties><Last-Modified>${blob.modified}</Last-Modified>` +
      `<Etag>${asEntity(blob.etag)}</Etag><Content-Length>${blob.size}</Content-Length>` +
      '<Content-Type>application/octet-stream</Content-Type><BlobType>BlockBlob</BlobType></Properties></Blob>',
  );
  const body = `<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs>${entries.join('')}</Blobs><NextMarker/></EnumerationResults>`;
  finish(response, 200, { 'content-type': 'application/xml' }, body);
};

const serve = async (name: string, certificate: { key: string; cert: string }): Promise<number> => {
  // The chain of a certificate ends with the authority, which is that of all stores.
  const agent = new Agent({ keepAlive: true, ca: certificate.cert });
  const account: Account = { containers: new Set(), blobs: new Map(), blocks: new Map(), agent };
  const server = createServer(certificate, (request, response) => {
    // By address the account is the first part of the path, by host name it is not.
    const text = request.url ?? '/';
    const url = new URL(text.startsWith(`/${name}/`) ? text.slice(name.length + 1) : text, 'https://store');
    const answer = async (): Promise<void> => {
      if (request.method === 'PUT') return put(account, request, response, url);
      if (request.method === 'DELETE') {
        account.blobs.delete(decodeURIComponent(url.pathname));
        return finish(response, 202);
      }
      return get(account, request, response, url);
    };
    answer().catch(() => response.destroy());
  });
  server.keepAliveTimeout = 120_000;
  server.on('tlsClientError', () => {});
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
};

const input = createInterface({ input: process.stdin });
const [line] = (await once(input, 'line')) as [string];
const ports: Record<string, number> = {};
for (const { name, ...certificate } of JSON.parse(line) as { name: string; key: string; cert: string }[])
  ports[name] = await serve(name, certificate);
process.stdout.write(`${JSON.stringify(ports)}\n`);
input.once('close', () => process.exit(0));
