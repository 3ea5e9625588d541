// One step of a run, in one transaction: what has ended is written, the plan is asked, what begins is written, and the
// run ends with its last activity. A crash before the commit has done nothing; after it, everything.
import type { ActivityFailure } from '../base/error.ts';
import type { JsonObject } from '../base/json.ts';
import type { Tx } from '../database/database.ts';
import { evaluate, type Scope } from '../expressions/evaluate.ts';
import type { Activity } from './activity.ts';
import type { AttemptEnd } from './attempt.ts';
import { objectOf } from './definition.ts';
import { plan } from './plan.ts';
import {
  type AttemptRow,
  bySystem,
  insertAttempt,
  moveAttempt,
  moveRun,
  type RunRecord,
  runState,
} from './run-record.ts';

const maxMessage = 4000;

export type Ended = { row: AttemptRow; end: AttemptEnd };

/** What a step decided. `latest` replaces the caller's, once committed. */
export type Step =
  | { is: 'gone' }
  | { is: 'over' }
  | { is: 'under way'; latest: Map<string, AttemptRow>; begun: AttemptRow[]; retryAtMs: number | null };

const inputOf = (activity: Activity, shown: Scope): JsonObject => {
  const written = objectOf(activity.written.typeProperties);
  if (activity.secureInput) return {};
  try {
    return objectOf(evaluate(written, shown));
  } catch {
    // The attempt will fail with the reason; its input is shown as it was written.
    return written;
  }
};

const inactiveFailure = (activity: Activity): ActivityFailure => ({
  errorCode: 'InactiveActivity',
  message: 'The activity is inactive and marked as Failed.',
  failureType: 'UserError',
  target: activity.name,
  details: [],
});

const whyFailed = (culprits: readonly string[], latest: ReadonlyMap<string, AttemptRow>): string =>
  culprits
    .map((name) => {
      const failure = latest.get(name)?.failure;
      return `Operation on target ${name} failed: ${failure ? failure.message : 'its dependencies can never be met.'}`;
    })
    .join('\n')
    .slice(0, maxMessage);

/**
 * Takes one step. `ended` are attempts whose end is not yet written; `open` is how many others are still running.
 * `shown` is the scope with secure values masked.
 */
export const advance = async (
  tx: Tx,
  run: RunRecord,
  activities: readonly Activity[],
  shown: Scope,
  current: ReadonlyMap<string, AttemptRow>,
  { ended, open, nowMs }: { ended: readonly Ended[]; open: number; nowMs: number },
): Promise<Step> => {
  const found = await runState(tx, run.runId);
  if (!found) return { is: 'gone' };
  let { version } = found;
  const at = new Date(nowMs).toISOString();
  const latest = new Map(current);
  const byName = new Map(activities.map((activity) => [activity.name, activity]));
  for (const { row, end } of ended) {
    const output = byName.get(row.activity)?.secureOutput ? {} : end.output;
    const cause = bySystem(at, end.failure?.errorCode ?? '');
    const state = await moveAttempt(tx, row.id, end.event, cause, { output, failure: end.failure });
    latest.set(row.activity, { ...row, state, endedAtMs: nowMs, failure: end.failure });
  }
  if (found.state === 'Canceling') {
    if (open > 0) return { is: 'under way', latest, begun: [], retryAtMs: null };
    await moveRun(tx, run.runId, version, 'Cancel', bySystem(at, ''), { ended_at: at });
    return { is: 'over' };
  }
  if (found.state === 'Queued')
    version = await moveRun(tx, run.runId, version, 'Start', bySystem(at, ''), { started_at: at });
  else if (found.state !== 'InProgress') return { is: 'over' };

  const next = plan(activities, latest, nowMs);
  for (const { activity: name, outcome } of next.mark) {
    const activity = byName.get(name)!;
    const failure = outcome === 'Failed' ? inactiveFailure(activity) : null;
    const begin = { activity: name, type: activity.type, attempt: 0, state: outcome, input: {}, failure };
    latest.set(name, await insertAttempt(tx, run, begin, bySystem(at, '')));
  }
  if (next.end) {
    const event = next.end.state === 'Succeeded' ? 'Succeed' : 'Fail';
    const message = whyFailed(next.end.culprits, latest);
    await moveRun(tx, run.runId, version, event, bySystem(at, ''), { ended_at: at, message });
    return { is: 'over' };
  }
  const begun: AttemptRow[] = [];
  for (const { activity: name, attempt } of next.start) {
    const activity = byName.get(name)!;
    // A worker must be found first; a wait waits for nobody.
    const state = activity.type === 'Wait' ? 'InProgress' : 'Queued';
    const begin = {
      activity: name,
      type: activity.type,
      attempt,
      state,
      input: inputOf(activity, shown),
      failure: null,
    } as const;
    const row = await insertAttempt(tx, run, begin, bySystem(at, ''));
    latest.set(name, row);
    begun.push(row);
  }
  await tx.updateTable('pipeline_run').set({ updated_at: at }).where('run_id', '=', run.runId).execute();
  return { is: 'under way', latest, begun, retryAtMs: next.retryAtMs };
};
