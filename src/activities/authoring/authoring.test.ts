import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dataset, fill, linkedService, openStage } from '../../../test/copy/stage.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import type { ActivityJob } from '../job.ts';
import { workerActivities } from '../registry.ts';

let stage: Awaited<ReturnType<typeof openStage>>;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

const run = async (type: string, more: Partial<ActivityJob>): Promise<JsonObject> => {
  const { run: start } = await workerActivities.find((activity) => activity.type === type)!.run();
  const job: ActivityJob = {
    jobId: 'job-1',
    type,
    name: type,
    typeProperties: {},
    inputs: [],
    outputs: [],
    linkedService: null,
    effectiveIntegrationRuntime: 'sealed (West Europe)',
    ...more,
  };
  return start(job, { signal: new AbortController().signal, progress: () => {} });
};
const csv = (fileName: string) =>
  dataset('DelimitedText', linkedService(stage.source), { container: 'look', fileName }, { firstRowAsHeader: true });

test('of more than a thousand things the first thousand are listed', async () => {
  const box = stage.source.service.getContainerClient('many');
  await box.create();
  const left = Array.from({ length: 1001 }, (_, n) => `file-${String(n).padStart(4, '0')}`);
  await box.getBlockBlobClient('file-0000').uploadData(Buffer.alloc(0));
  const upload = async () => {
    for (let name = left.pop(); name !== undefined; name = left.pop())
      await box.getBlockBlobClient(name).uploadData(Buffer.alloc(0));
  };
  await Promise.all(Array.from({ length: 32 }, upload));
  const found = await run('Browse', {
    linkedService: linkedService(stage.source),
    typeProperties: { path: 'many' },
  });
  const items = found.items as JsonObject[];
  assert.deepEqual([items.length, items.at(-1)?.name, found.truncated], [1000, 'file-0999', true]);
});

test('a long cell is cut, and so is a row of very many; what was left out is said', async () => {
  await fill(stage.source, 'look', {
    'long.csv': `a,b\n${'x'.repeat(50_000)},1\n`,
    'wide.csv': `${Array.from({ length: 5000 }, (_, n) => `c${n}`).join(',')}\n${Array.from({ length: 5000 }, () => 'y'.repeat(1000)).join(',')}\n`,
    'tall.csv': `a\n${`${'z'.repeat(2000)}\n`.repeat(600)}`,
  });
  const long = await run('Preview', { inputs: [csv('long.csv')] });
  const [cell, other] = (long.rows as Json[][])[0]!;
  assert.deepEqual([String(cell).length, other, long.truncated], [4097, '1', true]);
  const wide = await run('Preview', { inputs: [csv('wide.csv')] });
  assert.equal((wide.columns as Json[]).length, 5000);
  assert.ok(JSON.stringify(wide).length < 2.5 * 2 ** 20);
  assert.equal(wide.truncated, true);
  const tall = await run('Preview', { inputs: [csv('tall.csv')], typeProperties: { rows: 100 } });
  assert.deepEqual([(tall.rows as Json[]).length, tall.truncated], [100, true]);
});

test('what has no rows is refused, and a store is tested by what it holds', async () => {
  const binary = dataset('Binary', linkedService(stage.source), { container: 'look' });
  await assert.rejects(run('Preview', { inputs: [binary] }), { errorCode: 'UserErrorUnsupportedFormat' });
  const hello = { name: 'hello', type: 'HelloWorld', typeProperties: {} };
  assert.deepEqual(await run('TestConnection', { linkedService: hello }), {});
  const found = await run('Browse', { linkedService: hello });
  assert.deepEqual(found.items, [{ name: 'hello.txt', kind: 'File', path: 'hello.txt' }]);
  const other = { name: 'other', type: 'Oracle', typeProperties: {} };
  await assert.rejects(run('TestConnection', { linkedService: other }), { errorCode: 'UserErrorUnsupportedStore' });
});
