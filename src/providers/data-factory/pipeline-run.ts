// Runs, below the factory: `pipelineruns`, `queryPipelineRuns`. They are no resources: they are asked for and watched.
import { readPageAsk } from '../../arm/page.ts';
import type { ActionType } from '../../arm/resource-type.ts';
import type { Pipelines } from '../../pipelines/pipelines.ts';
import { RunFilter } from '../../pipelines/run-filter.ts';

const below = 'Microsoft.DataFactory/factories';

/** The operations on the runs of a factory. */
export const runActions = (pipelines: Pipelines): ActionType[] => [
  {
    path: 'queryPipelineRuns',
    method: 'POST',
    permission: `${below}/pipelineruns/read`,
    body: RunFilter,
    // Azure gives 100 at a time. `$top`, as of our own lists, gives more to whoever wants them all.
    run: async ({ tx, body, query }, factory) => ({
      body: await pipelines.queryRuns(tx, factory.key, body as RunFilter, readPageAsk(query).limit),
    }),
  },
  {
    path: 'pipelineruns/{runId}',
    method: 'GET',
    permission: `${below}/pipelineruns/read`,
    run: async ({ tx }, factory, { runId = '' }) => ({ body: await pipelines.getRun(tx, factory.key, runId) }),
  },
  {
    path: 'pipelineruns/{runId}/cancel',
    method: 'POST',
    permission: `${below}/pipelineruns/cancel/action`,
    run: async (operation, factory, { runId = '' }) => {
      const stop = await pipelines.cancel(operation.tx, factory.key, runId, operation.caller);
      operation.afterCommit(async () => stop());
      return {};
    },
  },
  {
    path: 'pipelineruns/{runId}/queryActivityruns',
    method: 'POST',
    permission: `${below}/pipelineruns/read`,
    body: RunFilter,
    run: async ({ tx, body }, factory, { runId = '' }) => ({
      body: await pipelines.queryActivityRuns(tx, factory.key, runId, body as RunFilter),
    }),
  },
];
