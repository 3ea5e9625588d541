// The rows of runs: read, begun, moved. Which move comes next is decided elsewhere.
import { randomUUID } from 'node:crypto';
import type { ActivityFailure } from '../base/error.ts';
import type { JsonObject } from '../base/json.ts';
import type { Database, Tx } from '../database/database.ts';
import { type Cause, recordStart, transition } from '../database/transition.ts';
import { type ActivityRunEvent, type ActivityRunState, activityRunMachine } from './activity-run.ts';
import type { Definition } from './definition.ts';
import { type PipelineRunEvent, type PipelineRunState, pipelineRunMachine } from './pipeline-run.ts';

/** The cause of what a run does by itself. */
export const bySystem = (at: string, reason: string): Cause => ({ at, by: { objectId: '', name: 'postern' }, reason });

/** An attempt at an activity, as its row says. */
export type AttemptRow = {
  id: string;
  activity: string;
  attempt: number;
  state: ActivityRunState;
  startedAtMs: number;
  endedAtMs: number | null;
  failure: ActivityFailure | null;
};

/** A run with all its attempts. */
export type RunRecord = {
  runId: string;
  runGroupId: string;
  factoryKey: string;
  state: PipelineRunState;
  queuedAt: string;
  definition: Definition;
  /** As shown: secure values are masked. */
  parameters: JsonObject;
  attempts: AttemptRow[];
};

/** Reads a run to drive it; undefined where it is gone. */
export const readRun = async (db: Database, runId: string): Promise<RunRecord | undefined> => {
  const run = await db.selectFrom('pipeline_run').selectAll().where('run_id', '=', runId).executeTakeFirst();
  if (!run) return undefined;
  const attempts = await db
    .selectFrom('activity_run')
    .select(['activity_run_id', 'activity_name', 'attempt', 'state', 'started_at', 'ended_at', 'error'])
    .where('run_id', '=', runId)
    .orderBy('attempt')
    .execute();
  return {
    runId,
    runGroupId: run.run_group_id,
    factoryKey: run.factory_key,
    state: run.state as PipelineRunState,
    queuedAt: run.queued_at,
    definition: JSON.parse(run.definition) as Definition,
    parameters: JSON.parse(run.parameters) as JsonObject,
    attempts: attempts.map((row) => ({
      id: row.activity_run_id,
      activity: row.activity_name,
      attempt: row.attempt,
      state: row.state as ActivityRunState,
      startedAtMs: Date.parse(row.started_at),
      endedAtMs: row.ended_at === null ? null : Date.parse(row.ended_at),
      failure: row.error === null ? null : (JSON.parse(row.error) as ActivityFailure),
    })),
  };
};

/** The state of a run now; undefined where it is gone. */
export const runState = async (
  tx: Tx,
  runId: string,
): Promise<{ state: PipelineRunState; version: number } | undefined> =>
  (await tx.selectFrom('pipeline_run').select(['state', 'version']).where('run_id', '=', runId).executeTakeFirst()) as
    | { state: PipelineRunState; version: number }
    | undefined;

/** Moves a run by `event` from the version that was read. */
export const moveRun = async (
  tx: Tx,
  runId: string,
  version: number,
  event: PipelineRunEvent,
  cause: Cause,
  set: { message?: string; started_at?: string; ended_at?: string } = {},
): Promise<number> =>
  (await transition(tx, pipelineRunMachine, 'pipeline_run', runId, version, event, cause, set)).version;

/** Writes a new attempt in the state it begins with. */
export const insertAttempt = async (
  tx: Tx,
  run: Pick<RunRecord, 'runId' | 'factoryKey'>,
  begin: {
    activity: string;
    type: string;
    attempt: number;
    state: ActivityRunState;
    input: JsonObject;
    output?: JsonObject;
    failure: ActivityFailure | null;
  },
  cause: Cause,
): Promise<AttemptRow> => {
  const id = randomUUID();
  const isEnded = begin.state !== 'Queued' && begin.state !== 'InProgress';
  await tx
    .insertInto('activity_run')
    .values({
      activity_run_id: id,
      run_id: run.runId,
      factory_key: run.factoryKey,
      activity_name: begin.activity,
      activity_type: begin.type,
      attempt: begin.attempt,
      prior_state: '',
      state: begin.state,
      version: 1,
      input: JSON.stringify(begin.input),
      output: JSON.stringify(begin.output ?? {}),
      error: begin.failure && JSON.stringify(begin.failure),
      started_at: cause.at,
      ended_at: isEnded ? cause.at : null,
      updated_at: cause.at,
    })
    .execute();
  await recordStart(tx, activityRunMachine, id, begin.state, 'Begin', cause);
  const atMs = Date.parse(cause.at);
  return {
    id,
    activity: begin.activity,
    attempt: begin.attempt,
    state: begin.state,
    startedAtMs: atMs,
    endedAtMs: isEnded ? atMs : null,
    failure: begin.failure,
  };
};

/** Moves an attempt by `event`, with what it put out or why it failed. */
export const moveAttempt = async (
  tx: Tx,
  id: string,
  event: ActivityRunEvent,
  cause: Cause,
  end?: { output: JsonObject; failure: ActivityFailure | null },
): Promise<ActivityRunState> => {
  const { version } = await tx
    .selectFrom('activity_run')
    .select('version')
    .where('activity_run_id', '=', id)
    .executeTakeFirstOrThrow();
  const set = end && {
    output: JSON.stringify(end.output),
    error: end.failure && JSON.stringify(end.failure),
    ended_at: cause.at,
  };
  return (await transition(tx, activityRunMachine, 'activity_run', id, version, event, cause, set)).state;
};
