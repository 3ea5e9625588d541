import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after as afterAll, test } from 'node:test';
import {
  after,
  caller,
  copy,
  everything,
  type Factory,
  factoryKey,
  openFactory,
  waitFor,
} from '../../test/stand-in/factory.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'postern-recovery-'));
const opened: Factory[] = [];
/** A control plane on a database; it ends with the test, however that ends. */
const open = async (where: { file: string; key: Buffer }) => {
  const factory = await openFactory(where);
  opened.push(factory);
  return factory;
};
afterAll(async () => {
  for (const factory of opened) await factory.close();
  rmSync(folder, { recursive: true, force: true });
});
const program = path.join(import.meta.dirname, '../../test/stand-in/control-plane.ts');

let files = 0;
const newFile = () => {
  files += 1;
  return { file: path.join(folder, `${files}.db`), key: randomBytes(32) };
};

/** Starts another process on the database, lets it ask for runs, and kills it once `isTime` says so of its words. */
const killAfter = async (
  where: { file: string; key: Buffer },
  runs: number,
  isTime: (ids: string[], isReady: boolean) => Promise<boolean>,
): Promise<string[]> => {
  const child = spawn(process.execPath, [program, where.file, where.key.toString('hex'), `${runs}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const ids: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (line !== 'ready') ids.push(line);
    if (await isTime(ids, line === 'ready')) break;
  }
  child.kill('SIGKILL');
  await exited;
  return ids;
};

test('an activity that was running when the process died fails with the reason, or is tried again', async () => {
  const where = newFile();
  const first = await open(where);
  await first.furnish();
  const retry = { policy: { retry: 1, retryIntervalInSeconds: 0 } };
  await first.pipeline([copy('Once', 'wait'), copy('Twice', 'wait', retry), waitFor('Pause', 1)]);
  const runId = await first.createRun();
  await first.eventually(
    () => first.activitiesOf(runId),
    (all) => all.length === 3 && all.every(({ status }) => status === 'InProgress'),
  );
  await first.close();

  const second = await open(where);
  await second.pipelines.recover();
  const now = await second.eventually(
    () => second.activitiesOf(runId),
    (all) => all.some(({ retryAttempt, status }) => retryAttempt === 1 && status === 'InProgress'),
  );
  const once_ = now.filter(({ activityName }) => activityName === 'Once');
  assert.deepEqual(
    once_.map(({ status, error }) => [status, error.errorCode, error.failureType]),
    [['Failed', 'ControlPlaneRestarted', 'SystemError']],
  );
  const waits = await second.eventually(
    () => second.activitiesOf(runId),
    (all) => all.some(({ activityName, status }) => activityName === 'Pause' && status === 'Succeeded'),
  );
  const pause = waits.find(({ activityName }) => activityName === 'Pause');
  assert.ok(pause!.durationInMs! >= 1000, 'a wait goes on by the time at which it began');
  await second.cancel(runId);
  assert.equal((await second.ended(runId)).status, 'Cancelled');
  await second.close();
});

test('a run that was being cancelled when the process died is cancelled', async () => {
  const where = newFile();
  const first = await open(where);
  await first.furnish();
  await first.pipeline([copy('Hang', 'wait'), waitFor('Pause', 3600)]);
  const runId = await first.createRun();
  await first.eventually(
    () => first.activitiesOf(runId),
    (all) => all.length === 2 && all.every(({ status }) => status === 'InProgress'),
  );
  await first.pipelines.close();
  await first.db.transaction().execute((tx) => first.pipelines.cancel(tx, factoryKey, runId, caller));
  await first.close();

  const second = await open(where);
  await second.pipelines.recover();
  const run = await second.ended(runId);
  assert.equal(run.status, 'Cancelled');
  assert.deepEqual(
    run.activities.map(({ status }) => status),
    ['Cancelled', 'Cancelled'],
  );
  await second.close();
});

test('killed at any moment: every run that was acknowledged reaches a final state, and nothing is left running', async () => {
  for (const atRun of [1, 3, 6, 8]) {
    const where = newFile();
    const writer = await open(where);
    await writer.furnish();
    await writer.pipeline([
      copy('A', 'echo', { policy: { retry: 1, retryIntervalInSeconds: 0 } }),
      copy('B', 'echo', after('A', 'Succeeded')),
      waitFor('C', 0.05, after('B', 'Completed')),
      copy('D', 'echo', { ...after('C', 'Succeeded') }),
    ]);
    await writer.close();
    const ids = await killAfter(where, 8, async (known) => known.length === atRun);
    // Killed again while it recovers.
    await killAfter(where, 0, async (_, isReady) => isReady);

    const last = await open(where);
    await last.pipelines.recover();
    for (const runId of ids) {
      const run = await last.ended(runId);
      assert.ok(['Succeeded', 'Failed'].includes(run.status));
      if (run.status === 'Failed') assert.match(run.message, /stopped while this activity ran/);
      for (const { status } of run.activities) assert.ok(['Succeeded', 'Failed', 'Skipped'].includes(status), status);
    }
    const { value } = await last.pipelines.queryRuns(last.db, factoryKey, {
      ...everything,
      filters: [{ operand: 'Status', operator: 'In', values: ['Queued', 'InProgress', 'Canceling'] }],
    });
    assert.deepEqual(
      value.filter(({ runId }) => ids.includes(runId)),
      [],
    );
    await last.close();
  }
});
