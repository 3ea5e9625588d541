// Every kind of place that rows can be in, for the matrix of copies: a new store or format is one entry. Also how all the
// rows of a place are read.
import { fileInput } from '../../src/activities/copy/copy-rows.ts';
import { createReadPool } from '../../src/activities/copy/lane.ts';
import { openSource } from '../../src/activities/copy/open-side.ts';
import { readSelection } from '../../src/activities/copy/selection.ts';
import { readSide } from '../../src/activities/copy/side.ts';
import { sourceFiles } from '../../src/activities/copy/source-file.ts';
import type { JsonObject } from '../../src/base/json.ts';
import type { ResolvedDataset, ResolvedLinkedService } from '../../src/connectors/resolved.ts';
import type { ColumnType } from '../../src/connectors/row/column-type.ts';
import type { Column, RecordBatch, Value } from '../../src/connectors/row/record-batch.ts';
import { cosmosDataset } from './cosmos.ts';
import type { Hazard, Outcome } from './hazard.ts';
import { type MatrixStage, root } from './matrix-stage.ts';
import { dataset, linkedService } from './stage.ts';
import { tableDataset } from './table.ts';

export type Place = {
  name: string;
  /** Makes the table or file of that name ready, and gives its dataset. `columns` are those that are read there. */
  dataset(stage: MatrixStage, name: string, columns: readonly string[]): ResolvedDataset | Promise<ResolvedDataset>;
  source: JsonObject;
  /** Undefined: it is only read. */
  sink: JsonObject | undefined;
  /** The place by which one that is only read is written. */
  writtenAs?: Place;
  /** The type that is read back for one that is not kept as it is. */
  keeps: Partial<Record<ColumnType, ColumnType>>;
  /** Types of which it has no place for all values: the awkward table takes them there as text. */
  asText: readonly ColumnType[];
  /** The hazards that do not arrive as they are, and what becomes of them; undefined: as at the other places of the same code. */
  hazards: Partial<Record<Hazard, Outcome>> | undefined;
};

const kept = (type: ColumnType, ...types: ColumnType[]) =>
  Object.fromEntries(types.map((each) => [each, type])) as Place['keeps'];
const inText = kept('String', 'Guid', 'DateTime', 'DateTimeOffset', 'TimeSpan', 'Binary');

type Format = Pick<Place, 'name' | 'keeps' | 'hazards'> & { type: string; settings: JsonObject };
const delimitedText: Format = {
  name: 'DelimitedText',
  type: 'DelimitedText',
  settings: { firstRowAsHeader: true, nullValue: '\\N', escapeChar: '"' },
  keeps: { ...inText, ...kept('String', 'Boolean', 'Byte', 'Int16', 'Int32', 'Int64', 'Single', 'Double', 'Decimal') },
  hazards: { loneSurrogate: 'refused', nullText: 'refused' },
};
const json: Format = {
  name: 'Json',
  type: 'Json',
  settings: {},
  keeps: { ...inText, ...kept('Int64', 'Byte', 'Int16', 'Int32'), Single: 'Double' },
  hazards: { notANumber: 'refused', infinite: 'refused', minusInfinite: 'refused' },
};
const parquet: Format = {
  name: 'Parquet',
  type: 'Parquet',
  settings: { compressionCodec: 'zstd' },
  keeps: kept('String', 'TimeSpan'),
  hazards: {
    lastMoment: 'loses',
    finest: 'loses',
    finestInstant: 'loses',
    farEast: 'loses',
    farWest: 'loses',
    beforeTime: 'refused',
    wholeDigits: 'refused',
    fractionDigits: 'loses',
    loneSurrogate: 'refused',
  },
};

type Store = { name: string; type: string; location: JsonObject; service(stage: MatrixStage): ResolvedLinkedService };
const blob: Store = {
  name: 'a blob',
  type: 'AzureBlobStorage',
  location: { container: root },
  service: ({ sink }) => linkedService(sink),
};
const lake: Store = {
  name: 'Data Lake',
  type: 'AzureBlobFS',
  location: { fileSystem: root },
  service: (of) => of.lake,
};
const share: Store = { name: 'Azure Files', type: 'AzureFileStorage', location: {}, service: ({ share: one }) => one };

const file = (format: Format, store: Store): Place => ({
  name: `${format.name} in ${store.name}`,
  dataset: (stage, name) =>
    dataset(
      format.type,
      store.service(stage),
      { type: `${store.type}Location`, ...store.location, fileName: `${name}.${format.type}` },
      format.settings,
    ),
  source: { storeSettings: { type: `${store.type}ReadSettings` } },
  sink: { storeSettings: { type: `${store.type}WriteSettings` } },
  keeps: format.keeps,
  asText: [],
  hazards: format.hazards,
});

/** Many copies go at once. */
const patient: JsonObject = { connectTimeout: 60 };

const sqlServer = (
  type: 'AzureSql' | 'SqlDW' | 'SqlServer',
  name: string,
  table: (stage: MatrixStage, name: string) => ResolvedDataset,
): Place => ({
  name,
  dataset: table,
  source: { type: `${type}Source` },
  sink: { type: `${type}Sink`, tableOption: 'autoCreate' },
  keeps: {},
  asText: ['TimeSpan'],
  hazards: {
    lastMoment: 'beyond the sandbox',
    finest: 'beyond the sandbox',
    beforeTime: 'refused',
    backwards: 'refused',
    manyDays: 'refused',
    finestSpan: 'beyond the sandbox',
    negativeZero: 'loses',
    negativeZeroSingle: 'loses',
    notANumber: 'refused',
    infinite: 'refused',
    minusInfinite: 'refused',
    wholeDigits: 'refused',
    fractionDigits: 'loses',
    loneSurrogate: 'beyond the sandbox',
  },
});

const postgres: Place = {
  name: 'PostgreSQL',
  dataset: (stage, name) => stage.postgres.table(name),
  source: { type: 'AzurePostgreSqlSource' },
  sink: { type: 'AzurePostgreSqlSink', tableOption: 'autoCreate' },
  keeps: { Byte: 'Int16' },
  asText: ['TimeSpan'],
  hazards: {
    lastMoment: 'loses',
    finest: 'loses',
    finestInstant: 'loses',
    farEast: 'loses',
    farWest: 'loses',
    beforeTime: 'refused',
    backwards: 'refused',
    manyDays: 'refused',
    finestSpan: 'loses',
    nul: 'refused',
    loneSurrogate: 'refused',
  },
};

/** A place whose hazards those of another are, for it is the same code. */
const byOtherName = (place: Place): Place => ({ ...place, hazards: undefined });

/** Delimited text in a blob, which everything begins in. */
export const text = file(delimitedText, blob);

export const places: readonly Place[] = [
  text,
  file(json, blob),
  file(parquet, blob),
  byOtherName(file(parquet, lake)),
  byOtherName(file(delimitedText, share)),
  {
    name: 'Azure Table',
    dataset: (stage, name, columns) =>
      tableDataset(stage.sink, name, { schema: columns.map((column) => ({ name: column })) }),
    source: {},
    sink: { azureTableRowKeyName: 'key', azureTableDefaultPartitionKeyValue: 'p' },
    keeps: {
      ...kept('String', 'Decimal', 'DateTimeOffset', 'TimeSpan'),
      ...kept('Int32', 'Byte', 'Int16'),
      Single: 'Double',
    },
    asText: [],
    hazards: {
      firstDay: 'refused',
      negativeZero: 'loses',
      negativeZeroSingle: 'loses',
      longText: 'refused',
      longBytes: 'refused',
    },
  },
  {
    name: 'Cosmos DB',
    dataset: async (stage, name) => {
      await stage.cosmos.container(name, ['/key']);
      return cosmosDataset(stage.cosmos, name);
    },
    source: { type: 'CosmosDbSqlApiSource' },
    sink: { type: 'CosmosDbSqlApiSink' },
    keeps: {
      ...kept('Double', 'Byte', 'Int16', 'Int32', 'Int64', 'Single', 'Decimal'),
      ...kept('String', 'Guid', 'TimeSpan', 'Binary', 'DateTime', 'DateTimeOffset'),
    },
    asText: ['Int64', 'Decimal'],
    hazards: {
      negativeZero: 'loses',
      negativeZeroSingle: 'loses',
      notANumber: 'refused',
      infinite: 'refused',
      minusInfinite: 'refused',
      longest: 'loses',
      wholeDigits: 'loses',
      fractionDigits: 'loses',
    },
  },
  sqlServer('AzureSql', 'SQL Database', (stage, name) => stage.sql.table(name, patient)),
  byOtherName(sqlServer('SqlDW', 'a dedicated SQL pool', (stage, name) => stage.sql.poolTable(name, patient))),
  byOtherName(
    sqlServer('SqlServer', 'SQL Server', (stage, name) => {
      const table = stage.sql.table(name, patient);
      return { ...table, type: 'SqlServerTable', linkedService: { ...table.linkedService, type: 'SqlServer' } };
    }),
  ),
  postgres,
  {
    ...postgres,
    name: 'PostgreSQL by its newer name',
    dataset: (stage, name) => {
      const { server } = stage.postgres;
      const { typeProperties, ...linked } = stage.postgres.linkedService();
      return {
        ...stage.postgres.table(name),
        type: 'PostgreSqlV2Table',
        linkedService: {
          ...linked,
          type: 'PostgreSqlV2',
          typeProperties: {
            server: 'db.corp.example',
            port: server.port,
            database: 'postgres',
            username: server.user,
            password: typeProperties.password!,
          },
        },
      };
    },
    source: { type: 'PostgreSqlV2Source' },
    sink: undefined,
    writtenAs: postgres,
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
