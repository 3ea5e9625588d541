// The Lookup activity inside a worker: a few rows, as JSON.
import { ActivityError } from '../../base/error.ts';
import type { JsonObject } from '../../base/json.ts';
import { flagAt, groupAt, refuseAt } from '../../connectors/property.ts';
import type { RecordBatch } from '../../connectors/row/record-batch.ts';
import { fileInput } from '../copy/copy-rows.ts';
import { createReadPool } from '../copy/lane.ts';
import { openSource } from '../copy/open-side.ts';
import { readSelection } from '../copy/selection.ts';
import { readSide, type Side } from '../copy/side.ts';
import { sourceFiles } from '../copy/source-file.ts';
import type { ActivityContext } from '../definition.ts';
import type { ActivityJob } from '../job.ts';
import { executionFacts, oneDataset } from '../one-dataset.ts';
import { rowObject } from './row-object.ts';

/** Azure's own limits. */
const maxRows = 5000;
const maxBytes = 4 * 2 ** 20;

/** The rows of a side, in batches. Reading stops where the caller does. */
export async function* batchesOf(side: Side, signal: AbortSignal): AsyncGenerator<RecordBatch> {
  if (side.kind === 'table') {
    const source = await openSource(side);
    if (source.kind === 'table') yield* source.table.read(undefined, signal);
    return;
  }
  const source = await openSource(side);
  if (source.kind !== 'files' || !source.reader) return;
  const selection = readSelection(side.location, side.storeSettings);
  const pool = createReadPool(side);
  for await (const file of sourceFiles(source.store, selection, signal))
    yield* fileInput(source, source.reader, file, pool).read(signal);
}

/** Answers `{ firstRow }`, or `{ count, value }`. Errors: `ActivityError`; `LookupOutputTooLarge` where it is more than 4 MB. */
export const run = async (job: ActivityJob, context: ActivityContext): Promise<JsonObject> => {
  const since = performance.now();
  const activity = { values: job.typeProperties, where: `Activity '${job.name}'.typeProperties` };
  const firstRowOnly = flagAt(activity, 'firstRowOnly') ?? true;
  const dataset = oneDataset(job);
  if (dataset.type === 'Binary')
    throw new ActivityError(
      'UserErrorUnsupportedFormat',
      `Dataset '${dataset.name}' is of type Binary, which has no rows to look up.`,
    );
  const settings = groupAt(activity, 'source');
  refuseAt(settings, ['additionalColumns']);
  const side = readSide(dataset, settings, 'source');

  const rows: JsonObject[] = [];
  let bytes = 0;
  let hasMore = false;
  reading: for await (const { columns, rows: found } of batchesOf(side, context.signal))
    for (const row of found) {
      hasMore = rows.length === (firstRowOnly ? 1 : maxRows);
      if (hasMore) break reading;
      const value = rowObject(columns, row);
      bytes += Buffer.byteLength(JSON.stringify(value)) + 1;
      if (bytes > maxBytes)
        throw new ActivityError(
          'LookupOutputTooLarge',
          `The rows of this lookup are larger than 4 MB, the most that a lookup may answer: ${rows.length} rows fit. Ask for fewer rows or columns.`,
        );
      rows.push(value);
    }
  const facts = executionFacts(job, since);
  if (firstRowOnly) return rows[0] ? { firstRow: rows[0], ...facts } : facts;
  return {
    count: rows.length,
    value: rows,
    ...(hasMore && {
      limitation: `The source has more than ${maxRows} rows, the most that a lookup answers: these are the first ${maxRows}.`,
    }),
    ...facts,
  };
};
