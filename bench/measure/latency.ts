import type { Measure, Subject } from '../harness/measure.ts';
import { owning } from '../harness/owned.ts';
import type { Program } from '../harness/program.ts';
import { type Place, startRelayPair } from '../harness/relay-pair.ts';

const timed = (name: string, kind: 'echo' | 'connect', count: number, client: Program, place: Place): Subject => ({
  name,
  sample: async () => ((await client.ask({ kind, ...place, count })) as { ms: number[] }).ms,
});

/** What the gateway adds to a small request on a connection that is open. */
export const requestLatency: Measure = {
  name: 'request-latency',
  what: 'one kilobyte to a server and back on an open connection; against the same client on plain loopback',
  unit: 'ms',
  rounds: 7,
  prepare: async () => {
    const pair = await startRelayPair();
    return {
      subjects: [
        timed('loopback', 'echo', 500, pair.outside.client, pair.outside.echo),
        timed('through the gateway', 'echo', 500, pair.inside.client, pair.inside.echo),
      ],
      close: pair.close,
    };
  },
};

/** What the decision and the gateway's own connection add to a new connection. */
export const connectLatency: Measure = {
  name: 'connect-latency',
  what: 'a new connection, one byte there and back; with 2 and with 1,000 more endpoints in the network',
  unit: 'ms',
  rounds: 7,
  promises: [{ subject: 'among 1,000 endpoints', to: 'through the gateway', ratioAtMost: 1.2 }],
  prepare: () =>
    owning(async (owned) => {
      const few = await owned.add(startRelayPair());
      const many = await owned.add(startRelayPair(1000));
      return {
        subjects: [
          timed('loopback', 'connect', 100, few.outside.client, few.outside.echo),
          timed('through the gateway', 'connect', 100, few.inside.client, few.inside.echo),
          timed('among 1,000 endpoints', 'connect', 100, many.inside.client, many.inside.echo),
        ],
      };
    }),
};
