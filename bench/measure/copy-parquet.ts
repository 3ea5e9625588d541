import { fileURLToPath } from 'node:url';
import { dataset } from '../../src/cli/demo/factory.ts';
import { bareKey, startAttachedStores } from '../harness/attached-stores.ts';
import { startControlPlane } from '../harness/control-plane.ts';
import type { Measure } from '../harness/measure.ts';
import { owning } from '../harness/owned.ts';
import { startProgram } from '../harness/program.ts';
import { makeSealedFactory, reference, rowPipeline } from '../harness/sealed-factory.ts';

const bytes = 64 * 1024 * 1024;
const blob = 'sales.csv';

/** How fast the Copy activity makes Parquet of delimited text, against DuckDB by hand. */
export const copyParquet: Measure = {
  name: 'copy-parquet',
  what: '64 MiB of delimited text to Parquet through a sealed worker, createRun to end, worker warm; against DuckDB by hand',
  unit: 'MB/s',
  rounds: 5,
  promises: [{ subject: 'Copy activity', to: 'DuckDB by hand', ratioAtLeast: 0.8 }],
  prepare: () =>
    owning(async (owned) => {
      const plane = await owned.add(startControlPlane());
      const stores = await owned.add(startAttachedStores(plane));
      const program = fileURLToPath(new URL('../store/direct-parquet.ts', import.meta.url));
      const options = ['--ca', plane.authority.caFile, '--key', bareKey];
      const client = await owned.add(startProgram(program, options));
      const filled = (await client.ask({ to: stores.from, blob, bytes })) as { bytes: number };
      const factory = await makeSealedFactory(plane, stores);
      await factory.put('datasets/input', dataset('DelimitedText', 'from', { container: 'data', fileName: blob }));
      await factory.put('datasets/output', {
        properties: {
          type: 'Parquet',
          linkedServiceName: reference('LinkedServiceReference', 'to'),
          typeProperties: {
            location: { type: 'AzureBlobStorageLocation', container: 'data', fileName: 'sales.parquet' },
          },
        },
      });
      const source = { type: 'DelimitedTextSource', storeSettings: { type: 'AzureBlobStorageReadSettings' } };
      const sink = { type: 'ParquetSink', storeSettings: { type: 'AzureBlobStorageWriteSettings' } };
      await factory.put('pipelines/sales', rowPipeline(source, sink, 'input', 'output'));
      const byHand = async () => {
        const answer = await client.ask({ from: stores.from, to: stores.to, blob });
        return [(answer as { megabytesPerSecond: number }).megabytesPerSecond];
      };
      const byPostern = async () => [filled.bytes / 1000 / (await factory.run('sales')).elapsedMs];
      return {
        subjects: [
          { name: 'DuckDB by hand', sample: byHand },
          { name: 'Copy activity', sample: byPostern },
        ],
      };
    }),
};
