// A gateway in the world of `world.sh`, with one worker, a name server and public hosts that listen for real.

import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createGateway, type Gateway } from '../../../src/network/gateway/gateway.ts';
import { createResolveName } from '../../../src/network/gateway/outside-name.ts';
import { defaultLimits, type PlaceLimits } from '../../../src/network/gateway/place.ts';
import type { EgressPolicy, FlowRecord, Snapshot } from '../../../src/network/policy/model.ts';
import { loopbackNamespace } from '../loopback-namespace.ts';
import { type NameServer, startNameServer } from '../name-server.ts';
import { managedKey, publicKey, sampleNetwork } from '../sample.ts';

/** A public host. */
export type Host = { server: Server; arrivals: Socket[]; arrival(): Promise<Socket> };

/** The stage. */
export type OutsideStage = {
  gateway: Gateway;
  names: NameServer;
  records: FlowRecord[];
  snapshot(egress?: Partial<EgressPolicy>): Snapshot;
  /** Resolves `host` as the worker, and dials what the gateway said. Resolves once the gateway has decided. */
  dial(host: string, port?: number): Promise<Socket>;
  /** A host that listens until the end of the stage. */
  listen(address: string, port?: number): Promise<Host>;
  /** The first record that ended, of the host. */
  ended(host: string): Promise<FlowRecord>;
  close(): Promise<void>;
};

const places = [1, 2].flatMap((last) => [22, 443, 8443].map((port) => ({ address: `198.18.0.${last}`, port })));

/** Sets the stage. Egress is `Https` unless told otherwise. */
export const openOutside = async (
  given: {
    names?: NameServer['names'];
    egress?: Partial<EgressPolicy>;
    limits?: Partial<PlaceLimits>;
    network?: 'managed' | 'public';
    publicHosts?: Snapshot['publicHosts'];
  } = {},
): Promise<OutsideStage> => {
  const names = await startNameServer(given.names);
  const namespace = await loopbackNamespace(places);
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => {});
  };
  let version = 0;
  const snapshot = (egress: Partial<EgressPolicy> = {}): Snapshot => {
    version += 1;
    const policy: EgressPolicy = { mode: 'Https', audit: false, hosts: [], ...given.egress, ...egress };
    const networks = [
      sampleNetwork({ egress: policy, endpoints: [] }),
      sampleNetwork({ key: publicKey, kind: 'public', egress: policy, endpoints: [] }),
    ];
    return { version, networks, stores: [], publicHosts: given.publicHosts ?? [] };
  };
  const records: FlowRecord[] = [];
  const waiting = new Set<() => void>();
  const gateway = createGateway({
    snapshot: snapshot(),
    ready: 0,
    openNamespace: async () => namespace,
    flows: (batch) => {
      records.push(...batch);
      for (const look of waiting) look();
    },
    trouble: (error) => {
      throw error;
    },
    resolveName: createResolveName([names.address]),
    limits: { ...defaultLimits, ...given.limits },
  });
  await gateway.open('place', 'worker', given.network === 'public' ? publicKey : managedKey);
  const resolver = new Resolver();
  resolver.setServers([`127.0.0.1:${namespace.dnsPort}`]);

  return {
    gateway,
    names,
    records,
    snapshot,
    dial: async (host, port = 443) => {
      const [address] = await resolver.resolve4(host);
      const taken = namespace.listeners
        .filter((each) => each.port === port)
        .map(({ server }) => once(server, 'connection'));
      const socket = keep(connect({ host: address!, port, allowHalfOpen: true, noDelay: true }));
      await Promise.race(taken);
      return socket;
    },
    listen: async (address, port = 443) => {
      const arrivals: Socket[] = [];
      const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(port, address);
      servers.push(server);
      server.on('connection', (socket) => {
        arrivals.push(keep(socket));
        server.emit('arrival');
      });
      await once(server, 'listening');
      const arrival = async () => {
        if (arrivals.length === 0) await once(server, 'arrival');
        return arrivals.shift()!;
      };
      return { server, arrivals, arrival };
    },
    ended: (host) =>
      new Promise((resolve) => {
        const look = () => {
          const found = records.find((each) => each.host === host && each.endedAt !== null);
          if (!found) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    close: async () => {
      await gateway.close();
      for (const socket of sockets) socket.destroy();
      for (const server of servers) server.close();
      names.close();
    },
  };
};
