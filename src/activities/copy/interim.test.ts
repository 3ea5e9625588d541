// What a staged copy leaves whose worker was killed, and who removes it.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { contentOf, fill, linkedService, openStage, runJob } from '../../../test/copy/stage.ts';
import { rowJob } from '../../../test/copy/table.ts';
import { openWorker } from '../../../test/copy/worker.ts';
import { openPostgresStage } from '../../../test/target/postgres-stage.ts';
import type { ActivityJob } from '../job.ts';
import { createInterimNames } from './interim-name.ts';

const now = new Date('2026-01-31T00:00:00Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);
const file = (path: string, modifiedAt = now) => ({ path, size: 1, version: '1', modifiedAt });

test('a file is left if it is of an earlier attempt at the same activity of the run, or older than any attempt may be', () => {
  const job = { jobId: 'attempt-2', runId: 'run', name: 'Load' };
  const names = createInterimNames('some/where/', job);
  const of = (other: Partial<typeof job>, folder = 'some/where/') =>
    createInterimNames(folder, { ...job, ...other }).path(3);
  const isLeft = (path: string, days = 0) => names.isLeft(file(path, daysAgo(days)), now);
  assert.equal(isLeft(of({ jobId: 'attempt-1' })), true);
  for (const other of [{ runId: 'run2' }, { runId: 'ru' }, { name: 'Load2' }, { name: 'load' }]) {
    assert.equal(isLeft(of(other)), false);
    assert.equal(isLeft(of(other), 7.9), false, 'an attempt takes seven days at most');
    assert.equal(isLeft(of(other), 8.1), true);
  }
  assert.equal(isLeft(names.path(0)), false);
  assert.equal(isLeft(names.path(0), 9), false);
  for (const path of [
    `some/where/deeper/${of({}, '')}`,
    of({}, ''),
    of({}, 'some/there/'),
    `some/where/x${of({}, '')}`,
    `${of({})}.bak`,
    'some/where/interim-report.parquet',
    'some/where/interim-run-00000.parquet',
  ])
    assert.equal(isLeft(path, 100), false, path);
  const hostile = createInterimNames('', { jobId: '../../x y', name: '/'.repeat(300) }).path(0);
  assert.match(hostile, /^interim-______x_y-[0-9a-f]{16}-[0-9a-f-]{36}-00000\.parquet$/);
});

test('what a worker leaves that is killed is removed by the next attempt, and nothing of others', async (context) => {
  const [stage, postgres] = await Promise.all([openStage(), openPostgresStage()]);
  context.after(() => Promise.all([stage.close(), postgres.close()]));
  const files = () => contentOf(stage.sink, 'postern-staging');
  await fill(stage.sink, 'postern-staging', {});
  await postgres.query('CREATE TABLE slow (n int); CREATE TABLE source_rows AS SELECT 7 AS n');
  const held = "SELECT pid FROM pg_stat_activity WHERE query LIKE '%AS held' AND pid <> pg_backend_pid()";
  const hold = async () => {
    postgres.server.query('BEGIN; LOCK TABLE slow; SELECT pg_sleep(600) AS held').catch(() => {});
    while ((await postgres.query(held)).length === 0);
  };
  const release = () => postgres.query(`SELECT pg_terminate_backend(pid) FROM (${held}) AS one`);
  // Without a path, as in Azure's own example.
  const stagingSettings = { linkedServiceName: { referenceName: 'Between', type: 'LinkedServiceReference' } };
  const job: ActivityJob = {
    ...rowJob(postgres.table('source_rows'), postgres.table('slow'), {
      source: { type: 'AzurePostgreSqlSource' },
      sink: { type: 'AzurePostgreSqlSink' },
      more: { enableStaging: true, stagingSettings },
    }),
    runId: 'run',
    linkedServices: { between: { ...linkedService(stage.sink), name: 'Between' } },
  };

  await hold();
  const both = `${stage.caFile}.both`;
  await writeFile(both, (await readFile(stage.caFile, 'utf8')) + (await readFile(postgres.caFile, 'utf8')));
  const worker = await openWorker(both);
  context.after(worker.close);
  const killed = assert.rejects(worker.run(job), /the worker has ended/);
  const waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'COPY%'";
  while ((await postgres.query(waiting)).length === 0);
  worker.close();
  await killed;
  assert.equal(Object.keys(await files()).length, 1);
  await release();

  const others = [createInterimNames('', { ...job, runId: 'other' }).path(0), 'interim-report.parquet'];
  await fill(stage.sink, 'postern-staging', Object.fromEntries(others.map((name) => [name, name])));
  const output = await runJob({ ...job, jobId: 'job-2' });
  assert.deepEqual([output.rowsCopied, output.errors], [1, []]);
  assert.deepEqual(Object.keys(await files()).toSorted(), others.toSorted());
});
