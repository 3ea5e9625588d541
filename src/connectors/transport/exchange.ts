// Requests over connections that are kept: one question at a time each, as many as are asked at once.
import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Socket } from 'node:net';
import { type Answer, createAnswerReader } from './answer-reader.ts';
import { type Connection, openConnection } from './connection.ts';

export type Request = {
  method: string;
  url: string;
  headers: Iterable<readonly [string, string]>;
  body: Buffer | undefined;
  /** What a successful answer has to fill, to the last byte. */
  into: Buffer | undefined;
};

const idle = new Map<string, Connection[]>();
const busy = new Set<Connection>();

/** The sockets over which something is asked now. */
export const busySockets = (): Socket[] => [...busy].map(({ socket }) => socket);

const take = (url: URL): Connection => {
  const kept = idle.get(url.origin)?.pop();
  if (kept) return kept;
  const connection = openConnection(url);
  connection.onClose(() => {
    const others = idle.get(url.origin)?.filter((one) => one !== connection);
    if (others) idle.set(url.origin, others);
  });
  return connection;
};

const give = (url: URL, connection: Connection) => {
  const others = idle.get(url.origin);
  if (others) others.push(connection);
  else idle.set(url.origin, [connection]);
};

const headOf = ({ method, headers, body }: Request, url: URL): string => {
  let head = `${method} ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n`;
  let hasLength = false;
  for (const [name, value] of headers) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    if (name.toLowerCase() === 'content-length') hasLength = true;
    head += `${name}: ${value}\r\n`;
  }
  if (!hasLength && (body || method !== 'GET')) head += `Content-Length: ${body?.length ?? 0}\r\n`;
  return `${head}\r\n`;
};

/** Sends a request and reads its answer. Errors: those of Node, and `BrokenAnswer`. */
export const exchange = async (request: Request, signal: AbortSignal | undefined): Promise<Answer> => {
  const url = new URL(request.url);
  const head = headOf(request, url);
  const reader = createAnswerReader(request.method, request.into);
  const connection = take(url);
  busy.add(connection);
  try {
    const answer = await connection.ask({ head, body: request.body, reader }, signal);
    if (answer.isReusable) give(url, connection);
    return answer;
  } finally {
    busy.delete(connection);
  }
};
