// The responder's sockets: datagrams and TCP, bounded in rate, size, number and time, since a hostile worker asks.
import type { Socket as DatagramSocket } from 'node:dgram';
import type { Server, Socket } from 'node:net';
import { answerQuery, type NameAnswer } from './dns-answer.ts';
import { createRate } from './rate.ts';

const queries = { perSecond: 1000, burst: 2000 };
const maxConnections = 32;
const idleMs = 5000;
const maxQueryBytes = 4096;
const maxUnreadBytes = 64 * 1024;

/** Answers every query that comes by `sockets` with what `lookUp` says. Returns how to stop; closing the sockets is the owner's. */
export const serveDns = (
  sockets: { udp: DatagramSocket; tcp: Server },
  lookUp: (name: string, isAddress: boolean) => NameAnswer,
): (() => void) => {
  const mayAsk = createRate(queries);
  const connections = new Set<Socket>();

  sockets.udp.on('error', () => {});
  sockets.udp.on('message', (query, from) => {
    if (!mayAsk()) return;
    const answer = answerQuery(query, 'udp', lookUp);
    // Port 0 can be forged, and cannot be sent to.
    if (answer && from.port > 0) sockets.udp.send(answer, from.port, from.address, () => {});
  });

  sockets.tcp.on('connection', (socket) => {
    socket.on('error', () => {});
    if (connections.size >= maxConnections) return void socket.resetAndDestroy();
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    socket.on('end', () => socket.end());
    socket.setTimeout(idleMs, () => socket.destroy());
    let waiting = Buffer.alloc(0);
    socket.on('data', (piece) => {
      waiting = Buffer.concat([waiting, piece as Buffer]);
      while (waiting.length >= 2 && !socket.destroyed) {
        const length = waiting.readUInt16BE(0);
        if (length > maxQueryBytes) return void socket.resetAndDestroy();
        if (waiting.length < 2 + length) return;
        const query = waiting.subarray(2, 2 + length);
        waiting = waiting.subarray(2 + length);
        const answer = mayAsk() ? answerQuery(query, 'tcp', lookUp) : null;
        if (!answer || socket.writableLength > maxUnreadBytes) return void socket.resetAndDestroy();
        const size = Buffer.alloc(2);
        size.writeUInt16BE(answer.length);
        socket.write(Buffer.concat([size, answer]));
      }
    });
    socket.resume();
  });

  return () => {
    for (const socket of connections) socket.destroy();
  };
};
