import assert from 'node:assert/strict';
import { after as afterAll, test } from 'node:test';
import { after, copy, factoryKey, managed, openFactory, waitFor } from '../../test/stand-in/factory.ts';
import { ServiceError } from '../base/error.ts';
import type { JsonObject } from '../base/json.ts';
import type { ActivityRun } from './pipelines.ts';

const factory = await openFactory();
await factory.furnish();
afterAll(factory.close);

const states = (activities: ActivityRun[]) => activities.map(({ activityName, status }) => `${activityName} ${status}`);
const refused = (code: string, target?: string, message?: RegExp) => (error: unknown) =>
  error instanceof ServiceError &&
  error.code === code &&
  (target === undefined || error.target === target) &&
  (message === undefined || message.test(error.message));
const noRetryPause = { retryIntervalInSeconds: 0 };

test('a copy runs in a worker of its runtime’s network and its output is kept', async () => {
  const run = await factory.run([copy('Films', 'echo', {}, { rows: 7 })]);
  assert.deepEqual([run.status, run.message], ['Succeeded', '']);
  const [activity] = run.activities;
  assert.equal(activity?.status, 'Succeeded');
  assert.equal(activity?.output.rows, 7);
  assert.equal(activity?.output.effectiveIntegrationRuntime, 'sealed (westeurope)');
  assert.deepEqual(Object.keys(activity!.output.durationInQueue as JsonObject), ['integrationRuntimeQueue']);
  assert.deepEqual(activity?.input, { do: 'echo', rows: 7 });
  assert.equal(activity?.pipelineRunId, run.runId);
  assert.equal(factory.network.opened.at(-1)?.network, managed);
  assert.ok(run.durationInMs !== null && run.runEnd !== null && activity?.activityRunEnd);
});

test('the secret of a linked service reaches the worker, and no row', async () => {
  const run = await factory.run([copy('Films', 'echo')]);
  assert.match(JSON.stringify(run.activities[0]?.output.inputs), /AccountKey=k/);
  const { definition } = await factory.db
    .selectFrom('pipeline_run')
    .select('definition')
    .where('run_id', '=', run.runId)
    .executeTakeFirstOrThrow();
  assert.doesNotMatch(definition, /AccountKey/);
});

test('a failure carries the reason, and the pipeline its message', async () => {
  const run = await factory.run([copy('Films', 'fail'), copy('Then', 'echo', after('Films', 'Succeeded'))]);
  assert.equal(run.status, 'Failed');
  assert.equal(run.message, 'Operation on target Films failed: read ECONNRESET');
  assert.deepEqual(states(run.activities).sort(), ['Films Failed', 'Then Skipped']);
  const error = run.activities.find(({ activityName }) => activityName === 'Films')?.error;
  assert.deepEqual([error?.errorCode, error?.target], ['AzureBlobOperationFailed', 'Films']);
});

test('a handler of a failure makes the pipeline succeed', async () => {
  const run = await factory.run([copy('Films', 'fail'), waitFor('Catch', 0, after('Films', 'Failed'))]);
  assert.equal(run.status, 'Succeeded');
  assert.deepEqual(states(run.activities), ['Films Failed', 'Catch Succeeded']);
});

test('activities without dependencies run at the same time', async () => {
  const ids = ['A', 'B', 'C'];
  await factory.pipeline(ids.map((id) => copy(id, 'wait')));
  const runId = await factory.createRun();
  const running = await factory.eventually(
    () => factory.activitiesOf(runId),
    (all) => all.filter(({ output }) => output.dataRead === 7).length === 3,
  );
  assert.deepEqual(states(running).sort(), ['A InProgress', 'B InProgress', 'C InProgress']);
  await factory.cancel(runId);
  assert.deepEqual(states((await factory.ended(runId)).activities).sort(), [
    'A Cancelled',
    'B Cancelled',
    'C Cancelled',
  ]);
});

test('an activity is tried again as its policy says, each time as a run of its own', async () => {
  const run = await factory.run([copy('Films', 'fail', { policy: { retry: 2, ...noRetryPause } })]);
  assert.equal(run.status, 'Failed');
  assert.deepEqual(
    run.activities.map(({ retryAttempt, status }) => [retryAttempt, status]),
    [
      [null, 'Failed'],
      [1, 'Failed'],
      [2, 'Failed'],
    ],
  );
  assert.equal(new Set(run.activities.map(({ activityRunId }) => activityRunId)).size, 3);
});

test('a worker that hangs is stopped at the timeout of its activity, and the next try has a new one', async () => {
  const run = await factory.run([
    copy('Films', 'hang', { policy: { timeout: '0.00:00:01', retry: 1, ...noRetryPause } }),
  ]);
  assert.deepEqual(states(run.activities), ['Films TimedOut', 'Films TimedOut']);
  assert.equal(run.activities[0]?.error.errorCode, 'ActivityTimedOut');
  assert.match(run.message, /within its timeout of 1 seconds/);
});

test('a worker that dies fails its activity with the reason', async () => {
  const run = await factory.run([copy('Films', 'exit')]);
  assert.equal(run.activities[0]?.error.errorCode, 'WorkerCrashed');
  assert.equal(run.activities[0]?.error.failureType, 'SystemError');
});

test('parameters reach activities, and what is wrong with them is refused by name', async () => {
  const parameters = { folder: { type: 'String' }, rows: { type: 'Int', defaultValue: 3 } };
  const activities = [
    copy('Films', 'echo', {}, { path: 'in/@{pipeline().parameters.folder}', rows: '@pipeline().parameters.rows' }),
  ];
  const run = await factory.run(activities, { parameters }, { folder: 'x' });
  assert.deepEqual(run.activities[0]?.input, { do: 'echo', path: 'in/x', rows: 3 });
  const { path, rows, runId } = run.activities[0]!.output;
  assert.deepEqual([path, rows, runId], ['in/x', 3, run.runId]);
  assert.deepEqual(run.parameters, { folder: 'x', rows: 3 });
  await assert.rejects(factory.createRun(), refused('BadRequest', 'parameters.folder'));
  await assert.rejects(
    factory.createRun({ parameters: { folder: 'x', row: 1 } }),
    refused('BadRequest', 'parameters.row'),
  );
  await assert.rejects(factory.createRun({ parameters: { folder: {} } }), refused('BadRequest', 'parameters.folder'));
});

test('a secure parameter is sealed, masked, and reaches the worker', async () => {
  const parameters = { password: { type: 'SecureString' } };
  const activities = [copy('Films', 'echo', {}, { login: '@pipeline().parameters.password' })];
  const run = await factory.run(activities, { parameters }, { password: 'hunter2' });
  assert.deepEqual(run.parameters, { password: '**********' });
  assert.equal(run.activities[0]?.input.login, '**********');
  assert.equal(run.activities[0]?.output.login, 'hunter2');
  const rows = await factory.db.selectFrom('pipeline_run').selectAll().where('run_id', '=', run.runId).execute();
  assert.doesNotMatch(JSON.stringify(rows), /hunter2/);
});

test('secure input and output are not kept', async () => {
  const run = await factory.run([
    copy('Films', 'echo', { policy: { secureInput: true, secureOutput: true } }, { rows: 1 }),
  ]);
  assert.deepEqual([run.activities[0]?.input, run.activities[0]?.output], [{}, {}]);
});

test('an expression that is not known fails its activity by name; the others go on', async () => {
  const run = await factory.run([copy('Films', 'echo', {}, { path: "@concat('a', 'b')" }), waitFor('Other', 0)]);
  const error = run.activities.find(({ activityName }) => activityName === 'Films')?.error;
  assert.deepEqual([error?.errorCode, error?.failureType], ['InvalidExpression', 'UserError']);
  assert.match(String(error?.message), /@concat\('a', 'b'\) is not supported/);
  assert.equal(run.status, 'Failed');
});

test('parameters of datasets and linked services are bound on the way', async () => {
  await factory.put('datasets', 'file', {
    type: 'Binary',
    parameters: { name: { type: 'String' } },
    linkedServiceName: {
      type: 'LinkedServiceReference',
      referenceName: 'login',
      parameters: { user: '@dataset().name' },
    },
    typeProperties: { location: { fileName: { value: '@{dataset().name}.csv', type: 'Expression' } } },
  });
  await factory.put('linkedservices', 'login', {
    type: 'AzureBlobStorage',
    parameters: { user: { type: 'String' } },
    typeProperties: { url: 'https://x/@{linkedService().user}', password: { type: 'SecureString', value: '@home{@{' } },
  });
  const input = { type: 'DatasetReference', referenceName: 'file', parameters: { name: '@pipeline().parameters.who' } };
  const activity = { ...copy('Films', 'echo'), inputs: [input], outputs: [] };
  const run = await factory.run([activity], { parameters: { who: { type: 'String' } } }, { who: 'ada' });
  const [resolved] = run.activities[0]!.output.inputs as JsonObject[];
  assert.deepEqual(resolved, {
    name: 'file',
    type: 'Binary',
    typeProperties: { location: { fileName: 'ada.csv' } },
    linkedService: {
      name: 'login',
      type: 'AzureBlobStorage',
      typeProperties: { url: 'https://x/ada', password: { type: 'SecureString', value: '@home{@{' } },
    },
  });
  assert.equal(run.activities[0]?.output.effectiveIntegrationRuntime, 'AutoResolveIntegrationRuntime (westeurope)');
  assert.equal(factory.network.opened.at(-1)?.network, `${factoryKey}/public`);
});

test('a copy between two networks is refused, and no worker is asked', async () => {
  await factory.put('linkedservices', 'outside', { type: 'AzureBlobStorage', typeProperties: {} });
  await factory.put('datasets', 'outer', {
    type: 'Binary',
    linkedServiceName: { type: 'LinkedServiceReference', referenceName: 'outside' },
    typeProperties: {},
  });
  const outputs = [{ type: 'DatasetReference', referenceName: 'outer' }];
  const run = await factory.run([{ ...copy('Films', 'echo'), outputs }]);
  assert.equal(run.activities[0]?.error.errorCode, 'InvalidIntegrationRuntime');
});

test('a run goes by what its pipeline was when it began', async () => {
  await factory.pipeline([waitFor('First', 0), copy('Then', 'echo', after('First', 'Succeeded'), { version: 1 })]);
  const runId = await factory.createRun();
  await factory.pipeline([waitFor('Only', 0)]);
  const run = await factory.ended(runId);
  assert.deepEqual(states(run.activities).sort(), ['First Succeeded', 'Then Succeeded']);
});

test('a secret is not used for a linked service that changed after the run began', async () => {
  await factory.pipeline([waitFor('First', 0.2), copy('Then', 'echo', after('First', 'Succeeded'))]);
  const runId = await factory.createRun();
  const moved = { type: 'AzureBlobStorage', typeProperties: { connectionString: 'AccountName=b', host: 'elsewhere' } };
  await factory.put('linkedservices', 'store', moved, (path) => path.endsWith('connectionString'));
  const run = await factory.ended(runId);
  assert.equal(run.activities[1]?.error.errorCode, 'SecretUnavailable');
  await factory.furnish();
});

test('what cannot run is refused before there is a run', async () => {
  await assert.rejects(factory.createRun({ pipelineName: 'nothing' }), refused('PipelineNotFound', 'nothing'));
  await factory.pipeline([{ name: 'Each', type: 'ForEach', typeProperties: {} }]);
  await assert.rejects(factory.createRun(), refused('ActivityTypeNotSupported', 'Each', /Copy, Wait/));
  await factory.pipeline([{ name: 'Each', type: 'ForEach', state: 'Inactive', typeProperties: {} }]);
  assert.equal((await factory.ended(await factory.createRun())).status, 'Succeeded');
  await factory.pipeline([copy('A', 'echo', { policy: { timeout: 'soon' } })]);
  await assert.rejects(factory.createRun(), refused('BadRequest', 'policy', /d\.hh:mm:ss/));
  await factory.pipeline([copy('A', 'echo', { policy: { timeout: '7.00:00:01' } })]);
  await assert.rejects(factory.createRun(), refused('BadRequest', 'policy', /at most seven days/));
  await factory.pipeline([{ ...copy('A', 'echo'), inputs: [{ type: 'DatasetReference', referenceName: 'gone' }] }]);
  await assert.rejects(factory.createRun(), refused('BadRequest', 'gone'));
  await factory.pipeline([waitFor('A', 0)]);
  await assert.rejects(
    factory.createRun({ referencePipelineRunId: 'none' }),
    refused('ReferencedPipelineRunNotFound', 'pipelinerun'),
  );
});

test('a run that refers to another joins its group, takes its parameters, and is the latest of it', async () => {
  const first = await factory.run([waitFor('A', 0)], { parameters: { p: { type: 'String' } } }, { p: 'x' });
  const second = await factory.ended(await factory.createRun({ referencePipelineRunId: first.runId }));
  assert.deepEqual([second.runGroupId, second.parameters, second.isLatest], [first.runId, { p: 'x' }, true]);
  assert.equal((await factory.pipelines.getRun(factory.db, factoryKey, first.runId)).isLatest, false);
});

test('from what failed: what succeeded is not done again and keeps its output; the rest is done as it is written now', async () => {
  const first = await factory.run([
    copy('A', 'echo', {}, { rows: 7 }),
    copy('B', 'fail', after('A', 'Succeeded')),
    waitFor('C', 0, after('B', 'Succeeded')),
    waitFor('Catch', 0, after('B', 'Failed')),
  ]);
  assert.equal(first.status, 'Failed');
  await factory.pipeline([
    copy('A', 'fail'),
    copy('B', 'echo', after('A', 'Succeeded')),
    waitFor('C', 0, after('B', 'Succeeded')),
    waitFor('Catch', 0, after('B', 'Failed')),
  ]);
  const again = { referencePipelineRunId: first.runId, startFromFailure: true };
  const second = await factory.ended(await factory.createRun(again));
  assert.deepEqual(
    [second.status, second.runGroupId, ...states(second.activities).sort()],
    ['Succeeded', first.runId, 'A Succeeded', 'B Succeeded', 'C Succeeded', 'Catch Skipped'],
  );
  const outputOf = (name: string) => second.activities.find(({ activityName }) => activityName === name)?.output;
  assert.equal(outputOf('A')?.rows, 7);

  await assert.rejects(factory.createRun({ startFromFailure: true }), refused('BadRequest', 'startFromFailure'));
  await assert.rejects(
    factory.createRun({ ...again, startActivityName: 'B' }),
    refused('BadRequest', 'startActivityName'),
  );
  await factory.put('pipelines', 'other', { activities: [waitFor('A', 0)] });
  await assert.rejects(
    factory.createRun({ ...again, pipelineName: 'other' }),
    refused('BadRequest', 'startFromFailure', /is one of p/),
  );
  await factory.pipeline([waitFor('Long', 3600)]);
  const running = await factory.createRun();
  await assert.rejects(
    factory.createRun({ ...again, referencePipelineRunId: running }),
    refused('PipelineRunNotEnded', 'startFromFailure'),
  );
  await factory.cancel(running);
  await factory.ended(running);
});

test('a run keeps the pipeline that it was asked with, whatever becomes of it', async () => {
  const run = await factory.run([waitFor('A', 0)], { description: 'as it was' });
  await factory.pipeline([waitFor('B', 0)]);
  assert.deepEqual(await factory.pipelines.getDefinition(factory.db, factoryKey, run.runId), {
    name: 'p',
    properties: { activities: [waitFor('A', 0)], description: 'as it was' },
  });
  await assert.rejects(
    factory.pipelines.getDefinition(factory.db, '/other', run.runId),
    refused('PipelineRunNotFound', run.runId),
  );
});

test('cancelling interrupts a wait and what would follow; a run that ended cannot be cancelled', async () => {
  await factory.pipeline([waitFor('Long', 3600), copy('Then', 'echo', after('Long', 'Completed'))]);
  const runId = await factory.createRun();
  await factory.eventually(
    () => factory.activitiesOf(runId),
    (all) => all.length === 1,
  );
  await factory.cancel(runId);
  const run = await factory.ended(runId);
  assert.deepEqual([run.status, ...states(run.activities)], ['Cancelled', 'Long Cancelled']);
  await assert.rejects(factory.cancel(runId), refused('PipelineRunEnded'));
  await assert.rejects(factory.cancel('none'), refused('PipelineRunNotFound'));
});

test('no more runs of a pipeline than its concurrency, in order; one that waits can be cancelled', async () => {
  await factory.pipeline([waitFor('Long', 3600)], { concurrency: 1 });
  const [first, second, third] = [await factory.createRun(), await factory.createRun(), await factory.createRun()];
  const status = async (runId: string) => (await factory.pipelines.getRun(factory.db, factoryKey, runId)).status;
  await factory.eventually(
    () => status(first),
    (is) => is === 'InProgress',
  );
  assert.deepEqual([await status(second), await status(third)], ['Queued', 'Queued']);
  await factory.cancel(second);
  assert.equal((await factory.ended(second)).status, 'Cancelled');
  await factory.cancel(first);
  await factory.eventually(
    () => status(third),
    (is) => is === 'InProgress',
  );
  await factory.cancel(third);
  await factory.ended(third);
});

test('forgetting a factory stops its runs and removes them', async () => {
  await factory.pipeline([waitFor('Long', 3600), copy('Hang', 'wait')]);
  const runId = await factory.createRun();
  await factory.eventually(
    () => factory.activitiesOf(runId),
    (all) => all.length === 2,
  );
  const stop = await factory.db.transaction().execute((tx) => factory.pipelines.forget(tx, factoryKey));
  stop();
  await assert.rejects(factory.pipelines.getRun(factory.db, factoryKey, runId), refused('PipelineRunNotFound'));
  const { run } = factory;
  assert.equal((await run([waitFor('A', 0)])).status, 'Succeeded');
});
