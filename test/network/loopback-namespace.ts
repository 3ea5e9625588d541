// A gateway's namespace made of ordinary loopback sockets: what the gateway does is the same, only the addresses are few.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { OpenNamespace } from '../../src/network/namespace/seal.ts';

/** Listens for flows, on `127.0.0.1` and a free port unless told where, and on `127.0.0.1` for DNS. `port` is where a worker would dial. */
export const loopbackNamespace = async (
  places: readonly { address: string; port: number }[] = [{ address: '127.0.0.1', port: 0 }],
): Promise<OpenNamespace & { port: number; dnsPort: number; dnsTcpPort: number }> => {
  const options = { allowHalfOpen: true, noDelay: true, keepAlive: true, pauseOnConnect: true };
  const listen = async ({ address, port } = { address: '127.0.0.1', port: 0 }): Promise<Server> => {
    const server = createServer(options).listen(port, address);
    await once(server, 'listening');
    return server;
  };
  const servers = await Promise.all(places.map(listen));
  const udp = createSocket('udp4').bind(0, '127.0.0.1');
  await once(udp, 'listening');
  const tcp = await listen();
  const portOf = (server: Server) => (server.address() as AddressInfo).port;
  let isOpen = true;
  return {
    networkNamespace: '/proc/self/ns/net',
    listeners: servers.map((server) => ({ port: portOf(server), server })),
    // Loopback is not ours alone: on other ports others may listen.
    listen: async () => [],
    dns: { udp, tcp },
    port: portOf(servers[0]!),
    dnsPort: udp.address().port,
    dnsTcpPort: portOf(tcp),
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      for (const server of servers) server.close();
      tcp.close();
      udp.close();
    },
  };
};
