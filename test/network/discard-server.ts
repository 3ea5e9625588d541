// A store that takes whatever it is sent, in a process of its own; tells its port to whoever forked it.
import { type AddressInfo, createServer } from 'node:net';

const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.resume();
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  process.send!((server.address() as AddressInfo).port);
});
process.on('disconnect', () => process.exit(0));
