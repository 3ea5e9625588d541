import { join } from 'node:path';
import { owning } from './owned.ts';
import { gatewaysBelow } from './process-cost.ts';
import { type Program, startProgram } from './program.ts';
import { benchAddress, benchSnapshot, startBenchNetwork, startSealedClient } from './sealed-client.ts';

/** The same client outside and inside a sealed network, and where the download and the echo server are for each. */
export type RelayPair = {
  outside: { client: Program; download: Place; echo: Place };
  inside: { client: Program; download: Place; echo: Place };
  /** The two ports outside, for a peer to lead to. */
  ports: { download: number; echo: number };
  /** The processes of each part. */
  pids: { source: number; outside: number; inside: number; gateways: readonly number[] };
  close(): Promise<void>;
};

export type Place = { host: string; port: number };

/** Starts the server that sends and echoes, in a process of its own. */
export const startSource = async (): Promise<{
  ports: { download: number; echo: number };
  pid: number;
  close(): Promise<void>;
}> => {
  const server = await startProgram(join(import.meta.dirname, '../store/source.ts'), []);
  return { ports: server.ready as { download: number; echo: number }, pid: server.child.pid!, close: server.close };
};

/** Starts the server, the network with `more` further endpoints, and both clients. */
export const startRelayPair = (more = 0): Promise<RelayPair> =>
  owning(async (owned) => {
    const { ports, pid: source } = await owned.add(startSource());
    const others = gatewaysBelow();
    const network = await owned.add(startBenchNetwork(benchSnapshot([ports.download, ports.echo], more)));
    const sealed = await owned.add(startSealedClient(network));
    const direct = await owned.add(startProgram(join(import.meta.dirname, '../inside/client.ts'), []));
    const gateways = gatewaysBelow().filter((pid) => !others.includes(pid));
    const loopback = (port: number): Place => ({ host: '127.0.0.1', port });
    return {
      ports,
      pids: { source, outside: direct.child.pid!, inside: sealed.pid, gateways },
      outside: { client: direct, download: loopback(ports.download), echo: loopback(ports.echo) },
      inside: {
        client: sealed,
        download: { host: benchAddress(0), port: 443 },
        echo: { host: benchAddress(1), port: 443 },
      },
    };
  });
