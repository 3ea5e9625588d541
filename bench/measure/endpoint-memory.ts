import { join } from 'node:path';
import type { Snapshot } from '../../src/network/policy/model.ts';
import type { Measure } from '../harness/measure.ts';
import { owning } from '../harness/owned.ts';
import { gatewaysBelow, residentMegabytes } from '../harness/process-cost.ts';
import { startProgram } from '../harness/program.ts';
import { benchSnapshot, startBenchNetwork } from '../harness/sealed-client.ts';

const most = 10_000;
const decisions = 50;

/** The same snapshot after so many decisions about the endpoint in its middle, one each version: Approved, Rejected, Approved. */
const decided = (snapshot: Snapshot, version: number): Snapshot => ({
  ...snapshot,
  version,
  networks: snapshot.networks.map((network) => ({
    ...network,
    endpoints: network.endpoints.map((endpoint, at, { length }) =>
      at === length >> 1 && version % 2 === 0 ? { ...endpoint, state: 'Rejected' } : endpoint,
    ),
  })),
});

/** What endpoints cost each gateway, which holds all of them. */
export const endpointMemory: Measure = {
  name: 'endpoint-memory',
  what: `memory of a gateway for each 1,000 endpoints: with ${most} endpoints less that with one, divided; after ${decisions} decisions more each time`,
  unit: 'MB',
  rounds: 7,
  promises: [
    { subject: 'heap of a compiled snapshot', medianAtMost: 5 },
    { subject: 'resident in a gateway', medianAtMost: 5 },
  ],
  prepare: () =>
    owning(async (owned) => {
      const heap = await owned.add(startProgram(join(import.meta.dirname, '../inside/snapshot-heap.ts'), []));
      const start = async (endpoints: number) => {
        const others = gatewaysBelow();
        const snapshot = benchSnapshot([9], endpoints - 1);
        const network = await owned.add(startBenchNetwork(snapshot));
        const own = gatewaysBelow().filter((pid) => !others.includes(pid));
        let version = 1;
        return async (): Promise<number> => {
          for (let decision = 0; decision < decisions; decision += 1) {
            version += 1;
            await network.apply(decided(snapshot, version));
          }
          return Math.max(...own.map(residentMegabytes));
        };
      };
      const few = await start(1);
      const many = await start(most);
      const perThousand = (withMany: number, withOne: number) => (withMany - withOne) / (most / 1000);
      return {
        subjects: [
          {
            name: 'heap of a compiled snapshot',
            sample: async () => {
              const megabytes = async (endpoints: number) =>
                ((await heap.ask({ endpoints })) as { megabytes: number }).megabytes;
              return [perThousand(await megabytes(most), await megabytes(1))];
            },
          },
          { name: 'resident in a gateway', sample: async () => [perThousand(await many(), await few())] },
        ],
      };
    }),
};
