// One connection that is asked one thing after the other. It reads into one buffer again and again and sends from the
// memory that holds the bytes: through streams both cost several times as much.
import { connect as connectPlainly, isIP, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { patience } from '../patience.ts';
import { type Answer, type AnswerReader, BrokenAnswer } from './answer-reader.ts';

/** A request: its head as it is sent, its body, and what reads its answer. */
export type Exchange = { head: string; body: Buffer | undefined; reader: AnswerReader };

export type Connection = {
  socket: Socket;
  /** Asks; not before the last answer was there. Errors: those of Node, and `BrokenAnswer`. An abort ends the connection. */
  ask(exchange: Exchange, signal: AbortSignal | undefined): Promise<Answer>;
  /** Calls back once it has ended. */
  onClose(closed: () => void): void;
  end(): void;
};

const readBytes = 64 * 1024;
/** What is encrypted at a time: little enough to be sent while it is in the processor's cache. */
const writeBytes = 256 * 1024;
/** How long it is kept without a question. Stores that close sooner do so in the middle of the next one. */
const idleMs = 4000;

type Pending = { reader: AnswerReader; settle(outcome: Answer | Error): void };

/** Opens a connection to the host of `url`, at once. */
export const openConnection = ({ protocol, hostname, port }: URL): Connection => {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  let pending: Pending | undefined;
  let isSending = false;

  const settle = (outcome: Answer | Error) => {
    const settled = pending;
    pending = undefined;
    // Who answers before all is said may not listen to the rest.
    const isReusable = !(outcome instanceof Error) && outcome.isReusable && !isSending;
    // What waits for a question keeps no process alive.
    if (isReusable) socket.setTimeout(idleMs).unref();
    else socket.destroy();
    settled?.settle(outcome instanceof Error ? outcome : { ...outcome, isReusable });
  };
  const take = (length: number, into: Uint8Array) => {
    // What nobody asked for answers no question.
    if (!pending) return void socket.destroy();
    const { reader } = pending;
    try {
      const answer = into === buffer ? reader.push(buffer.subarray(0, length)) : reader.filled(length);
      if (answer) settle(answer);
    } catch (error) {
      settle(error as Error);
    }
  };

  const buffer = Buffer.allocUnsafeSlow(readBytes);
  const onread = {
    // The bytes of a body go where they are wanted, without a stop.
    buffer: () => pending?.reader.space() ?? buffer,
    callback: (length: number, into: Uint8Array) => {
      take(length, into);
      return true;
    },
  };
  const address = { host, port: Number(port) || (protocol === 'http:' ? 80 : 443), onread };
  const socket: Socket =
    protocol === 'http:'
      ? connectPlainly(address)
      : connectSecurely({
          ...address,
          servername: isIP(host) ? '' : host,
          ALPNProtocols: ['http/1.1'],
        });
  socket.setNoDelay(true);
  socket.on('timeout', () => {
    if (!pending) return void socket.destroy();
    const message = `The store was silent for ${patience.silentMs / 1000} seconds.`;
    settle(Object.assign(new Error(message), { code: 'ETIMEDOUT' }));
  });
  socket.on('end', () => {
    try {
      if (pending) settle(pending.reader.end());
    } catch (error) {
      settle(error as Error);
    }
  });
  socket.on('error', (error) => settle(error));
  socket.on('close', () => settle(new BrokenAnswer('The connection ended before the answer.', 'ECONNRESET')));

  const send = async ({ head, body }: Exchange) => {
    isSending = true;
    socket.cork();
    socket.write(head, 'latin1');
    let at = 0;
    do {
      const piece = body?.subarray(at, at + writeBytes);
      const sent = new Promise<void>((resolve) => (piece ? socket.write(piece, () => resolve()) : resolve()));
      socket.uncork();
      at += writeBytes;
      await sent;
    } while (body && at < body.length && !socket.destroyed);
    isSending = false;
  };

  return {
    socket,
    ask: (exchange, signal) =>
      new Promise<Answer>((resolve, reject) => {
        const stop = () => settle(signal!.reason instanceof Error ? signal!.reason : new Error('It was aborted.'));
        signal?.addEventListener('abort', stop, { once: true });
        pending = {
          reader: exchange.reader,
          settle: (outcome) => {
            signal?.removeEventListener('abort', stop);
            if (outcome instanceof Error) reject(outcome);
            else resolve(outcome);
          },
        };
        if (signal?.aborted) return stop();
        socket.setTimeout(patience.silentMs).ref();
        void send(exchange);
      }),
    onClose: (closed) => void socket.once('close', closed),
    end: () => void socket.destroy(),
  };
};
