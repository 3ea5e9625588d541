// A run from what failed: what succeeded in an earlier run stays as it was, and is written into the new one.
import { ServiceError } from '../base/error.ts';
import type { JsonObject } from '../base/json.ts';
import type { Tx } from '../database/database.ts';
import type { Cause } from '../database/transition.ts';
import type { Activity } from './activity.ts';
import type { ActivityRunState } from './activity-run.ts';
import { activitiesOf, type Definition } from './definition.ts';
import { finalRunStates, type PipelineRunState } from './pipeline-run.ts';
import type { PlannedActivity } from './plan.ts';
import { insertAttempt } from './run-record.ts';

/** The activities of `succeeded` that stay: those that waited for nothing, or only for what stays. Pure. */
export const staying = (activities: readonly PlannedActivity[], succeeded: ReadonlySet<string>): string[] => {
  const left = new Map(activities.filter(({ name }) => succeeded.has(name)).map((each) => [each.name, each]));
  const holds = ({ activity, conditions }: PlannedActivity['dependsOn'][number]) =>
    left.has(activity) && (conditions.includes('Succeeded') || conditions.includes('Completed'));
  // Each that goes may take others with it: until a round takes none.
  for (let before = -1; before !== left.size; ) {
    before = left.size;
    for (const { name, dependsOn } of left.values()) if (!dependsOn.every(holds)) left.delete(name);
  }
  return [...left.keys()];
};

/** An earlier run, as far as one that goes on from it must know it. */
export type EarlierRun = { runId: string; pipelineName: string; state: PipelineRunState; definition: Definition };

const refuse = (code: string, message: string) => new ServiceError(400, code, message, { target: 'startFromFailure' });

const requireSame = ({ runId, pipelineName, state }: EarlierRun, name: string): void => {
  if (pipelineName.toLowerCase() !== name.toLowerCase())
    throw refuse(
      'BadRequest',
      `The run ${runId} is one of ${pipelineName}: ${name} cannot go on from what failed there. Name a run of ${name}.`,
    );
  if (!finalRunStates.includes(state))
    throw refuse(
      'PipelineRunNotEnded',
      `The run ${runId} is ${state}. Wait for its end, or cancel it, to run it again.`,
    );
};

/**
 * Writes what stays of an earlier run into a new one, with its input and output. An activity that was inactive then, or is of
 * another type now, is run. Errors: 400 `BadRequest` where it is a run of another pipeline, 400 `PipelineRunNotEnded`.
 */
export const carryOver = async (
  tx: Tx,
  run: { runId: string; factoryKey: string; pipelineName: string },
  earlier: EarlierRun,
  activities: readonly Activity[],
  cause: Cause,
): Promise<void> => {
  requireSame(earlier, run.pipelineName);
  const wasActive = new Set(
    activitiesOf(earlier.definition.pipeline)
      .filter(({ state }) => state !== 'Inactive')
      .map(({ name }) => String(name)),
  );
  const rows = await tx
    .selectFrom('activity_run')
    .select(['activity_name', 'activity_type', 'state', 'input', 'output'])
    .where('run_id', '=', earlier.runId)
    .orderBy('attempt')
    .execute();
  const types = new Map(activities.map(({ name, type }) => [name, type]));
  // The last attempt at each.
  const latest = new Map(rows.map((row) => [row.activity_name, row]));
  const succeeded = [...latest.values()].filter(
    (row) =>
      (row.state as ActivityRunState) === 'Succeeded' &&
      wasActive.has(row.activity_name) &&
      types.get(row.activity_name) === row.activity_type,
  );
  for (const name of staying(activities, new Set(succeeded.map((row) => row.activity_name)))) {
    const { activity_type: type, input, output } = latest.get(name)!;
    const begin = {
      activity: name,
      type,
      attempt: 0,
      state: 'Succeeded',
      input: JSON.parse(input) as JsonObject,
      output: JSON.parse(output) as JsonObject,
      failure: null,
    } as const;
    await insertAttempt(tx, run, begin, { ...cause, reason: `succeeded in run ${earlier.runId}` });
  }
};
