// A program that does what it is told, line by line, with all that hostile code in a worker could do: raw system calls,
// sockets, files. The same program runs in a jail and, as the twin of each attack, outside of it.
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { resolve4 } from 'node:dns/promises';
import { openSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { connect as connectTls } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { addressOf, systemCall, trySystemCall } from '../../src/network/namespace/native.ts';
import { callMachineCode } from './machine-code.ts';
import { type NetlinkRequest, sendNetlink } from './netlink.ts';
import { systemCallNumber } from './system-call-number.ts';

/** What a system call takes: a number, or memory given as hexadecimal text. */
export type CallOperand = number | { hex: string };

const codeOf = (thrown: unknown): string => (thrown as NodeJS.ErrnoException).code ?? String(thrown);
const attempt = <Result>(act: () => Result): Result | string => {
  try {
    return act();
  } catch (thrown) {
    return codeOf(thrown);
  }
};

const dial = (target: { host: string; port: number; localAddress?: string } | { path: string }): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ ...target, noDelay: true });
    socket.once('data', (bytes) => {
      socket.destroy();
      resolve(`answered ${bytes}`);
    });
    socket.once('end', () => resolve('ended'));
    socket.once('error', (error) => resolve(codeOf(error)));
  });

const resolveName = (name: string): Promise<string> => resolve4(name).then((found) => found.join(), codeOf);

/** A DNS query as it stands, to the network's resolver; the answer as it came, in hexadecimal. */
const query = (hex: string, transport: 'udp' | 'tcp'): Promise<string> =>
  new Promise((resolve) => {
    const [resolver, bytes] = ['168.63.129.16', Buffer.from(hex, 'hex')];
    if (transport === 'udp') {
      const socket = createSocket('udp4');
      socket.once('error', (error) => resolve(codeOf(error)));
      socket.once('message', (answer) => {
        socket.close();
        resolve(answer.toString('hex'));
      });
      return void socket.send(bytes, 53, resolver);
    }
    const socket = connect({ host: resolver, port: 53 });
    let answer = Buffer.alloc(0);
    socket.once('error', (error) => resolve(codeOf(error)));
    socket.on('data', (piece) => {
      answer = Buffer.concat([answer, piece as Buffer]);
      if (answer.length < 2 || answer.length < 2 + answer.readUInt16BE(0)) return;
      socket.destroy();
      resolve(answer.subarray(2).toString('hex'));
    });
    socket.write(Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]));
  });

/** An HTTPS request with a server name and a Host of one's own choice, by a client that checks no certificate. Resolves with all that came, or how it ended. */
const https = (target: {
  host: string;
  port: number;
  serverName: string;
  hostHeader: string;
  path?: string;
}): Promise<string> =>
  new Promise((resolve) => {
    let said = '';
    const { host, port, serverName } = target;
    const socket = connectTls({ host, port, servername: serverName, rejectUnauthorized: false }, () =>
      socket.write(`GET ${target.path ?? '/'} HTTP/1.1\r\nHost: ${target.hostHeader}\r\nConnection: close\r\n\r\n`),
    );
    socket.setEncoding('utf8').on('data', (piece: string) => {
      said += piece;
    });
    socket.once('error', (error) => resolve(codeOf(error)));
    socket.once('close', () => resolve(said));
  });

const held: Socket[] = [];

/** Opens so many connections and keeps them; resolves with how each went: `open` once its first byte came, or a code. */
const hold = (target: { host: string; port: number; count: number }): Promise<string[]> =>
  Promise.all(
    Array.from(
      { length: target.count },
      () =>
        new Promise<string>((resolve) => {
          const socket = connect({ host: target.host, port: target.port, allowHalfOpen: true });
          socket.once('data', () => {
            held.push(socket);
            resolve('open');
          });
          socket.on('error', (error) => resolve(codeOf(error)));
        }),
    ),
  );

/** Opens so many connections, whoever answers, and lets them be. */
const keepOpen = (target: { host: string; port: number; count: number }): Promise<string[]> =>
  Promise.all(
    Array.from(
      { length: target.count },
      () =>
        new Promise<string>((resolve) => {
          const socket = connect({ host: target.host, port: target.port }, () => resolve('connected'));
          socket.on('error', (error) => resolve(codeOf(error)));
        }),
    ),
  );

/** Writes to every connection that is kept, for as long as it takes; resolves with how many took it no more, and lets them go. */
const writeToHeld = async (): Promise<Record<string, number>> => {
  const ends: Record<string, number> = {};
  await Promise.all(
    held.splice(0).map(async (socket) => {
      const end = await new Promise<string>((resolve) => {
        if (socket.errored) return resolve(codeOf(socket.errored));
        if (socket.destroyed) return resolve('closed');
        socket.once('error', (error) => resolve(codeOf(error)));
        // One's own side has ended: what is left of the connection can only be ended from outside.
        if (socket.writableEnded) return void setTimeout(resolve, 2000, 'still open').unref();
        socket.write('still here?', (error) => {
          if (!error) socket.once('data', (answer) => resolve(`answered ${answer}`));
        });
      });
      socket.destroy();
      ends[end] = (ends[end] ?? 0) + 1;
    }),
  );
  return ends;
};

/** Ends one's own side of every connection that is kept, and waits until the network says so too. */
const halfClose = async (): Promise<number> => {
  await Promise.all(held.map((socket) => new Promise<void>((resolve) => socket.end(resolve))));
  return held.length;
};

const datagram = (target: { host: string; port: number; broadcast?: boolean }): Promise<string> =>
  new Promise((resolve) => {
    const socket = createSocket(target.host.includes(':') ? 'udp6' : 'udp4');
    const end = (outcome: string) => {
      socket.close();
      resolve(outcome);
    };
    socket.once('message', (bytes) => end(`answered ${bytes}`));
    socket.once('error', (error) => end(codeOf(error)));
    if (target.broadcast) {
      socket.bind(0, () => {
        socket.setBroadcast(true);
        socket.send('question', target.port, target.host, (error) => end(error ? codeOf(error) : 'sent'));
      });
      return;
    }
    socket.connect(target.port, target.host, (error?: Error) => {
      if (error) end(codeOf(error));
      else socket.send('question', (failure) => failure && end(codeOf(failure)));
    });
  });

const listen = (target: { port: number; host?: string } | { path: string }): Promise<string> =>
  new Promise((resolve) => {
    const server = createServer((socket) => socket.end('from a worker'));
    server.once('error', (error) => resolve(codeOf(error)));
    server.listen(target, () => resolve('listening'));
  });

/** Sends a descriptor over another, as one message with an ancillary SCM_RIGHTS. */
const sendDescriptor = (over: number, sent: number): number => {
  const text = Buffer.from('x');
  const vector = Buffer.alloc(16);
  vector.writeBigUInt64LE(addressOf(text), 0);
  vector.writeBigUInt64LE(1n, 8);
  const control = Buffer.alloc(24);
  control.writeBigUInt64LE(20n, 0);
  control.writeInt32LE(1, 8);
  control.writeInt32LE(1, 12);
  control.writeInt32LE(sent, 16);
  const message = Buffer.alloc(56);
  message.writeBigUInt64LE(addressOf(vector), 16);
  message.writeBigUInt64LE(1n, 24);
  message.writeBigUInt64LE(addressOf(control), 32);
  message.writeBigUInt64LE(24n, 40);
  return trySystemCall(systemCallNumber('sendmsg'), over, message, 0);
};

/** Starts threads until one is refused or all run, then ends them. */
const startThreads = async (count: number): Promise<number | string> => {
  const threads: Worker[] = [];
  try {
    for (let index = 0; index < count; index++) {
      const thread = new Worker('require("node:worker_threads").parentPort.on("message", () => {})', { eval: true });
      threads.push(thread);
      await new Promise((resolve, reject) => thread.once('online', () => resolve(null)).once('error', reject));
    }
    return threads.length;
  } catch (thrown) {
    return codeOf(thrown);
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
};

const actions = {
  call: (name: string, ...operands: CallOperand[]) =>
    trySystemCall(
      systemCallNumber(name),
      ...operands.map((operand) => (typeof operand === 'number' ? operand : Buffer.from(operand.hex, 'hex'))),
    ),
  rawCall: (number: number, ...operands: number[]) => trySystemCall(number, ...operands),
  netlink: (request: NetlinkRequest) => sendNetlink(request),
  socketPair: () => {
    const pair = Buffer.alloc(8);
    systemCall('socketpair', systemCallNumber('socketpair'), 1, 1, 0, pair);
    return [pair.readInt32LE(0), pair.readInt32LE(4)];
  },
  machineCode: (hex: string) => callMachineCode(Buffer.from(hex, 'hex')),
  dial,
  resolveName,
  query,
  https,
  hold,
  keepOpen,
  writeToHeld,
  halfClose,
  datagram,
  listen,
  sendDescriptor,
  startThreads,
  read: (path: string) => attempt(() => readFileSync(path, 'utf8')),
  write: (path: string, bytes: number) => attempt(() => writeFileSync(path, Buffer.alloc(bytes)) ?? 'written'),
  list: (path: string) => attempt(() => readdirSync(path)),
  link: (path: string) => attempt(() => readlinkSync(path)),
  open: (path: string) => attempt(() => openSync(path, 'r')),
  start: (program: string, ...given: string[]) => {
    const { status, error } = spawnSync(program, given);
    return error ? codeOf(error) : `exited with ${status}`;
  },
  environment: () => process.env,
  channel: () => typeof process.send,
  hang: () => new Promise(() => setInterval(() => {}, 1_000_000)),
} as const;

export type Actions = typeof actions;

for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...operands] = JSON.parse(line) as [keyof Actions, ...unknown[]];
  const outcome = await (actions[name] as (...given: unknown[]) => unknown)(...operands);
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}
