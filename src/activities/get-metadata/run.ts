// The GetMetadata activity inside a worker.
import { ActivityError } from '../../base/error.ts';
import type { JsonObject } from '../../base/json.ts';
import { groupAt, refuseAt, textAt } from '../../connectors/property.ts';
import { type FileSide, readPlace, readTable, type TableSide } from '../copy/side.ts';
import type { ActivityContext } from '../definition.ts';
import type { ActivityJob } from '../job.ts';
import { executionFacts, oneDataset } from '../one-dataset.ts';
import { type Field, readFields, requireHad } from './field.ts';
import { fileMetadata } from './file.ts';

const tableMetadata = async (
  { connector, address }: Pick<TableSide, 'connector' | 'address'>,
  asked: ReadonlySet<Field>,
  signal: AbortSignal,
): Promise<{ name: string; known: JsonObject | undefined }> => {
  const name = textAt(address.dataset, 'tableName') ?? '';
  requireHad(asked, 'table', name);
  const { readFacts } = await connector.tables.open();
  const { exists, columns = [] } = await readFacts(address, signal);
  const known = {
    itemName: name,
    structure: columns.map((column) => ({ name: column.name, type: column.type })),
    columnCount: columns.length,
  };
  return { name, known: exists ? known : undefined };
};

/** Answers the fields that were asked for. Fails where there is nothing of that name, unless `exists` was asked for. */
export const run = async (job: ActivityJob, { signal }: ActivityContext): Promise<JsonObject> => {
  const since = performance.now();
  const activity = { values: job.typeProperties, where: `Activity '${job.name}'.typeProperties` };
  const asked = readFields(activity);
  const dataset = oneDataset(job);
  const storeSettings = groupAt(activity, 'storeSettings');
  refuseAt(storeSettings, ['modifiedDatetimeStart', 'modifiedDatetimeEnd', 'enablePartitionDiscovery']);
  const table = readTable(dataset);
  const side = (): FileSide => ({
    kind: 'files',
    ...readPlace(dataset, true),
    settings: activity,
    storeSettings,
    formatSettings: groupAt(activity, 'formatSettings'),
    maxConnections: 1,
  });
  const { name, known } = await (table ? tableMetadata(table, asked, signal) : fileMetadata(side(), asked, signal));
  if (!known && !asked.has('exists'))
    throw new ActivityError(
      'UserErrorMetadataNotFound',
      `There is no '${name}'. Check the dataset; or ask for the field exists, which then is false.`,
    );
  const told = Object.entries({ ...known, exists: known !== undefined }).filter(([field]) => asked.has(field as Field));
  return { ...Object.fromEntries(told), ...executionFacts(job, since) };
};
