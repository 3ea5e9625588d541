// Runs a pipeline and waits for its end, telling how far it is.
import { setTimeout as pause } from 'node:timers/promises';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import type { Client } from '../client.ts';

/** How a run ended: its state, its one activity's output and error, and the time from createRun to the end, ms. */
export type RunEnd = { runId: string; status: string; output: JsonObject; error: JsonObject; elapsedMs: number };

const object = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});

/** Starts `pipeline` of the factory at `factory` (an ARM id) and polls it, ten times a second, to its final state. */
export const runPipeline = async (
  client: Client,
  factory: string,
  pipeline: string,
  onProgress: (output: JsonObject, runId: string) => void | Promise<void>,
): Promise<RunEnd> => {
  const version = 'api-version=2018-06-01';
  const started = performance.now();
  const { runId } = await client.call('POST', `${factory}/pipelines/${pipeline}/createRun?${version}`, {});
  const filter = {
    lastUpdatedAfter: new Date(Date.now() - 3600_000).toISOString(),
    lastUpdatedBefore: '9999-12-31T00:00:00Z',
  };
  for (;;) {
    const run = await client.call('GET', `${factory}/pipelineruns/${runId}?${version}`);
    const activities = await client.call(
      'POST',
      `${factory}/pipelineruns/${runId}/queryActivityruns?${version}`,
      filter,
    );
    const activity = object(Array.isArray(activities.value) ? activities.value[0] : null);
    if (['Succeeded', 'Failed', 'Cancelled'].includes(String(run.status)))
      return {
        runId: String(runId),
        status: String(run.status),
        output: object(activity.output),
        error: object(activity.error),
        elapsedMs: performance.now() - started,
      };
    await onProgress(object(activity.output), String(runId));
    await pause(100);
  }
};
