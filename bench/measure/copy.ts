import { copyPipeline, dataset } from '../../src/cli/demo/factory.ts';
import { startAttachedStores } from '../harness/attached-stores.ts';
import { startControlPlane } from '../harness/control-plane.ts';
import { copyPeers } from '../harness/copy-peer.ts';
import type { Measure } from '../harness/measure.ts';
import { owning } from '../harness/owned.ts';
import { makeSealedFactory } from '../harness/sealed-factory.ts';

const bytes = 256 * 1024 * 1024;
const blob = 'archive.bin';

/** How fast the Copy activity moves one large blob, from createRun to the end of the run on a warm worker. */
export const copy: Measure = {
  name: 'copy',
  what: 'one blob of 256 MiB from store to store through a sealed worker, createRun to end, worker warm; against the SDK without Postern',
  unit: 'MB/s',
  rounds: 7,
  promises: [
    { subject: 'Copy activity', to: 'rclone', ratioAtLeast: 1 },
    { subject: 'Copy activity', to: 'azcopy, store to store', ratioAtLeast: 1 },
  ],
  prepare: () =>
    owning(async (owned) => {
      const plane = await owned.add(startControlPlane());
      const stores = await owned.add(startAttachedStores(plane));
      await stores.fill(blob, bytes);
      const factory = await makeSealedFactory(plane, stores);
      await factory.put('datasets/input', dataset('Binary', 'from', { container: 'data', fileName: blob }));
      await factory.put('datasets/output', dataset('Binary', 'to', { container: 'data', fileName: blob }));
      await factory.put('pipelines/archive', copyPipeline('Binary', 'input', 'output'));
      const { peers, note } = await copyPeers(owned, { ...stores, caFile: plane.client.connection.caFile });
      const perSecond = (ms: number): number[] => [bytes / 1000 / ms];
      return {
        subjects: [
          { name: 'SDK without Postern', sample: async () => perSecond(await stores.copy(blob)) },
          { name: 'Copy activity', sample: async () => perSecond((await factory.run('archive')).elapsedMs) },
          ...peers.map((peer) => ({
            name: peer.name,
            sample: async () => perSecond(await peer.copy({ path: blob, kind: 'blob' })),
          })),
        ],
        ...(note && { note }),
      };
    }),
};
