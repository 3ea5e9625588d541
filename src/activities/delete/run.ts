// The Delete activity inside a worker.
import { ActivityError } from '../../base/error.ts';
import type { JsonObject } from '../../base/json.ts';
import { MissingError } from '../../connectors/missing-error.ts';
import { countAt, flagAt, groupAt, propertyError, refuseAt, textAt } from '../../connectors/property.ts';
import { forEachConcurrently } from '../copy/concurrent.ts';
import { readSelection } from '../copy/selection.ts';
import { readPlace, readTable } from '../copy/side.ts';
import { sourceFiles } from '../copy/source-file.ts';
import type { ActivityContext } from '../definition.ts';
import type { ActivityJob } from '../job.ts';
import { executionFacts, oneDataset } from '../one-dataset.ts';

const defaultConnections = 8;

/** Deletes and answers how many files. Nothing to delete is no error, as in Azure. */
export const run = async (job: ActivityJob, context: ActivityContext): Promise<JsonObject> => {
  const since = performance.now();
  const activity = { values: job.typeProperties, where: `Activity '${job.name}'.typeProperties` };
  refuseAt(activity, ['enableLogging']);
  const dataset = oneDataset(job);
  if (readTable(dataset))
    throw new ActivityError(
      'UserErrorUnsupportedStore',
      `Dataset '${dataset.name}' is a table; Delete removes files only.`,
    );
  const { connector, linkedService, location } = readPlace(dataset, true);
  const settings = groupAt(activity, 'storeSettings');
  const storeType = textAt(settings, 'type');
  if (storeType !== undefined && storeType !== connector.files.readSettings)
    throw propertyError(settings, 'type', `must be ${connector.files.readSettings}`);
  // Unlike a copy, a deletion stays in its folder unless it is told to go on.
  const recursive = flagAt(settings, 'recursive') ?? flagAt(activity, 'recursive') ?? false;
  const selection = readSelection(location, { ...settings, values: { ...settings.values, recursive } });
  const limit =
    countAt(settings, 'maxConcurrentConnections', 1, 1000) ??
    countAt(activity, 'maxConcurrentConnections', 1, 1000) ??
    defaultConnections;

  const { openFileStore } = await connector.files.open();
  const store = openFileStore(linkedService, location);
  let filesDeleted = 0;
  const remove = () =>
    forEachConcurrently(
      sourceFiles(store, selection, context.signal),
      Math.min(limit, 32),
      context.signal,
      async (file, signal) => {
        await store.remove(file, signal);
        filesDeleted += 1;
        context.progress({ filesDeleted });
      },
    );
  try {
    await remove();
  } catch (error) {
    if (!(error instanceof MissingError) || filesDeleted > 0) throw error;
  }
  return {
    datasetName: dataset.name,
    relativePath: `${store.name}/${selection.shown}`,
    recursive,
    filesDeleted,
    ...executionFacts(job, since),
  };
};
