import { createSocket } from 'node:dgram';
import { getServers } from 'node:dns';
import { connect, isIP, isIPv6 } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { messageOf } from '../../base/error.ts';
import type { JsonObject } from '../../base/json.ts';
import type { ActivityContext } from '../definition.ts';
import type { ActivityJob } from '../job.ts';
import type { Attempt, Seen, Sight } from './attempt.ts';
import { encodeQuery, readAnswer } from './query.ts';

type Result = Omit<Sight, 'id'>;

// Waited for in full only where a target is silent: what is denied is reset, and a busy machine must not pass for a silent one.
const patienceMs = 5000;
const stillOpenMs = 1000;
const datagramMs = 700;
const atOnce = 12;

const seenByCode: Readonly<Record<string, Seen>> = {
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ECONNREFUSED: 'refused',
  ENETUNREACH: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EACCES: 'unreachable',
  EINVAL: 'unreachable',
  ETIMEDOUT: 'silent',
  ENOTFOUND: 'unresolved',
  EAI_AGAIN: 'unresolved',
  EAI_FAIL: 'unresolved',
};

const ofError = (error: unknown): Result => {
  const code = (error as NodeJS.ErrnoException).code ?? messageOf(error);
  // Whatever OpenSSL complains of are bytes that somebody sent.
  if (/^ERR_SSL|^EPROTO|^ERR_TLS/.test(code)) return { seen: 'answered', detail: code };
  return { seen: seenByCode[code] ?? 'failed', detail: code };
};

const settle = (
  ms: number,
  late: Result,
  work: (done: (result: Result) => void) => () => void,
  signal: AbortSignal,
): Promise<Result> =>
  new Promise((resolve) => {
    let end = () => {};
    let isDone = false;
    const done = (result: Result) => {
      if (isDone) return;
      isDone = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      end();
      resolve(result);
    };
    const stop = () => done({ seen: 'failed', detail: 'stopped' });
    const timer = setTimeout(() => done(late), ms);
    signal.addEventListener('abort', stop, { once: true });
    try {
      end = work(done);
      if (isDone) end();
    } catch (error) {
      done(ofError(error));
    }
  });

const silent: Result = { seen: 'silent', detail: 'nothing in time' };

const tryConnect = (attempt: Attempt & { kind: 'connect' }, signal: AbortSignal): Promise<Result> =>
  settle(
    patienceMs,
    silent,
    (done) => {
      const { host, port } = attempt;
      const failed = (error: unknown) => done(ofError(error));
      if (attempt.tls) {
        const name = attempt.serverName === undefined && isIP(host) === 0 ? host : attempt.serverName;
        // The question is whether anybody answers; who it is, is told in the detail.
        const socket = connectTls({ host, port, rejectUnauthorized: false, ...(name && { servername: name }) });
        socket.on('error', failed);
        socket.once('close', () => done({ seen: 'reset', detail: 'closed' }));
        socket.once('secureConnect', () => {
          const { subject, subjectaltname } = socket.getPeerCertificate();
          done({ seen: 'answered', detail: String(subject?.CN ?? subjectaltname ?? 'no certificate').slice(0, 200) });
        });
        return () => socket.destroy();
      }
      const socket = connect({ host, port });
      socket.on('error', failed);
      socket.once('data', (bytes) => done({ seen: 'answered', detail: `${bytes.length} bytes` }));
      socket.once('close', () => done({ seen: 'reset', detail: 'closed' }));
      const open = () => done({ seen: 'open', detail: `open after ${stillOpenMs} ms` });
      let timer: NodeJS.Timeout | undefined;
      socket.once('connect', () => {
        socket.write('\n');
        timer = setTimeout(open, stillOpenMs);
      });
      return () => {
        clearTimeout(timer);
        socket.destroy();
      };
    },
    signal,
  );

const exchange = (
  to: { address: string; port: number; bytes: Buffer; waitMs: number },
  read: (answer: Buffer) => Result,
  signal: AbortSignal,
): Promise<Result> =>
  settle(
    to.waitMs,
    silent,
    (done) => {
      const socket = createSocket(isIPv6(to.address) ? 'udp6' : 'udp4');
      socket.on('error', (error) => done(ofError(error)));
      socket.on('message', (answer) => done(read(answer)));
      // Connected, so that the kernel tells of a refusal.
      socket.connect(to.port, to.address, () => {
        socket.send(to.bytes, (error) => {
          if (error) done(ofError(error));
        });
      });
      return () => socket.close();
    },
    signal,
  );

const tryOne = (attempt: Attempt, signal: AbortSignal): Promise<Result> => {
  switch (attempt.kind) {
    case 'connect':
      return tryConnect(attempt, signal);
    case 'datagram': {
      const { address, port } = attempt;
      const answered = (answer: Buffer): Result => ({ seen: 'answered', detail: `${answer.length} bytes` });
      return exchange({ address, port, bytes: Buffer.from('postern'), waitMs: datagramMs }, answered, signal);
    }
    case 'query': {
      const address = attempt.server ?? getServers()[0] ?? '127.0.0.1';
      const bytes = encodeQuery(attempt.name, attempt.type);
      const waitMs = attempt.server === undefined ? patienceMs : datagramMs;
      return exchange({ address, port: 53, bytes, waitMs }, readAnswer, signal);
    }
  }
};

/** Tries all of `typeProperties.attempts`, a dozen at a time, and answers `{ sights }`. */
export const run = async (job: ActivityJob, { signal }: ActivityContext): Promise<JsonObject> => {
  const waiting = [...(job.typeProperties.attempts as unknown as Attempt[])];
  const sights: Sight[] = [];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      signal.throwIfAborted();
      sights.push({ id: next.id, ...(await tryOne(next, signal)) });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return { sights };
};
