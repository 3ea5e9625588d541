import { ServiceError } from '../base/error.ts';
import type { JsonObject } from '../base/json.ts';
import type { Log } from '../base/log.ts';
import type { Database, Tx } from '../database/database.ts';
import type { SecretKey } from '../database/secret.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { createAdmission } from './admission.ts';
import { type Clock, systemClock } from './clock.ts';
import { createRun } from './create-run.ts';
import { type Definition, propertiesOf } from './definition.ts';
import { drive, type Stop } from './drive.ts';
import { planErrand } from './errand.ts';
import type { FactoryIdentities } from './identity.ts';
import { finalRunStates, type PipelineRunState } from './pipeline-run.ts';
import type { ActivityRun, Pipelines } from './pipelines.ts';
import { findRunDefinition } from './run-definition.ts';
import { findRun, queryActivityRuns, queryRuns } from './run-query.ts';
import { moveRun } from './run-record.ts';

export type PipelinesOptions = {
  db: Database;
  key: SecretKey;
  runtime: Runtime;
  identities: FactoryIdentities;
  /** Activity types that workers run; `Wait` is added. */
  activityTypes: readonly string[];
  log: Log;
  clock?: Clock;
};

const concurrencyOf = (definition: Definition): number => {
  const { concurrency } = propertiesOf(definition.pipeline);
  return typeof concurrency === 'number' && concurrency >= 1 ? concurrency : Number.POSITIVE_INFINITY;
};

const notFound = (runId: string) =>
  new ServiceError(404, 'PipelineRunNotFound', `The pipeline run ${runId} was not found in this data factory.`, {
    target: runId,
  });

/** The runs of all factories, driven by this process. */
export const createPipelines = (options: PipelinesOptions): Pipelines => {
  const { db, key, runtime, identities, log, clock = systemClock } = options;
  const types = new Set([...options.activityTypes, 'Wait']);
  const workshop = { db, key, runtime, identities, clock, log };
  const driven = new Map<string, { stop: AbortController; done: Promise<void> }>();
  const progress = new Map<string, JsonObject>();
  let isClosed = false;

  const begin = (runId: string, stopped?: Stop): void => {
    if (isClosed || driven.has(runId)) return;
    const stop = new AbortController();
    if (stopped) stop.abort(stopped);
    const done = drive(workshop, runId, stop.signal, progress)
      .catch((error) => log.error({ error, runId }, 'a run was given up; the next start takes it up again'))
      .then(() => {
        driven.delete(runId);
        admission.leave(runId);
      });
    driven.set(runId, { stop, done });
  };
  const admission = createAdmission((runId) => begin(runId));

  const enter = (runId: string, factoryKey: string, definition: Definition) =>
    admission.enter({ runId, group: definition.pipeline.key || factoryKey, limit: concurrencyOf(definition) });

  /** A run that is under way stops; one that waits its turn is ended without it. */
  const stopRun = (runId: string): void => {
    const running = driven.get(runId);
    running?.stop.abort('cancel' satisfies Stop);
    if (running) return;
    admission.leave(runId);
    begin(runId, 'cancel');
  };

  const requireRun = async (on: Database | Tx, factoryKey: string, runId: string) => {
    const run = await findRun(on, factoryKey, runId);
    if (!run) throw notFound(runId);
    return run;
  };

  const withProgress = (run: ActivityRun): ActivityRun => {
    const known = run.status === 'InProgress' ? progress.get(run.activityRunId) : undefined;
    return known ? { ...run, output: known } : run;
  };

  return {
    createRun: async (tx, request) => {
      const { runId, definition } = await createRun(tx, key, types, request, new Date(clock.now()).toISOString());
      return { runId, afterCommit: () => enter(runId, request.factoryKey, definition) };
    },

    planErrand: (tx, request) => planErrand(workshop, tx, request),

    getRun: requireRun,

    getDefinition: async (on, factoryKey, runId) => {
      const found = await findRunDefinition(on, factoryKey, runId);
      if (!found) throw notFound(runId);
      return found;
    },

    queryRuns,

    queryActivityRuns: async (on, factoryKey, runId, filter) => {
      await requireRun(on, factoryKey, runId);
      const page = await queryActivityRuns(on, factoryKey, runId, filter);
      return { ...page, value: page.value.map(withProgress) };
    },

    cancel: async (tx, factoryKey, runId, { objectId, name }) => {
      const run = await tx
        .selectFrom('pipeline_run')
        .select(['state', 'version'])
        .where('run_id', '=', runId)
        .where('factory_key', '=', factoryKey)
        .executeTakeFirst();
      if (!run) throw notFound(runId);
      if (finalRunStates.includes(run.state as PipelineRunState))
        throw new ServiceError(
          400,
          'PipelineRunEnded',
          `The pipeline run ${runId} is ${run.state}: it has ended and cannot be cancelled.`,
          {
            target: runId,
          },
        );
      if (run.state !== 'Canceling')
        await moveRun(tx, runId, run.version, 'RequestCancel', {
          at: new Date(clock.now()).toISOString(),
          by: { objectId, name },
          reason: '',
        });
      return () => stopRun(runId);
    },

    forget: async (tx, factoryKey) => {
      const runs = await tx.selectFrom('pipeline_run').select('run_id').where('factory_key', '=', factoryKey).execute();
      await tx.deleteFrom('pipeline_run').where('factory_key', '=', factoryKey).execute();
      return () => {
        for (const { run_id: runId } of runs) {
          admission.leave(runId);
          driven.get(runId)?.stop.abort('cancel' satisfies Stop);
        }
      };
    },

    recover: async () => {
      const left = await db
        .selectFrom('pipeline_run')
        .select(['run_id', 'factory_key', 'state', 'definition'])
        .where('state', 'in', ['Queued', 'InProgress', 'Canceling'])
        .orderBy('queued_at')
        .execute();
      const isQueued = (run: { state: string }) => run.state === 'Queued';
      // Those that were under way go before those that waited.
      for (const run of [...left.filter((each) => !isQueued(each)), ...left.filter(isQueued)]) {
        if (run.state === 'Canceling') begin(run.run_id, 'cancel');
        else enter(run.run_id, run.factory_key, JSON.parse(run.definition) as Definition);
      }
      if (left.length > 0) log.info({ runs: left.length }, 'took up runs that were under way');
    },

    close: async () => {
      isClosed = true;
      const all = [...driven.values()];
      for (const { stop } of all) stop.abort('close' satisfies Stop);
      await Promise.all(all.map(({ done }) => done));
    },
  };
};
