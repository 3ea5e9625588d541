// One attempt at one activity, from its row to its end: a job for the runtime, or a wait.

import type { ActivityJob, HostToken } from '../activities/job.ts';
import type { ActivityFailure } from '../base/error.ts';
import { messageOf } from '../base/error.ts';
import type { JsonObject } from '../base/json.ts';
import type { Log } from '../base/log.ts';
import type { Database } from '../database/database.ts';
import type { SecretKey } from '../database/secret.ts';
import { evaluate, type Scope } from '../expressions/evaluate.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Activity } from './activity.ts';
import type { Clock } from './clock.ts';
import { type Definition, objectOf } from './definition.ts';
import { type FactoryIdentities, withAccess } from './identity.ts';
import { buildJob, type TokenNeed } from './job.ts';
import type { AttemptRow } from './run-record.ts';

/** What attempts need of the house. */
export type Workshop = {
  db: Database;
  key: SecretKey;
  runtime: Runtime;
  identities: FactoryIdentities;
  clock: Clock;
  log: Log;
};

export type AttemptEnd = {
  event: 'Succeed' | 'Fail' | 'TimeOut' | 'Cancel';
  output: JsonObject;
  failure: ActivityFailure | null;
};

export type AttemptContext = {
  definition: Definition;
  activity: Activity;
  row: AttemptRow;
  scope: Scope;
  /** Aborted when the run is cancelled or let go of. */
  signal: AbortSignal;
  /** Called before a job is sent to a worker; what it promises is durable by then. */
  onStart(): Promise<void>;
  onProgress(output: JsonObject): void;
};

const fail = (
  activity: Activity,
  errorCode: string,
  message: string,
  failureType: ActivityFailure['failureType'],
): AttemptEnd => ({
  event: 'Fail',
  output: {},
  failure: { errorCode, message, failureType, target: activity.name, details: [] },
});

const cancelled: AttemptEnd = { event: 'Cancel', output: {}, failure: null };

const timedOut = (activity: Activity): AttemptEnd => ({
  event: 'TimeOut',
  output: {},
  failure: {
    errorCode: 'ActivityTimedOut',
    message: `The activity ${activity.name} did not end within its timeout of ${activity.timeoutMs / 1000} seconds (policy.timeout) and was stopped.`,
    failureType: 'UserError',
    target: activity.name,
    details: [],
  },
});

/** Runs `task` with a signal that the outer one or the timeout aborts; says which of both it was. */
const within = async <Result>(
  workshop: Workshop,
  { activity, row, signal }: AttemptContext,
  task: (inner: AbortSignal) => Promise<Result>,
): Promise<{ result: Result; stopped: 'timeout' | 'signal' | null }> => {
  const inner = new AbortController();
  const over = new AbortController();
  let stopped: 'timeout' | 'signal' | null = null;
  const stop = (by: 'timeout' | 'signal') => {
    if (over.signal.aborted) return;
    stopped ??= by;
    inner.abort();
  };
  const onSignal = () => stop('signal');
  if (signal.aborted) onSignal();
  signal.addEventListener('abort', onSignal, { once: true });
  void workshop.clock.until(row.startedAtMs + activity.timeoutMs, over.signal).then(() => stop('timeout'));
  try {
    return { result: await task(inner.signal), stopped };
  } finally {
    over.abort();
    signal.removeEventListener('abort', onSignal);
  }
};

const wait = async (workshop: Workshop, context: AttemptContext): Promise<AttemptEnd> => {
  const { activity, row, scope } = context;
  const { waitTimeInSeconds } = objectOf(evaluate(activity.written.typeProperties ?? {}, scope, activity.name));
  const seconds = Number(waitTimeInSeconds);
  if (waitTimeInSeconds === null || !Number.isFinite(seconds) || seconds < 0)
    return fail(activity, 'InvalidWaitTime', 'waitTimeInSeconds is a number of seconds, 0 or more.', 'UserError');
  const { stopped } = await within(workshop, context, (inner) =>
    workshop.clock.until(row.startedAtMs + seconds * 1000, inner),
  );
  if (stopped === 'timeout') return timedOut(activity);
  return stopped ? cancelled : { event: 'Succeed', output: {}, failure: null };
};

/** Gives the job the tokens that it needs: its linked services theirs, and those for vaults by host. */
const withTokens = async (
  workshop: Workshop,
  factoryKey: string,
  job: ActivityJob,
  needs: readonly TokenNeed[],
): Promise<ActivityJob> => {
  const vaultTokens: Record<string, HostToken> = {};
  await Promise.all(
    needs.map(async ({ use, service }) => {
      const access = await workshop.identities.tokenFor(factoryKey, use);
      if (service) service.typeProperties = withAccess(service, access).typeProperties;
      else vaultTokens[use.host] = access;
    }),
  );
  return Object.keys(vaultTokens).length > 0 ? { ...job, vaultTokens } : job;
};

const work = async (workshop: Workshop, context: AttemptContext): Promise<AttemptEnd> => {
  const { definition, activity, row, scope, onStart, onProgress } = context;
  const built = await buildJob(workshop.db, workshop.key, definition, activity, scope, row.id);
  const { job, place } = built;
  for (const { use } of built.needs) await workshop.identities.require(place.factoryKey, use);
  // Tokens do not live for long and a job may wait for its worker for long: they are made once it is there.
  const onWorker = async () => {
    await onStart();
    return withTokens(workshop, place.factoryKey, job, built.needs);
  };
  const { result: end, stopped } = await within(workshop, context, (signal) =>
    workshop.runtime.execute(job, place, { signal, onStart: onWorker, onProgress }),
  );
  if (end.state === 'failed') return { event: 'Fail', output: {}, failure: end.failure };
  if (end.state === 'cancelled') return stopped === 'timeout' ? timedOut(activity) : cancelled;
  const durationInQueue = { integrationRuntimeQueue: Math.round(end.timing.queuedMs / 1000) };
  const { effectiveIntegrationRuntime } = job;
  return { event: 'Succeed', output: { effectiveIntegrationRuntime, durationInQueue, ...end.output }, failure: null };
};

/** Runs one attempt to its end. Never throws: what goes wrong is its failure. */
export const runAttempt = async (workshop: Workshop, context: AttemptContext): Promise<AttemptEnd> => {
  const { activity } = context;
  try {
    return await (activity.type === 'Wait' ? wait(workshop, context) : work(workshop, context));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const isOurs = typeof code === 'string' && /^[A-Z][A-Za-z]+$/.test(code);
    if (isOurs) return fail(activity, code, messageOf(error), 'UserError');
    workshop.log.error({ error, activity: activity.name }, 'an attempt failed within the control plane');
    return fail(activity, 'InternalError', 'The control plane failed while it ran this activity.', 'SystemError');
  }
};
