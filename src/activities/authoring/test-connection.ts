import type { JsonObject } from '../../base/json.ts';
import type { ActivityContext } from '../definition.ts';
import type { ActivityJob } from '../job.ts';
import { lookAt } from './store.ts';

/** Answers `{}` where the store answered. Errors: `ActivityError` that says what is wrong. */
export const run = async (job: ActivityJob, context: ActivityContext): Promise<JsonObject> => {
  for await (const _ of await lookAt(job, '', context)) break;
  return {};
};
