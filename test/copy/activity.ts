import type { ActivityJob } from '../../src/activities/job.ts';
import { activities } from '../../src/activities/registry.ts';
import type { JsonObject } from '../../src/base/json.ts';
import type { ResolvedDataset } from '../../src/connectors/resolved.ts';

/** Runs an activity that names one dataset, in this process. */
export const runWith = async (
  type: string,
  dataset: ResolvedDataset,
  typeProperties: JsonObject = {},
): Promise<JsonObject> => {
  const { run } = await activities.find((activity) => activity.type === type)!.run();
  const job: ActivityJob = {
    jobId: 'job-1',
    type,
    name: 'One',
    typeProperties: { dataset: { referenceName: dataset.name, type: 'DatasetReference' }, ...typeProperties },
    inputs: [dataset],
    outputs: [],
    linkedService: null,
    effectiveIntegrationRuntime: 'sealed (West Europe)',
  };
  return run(job, { signal: new AbortController().signal, progress: () => {} });
};
