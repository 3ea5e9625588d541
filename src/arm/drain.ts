import type { Server } from 'node:https';
import type { Socket } from 'node:net';

const longestAnswerMs = 10_000;

/** One client's connection: its plain socket, its TLS socket, and how many requests it carries. */
type Connection = { sockets: Socket[]; busy: number };

/**
 * Watches the connections of a server. `drain` closes those that carry no request at once (a silent or half-open one
 * too, which Node itself would wait for), the others after their answer, and all of them after 10 s.
 */
export const watchConnections = (server: Server): { drain(): void } => {
  // By address: a TLS socket and the plain one below it do not know each other.
  const open = new Map<string, Connection>();
  let isDraining = false;
  const destroy = (connection: Connection) => {
    for (const socket of connection.sockets) socket.destroy();
  };
  server.on('connection', (socket: Socket) => {
    const name = `${socket.remoteAddress} ${socket.remotePort}`;
    if (isDraining) return void socket.destroy();
    open.set(name, { sockets: [socket], busy: 0 });
    socket.once('close', () => open.delete(name));
  });
  server.on('secureConnection', (socket: Socket) => {
    open.get(`${socket.remoteAddress} ${socket.remotePort}`)?.sockets.push(socket);
  });
  server.on('request', ({ socket }, response) => {
    const connection = open.get(`${socket.remoteAddress} ${socket.remotePort}`);
    if (!connection) return;
    connection.busy += 1;
    response.once('close', () => {
      connection.busy -= 1;
      if (isDraining && connection.busy === 0) socket.end();
    });
  });
  return {
    drain: () => {
      isDraining = true;
      for (const connection of open.values()) if (connection.busy === 0) destroy(connection);
      setTimeout(() => {
        for (const connection of open.values()) destroy(connection);
      }, longestAnswerMs).unref();
    },
  };
};
