import { copyPipeline, dataset } from '../../src/cli/demo/factory.ts';
import { startAttachedStores } from '../harness/attached-stores.ts';
import { startControlPlane } from '../harness/control-plane.ts';
import { copyPeers } from '../harness/copy-peer.ts';
import type { Measure } from '../harness/measure.ts';
import { owning } from '../harness/owned.ts';
import { makeSealedFactory } from '../harness/sealed-factory.ts';

const files = 1000;
const fileBytes = 16 * 1024;
const folder = 'small';

/** How many small blobs the Copy activity moves in a second, from createRun to the end of the run on a warm worker. */
export const copySmall: Measure = {
  name: 'copy-small',
  what: 'a folder of 1,000 blobs of 16 KiB from store to store through a sealed worker, createRun to end, worker warm; against the SDK without Postern',
  unit: 'files/s',
  rounds: 5,
  promises: [
    { subject: 'Copy activity', to: 'rclone', ratioAtLeast: 1 },
    { subject: 'Copy activity', to: 'azcopy, store to store', ratioAtLeast: 1 },
  ],
  prepare: () =>
    owning(async (owned) => {
      const plane = await owned.add(startControlPlane());
      const stores = await owned.add(startAttachedStores(plane));
      await stores.fill(folder, fileBytes, files);
      const factory = await makeSealedFactory(plane, stores);
      await factory.put('datasets/input', dataset('Binary', 'from', { container: 'data', folderPath: folder }));
      await factory.put('datasets/output', dataset('Binary', 'to', { container: 'data', folderPath: folder }));
      await factory.put('pipelines/archive', copyPipeline('Binary', 'input', 'output'));
      const { peers, note } = await copyPeers(owned, { ...stores, caFile: plane.client.connection.caFile });
      const perSecond = (ms: number): number[] => [(files * 1000) / ms];
      return {
        subjects: [
          { name: 'SDK without Postern', sample: async () => perSecond(await stores.copyFolder(folder)) },
          { name: 'Copy activity', sample: async () => perSecond((await factory.run('archive')).elapsedMs) },
          ...peers.map((peer) => ({
            name: peer.name,
            sample: async () => perSecond(await peer.copy({ path: folder, kind: 'folder' })),
          })),
        ],
        ...(note && { note }),
      };
    }),
};
