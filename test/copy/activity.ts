import type { ActivityJob } from '../../src/activities/job.ts';
import { workerActivities } from '../../src/activities/registry.ts';
import type { JsonObject } from '../../src/base/json.ts';
import type { ResolvedDataset, ResolvedLinkedService } from '../../src/connectors/resolved.ts';

const runJob = async (
  type: string,
  job: Pick<ActivityJob, 'typeProperties'> & Partial<ActivityJob>,
  signal = new AbortController().signal,
): Promise<JsonObject> => {
  const { run } = await workerActivities.find((activity) => activity.type === type)!.run();
  const whole: ActivityJob = {
    jobId: 'job-1',
    type,
    name: 'One',
    inputs: [],
    outputs: [],
    linkedService: null,
    effectiveIntegrationRuntime: 'sealed (West Europe)',
    ...job,
  };
  return run(whole, { signal, progress: () => {} });
};

/** Runs an activity on a linked service, in this process. */
export const runOn = (
  type: string,
  linkedService: ResolvedLinkedService | null,
  typeProperties: JsonObject,
  signal?: AbortSignal,
): Promise<JsonObject> => runJob(type, { linkedService, typeProperties }, signal);

/** Runs an activity that names one dataset, in this process. */
export const runWith = (type: string, dataset: ResolvedDataset, typeProperties: JsonObject = {}): Promise<JsonObject> =>
  runJob(type, {
    typeProperties: { dataset: { referenceName: dataset.name, type: 'DatasetReference' }, ...typeProperties },
    inputs: [dataset],
  });
