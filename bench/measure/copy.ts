import { join } from 'node:path';
import { copyPipeline, dataset } from '../../src/cli/demo/factory.ts';
import { startControlPlane } from '../harness/control-plane.ts';
import type { Measure, Subject } from '../harness/measure.ts';
import { startProgram } from '../harness/program.ts';
import { hasRclone, rcloneCopy } from '../harness/rclone.ts';
import { makeSealedFactory } from '../harness/sealed-factory.ts';

const bytes = 256 * 1024 * 1024;
const accounts = ['benchfrom', 'benchto'] as const;
const blob = 'archive.bin';

/** How fast the Copy activity moves one large blob, from createRun to the end of the run on a warm worker. */
export const copy: Measure = {
  name: 'copy',
  what: 'one blob of 256 MiB from one store to another through a sealed worker, createRun to end, worker warm; against the SDK without Postern',
  unit: 'MB/s',
  rounds: 5,
  promises: [{ subject: 'Copy activity', to: 'rclone', ratioAtLeast: 1 }],
  prepare: async () => {
    const plane = await startControlPlane();
    const certificates = await Promise.all(
      accounts.map(async (name) => {
        const issued = await plane.authority.issue([`${name}.blob.core.windows.net`, 'localhost', '127.0.0.1']);
        return { name, ...issued };
      }),
    );
    const [from, to] = await Promise.all(
      certificates.map(async (one) => {
        const store = await startProgram(join(import.meta.dirname, '../store/bare-store.ts'), [], [one]);
        return {
          store,
          account: one.name,
          port: (store.ready as Record<string, number>)[one.name]!,
          container: 'data',
        };
      }),
    );
    const { caFile } = plane.client.connection;
    const key = Buffer.alloc(64, 1).toString('base64');
    const direct = await startProgram(join(import.meta.dirname, '../store/direct-copy.ts'), [
      '--ca',
      caFile,
      '--key',
      key,
    ]);
    const place = ({ account, port, container }: NonNullable<typeof from>) => ({ account, port, container });
    const [source, sink] = [place(from!), place(to!)];
    await direct.ask({ to: source, blob, bytes });

    const factory = await makeSealedFactory(plane, {
      from: { name: source.account, port: source.port },
      to: { name: sink.account, port: sink.port },
    });
    await factory.put('datasets/input', dataset('Binary', 'from', { container: 'data', fileName: blob }));
    await factory.put('datasets/output', dataset('Binary', 'to', { container: 'data', fileName: blob }));
    await factory.put('pipelines/archive', copyPipeline('Binary', 'input', 'output'));

    const subjects: Subject[] = [
      {
        name: 'SDK without Postern',
        sample: async () => {
          const { megabytesPerSecond } = (await direct.ask({ from: source, to: sink, blob })) as {
            megabytesPerSecond: number;
          };
          return [megabytesPerSecond];
        },
      },
      { name: 'Copy activity', sample: async () => [bytes / 1000 / (await factory.run('archive')).elapsedMs] },
    ];
    const withRclone = await hasRclone();
    if (withRclone)
      subjects.push({
        name: 'rclone',
        sample: async () => [bytes / 1000 / (await rcloneCopy(source, sink, blob, caFile))],
      });
    return {
      subjects,
      ...(withRclone ? {} : { note: 'rclone is not installed (`apt install rclone`), so it is not compared' }),
      close: async () => {
        await Promise.all([direct.close(), from!.store.close(), to!.store.close()]);
        await plane.close();
      },
    };
  },
};
