import { copyPipeline, dataset } from '../../src/cli/demo/factory.ts';
import { startAttachedStores } from '../harness/attached-stores.ts';
import { startControlPlane } from '../harness/control-plane.ts';
import type { Measure, Subject } from '../harness/measure.ts';
import { owning } from '../harness/owned.ts';
import { hasRclone, rcloneCopy } from '../harness/rclone.ts';
import { makeSealedFactory } from '../harness/sealed-factory.ts';

const bytes = 256 * 1024 * 1024;
const blob = 'archive.bin';

/** How fast the Copy activity moves one large blob, from createRun to the end of the run on a warm worker. */
export const copy: Measure = {
  name: 'copy',
  what: 'one blob of 256 MiB from store to store through a sealed worker, createRun to end, worker warm; against the SDK without Postern',
  unit: 'MB/s',
  rounds: 7,
  promises: [{ subject: 'Copy activity', to: 'rclone', ratioAtLeast: 1 }],
  prepare: () =>
    owning(async (owned) => {
      const plane = await owned.add(startControlPlane());
      const stores = await owned.add(startAttachedStores(plane));
      await stores.fill(blob, bytes);
      const factory = await makeSealedFactory(plane, stores);
      await factory.put('datasets/input', dataset('Binary', 'from', { container: 'data', fileName: blob }));
      await factory.put('datasets/output', dataset('Binary', 'to', { container: 'data', fileName: blob }));
      await factory.put('pipelines/archive', copyPipeline('Binary', 'input', 'output'));

      const subjects: Subject[] = [
        { name: 'SDK without Postern', sample: async () => [await stores.copy(blob)] },
        { name: 'Copy activity', sample: async () => [bytes / 1000 / (await factory.run('archive')).elapsedMs] },
      ];
      const withRclone = await hasRclone();
      if (withRclone) {
        const { caFile } = plane.client.connection;
        const sample = async () => [bytes / 1000 / (await rcloneCopy(stores.from, stores.to, blob, caFile))];
        subjects.push({ name: 'rclone', sample });
      }
      return {
        subjects,
        ...(withRclone ? {} : { note: 'rclone is not installed (`apt install rclone`), so it is not compared' }),
      };
    }),
};
