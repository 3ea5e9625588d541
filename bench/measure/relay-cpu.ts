import { noPeer, startPeers } from '../harness/haproxy.ts';
import type { Measure, Subject } from '../harness/measure.ts';
import { owning } from '../harness/owned.ts';
import { cpuSeconds } from '../harness/process-cost.ts';
import type { Program } from '../harness/program.ts';
import { type Place, startRelayPair } from '../harness/relay-pair.ts';

/** Enough for the kernel's hundredths of a second to be a few percent of what is measured. */
const bytes = 1024 * 1024 * 1024;

const cost = (streams: number): Measure => ({
  name: `relay-cpu-${streams}`,
  what: `CPU time of client, server and relay for each GB over ${streams} ${streams === 1 ? 'connection' : 'connections'}, and of the relay alone`,
  unit: 'CPU s/GB',
  rounds: 5,
  prepare: () =>
    owning(async (owned) => {
      const pair = await owned.add(startRelayPair());
      const peers = await startPeers(owned, pair.ports.download);
      const { source, outside, inside, gateways } = pair.pids;
      const download = (name: string, client: Program, place: Place, of: readonly number[]): Subject => ({
        name,
        sample: async () => {
          const before = cpuSeconds(of);
          await client.ask({ kind: 'download', ...place, streams, bytes });
          return [(cpuSeconds(of) - before) / (bytes / 1e9)];
        },
      });
      const sealed = (name: string, of: readonly number[]) =>
        download(name, pair.inside.client, pair.inside.download, of);
      const subjects = [
        download('loopback', pair.outside.client, pair.outside.download, [source, outside]),
        sealed('through the gateway', [source, inside, ...gateways]),
        sealed('gateway alone', gateways),
      ];
      for (const { name, port, pid } of peers) {
        const place = { host: '127.0.0.1', port };
        subjects.push(
          download(`through ${name}`, pair.outside.client, place, [source, outside, pid]),
          download(`${name} alone`, pair.outside.client, place, [pid]),
        );
      }
      return {
        subjects,
        ...(peers.length > 0 ? {} : { note: noPeer }),
      };
    }),
});

/** What a GB over one stream costs. */
export const relayCpuOne = cost(1);
/** What a GB over many streams of one worker at once costs. */
export const relayCpuMany = cost(32);
