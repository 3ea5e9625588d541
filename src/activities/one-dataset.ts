import { ActivityError } from '../base/error.ts';
import type { ResolvedDataset } from '../connectors/resolved.ts';
import type { ActivityJob } from './job.ts';

/** The dataset of an activity that reads just one. */
export const oneDataset = (job: ActivityJob): ResolvedDataset => {
  const [dataset] = job.inputs;
  if (dataset && job.inputs.length === 1) return dataset;
  throw new ActivityError(
    'UserErrorInvalidActivity',
    `Activity '${job.name}' of type ${job.type} must name one dataset, in typeProperties.dataset; it names ${job.inputs.length}.`,
  );
};

/** What the outputs of activities that do not copy say of themselves, with Azure's names: whole seconds. */
export const executionFacts = (job: ActivityJob, since: number) => ({
  effectiveIntegrationRuntime: job.effectiveIntegrationRuntime,
  executionDuration: Math.round((performance.now() - since) / 1000),
});
