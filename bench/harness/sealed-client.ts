import { join } from 'node:path';
import { createLog } from '../../src/base/log.ts';
import { workerFolders } from '../../src/network/namespace/prepare.ts';
import { programFolder } from '../../src/network/namespace/root-plan.ts';
import { startNetwork } from '../../src/network/network.ts';
import type { Endpoint, Snapshot } from '../../src/network/policy/model.ts';
import type { SealedNetwork } from '../../src/network/sealed-network.ts';
import { type Program, talk } from './program.ts';

const project = join(import.meta.dirname, '..', '..');

/** The network of the measures, and what its one managed network is called. */
export const benchNetwork = '/bench/managedvirtualnetworks/default';

/** Approved endpoints at 10.77.0.4 and up, port 443, one for each loopback port. */
export const benchSnapshot = (ports: readonly number[], more = 0): Snapshot => {
  const endpoint = (port: number, at: number): Endpoint => ({
    id: `/bench/endpoints/${at}`,
    name: `endpoint-${at}`,
    connection: `/bench/connections/${at}`,
    address: benchAddress(at),
    ports: [443],
    names: [{ host: `bench${at}.blob.core.windows.net`, privateLinkName: null }],
    resourceId: `/bench/accounts/${at}`,
    groupId: 'blob',
    state: 'Approved',
    description: '',
    backend: { address: '127.0.0.1', port },
  });
  const all = [...ports, ...Array<number>(more).fill(ports[0] ?? 1)];
  return {
    version: 1,
    networks: [
      {
        key: benchNetwork,
        kind: 'managed',
        title: 'default of factory bench',
        egress: { mode: 'None', audit: false, hosts: [] },
        endpoints: all.map(endpoint),
      },
    ],
    stores: [],
  };
};

/** The private address of the endpoint at that place of the snapshot. */
export const benchAddress = (at: number): string => `10.77.${(at + 4) >> 8}.${(at + 4) & 255}`;

/** A sealed network on its own, without a control plane. */
export const startBenchNetwork = async (snapshot: Snapshot): Promise<SealedNetwork> => {
  const seal = { projectRoot: project, folders: [...workerFolders, 'bench/inside'] };
  const network = await startNetwork({ seal, log: createLog({ level: 'warn' }) });
  await network.apply(snapshot);
  return network;
};

/** The client of the relay's measures, in a jail in the network. */
export const startSealedClient = async (
  network: SealedNetwork,
): Promise<Program & { pid: number; close(): Promise<void> }> => {
  const place = await network.open('bench-client', benchNetwork);
  const jailed = await place.launch({ module: `${programFolder}/bench/inside/client.ts` });
  const complain = (text: Buffer): void => void process.stderr.write(text);
  jailed.stderr.on('data', complain);
  const close = (): Promise<void> => {
    // What a jail says as it is ended is no news.
    jailed.stderr.off('data', complain).resume();
    return place.close();
  };
  return { ...(await talk(jailed.stdin, jailed.stdout)), pid: jailed.pid, close };
};
