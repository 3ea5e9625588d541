// A gateway on loopback with one worker in it, and a store behind it.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createGateway, type Gateway } from '../../src/network/gateway/gateway.ts';
import { defaultLimits, type PlaceLimits } from '../../src/network/gateway/place.ts';
import type { Endpoint, FlowRecord, Snapshot } from '../../src/network/policy/model.ts';
import { loopbackNamespace } from './loopback-namespace.ts';
import { managedKey, sampleEndpoint, sampleNetwork } from './sample.ts';

/** The stage. `dial` connects as the worker would. */
export type GatewayStage = {
  gateway: Gateway;
  port: number;
  dnsPort: number;
  dnsTcpPort: number;
  store: Server;
  /** The next snapshot: the endpoint to the store, with changes. */
  snapshot(changes?: Partial<Endpoint>): Snapshot;
  dial(): Socket;
  /** The next connection that arrives at the store. */
  arrival(): Promise<Socket>;
  records: FlowRecord[];
  /** Resolves with the first record, past or to come, that fits. */
  recorded(fits: (record: FlowRecord) => boolean): Promise<FlowRecord>;
  close(): Promise<void>;
};

/** Sets the stage. The endpoint has the loopback address and port of the worker's listener, approved unless `changes` say otherwise. */
export const openStage = async (
  changes: Partial<Endpoint> = {},
  limits: Partial<PlaceLimits> = {},
): Promise<GatewayStage> => {
  const namespace = await loopbackNamespace();
  const store = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(store, 'listening');
  const arrived: Socket[] = [];
  const sockets = new Set<Socket>();
  store.on('connection', (socket) => {
    socket.on('error', () => {});
    sockets.add(socket);
    arrived.push(socket);
    store.emit('arrival');
  });

  let version = 0;
  const snapshot = (more: Partial<Endpoint> = {}): Snapshot => {
    version += 1;
    const { port } = store.address() as AddressInfo;
    const backend = { address: '127.0.0.1', port };
    const endpoint = sampleEndpoint({ address: '127.0.0.1', ports: [namespace.port], backend, ...changes, ...more });
    return { version, networks: [sampleNetwork({ endpoints: [endpoint] })], stores: [] };
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
    resolveName: () => Promise.reject(new Error('no name is resolved on this stage')),
    limits: { ...defaultLimits, ...limits },
  });
  await gateway.open('place', 'worker', managedKey);

  return {
    gateway,
    port: namespace.port,
    dnsPort: namespace.dnsPort,
    dnsTcpPort: namespace.dnsTcpPort,
    store,
    snapshot,
    records,
    dial: () => {
      const socket = connect({ port: namespace.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
      socket.on('error', () => {});
      sockets.add(socket);
      return socket;
    },
    arrival: async () => {
      if (arrived.length === 0) await once(store, 'arrival');
      return arrived.shift()!;
    },
    recorded: (fits) =>
      new Promise((resolve) => {
        const look = () => {
          const found = records.find(fits);
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
      store.close();
    },
  };
};

/** What ends a socket: the code of its error, or `end`. */
export const endOf = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once('end', () => resolve('end'));
    if (socket.destroyed) resolve('destroyed');
    socket.resume();
  });
