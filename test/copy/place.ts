// Every kind of place that rows can be in, for the matrix of copies: a new store or format is one entry. Also how all the
// rows of a place are read.
import { fileInput } from '../../src/activities/copy/copy-rows.ts';
import { createReadPool } from '../../src/activities/copy/lane.ts';
import { openSource } from '../../src/activities/copy/open-side.ts';
import { readSelection } from '../../src/activities/copy/selection.ts';
import { readSide } from '../../src/activities/copy/side.ts';
import { sourceFiles } from '../../src/activities/copy/source-file.ts';
import type { JsonObject } from '../../src/base/json.ts';
import type { ResolvedDataset } from '../../src/connectors/resolved.ts';
import type { ColumnType } from '../../src/connectors/row/column-type.ts';
import type { Column, RecordBatch, Value } from '../../src/connectors/row/record-batch.ts';
import { dataset, linkedService, type openStage } from './stage.ts';
import { tableDataset } from './table.ts';

type Stage = Awaited<ReturnType<typeof openStage>>;

export type Place = {
  name: string;
  /** The dataset of a table or file of that name. `columns` are those that are read there. */
  dataset(stage: Stage, name: string, columns: readonly string[]): ResolvedDataset;
  source: JsonObject;
  sink: JsonObject;
  /** The type that is read back for one that is not kept as it is. */
  keeps: Partial<Record<ColumnType, ColumnType>>;
  /** Types whose finest values lose precision there: refused, or counted where that is allowed. */
  loses: readonly ColumnType[];
};

const inBlob = {
  source: { storeSettings: { type: 'AzureBlobStorageReadSettings' } },
  sink: { storeSettings: { type: 'AzureBlobStorageWriteSettings' } },
};
const blob =
  (type: string, settings: JsonObject): Place['dataset'] =>
  (stage, name) =>
    dataset(type, linkedService(stage.sink), { container: 'matrix', fileName: `${name}.${type}` }, settings);
const asText = (...types: ColumnType[]) => Object.fromEntries(types.map((type) => [type, 'String'])) as Place['keeps'];
const inText = asText('Guid', 'DateTime', 'DateTimeOffset', 'TimeSpan', 'Binary');

export const places: readonly Place[] = [
  {
    name: 'DelimitedText in a blob',
    dataset: blob('DelimitedText', { firstRowAsHeader: true, nullValue: '\\N', escapeChar: '"' }),
    ...inBlob,
    keeps: { ...inText, ...asText('Boolean', 'Byte', 'Int16', 'Int32', 'Int64', 'Single', 'Double', 'Decimal') },
    loses: [],
  },
  {
    name: 'Json in a blob',
    dataset: blob('Json', {}),
    ...inBlob,
    keeps: { ...inText, Byte: 'Int64', Int16: 'Int64', Int32: 'Int64', Single: 'Double' },
    loses: [],
  },
  {
    name: 'Parquet in a blob',
    dataset: blob('Parquet', { compressionCodec: 'zstd' }),
    ...inBlob,
    keeps: asText('TimeSpan'),
    loses: ['DateTime', 'DateTimeOffset', 'Decimal'],
  },
  {
    name: 'Azure Table',
    dataset: (stage, name, columns) =>
      tableDataset(stage.sink, name, { schema: columns.map((column) => ({ name: column })) }),
    source: {},
    sink: { azureTableRowKeyName: 'key', azureTableDefaultPartitionKeyValue: 'p' },
    keeps: { ...asText('Decimal', 'DateTimeOffset', 'TimeSpan'), Byte: 'Int32', Int16: 'Int32', Single: 'Double' },
    loses: [],
  },
];

/** All the rows of a place, as its reader gives them. */
export const readPlace = async (
  given: ResolvedDataset,
  settings: JsonObject,
): Promise<{ columns: readonly Column[]; rows: Value[][] }> => {
  const side = readSide(given, { values: { type: `${given.type}Source`, ...settings }, where: 'source' }, 'source');
  const source = await openSource(side);
  const { signal } = new AbortController();
  const found: RecordBatch = { columns: [], rows: [] };
  const take = async (batches: AsyncIterable<RecordBatch>) => {
    for await (const { columns, rows } of batches) {
      found.columns = columns;
      found.rows.push(...rows);
    }
  };
  if (side.kind === 'table' && source.kind === 'table') await take(source.table.read(undefined, signal));
  if (side.kind === 'files' && source.kind === 'files' && source.reader)
    for await (const file of sourceFiles(source.store, readSelection(side.location, side.storeSettings), signal))
      await take(fileInput(source, source.reader, file, createReadPool(side)).read(signal));
  return found;
};
