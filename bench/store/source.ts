// A TCP server for the measures of the relay, in a process of its own: one port sends as many bytes as it is asked for,
// the other sends back what it gets. Says its ports as its first line; ends when its standard input does.

import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

const block = Buffer.alloc(256 * 1024, 7);

const send = async (socket: Socket, count: number): Promise<void> => {
  for (let left = count; left > 0; ) {
    const part = left < block.length ? block.subarray(0, left) : block;
    left -= part.length;
    if (!socket.write(part)) await once(socket, 'drain');
  }
};

const listen = async (serve: (socket: Socket) => void): Promise<Server> => {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    serve(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
};

const download = await listen((socket) => {
  // Each request is the number of bytes wanted, as a line.
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      const count = Number(text.slice(0, end));
      text = text.slice(end + 1);
      send(socket, count).catch(() => socket.destroy());
    }
  });
});
const echo = await listen((socket) => socket.pipe(socket));

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
process.stdout.write(`${JSON.stringify({ download: portOf(download), echo: portOf(echo) })}\n`);
process.stdin.resume().on('end', () => process.exit(0));
