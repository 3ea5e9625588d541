// A store's own name with a fault in it: TLS ends here, requests go on to the true store, and rules say what goes wrong.
import { once } from 'node:events';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { request as ask, createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { IssuedCertificate } from '../../src/sandbox/certificate-authority.ts';

/** What goes wrong with a request that a rule picks. */
export type HttpFault =
  /** The store answers so instead. */
  | { kind: 'answer'; status: number; headers?: Record<string, string>; body: string }
  /** The request is taken, and then nothing: a half-open connection. */
  | { kind: 'stall' }
  /** The answer stops half-way, and the connection stays. */
  | { kind: 'stall body' }
  /** The answer is cut half-way. */
  | { kind: 'cut body' }
  /** The connection is reset before the store hears of it. */
  | { kind: 'reset' }
  /** The store does it, and its answer is lost. */
  | { kind: 'lose the answer' }
  /** The answer comes in many small pieces, `ms` apart. */
  | { kind: 'drip'; pieces: number; ms: number };

/** `times` requests, of those that `picks` picks, meet the fault. `silent` is told the port that such a one comes from once its answer stays away, or comes in drops. */
export type HttpRule = {
  fault: HttpFault;
  picks: (request: IncomingMessage) => boolean;
  times: number;
  silent?: (port: number) => void;
};

export type HttpProxy = {
  port: number;
  /** Begins anew with this rule, or none. */
  set(rule: HttpRule | undefined): void;
  /** How many requests that the rule picks came since. */
  picked(): number;
  /** Resolves once every connection that met a fault is closed by its client. */
  settled(): Promise<void>;
  close(): Promise<void>;
};

const drip = (body: Buffer, response: ServerResponse, pieces: number, ms: number) => {
  const size = Math.max(1, Math.ceil(body.length / pieces));
  const next = (at: number) => {
    if (at >= body.length) return response.end();
    response.write(body.subarray(at, at + size));
    return setTimeout(next, ms, at + size);
  };
  next(0);
};

/** The body as a store would send it that compresses where it may. */
const packed = (body: Buffer, request: IncomingMessage): { body: Buffer; headers: Record<string, string> } =>
  /gzip/.test(String(request.headers['accept-encoding']))
    ? { body: gzipSync(body), headers: { 'content-encoding': 'gzip' } }
    : { body, headers: {} };

/** Starts one before the store at `target`, a port of loopback that speaks TLS. */
export const startHttpProxy = async (certificate: IssuedCertificate, target: number): Promise<HttpProxy> => {
  let rule: HttpRule | undefined;
  let picked = 0;
  const faulted = new Set<Promise<unknown>>();
  /** The connections below TLS, by the port that they come from: only these can be reset. */
  const raw = new Map<number, Socket>();
  const relay = (request: IncomingMessage, onAnswer: (answer: IncomingMessage) => unknown): ClientRequest => {
    const { method, url, headers } = request;
    const options = { host: '127.0.0.1', port: target, method, path: url, headers, rejectUnauthorized: false };
    const passed = ask({ ...options, servername: '' }, onAnswer);
    passed.on('error', () => request.socket.destroy());
    return request.pipe(passed);
  };
  const meet = ({ fault, silent: silentOf }: HttpRule, request: IncomingMessage, response: ServerResponse): unknown => {
    const socket = request.socket as Socket;
    faulted.add(
      fault.kind === 'answer' || fault.kind === 'drip'
        ? Promise.resolve()
        : new Promise((resolve) => socket.once('close', resolve)),
    );
    const silent = () => silentOf?.(socket.remotePort!);
    const lose = () => raw.get(socket.remotePort!)?.resetAndDestroy();
    if (fault.kind === 'answer') {
      request.resume();
      return response.writeHead(fault.status, fault.headers).end(fault.body);
    }
    if (fault.kind === 'reset') return lose();
    if (fault.kind === 'stall') {
      silent();
      return request.resume();
    }
    return relay(request, async (answer) => {
      const whole = Buffer.concat((await answer.toArray()) as Buffer[]);
      if (fault.kind === 'lose the answer') return void lose();
      const { body, headers } = packed(whole, request);
      const { 'transfer-encoding': _, ...rest } = answer.headers;
      response.writeHead(answer.statusCode!, { ...rest, ...headers, 'content-length': body.length });
      if (fault.kind !== 'cut body') silent();
      if (fault.kind === 'drip') return drip(body, response, fault.pieces, fault.ms);
      response.write(body.subarray(0, Math.floor(body.length / 2)));
      if (fault.kind === 'cut body') socket.destroySoon();
    });
  };
  const server = createServer(certificate, (request, response) => {
    const isPicked = rule?.picks(request) ?? false;
    if (isPicked) picked += 1;
    if (rule && isPicked && picked <= rule.times) return void meet(rule, request, response);
    return void relay(request, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
  });
  server.on('connection', (socket: Socket) => {
    const { remotePort } = socket;
    raw.set(remotePort!, socket);
    socket.once('close', () => raw.delete(remotePort!));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    set: (next) => {
      rule = next;
      picked = 0;
      faulted.clear();
    },
    picked: () => picked,
    settled: async () => void (await Promise.all(faulted)),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
