import { noPeer, startHaproxy } from '../harness/haproxy.ts';
import type { Measure, Subject } from '../harness/measure.ts';
import { type Owned, owning } from '../harness/owned.ts';
import type { Program } from '../harness/program.ts';
import { type Place, startRelayPair } from '../harness/relay-pair.ts';

const timed = (name: string, kind: 'echo' | 'connect', count: number, client: Program, place: Place): Subject => ({
  name,
  sample: async () => ((await client.ask({ kind, ...place, count })) as { ms: number[] }).ms,
});

/** A pair, and the way to its echo server through HAProxy where that is installed. */
const startPairAndPeer = async (owned: Owned) => {
  const pair = await owned.add(startRelayPair());
  const haproxy = await startHaproxy(pair.ports.echo);
  if (haproxy) await owned.add(Promise.resolve(haproxy));
  return { pair, peer: haproxy && { host: '127.0.0.1', port: haproxy.port } };
};

/** What the gateway adds to a small request on a connection that is open. */
export const requestLatency: Measure = {
  name: 'request-latency',
  what: 'one kilobyte to a server and back on an open connection; against the same client on plain loopback',
  unit: 'ms',
  rounds: 7,
  prepare: () =>
    owning(async (owned) => {
      const { pair, peer } = await startPairAndPeer(owned);
      return {
        subjects: [
          timed('loopback', 'echo', 500, pair.outside.client, pair.outside.echo),
          timed('through the gateway', 'echo', 500, pair.inside.client, pair.inside.echo),
          ...(peer ? [timed('HAProxy', 'echo', 500, pair.outside.client, peer)] : []),
        ],
        ...(peer ? {} : { note: noPeer }),
      };
    }),
};

/** What the decision and the gateway's own connection add to a new connection. */
export const connectLatency: Measure = {
  name: 'connect-latency',
  what: 'a new connection from a sealed worker, one byte there and back; with 2 endpoints in the network, and with 1,000',
  unit: 'ms',
  rounds: 7,
  promises: [{ subject: 'among 1,000 endpoints', to: 'through the gateway', ratioAtMost: 1.2 }],
  prepare: () =>
    owning(async (owned) => {
      const { pair: few, peer } = await startPairAndPeer(owned);
      const many = await owned.add(startRelayPair(998));
      return {
        subjects: [
          timed('loopback', 'connect', 100, few.outside.client, few.outside.echo),
          timed('through the gateway', 'connect', 100, few.inside.client, few.inside.echo),
          timed('among 1,000 endpoints', 'connect', 100, many.inside.client, many.inside.echo),
          ...(peer ? [timed('HAProxy', 'connect', 100, few.outside.client, peer)] : []),
        ],
        ...(peer ? {} : { note: noPeer }),
      };
    }),
};

const connections = (name: string, client: Program, place: Place): Subject => ({
  name,
  sample: async () => {
    const answer = await client.ask({ kind: 'rate', ...place, count: 800, atOnce: 8 });
    return [(answer as { perSecond: number }).perSecond];
  },
});

/** How many new connections a second there can be. */
export const connectionRate: Measure = {
  name: 'connection-rate',
  what: 'new connections a second from one worker, eight at once, one byte there and back on each',
  unit: 'connections/s',
  rounds: 7,
  prepare: () =>
    owning(async (owned) => {
      const { pair, peer } = await startPairAndPeer(owned);
      return {
        subjects: [
          connections('loopback', pair.outside.client, pair.outside.echo),
          connections('through the gateway', pair.inside.client, pair.inside.echo),
          ...(peer ? [connections('HAProxy', pair.outside.client, peer)] : []),
        ],
        ...(peer ? {} : { note: noPeer }),
      };
    }),
};
