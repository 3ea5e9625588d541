import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isJsonObject, type JsonObject } from '../../src/base/json.ts';
import { copyPipeline, dataset } from '../../src/cli/demo/factory.ts';
import { startAttachedStores } from '../harness/attached-stores.ts';
import { startControlPlane } from '../harness/control-plane.ts';
import type { Measure } from '../harness/measure.ts';
import { owning } from '../harness/owned.ts';
import { makeSealedFactory } from '../harness/sealed-factory.ts';

const length = 20;

/** A pipeline of `count` activities like `one`, each after the last. */
const chain = (one: JsonObject, count: number): JsonObject => ({
  properties: {
    activities: Array.from({ length: count }, (_, at) => ({
      ...one,
      name: `step-${at}`,
      dependsOn: at === 0 ? [] : [{ activity: `step-${at - 1}`, dependencyConditions: ['Succeeded'] }],
    })),
  },
});

const waiting: JsonObject = { type: 'Wait', typeProperties: { waitTimeInSeconds: 0 } };

const copying = (): JsonObject => {
  const { properties } = copyPipeline('Binary', 'input', 'output');
  const [activity] = isJsonObject(properties) && Array.isArray(properties.activities) ? properties.activities : [];
  return isJsonObject(activity) ? activity : {};
};

const openCommitTable = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-bench-'));
  const database = new DatabaseSync(join(folder, 'commit.sqlite'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE row (text TEXT)');
  const close = async (): Promise<void> => {
    database.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { insert: database.prepare('INSERT INTO row VALUES (?)'), close };
};

/** What each further activity of a run costs, state and all. */
export const activity: Measure = {
  name: 'activity',
  what: `what each further activity adds to a run: a chain of ${length + 1} less a chain of one, by ${length}; against one durable commit of one row`,
  unit: 'ms',
  rounds: 9,
  promises: [{ subject: 'Wait of 0 s', medianAtMost: 10 }],
  prepare: () =>
    owning(async (owned) => {
      const plane = await owned.add(startControlPlane());
      const stores = await owned.add(startAttachedStores(plane));
      await stores.fill('small', 1024);
      const factory = await makeSealedFactory(plane, stores);
      await factory.put('datasets/input', dataset('Binary', 'from', { container: 'data', fileName: 'small' }));
      await factory.put('datasets/output', dataset('Binary', 'to', { container: 'data', fileName: 'small' }));
      for (const [name, one] of [['wait', waiting] as const, ['copy', copying()] as const])
        for (const count of [1, length + 1]) await factory.put(`pipelines/${name}-${count}`, chain(one, count));
      const each = (name: string) => async () => {
        const short = await factory.run(`${name}-1`);
        const long = await factory.run(`${name}-${length + 1}`);
        return [(long.elapsedMs - short.elapsedMs) / length];
      };

      // In the folder for temporary files, as the control plane of this measure.
      const { insert } = await owned.add(openCommitTable());
      const commit = async () =>
        Array.from({ length }, () => {
          const started = performance.now();
          insert.run('x'.repeat(1000));
          return performance.now() - started;
        });
      return {
        subjects: [
          { name: 'one durable commit', sample: commit },
          { name: 'Wait of 0 s', sample: each('wait') },
          { name: 'Copy of 1 KB', sample: each('copy') },
        ],
      };
    }),
};
