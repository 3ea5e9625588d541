import { join } from 'node:path';
import { startControlPlane } from '../harness/control-plane.ts';
import type { Measure, Subject } from '../harness/measure.ts';
import { owning } from '../harness/owned.ts';
import { startProgram } from '../harness/program.ts';

const concurrency = 8;
const version = 'api-version=2018-06-01';

/** The rate of the control plane: one resource read, and one changed durably, over and over by a few callers at once. */
export const arm: Measure = {
  name: 'arm',
  what: `ARM requests a second by ${concurrency} callers: GET of a factory, PUT of a changed dataset; against a bare HTTPS server`,
  unit: 'requests/s',
  rounds: 7,
  prepare: () =>
    owning(async (owned) => {
      const { client, subscription, authority } = await owned.add(startControlPlane());
      const bare = await owned.add(
        startProgram(join(import.meta.dirname, '../store/bare-api.ts'), [], await authority.issue(['127.0.0.1'])),
      );
      const group = `${subscription}/resourceGroups/bench`;
      const factory = `${group}/providers/Microsoft.DataFactory/factories/bench-arm`;
      await client.call('PUT', `${group}?api-version=2021-04-01`, { location: 'westeurope' });
      await client.call('PUT', `${factory}?${version}`, { location: 'westeurope' });
      const service = {
        type: 'AzureBlobStorage',
        typeProperties: { serviceEndpoint: 'https://acme.blob.core.windows.net' },
      };
      await client.call('PUT', `${factory}/linkedservices/store?${version}`, { properties: service });
      const dataset = (changed: number) => ({
        properties: {
          type: 'Binary',
          description: `change ${changed}`,
          linkedServiceName: { referenceName: 'store', type: 'LinkedServiceReference' },
          typeProperties: { location: { type: 'AzureBlobStorageLocation', container: 'c', fileName: 'f' } },
        },
      });

      const rate = (name: string, count: number, ask: (at: number) => Promise<unknown>): Subject => ({
        name,
        sample: async () => {
          let next = 0;
          const lane = async (): Promise<void> => {
            while (next < count) await ask(next++);
          };
          const started = performance.now();
          await Promise.all(Array.from({ length: concurrency }, lane));
          return [count / ((performance.now() - started) / 1000)];
        },
      });
      const { port } = bare.ready as { port: number };
      return {
        subjects: [
          rate('bare HTTPS server', 1500, () => client.call('GET', `https://127.0.0.1:${port}/`)),
          rate('GET', 1500, () => client.call('GET', `${factory}?${version}`)),
          rate('PUT', 500, (at) =>
            client.call('PUT', `${factory}/datasets/d${at % concurrency}?${version}`, dataset(at)),
          ),
        ],
      };
    }),
};
