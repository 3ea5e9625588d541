// Runs through Azure's own client. The pipelines only wait, so that no worker is needed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { DataFactoryManagementClient } from '@azure/arm-datafactory';
import { createLog } from '../../src/base/log.ts';
import { createPipelines } from '../../src/pipelines/create-pipelines.ts';
import type { Pipelines } from '../../src/pipelines/pipelines.ts';
import { noIdentities } from '../stand-in/factory.ts';
import { type Estate, furnish, noRuntime, openEstate } from './estate.ts';
import { officialClients } from './official-client.ts';

const group = 'group';
let estate: Estate;
let runs: Pipelines;
let client: DataFactoryManagementClient;

before(async () => {
  estate = await openEstate({
    pipelines: (db, key) => {
      runs = createPipelines({
        db,
        key,
        runtime: noRuntime,
        identities: noIdentities,
        activityTypes: [],
        log: createLog({ level: 'silent' }),
      });
      return runs;
    },
  });
  await furnish(estate, 'acme', []);
  client = officialClients(estate).factories;
  for (const [name, waitTimeInSeconds] of [
    ['short', 0],
    ['long', 600],
  ] as const)
    await client.pipelines.createOrUpdate(group, 'acme', name, {
      parameters: { day: { type: 'String', defaultValue: 'monday' } },
      activities: [{ name: 'Pause', type: 'Wait', waitTimeInSeconds }],
    });
});
after(async () => {
  await runs.close();
  await estate.discard();
});

const window = {
  lastUpdatedAfter: new Date(Date.now() - 3600_000),
  lastUpdatedBefore: new Date(Date.now() + 3600_000),
};
const untilState = async (runId: string, wanted: string) => {
  for (;;) {
    const run = await client.pipelineRuns.get(group, 'acme', runId);
    if (run.status === wanted) return run;
    assert.ok(!['Succeeded', 'Failed', 'Cancelled'].includes(run.status ?? ''), `${run.status}: ${run.message}`);
    await pause(10);
  }
};

test('a run is created, ends, and is found with its activities', async () => {
  const { runId } = await client.pipelines.createRun(group, 'acme', 'short', { parameters: { day: 'friday' } });
  const run = await untilState(runId, 'Succeeded');
  assert.deepEqual([run.pipelineName, run.parameters?.day], ['short', 'friday']);
  assert.equal(run.invokedBy?.id, estate.administrator.objectId);
  const activities = await client.activityRuns.queryByPipelineRun(group, 'acme', runId, window);
  assert.deepEqual(
    activities.value.map(({ activityName, activityType, status }) => [activityName, activityType, status]),
    [['Pause', 'Wait', 'Succeeded']],
  );
  const found = await client.pipelineRuns.queryByFactory(group, 'acme', {
    ...window,
    filters: [{ operand: 'PipelineName', operator: 'Equals', values: ['short'] }],
    orderBy: [{ orderBy: 'RunStart', order: 'DESC' }],
  });
  assert.deepEqual(
    found.value.map((one) => one.runId),
    [runId],
  );
});

test('a run is cancelled, and only once', async () => {
  const { runId } = await client.pipelines.createRun(group, 'acme', 'long');
  await untilState(runId, 'InProgress');
  await client.pipelineRuns.cancel(group, 'acme', runId);
  await untilState(runId, 'Cancelled');
  await assert.rejects(client.pipelineRuns.cancel(group, 'acme', runId), { statusCode: 400, code: 'PipelineRunEnded' });
});

test('unknown runs and pipelines, and wrong filters, are refused', async () => {
  const nobody = crypto.randomUUID();
  const missing = { statusCode: 404, code: 'PipelineRunNotFound' };
  await assert.rejects(client.pipelineRuns.get(group, 'acme', nobody), missing);
  await assert.rejects(client.pipelineRuns.cancel(group, 'acme', nobody), missing);
  await assert.rejects(client.activityRuns.queryByPipelineRun(group, 'acme', nobody, window), missing);
  await assert.rejects(client.pipelines.createRun(group, 'acme', 'nobody'), { statusCode: 404 });
  await assert.rejects(client.pipelines.createRun(group, 'acme', 'short', { referencePipelineRunId: nobody }), {
    statusCode: 400,
    code: 'ReferencedPipelineRunNotFound',
  });
  await assert.rejects(
    client.pipelineRuns.queryByFactory(group, 'acme', {
      ...window,
      filters: [{ operand: 'Color', operator: 'Equals', values: ['red'] }],
    }),
    { statusCode: 400 },
  );
});

test('who may only read starts and stops nothing', async () => {
  const reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
  const factory = `/subscriptions/${estate.subscriptionId}/resourceGroups/group/providers/Microsoft.DataFactory/factories/acme`;
  const guest = await estate.principal('guest', [reader, factory]);
  const { runId } = await client.pipelines.createRun(group, 'acme', 'long');
  const version = 'api-version=2018-06-01';
  const tried = async (path: string) => (await guest.send('POST', `${factory}/${path}?${version}`, {})).status;
  assert.equal(await tried('pipelines/short/createRun'), 403);
  assert.equal(await tried(`pipelineruns/${runId}/cancel`), 403);
  assert.equal((await guest.send('GET', `${factory}/pipelineruns/${runId}?${version}`)).status, 200);
});

test('a factory that is deleted takes its runs with it', async () => {
  const { runId } = await client.pipelines.createRun(group, 'acme', 'long');
  await untilState(runId, 'InProgress');
  await client.factories.delete(group, 'acme');
  assert.deepEqual(await estate.database.selectFrom('pipeline_run').selectAll().execute(), []);
});
