// A run under way: steps in the database, attempts outside of it. The same code begins a new run and takes up one that
// a dead process left behind, because all it knows of a run it reads from its rows.
import { messageOf, ServiceError } from '../base/error.ts';
import type { JsonObject } from '../base/json.ts';
import { readActivities } from './activity.ts';
import { advance, type Ended, type Step } from './advance.ts';
import { type AttemptEnd, runAttempt, type Workshop } from './attempt.ts';
import { openParameters, scopeOf } from './run-parameter.ts';
import { type AttemptRow, bySystem, moveAttempt, moveRun, type RunRecord, readRun, runState } from './run-record.ts';

/** Why a run is let go of. */
export type Stop = 'cancel' | 'close';

const retryWriteMs = 1000;
const writeTries = 60;

const interrupted = (row: AttemptRow, isCancelled: boolean): AttemptEnd => ({
  event: isCancelled ? 'Cancel' : 'Fail',
  output: {},
  failure: isCancelled
    ? null
    : {
        errorCode: 'ControlPlaneRestarted',
        message:
          'Postern was stopped while this activity ran, and its worker ended with it. Give the activity a retry policy to have it tried again.',
        failureType: 'SystemError',
        target: row.activity,
        details: [],
      },
});

/** Fails a run that cannot be driven at all: its rows do not make sense to this version. */
const failRun = (workshop: Workshop, run: RunRecord, reason: string) =>
  workshop.db.transaction().execute(async (tx) => {
    const found = await runState(tx, run.runId);
    if (!found) return;
    const cause = bySystem(new Date(workshop.clock.now()).toISOString(), reason);
    const event = found.state === 'Canceling' ? 'Cancel' : 'Fail';
    for (const row of run.attempts) {
      if (row.state !== 'Queued' && row.state !== 'InProgress') continue;
      await moveAttempt(tx, row.id, 'Cancel', cause, { output: {}, failure: null });
    }
    if (found.state === 'Queued' || found.state === 'InProgress' || found.state === 'Canceling')
      await moveRun(tx, run.runId, found.version, event, cause, { ended_at: cause.at, message: reason });
  });

/**
 * Drives a run to its end. Aborting with `cancel` stops its attempts and ends it as Cancelled (the row is Canceling by
 * then); with `close` it stops them and leaves the rows as they are. `progress` holds how far running attempts are.
 */
export const drive = async (
  workshop: Workshop,
  runId: string,
  stop: AbortSignal,
  progress: Map<string, JsonObject>,
): Promise<void> => {
  const run = await readRun(workshop.db, runId);
  if (!run) return;
  try {
    await driveRecord(workshop, run, stop, progress);
  } catch (error) {
    if (stop.reason === 'close') return;
    workshop.log.error({ error, runId }, 'a run cannot be driven');
    await failRun(workshop, run, `The run cannot go on: ${messageOf(error)}`);
  }
};

const driveRecord = async (
  workshop: Workshop,
  run: RunRecord,
  stop: AbortSignal,
  progress: Map<string, JsonObject>,
): Promise<void> => {
  const { db, clock, log } = workshop;
  const shown = scopeOf(run.definition, run, run.parameters);
  const clear = openParameters(workshop.key, run.runId, run.parameters, run.definition.sealedParameters);
  const scope = scopeOf(run.definition, run, clear);
  const activities = readActivities(run.definition, scope);
  const byName = new Map(activities.map((activity) => [activity.name, activity]));

  const isClosing = () => stop.aborted && stop.reason === 'close';
  let ended: Ended[] = [];
  let wake = Promise.withResolvers<void>();
  const open = new Map<string, Promise<void>>();
  const onStop = () => wake.resolve();
  stop.addEventListener('abort', onStop);

  const begin = (row: AttemptRow) => {
    const activity = byName.get(row.activity)!;
    const onStart = async () => {
      const at = new Date(clock.now()).toISOString();
      await db.transaction().execute((tx) => moveAttempt(tx, row.id, 'Start', bySystem(at, '')));
    };
    const onProgress = (output: JsonObject) => {
      if (!activity.secureOutput) progress.set(row.id, output);
    };
    const attempt = runAttempt(workshop, {
      definition: run.definition,
      activity,
      row,
      scope,
      signal: stop,
      onStart,
      onProgress,
    });
    open.set(
      row.id,
      attempt.then((end) => {
        open.delete(row.id);
        ended.push({ row, end });
        wake.resolve();
      }),
    );
  };

  let latest = new Map(run.attempts.map((row) => [row.activity, row]));
  for (const row of latest.values()) {
    const isWait = byName.get(row.activity)?.type === 'Wait';
    if (row.state === 'Queued' || (row.state === 'InProgress' && isWait)) begin(row);
    else if (row.state === 'InProgress') ended.push({ row, end: interrupted(row, run.state === 'Canceling') });
  }

  /** Takes a step, again where the disk refuses it. What the rules refuse is thrown. */
  const takeStep = async (batch: readonly Ended[]): Promise<Step> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await db.transaction().execute((tx) => {
          // What ended meanwhile is not written yet, so it counts as open.
          const unwritten = open.size + ended.length;
          return advance(tx, run, activities, shown, latest, { ended: batch, open: unwritten, nowMs: clock.now() });
        });
      } catch (error) {
        if (error instanceof ServiceError || tries === writeTries || isClosing()) throw error;
        log.error({ error, runId: run.runId }, 'a step of a run could not be written; trying again');
        await clock.until(clock.now() + retryWriteMs, new AbortController().signal);
      }
    }
  };

  try {
    while (!isClosing()) {
      const batch = ended;
      ended = [];
      wake = Promise.withResolvers<void>();
      const step = await takeStep(batch);
      for (const { row } of batch) progress.delete(row.id);
      if (step.is !== 'under way') break;
      latest = step.latest;
      for (const row of step.begun) begin(row);
      if (ended.length > 0 || (stop.aborted && open.size === 0)) continue;
      const timer = new AbortController();
      if (step.retryAtMs !== null) void clock.until(step.retryAtMs, timer.signal).then(wake.resolve);
      if (!stop.aborted || open.size > 0) await wake.promise;
      timer.abort();
    }
  } finally {
    stop.removeEventListener('abort', onStop);
    await Promise.all(open.values());
  }
};
