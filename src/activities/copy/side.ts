// The two sides of a copy, and the one of a lookup: a store of files or a table, as the datasets and settings say. Pure:
// the stores are only named here.
import { ActivityError } from '../../base/error.ts';
import type {
  ConnectorDefinition,
  FileCapability,
  TableAddress,
  TableCapability,
} from '../../connectors/definition.ts';
import { type ArchiveCodec, readArchiveCodec } from '../../connectors/formats/archive/definition.ts';
import { type Compression, readCompression } from '../../connectors/formats/compression.ts';
import type { FormatDefinition } from '../../connectors/formats/definition.ts';
import { formats } from '../../connectors/formats/registry.ts';
import { countAt, groupAt, type Properties, propertyError, textAt } from '../../connectors/property.ts';
import { connectors } from '../../connectors/registry.ts';
import type { ResolvedDataset } from '../../connectors/resolved.ts';

/** Files of a store. */
export type FileSide = {
  kind: 'files';
  connector: ConnectorDefinition & { files: FileCapability };
  linkedService: Properties;
  dataset: Properties;
  location: Properties;
  settings: Properties;
  storeSettings: Properties;
  formatSettings: Properties;
  /** Undefined: the files are bytes. */
  format: FormatDefinition | undefined;
  compression: Compression | undefined;
  /** Undefined: each file is one. */
  archive: ArchiveCodec | undefined;
  /** Undefined: as many as there are. */
  maxConnections: number | undefined;
};

/** A table of a store. */
export type TableSide = {
  kind: 'table';
  connector: ConnectorDefinition & { tables: TableCapability };
  address: TableAddress;
  settings: Properties;
};

export type Side = FileSide | TableSide;
type FileConnector = FileSide['connector'];
type TableConnector = TableSide['connector'];

const fileConnectors = connectors.filter((each): each is FileConnector => each.files !== undefined);
const tableConnectors = connectors.filter((each): each is TableConnector => each.tables !== undefined);
const listed = (words: readonly string[]) => words.join(', ');

const findConnector = <Found extends ConnectorDefinition>(dataset: ResolvedDataset, among: readonly Found[]): Found => {
  const found = among.find(({ type }) => type === dataset.linkedService.type);
  if (found) return found;
  throw new ActivityError(
    'UserErrorUnsupportedStore',
    `Linked service '${dataset.linkedService.name}' is of type ${dataset.linkedService.type}, which datasets of type ${dataset.type} do not support. Supported: ${listed(among.map(({ type }) => type))}.`,
  );
};

const readFormat = (dataset: ResolvedDataset): FormatDefinition | undefined => {
  const found = formats.find(({ type }) => type === dataset.type);
  if (found || dataset.type === 'Binary') return found;
  throw new ActivityError(
    'UserErrorUnsupportedFormat',
    `Dataset '${dataset.name}' is of type ${dataset.type}, which is not supported. Supported: ${listed(['Binary', ...formats.map(({ type }) => type), ...tableConnectors.map(({ tables }) => tables.dataset)])}.`,
  );
};

const datasetProperties = (dataset: ResolvedDataset): Properties => ({
  values: dataset.typeProperties,
  where: `Dataset '${dataset.name}'.typeProperties`,
});

const linkedServiceProperties = ({ linkedService }: ResolvedDataset): Properties => ({
  values: linkedService.typeProperties,
  where: `Linked service '${linkedService.name}'.typeProperties`,
});

/** The table that a dataset names, with its connector; undefined where the dataset is of no table's type. */
export const readTable = (dataset: ResolvedDataset): Pick<TableSide, 'connector' | 'address'> | undefined => {
  const among = tableConnectors.filter(({ tables }) => tables.dataset === dataset.type);
  if (among.length === 0) return undefined;
  return {
    connector: findConnector(dataset, among),
    address: {
      linkedService: linkedServiceProperties(dataset),
      dataset: datasetProperties(dataset),
      schema: (dataset.schema ?? []).map((values, index) => ({
        values,
        where: `Dataset '${dataset.name}'.schema[${index}]`,
      })),
    },
  };
};

/** The place in a store of files that a dataset names. Archives are only let in where they are unpacked. */
export const readPlace = (
  dataset: ResolvedDataset,
  unpacks = false,
): Pick<FileSide, 'connector' | 'linkedService' | 'dataset' | 'location' | 'format' | 'compression' | 'archive'> => {
  const format = readFormat(dataset);
  const connector = findConnector(dataset, fileConnectors);
  const properties = datasetProperties(dataset);
  const location = groupAt(properties, 'location');
  if (textAt(location, 'type') !== connector.files.location)
    throw propertyError(
      location,
      'type',
      `must be ${connector.files.location}, for the linked service is of type ${connector.type}`,
    );
  const archive = unpacks && !format?.compressesItself ? readArchiveCodec(properties) : undefined;
  return {
    connector,
    linkedService: linkedServiceProperties(dataset),
    dataset: properties,
    location,
    format,
    compression: format?.compressesItself || archive ? undefined : readCompression(properties),
    archive,
  };
};

const requireType = (settings: Properties, type: string, dataset: ResolvedDataset) => {
  if (settings.values.type !== type)
    throw propertyError(settings, 'type', `must be ${type}, for dataset '${dataset.name}' is of type ${dataset.type}`);
};

/** Reads one side: its dataset, and the activity's `source` or `sink`. Errors: `ActivityError` that names the property. */
export const readSide = (
  given: ResolvedDataset,
  settings: Properties,
  side: 'source' | 'sink',
  unpacks = false,
): Side => {
  const table = readTable(given);
  if (table) {
    const type = table.connector.tables[side];
    if (type === null)
      throw propertyError(settings, 'type', `cannot be used: ${table.connector.type} does not support it`);
    requireType(settings, type, given);
    return { kind: 'table', ...table, settings };
  }
  const place = readPlace(given, unpacks);
  const { connector, format } = place;
  requireType(settings, format ? format[side] : side === 'source' ? 'BinarySource' : 'BinarySink', given);
  const storeSettings = groupAt(settings, 'storeSettings');
  const wanted = side === 'source' ? connector.files.readSettings : connector.files.writeSettings;
  if (wanted === null) throw propertyError(settings, 'type', `cannot be used: ${connector.type} does not support it`);
  const storeType = textAt(storeSettings, 'type');
  if (storeType !== undefined && storeType !== wanted) throw propertyError(storeSettings, 'type', `must be ${wanted}`);
  return {
    kind: 'files',
    ...place,
    settings,
    storeSettings,
    formatSettings: groupAt(settings, 'formatSettings'),
    maxConnections: countAt(storeSettings, 'maxConcurrentConnections', 1, 1000),
  };
};
