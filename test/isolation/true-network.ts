// The network as it is in earnest, with puppets for workers: its gateways decide, and their records are what it saw.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLog } from '../../src/base/log.ts';
import { workerFolders } from '../../src/network/namespace/prepare.ts';
import { programFolder } from '../../src/network/namespace/root-plan.ts';
import { startNetwork } from '../../src/network/network.ts';
import type { FlowRecord, Snapshot } from '../../src/network/policy/model.ts';
import type { SealedNetwork } from '../../src/network/sealed-network.ts';
import { openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import { managedKey } from '../network/sample.ts';
import { type Puppet, projectRoot, puppetOver } from './sealed.ts';

/** What a gateway noted of one flow: code, and what was dialled by which name. */
export type Noted = Pick<FlowRecord, 'code' | 'host' | 'address' | 'port'>;

/** A worker that does what it is told. */
export type Captive = Puppet & {
  /** What the gateway has noted of this worker's refused flows since the last look, oldest first. */
  refusals(): Promise<Noted[]>;
  /** The same of all its flows. */
  flows(): Promise<FlowRecord[]>;
};

/** The true network, for attacks. */
export type TrueNetwork = {
  network: SealedNetwork;
  captive(worker: string, network?: string): Promise<Captive>;
  /** Gives the gateways this, in the next version. */
  apply(snapshot: Omit<Snapshot, 'version'>): Promise<{ cut: number }>;
  close(): Promise<void>;
};

/** Puppets in a network that is there already. */
export const captiveIn = async (
  network: SealedNetwork,
  worker: string,
  key: string,
  module = `${programFolder}/test/isolation/puppet.ts`,
): Promise<Captive> => {
  const place = await network.open(worker, key);
  const jailed = await place.launch({ module });
  const puppet = puppetOver(jailed, jailed);
  const seen = new Set<string>();
  const flows = async () => {
    const fresh = (await network.flows({ worker })).filter(({ id }) => !seen.has(id)).reverse();
    for (const { id, endedAt } of fresh) if (endedAt !== null) seen.add(id);
    return fresh;
  };
  return {
    ...puppet,
    flows,
    refusals: async () =>
      (await flows())
        .filter(({ verdict }) => verdict === 'denied')
        .map(({ code, host, address, port }) => ({ code, host, address, port })),
    end: () => place.close(),
  };
};

/** Starts it. Workers see the attacks besides what workers see. */
export const startTrueNetwork = async (): Promise<TrueNetwork> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'postern-isolation-'));
  const authority = await openCertificateAuthority(folder);
  const folders = [...workerFolders, 'test/isolation'];
  const network = await startNetwork({
    seal: { projectRoot, folders, authority: authority.caFile, warm: false },
    log: createLog({ level: 'silent' }),
    ready: 1,
  });
  let version = 0;
  return {
    network,
    captive: (worker, key = managedKey) => captiveIn(network, worker, key),
    apply: (snapshot) => {
      version += 1;
      return network.apply({ version, ...snapshot });
    },
    close: async () => {
      await network.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** A server on loopback that says who it is, and echoes what it is told. `arrivals` counts who came. */
export type Host = { server: Server; port: number; arrivals(): number; close(): void };

/** Starts a server that greets with `name`; on `port` if one is given. Rejects with EADDRINUSE where that is taken. */
export const greet = async (name: string, port = 0, host = '127.0.0.1'): Promise<Host> => {
  let arrivals = 0;
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    arrivals += 1;
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    socket.write(name);
    socket.on('data', (bytes) => socket.write(bytes));
  }).listen(port, host);
  await once(server, 'listening');
  return {
    server,
    port: (server.address() as AddressInfo).port,
    arrivals: () => arrivals,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};

/** A server on one of the ports that every namespace listens on, so that dialling it inside reaches the gateway. */
export const greetOnListenedPort = async (name: string, ports: readonly number[], host?: string): Promise<Host> => {
  for (const port of ports.filter((one) => one > 1024))
    try {
      return await greet(name, port, host);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  throw new Error('every port of the list is taken');
};
