// Runs one job at a time and says how it went.

import type { ActivityJob } from '../activities/job.ts';
import { activities, workerActivities } from '../activities/registry.ts';
import { ActivityError, type ActivityFailure, messageOf } from '../base/error.ts';
import type { JsonObject } from '../base/json.ts';
import { formats } from '../connectors/formats/registry.ts';
import { connectors } from '../connectors/registry.ts';
import { endConnections } from './connection.ts';
import type { Output } from './output.ts';
import type { WorkerMessage } from './protocol.ts';
import { fetchVaultSecrets } from './vault-secret.ts';

/** Progress is told at most this often. */
const progressMs = 200;

/** What a job that was cancelled ends with. */
export class Cancelled extends Error {}

const cancelled = (target: string): ActivityFailure => ({
  errorCode: 'ActivityCancelled',
  message: 'The activity was cancelled.',
  failureType: 'UserError',
  target,
  details: [],
});

/** What `thrown` is to a person. Only an `ActivityError` was meant for one; anything else is a fault of ours. */
export const failureOf = (thrown: unknown, target: string): ActivityFailure => {
  if (thrown instanceof ActivityError) {
    const { errorCode, message, failureType, details } = thrown;
    return { errorCode, message, failureType, target, details };
  }
  if (thrown instanceof Cancelled) return cancelled(target);
  return {
    errorCode: 'InternalError',
    message: `The activity ended because of an error in the worker: ${messageOf(thrown)}`.slice(0, 2000),
    failureType: 'SystemError',
    target,
    details: [],
  };
};

const createProgress = (jobId: string, output: Output) => {
  let toldAt = Number.NEGATIVE_INFINITY;
  let ended = false;
  return {
    tell: (progress: JsonObject) => {
      // A later one tells more: what finds the pipe full or comes too soon is dropped.
      if (ended || !output.isFree() || performance.now() - toldAt < progressMs) return;
      toldAt = performance.now();
      output.send({ kind: 'progress', jobId, progress });
    },
    end: () => {
      ended = true;
    },
  };
};

const runToEnd = async (job: ActivityJob, signal: AbortSignal, output: Output): Promise<WorkerMessage> => {
  const { jobId, name } = job;
  const progress = createProgress(jobId, output);
  try {
    const activity = workerActivities.find(({ type }) => type === job.type);
    if (!activity)
      throw new ActivityError(
        'UserErrorUnsupportedActivity',
        `Activity '${name}' is of type ${job.type}, which a worker does not run. Supported: ${activities.map(({ type }) => type).join(', ')}.`,
      );
    const { run } = await activity.run();
    signal.throwIfAborted();
    const filled = await fetchVaultSecrets(job, signal);
    const tokens = activity.keepsTokens && job.vaultTokens ? { tokens: job.vaultTokens } : {};
    return { kind: 'done', jobId, output: await run(filled, { signal, progress: progress.tell, ...tokens }) };
  } catch (error) {
    return { kind: 'failed', jobId, failure: failureOf(signal.aborted ? signal.reason : error, name) };
  } finally {
    progress.end();
    endConnections();
  }
};

/** Runs the job to its last word, which is `done` or `failed`. Never throws. */
export const execute = async (job: ActivityJob, signal: AbortSignal, output: Output): Promise<void> =>
  output.send(await runToEnd(job, signal, output));

/** Loads what the first job will most likely need, so that it need not wait for it. */
export const preload = async (): Promise<void> => {
  await Promise.all(activities.filter(({ type }) => type === 'Copy').map((activity) => activity.run()));
  await Promise.all([
    ...connectors.flatMap(({ files }) => (files ? [files.open()] : [])),
    ...formats.map((format) => format.open()),
  ]);
};
