// A gateway's namespace made of ordinary loopback sockets: what the gateway does is the same, only the addresses are few.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { OpenNamespace } from '../../src/network/namespace/seal.ts';

/** Listens on `127.0.0.1` for flows and for DNS. `port` is where a worker would dial. */
export const loopbackNamespace = async (): Promise<
  OpenNamespace & { port: number; dnsPort: number; dnsTcpPort: number }
> => {
  const options = { allowHalfOpen: true, noDelay: true, keepAlive: true, pauseOnConnect: true };
  const listen = async (): Promise<Server> => {
    const server = createServer(options).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  const server = await listen();
  const udp = createSocket('udp4').bind(0, '127.0.0.1');
  await once(udp, 'listening');
  const tcp = await listen();
  const { port } = server.address() as AddressInfo;
  let isOpen = true;
  return {
    networkNamespace: '/proc/self/ns/net',
    listeners: [{ port, server }],
    dns: { udp, tcp },
    port,
    dnsPort: udp.address().port,
    dnsTcpPort: (tcp.address() as AddressInfo).port,
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      server.close();
      tcp.close();
      udp.close();
    },
  };
};
