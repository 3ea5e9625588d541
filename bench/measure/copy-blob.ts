import { copyPipeline, dataset } from '../../src/cli/demo/factory.ts';
import { startAttachedStores } from '../harness/attached-stores.ts';
import { startControlPlane } from '../harness/control-plane.ts';
import { type Copied, copyPeers } from '../harness/copy-peer.ts';
import type { Measure } from '../harness/measure.ts';
import { owning } from '../harness/owned.ts';
import { cpuSeconds, cpuSecondsBelow, cpuSecondsOfEnded } from '../harness/process-cost.ts';
import { makeSealedFactory } from '../harness/sealed-factory.ts';

/** What is copied, and what of it is counted. */
type Load = { copied: Copied; bytes: number; files?: number; amount: number };

/** What a sample tells: how much a second, or what one of it costs in CPU seconds. */
type Told = 'rate' | 'cost';

const prepare =
  ({ copied, bytes, files, amount }: Load, told: Told): Measure['prepare'] =>
  () =>
    owning(async (owned) => {
      const plane = await owned.add(startControlPlane());
      const stores = await owned.add(startAttachedStores(plane));
      await stores.fill(copied.path, bytes, files);
      const factory = await makeSealedFactory(plane, stores);
      const place = {
        container: 'data',
        ...(copied.kind === 'blob' ? { fileName: copied.path } : { folderPath: copied.path }),
      };
      await factory.put('datasets/input', dataset('Binary', 'from', place));
      await factory.put('datasets/output', dataset('Binary', 'to', place));
      await factory.put('pipelines/archive', copyPipeline('Binary', 'input', 'output'));
      const { peers, note } = await copyPeers(owned, { ...stores, caFile: plane.client.connection.caFile });
      const subject = (name: string, copy: () => Promise<number>, cpu: () => number) => ({
        name,
        sample: async () => {
          const before = cpu();
          const ms = await copy();
          return [told === 'rate' ? (amount * 1000) / ms : (cpu() - before) / amount];
        },
      });
      return {
        subjects: [
          subject(
            'SDK without Postern',
            () => (copied.kind === 'blob' ? stores.copy(copied.path) : stores.copyFolder(copied.path)),
            () => cpuSeconds([stores.clientPid]),
          ),
          // The control plane itself is busy with the questions whether the run has ended.
          subject(
            'Copy activity',
            async () => (await factory.run('archive')).elapsedMs,
            () => cpuSecondsBelow(plane.pid),
          ),
          ...peers.map(({ name, copy }) => subject(name, () => copy(copied), cpuSecondsOfEnded)),
        ],
        ...(note && { note }),
      };
    });

const large: Load = { copied: { path: 'archive.bin', kind: 'blob' }, bytes: 2 ** 28, amount: 2 ** 28 / 1e6 };
const small: Load = { copied: { path: 'small', kind: 'folder' }, bytes: 2 ** 14, files: 1000, amount: 1000 };
const promises = [
  { subject: 'Copy activity', to: 'rclone', ratioAtLeast: 1 },
  { subject: 'Copy activity', to: 'azcopy, store to store', ratioAtLeast: 1 },
];
const how = 'through a sealed worker, createRun to end, worker warm; against the SDK without Postern';

/** How fast the Copy activity moves one large blob, from createRun to the end of the run on a warm worker. */
export const copy: Measure = {
  name: 'copy',
  what: `one blob of 256 MiB from store to store ${how}`,
  unit: 'MB/s',
  rounds: 7,
  promises,
  prepare: prepare(large, 'rate'),
};

/** How many small blobs it moves in a second. */
export const copySmall: Measure = {
  name: 'copy-small',
  what: `a folder of 1,000 blobs of 16 KiB from store to store ${how}`,
  unit: 'files/s',
  rounds: 5,
  promises,
  prepare: prepare(small, 'rate'),
};

/** What a large blob costs, gateways included. */
export const copyCpu: Measure = {
  name: 'copy-cpu',
  what: 'CPU time for each GB of one blob of 256 MiB, of what copies, not of the stores: the client; worker and gateways; the peer',
  unit: 'CPU s/GB',
  rounds: 5,
  prepare: prepare({ ...large, amount: 2 ** 28 / 1e9 }, 'cost'),
};

/** What small blobs cost. */
export const copySmallCpu: Measure = {
  name: 'copy-small-cpu',
  what: 'CPU time for each thousand blobs of 16 KiB, of what copies, not of the stores',
  unit: 'CPU s',
  rounds: 5,
  prepare: prepare({ ...small, amount: 1 }, 'cost'),
};
