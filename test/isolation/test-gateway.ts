import type { OpenNamespace } from '../../src/network/namespace/seal.ts';

/** What a gateway saw: who was dialled. */
export type SeenFlow = { address: string; port: number };

/** The least gateway: answers `allowed` on one address, resets every other connection, and remembers all. */
export const serveNamespace = (namespace: OpenNamespace, allowedAddress: string): SeenFlow[] => {
  const seen: SeenFlow[] = [];
  for (const { server } of [...namespace.listeners, { server: namespace.dns.tcp }])
    server.on('connection', (socket) => {
      const address = socket.localAddress!.replace(/^::ffff:/, '');
      seen.push({ address, port: socket.localPort! });
      socket.on('error', () => {});
      if (address === allowedAddress) socket.end('allowed');
      else socket.resetAndDestroy();
    });
  namespace.dns.udp.on('message', (_, sender) => namespace.dns.udp.send('name', sender.port, sender.address));
  return seen;
};
