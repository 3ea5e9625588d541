// The client of the measures of the relay. The same program runs inside a sealed network and, for the baseline, outside.
// Answers each line of JSON: `download` takes bytes over some connections, `echo` sends one
// kilobyte there and back, `connect` makes connections one after the other, and `rate` several at once.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

type Question =
  | { kind: 'download'; host: string; port: number; streams: number; bytes: number }
  | { kind: 'echo'; host: string; port: number; count: number }
  | { kind: 'connect'; host: string; port: number; count: number }
  | { kind: 'rate'; host: string; port: number; count: number; atOnce: number };

/** A connection that counts what it receives into one buffer, so that reading costs as little as it can. */
const open = async (host: string, port: number, onBytes: (count: number) => void): Promise<Socket> => {
  const onread = {
    buffer: Buffer.allocUnsafe(256 * 1024),
    callback: (count: number) => {
      onBytes(count);
      return true;
    },
  };
  const socket = connect({ host, port, noDelay: true, onread });
  await once(socket, 'connect');
  return socket;
};

const download = async (question: Extract<Question, { kind: 'download' }>): Promise<object> => {
  const { host, port, streams, bytes } = question;
  const each = Math.floor(bytes / streams);
  let left = each * streams;
  const all = Promise.withResolvers<void>();
  const sockets = await Promise.all(
    Array.from({ length: streams }, () =>
      open(host, port, (count) => {
        left -= count;
        if (left <= 0) all.resolve();
      }),
    ),
  );
  for (const socket of sockets) {
    socket.on('error', (error) => all.reject(error));
    socket.on('close', () => all.reject(new Error('The connection ended early.')));
  }
  const started = performance.now();
  for (const socket of sockets) socket.write(`${each}\n`);
  await all.promise;
  const ms = performance.now() - started;
  for (const socket of sockets) socket.destroy();
  return { megabytesPerSecond: (each * streams) / 1e6 / (ms / 1000) };
};

const echo = async ({ host, port, count }: Extract<Question, { kind: 'echo' }>): Promise<object> => {
  const message = Buffer.alloc(1024, 1);
  let received = 0;
  let arrived = Promise.withResolvers<void>();
  const socket = await open(host, port, (bytes) => {
    received += bytes;
    if (received >= message.length) arrived.resolve();
  });
  const times: number[] = [];
  for (let done = 0; done < count; done++) {
    received = 0;
    arrived = Promise.withResolvers();
    const started = performance.now();
    socket.write(message);
    await arrived.promise;
    times.push(performance.now() - started);
  }
  socket.destroy();
  return { ms: times };
};

const connectOften = async ({ host, port, count }: Extract<Question, { kind: 'connect' }>): Promise<object> => {
  const times: number[] = [];
  for (let done = 0; done < count; done++) {
    const arrived = Promise.withResolvers<void>();
    const started = performance.now();
    const socket = await open(host, port, () => arrived.resolve());
    socket.write('x');
    await arrived.promise;
    times.push(performance.now() - started);
    socket.destroy();
  }
  return { ms: times };
};

const rate = async (question: Extract<Question, { kind: 'rate' }>): Promise<object> => {
  const { atOnce, count } = question;
  const started = performance.now();
  const lane = { ...question, kind: 'connect', count: Math.ceil(count / atOnce) } as const;
  await Promise.all(Array.from({ length: atOnce }, () => connectOften(lane)));
  return { perSecond: (lane.count * atOnce) / ((performance.now() - started) / 1000) };
};

const answer = (question: Question): Promise<object> => {
  switch (question.kind) {
    case 'download':
      return download(question);
    case 'echo':
      return echo(question);
    case 'connect':
      return connectOften(question);
    case 'rate':
      return rate(question);
  }
};

process.stdout.write('{"ready":true}\n');
for await (const line of createInterface({ input: process.stdin })) {
  const said = await answer(JSON.parse(line) as Question).catch((error: Error) => ({ error: error.message }));
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
