import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

const open = new Set<Socket>();
subscribe('net.client.socket', (message) => {
  const { socket } = message as { socket: Socket };
  open.add(socket);
  socket.once('close', () => open.delete(socket));
});

/**
 * Ends every connection that this process has opened, those that a client keeps for later too. A job's connections end
 * with it: then each flow in the gateway's log belongs to one job, and an idle worker holds none.
 */
export const endConnections = (): void => {
  for (const socket of open) socket.destroy();
};
