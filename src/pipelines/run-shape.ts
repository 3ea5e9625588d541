// Rows of runs in the shape that Azure's clients read.
import type { ActivityFailure } from '../base/error.ts';
import type { JsonObject } from '../base/json.ts';
import type { ActivityRunState } from './activity-run.ts';
import type { PipelineRunState } from './pipeline-run.ts';
import type { ActivityRun, InvokedBy, PipelineRun } from './pipelines.ts';

export type RunRow = {
  run_id: string;
  run_group_id: string;
  factory_key: string;
  pipeline_name: string;
  parameters: string;
  invoked_by: string;
  state: PipelineRunState;
  message: string;
  queued_at: string;
  started_at: string | null;
  ended_at: string | null;
  updated_at: string;
  is_latest: number | boolean;
};

export type ActivityRow = {
  activity_run_id: string;
  run_id: string;
  activity_name: string;
  activity_type: string;
  attempt: number;
  state: ActivityRunState;
  input: string;
  output: string;
  error: string | null;
  started_at: string;
  ended_at: string | null;
  pipeline_name: string;
};

const durationInMs = (start: string, end: string | null) => (end === null ? null : Date.parse(end) - Date.parse(start));

/** A pipeline run as a client sees it. */
export const showRun = (row: RunRow): PipelineRun => {
  const runStart = row.started_at ?? row.queued_at;
  const { isDebug, ...invokedBy } = JSON.parse(row.invoked_by) as InvokedBy & { isDebug?: true };
  return {
    id: `${row.factory_key}/pipelineruns/${row.run_id}`,
    runId: row.run_id,
    debugRunId: isDebug ? row.run_id : null,
    runGroupId: row.run_group_id,
    pipelineName: row.pipeline_name,
    parameters: JSON.parse(row.parameters) as JsonObject,
    invokedBy,
    runStart,
    runEnd: row.ended_at,
    durationInMs: durationInMs(runStart, row.ended_at),
    status: row.state,
    message: row.message,
    lastUpdated: row.updated_at,
    annotations: isDebug ? ['Debug'] : [],
    runDimension: {},
    isLatest: Boolean(row.is_latest),
  };
};

/** An attempt at an activity as a client sees it. */
export const showActivityRun = (row: ActivityRow): ActivityRun => ({
  id: `${row.run_id}/activityruns/${row.activity_run_id}`,
  activityRunId: row.activity_run_id,
  activityName: row.activity_name,
  activityType: row.activity_type,
  pipelineName: row.pipeline_name,
  pipelineRunId: row.run_id,
  linkedServiceName: '',
  status: row.state,
  activityRunStart: row.started_at,
  activityRunEnd: row.ended_at,
  durationInMs: durationInMs(row.started_at, row.ended_at),
  retryAttempt: row.attempt === 0 ? null : row.attempt,
  input: JSON.parse(row.input) as JsonObject,
  output: JSON.parse(row.output) as JsonObject,
  error:
    row.error === null
      ? { errorCode: '', message: '', failureType: '', target: row.activity_name, details: '' }
      : (JSON.parse(row.error) as ActivityFailure),
});
