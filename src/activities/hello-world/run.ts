import { textAt } from '../../connectors/property.ts';
import type { ActivityJob } from '../job.ts';

/** Answers `{ greeting }`. */
export const run = async (job: ActivityJob) => {
  const name = textAt({ values: job.typeProperties, where: `Activity '${job.name}'.typeProperties` }, 'name');
  return { greeting: `Hello, ${name ?? 'world'}` };
};
