import { noPeer, startPeers } from '../harness/haproxy.ts';
import type { Measure, Subject } from '../harness/measure.ts';
import { owning } from '../harness/owned.ts';
import type { Program } from '../harness/program.ts';
import { type Place, startRelayPair } from '../harness/relay-pair.ts';

const bytes = 512 * 1024 * 1024;

const relay = (streams: number): Measure => ({
  name: `relay-${streams}`,
  what: `bytes from a TCP server to a sealed worker over ${streams} ${streams === 1 ? 'connection' : 'connections'}; against the same client on plain loopback`,
  unit: 'MB/s',
  rounds: 9,
  promises: [
    { subject: 'through the gateway', ratioAtLeast: 0.5 },
    { subject: 'through the gateway', to: 'HAProxy', ratioAtLeast: 1 },
  ],
  prepare: () =>
    owning(async (owned) => {
      const pair = await owned.add(startRelayPair());
      const peers = await startPeers(owned, pair.ports.download);
      const download = (name: string, client: Program, place: Place): Subject => ({
        name,
        sample: async () => {
          const answer = await client.ask({ kind: 'download', ...place, streams, bytes });
          return [(answer as { megabytesPerSecond: number }).megabytesPerSecond];
        },
      });
      return {
        subjects: [
          download('loopback', pair.outside.client, pair.outside.download),
          download('through the gateway', pair.inside.client, pair.inside.download),
          ...peers.map(({ name, port }) => download(name, pair.outside.client, { host: '127.0.0.1', port })),
        ],
        ...(peers.length > 0 ? {} : { note: noPeer }),
      };
    }),
});

/** Relay throughput of one stream. */
export const relayOne = relay(1);
/** Relay throughput of many streams of one worker at once. */
export const relayMany = relay(32);
