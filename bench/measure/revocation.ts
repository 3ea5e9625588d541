import type { Snapshot } from '../../src/network/policy/model.ts';
import type { Measure, Subject } from '../harness/measure.ts';
import { owning } from '../harness/owned.ts';
import { startSource } from '../harness/relay-pair.ts';
import { benchAddress, benchSnapshot, startBenchNetwork, startSealedClient } from '../harness/sealed-client.ts';

const withState = (snapshot: Snapshot, version: number, state: 'Approved' | 'Rejected'): Snapshot => ({
  ...snapshot,
  version,
  networks: snapshot.networks.map((network) => ({
    ...network,
    endpoints: network.endpoints.map((endpoint) => ({ ...endpoint, state })),
  })),
});

/** How long data still flows after an owner has changed their mind. */
export const revocation: Measure = {
  name: 'revocation',
  what: 'from giving the gateways a rejection to the worker knowing that every one of its streaming connections is cut',
  unit: 'ms',
  rounds: 15,
  promises: [
    { subject: '1 stream', medianAtMost: 100 },
    { subject: '32 streams', medianAtMost: 100 },
  ],
  prepare: () =>
    owning(async (owned) => {
      const source = await owned.add(startSource());
      const snapshot = benchSnapshot([source.ports.download]);
      const network = await owned.add(startBenchNetwork(snapshot));
      const client = await owned.add(startSealedClient(network));
      let version = snapshot.version;
      const cut = (streams: number): Subject => ({
        name: streams === 1 ? '1 stream' : `${streams} streams`,
        sample: async () => {
          const flowing = Promise.withResolvers<void>();
          let seen = 0;
          const stop = network.onFlow((flow) => {
            if (flow.verdict === 'allowed' && flow.endedAt === null && ++seen === streams) flowing.resolve();
          });
          const place = { host: benchAddress(0), port: 443 };
          const ended = client.ask({ kind: 'download', ...place, streams, bytes: 1e12 }).then(
            () => Promise.reject(new Error('The download was not cut.')),
            () => performance.now(),
          );
          await flowing.promise;
          stop();
          const started = performance.now();
          const [, last] = await Promise.all([network.apply(withState(snapshot, ++version, 'Rejected')), ended]);
          await network.apply(withState(snapshot, ++version, 'Approved'));
          return [Math.max(last, started) - started];
        },
      });
      return {
        subjects: [cut(1), cut(32)],
      };
    }),
};
