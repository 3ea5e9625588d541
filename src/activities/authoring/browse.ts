import type { JsonObject } from '../../base/json.ts';
import { textAt } from '../../connectors/property.ts';
import type { ActivityContext } from '../definition.ts';
import type { ActivityJob } from '../job.ts';
import { lookAt } from './store.ts';

const mostItems = 1000;
const mostBytes = 2 ** 20;

/** Answers `{ items, truncated }`. Errors: `ActivityError`. */
export const run = async (job: ActivityJob, context: ActivityContext): Promise<JsonObject> => {
  const asked = { values: job.typeProperties, where: `'${job.name}'` };
  const items: JsonObject[] = [];
  let bytes = 0;
  for await (const { name, kind, path, size, modifiedAt } of await lookAt(job, textAt(asked, 'path') ?? '', context)) {
    if (items.length === mostItems || bytes > mostBytes) return { items, truncated: true };
    const item = {
      name,
      kind,
      path,
      ...(size !== undefined && { size }),
      ...(modifiedAt && { modifiedAt: modifiedAt.toISOString() }),
    };
    bytes += Buffer.byteLength(JSON.stringify(item));
    items.push(item);
  }
  return { items, truncated: false };
};
