// What a Copy activity asks for, checked before anything is sent. Pure: the stores are only named here.
import { ActivityError } from '../../base/error.ts';
import type { ConnectorDefinition, FileCapability } from '../../connectors/definition.ts';
import { type Compression, extensionOf, readCompression } from '../../connectors/formats/compression.ts';
import type { FormatDefinition } from '../../connectors/formats/definition.ts';
import { formats } from '../../connectors/formats/registry.ts';
import {
  countAt,
  flagAt,
  groupAt,
  type Properties,
  propertyError,
  refuseAt,
  textAt,
} from '../../connectors/property.ts';
import { connectors } from '../../connectors/registry.ts';
import type { ResolvedDataset } from '../../connectors/resolved.ts';
import type { ActivityJob } from '../job.ts';
import { type Destination, readDestination } from './destination.ts';
import { readSelection, type Selection } from './selection.ts';
import { type ColumnMapping, readTranslator } from './translator.ts';

export type Side = {
  connector: ConnectorDefinition & { files: FileCapability };
  linkedService: Properties;
  dataset: Properties;
  location: Properties;
  formatSettings: Properties;
  /** Undefined: the files are bytes. */
  format: FormatDefinition | undefined;
  compression: Compression | undefined;
  /** Undefined: as many as there are. */
  maxConnections: number | undefined;
};

export type CopyPlan = {
  source: Side & { selection: Selection; deletesFiles: boolean };
  sink: Side & { destination: Destination; blockMiB: number | undefined };
  mappings: ColumnMapping[] | undefined;
  parallelCopies: number | undefined;
  dataIntegrationUnits: number;
  validates: boolean;
};

const fileConnectors = connectors.filter((each): each is Side['connector'] => each.files !== undefined);
const listed = (words: readonly string[]) => words.join(', ');

const readConnector = (dataset: ResolvedDataset): Side['connector'] => {
  const found = fileConnectors.find(({ type }) => type === dataset.linkedService.type);
  if (found) return found;
  throw new ActivityError(
    'UserErrorUnsupportedStore',
    `Linked service '${dataset.linkedService.name}' is of type ${dataset.linkedService.type}, which Copy does not support. Supported: ${listed(fileConnectors.map(({ type }) => type))}.`,
  );
};

const readFormat = (dataset: ResolvedDataset): FormatDefinition | undefined => {
  const found = formats.find(({ type }) => type === dataset.type);
  if (found || dataset.type === 'Binary') return found;
  throw new ActivityError(
    'UserErrorUnsupportedFormat',
    `Dataset '${dataset.name}' is of type ${dataset.type}, which Copy does not support. Supported: ${listed(['Binary', ...formats.map(({ type }) => type)])}.`,
  );
};

const readSide = (job: ActivityJob, activity: Properties, side: 'source' | 'sink') => {
  const references = side === 'source' ? job.inputs : job.outputs;
  const [given] = references;
  if (!given || references.length !== 1)
    throw new ActivityError(
      'UserErrorInvalidCopyActivity',
      `Activity '${job.name}' must have exactly one dataset in ${side === 'source' ? 'inputs' : 'outputs'}; it has ${references.length}.`,
    );
  const settings = groupAt(activity, side);
  const connector = readConnector(given);
  const format = readFormat(given);
  const type = format ? format[side] : side === 'source' ? 'BinarySource' : 'BinarySink';
  if (settings.values.type !== type)
    throw propertyError(settings, 'type', `must be ${type}, for dataset '${given.name}' is of type ${given.type}`);

  const dataset = { values: given.typeProperties, where: `Dataset '${given.name}'.typeProperties` };
  const location = groupAt(dataset, 'location');
  if (textAt(location, 'type') !== connector.files.location)
    throw propertyError(
      location,
      'type',
      `must be ${connector.files.location}, for the linked service is of type ${connector.type}`,
    );
  const storeSettings = groupAt(settings, 'storeSettings');
  const wanted = side === 'source' ? connector.files.readSettings : connector.files.writeSettings;
  if (wanted === null) throw propertyError(settings, 'type', `cannot be used: ${connector.type} does not support it`);
  const storeType = textAt(storeSettings, 'type');
  if (storeType !== undefined && storeType !== wanted) throw propertyError(storeSettings, 'type', `must be ${wanted}`);
  const common: Side = {
    connector,
    linkedService: {
      values: given.linkedService.typeProperties,
      where: `Linked service '${given.linkedService.name}'.typeProperties`,
    },
    dataset,
    location,
    formatSettings: groupAt(settings, 'formatSettings'),
    format,
    compression: readCompression(dataset),
    maxConnections: countAt(storeSettings, 'maxConcurrentConnections', 1, 1000),
  };
  return { ...common, settings, storeSettings };
};

const readExtension = (formatSettings: Properties): string | undefined => {
  const extension = textAt(formatSettings, 'fileExtension') || undefined;
  if (extension === undefined) return undefined;
  if (extension.includes('/')) throw propertyError(formatSettings, 'fileExtension', 'must not hold `/`');
  return extension.startsWith('.') ? extension : `.${extension}`;
};

/** Reads and checks a job. Errors: `ActivityError` that names the property, and what is supported instead. */
export const readPlan = (job: ActivityJob): CopyPlan => {
  const activity = { values: job.typeProperties, where: `Activity '${job.name}'.typeProperties` };
  refuseAt(activity, [
    'enableStaging',
    'enableSkipIncompatibleRow',
    'skipErrorFile',
    'logSettings',
    'logStorageSettings',
    'preserve',
  ]);
  const source = readSide(job, activity, 'source');
  const sink = readSide(job, activity, 'sink');
  refuseAt(source.settings, ['additionalColumns']);
  refuseAt(sink.storeSettings, ['metadata']);
  refuseAt(sink.formatSettings, ['maxRowsPerFile', 'fileNamePrefix']);
  if ((source.format === undefined) !== (sink.format === undefined))
    throw propertyError(
      sink.settings,
      'type',
      'does not fit: bytes (Binary) can only be copied to bytes, and rows to rows',
    );
  const deletesFiles = flagAt(source.storeSettings, 'deleteFilesAfterCompletion') ?? false;
  if (deletesFiles && source.format)
    throw propertyError(source.storeSettings, 'deleteFilesAfterCompletion', 'is only supported for Binary');
  const extension = sink.format ? readExtension(sink.formatSettings) : undefined;
  const validates = flagAt(activity, 'validateDataConsistency') ?? false;
  return {
    source: { ...source, selection: readSelection(source.location, source.storeSettings), deletesFiles },
    sink: {
      ...sink,
      destination: readDestination(sink.location, sink.storeSettings, {
        dropped: source.compression ? extensionOf(source.compression) : '',
        extension,
        added: sink.compression && extension === undefined ? extensionOf(sink.compression) : '',
      }),
      blockMiB: countAt(sink.storeSettings, 'blockSizeInMB', 1, 100),
    },
    mappings: source.format ? readTranslator(groupAt(activity, 'translator')) : undefined,
    parallelCopies: countAt(activity, 'parallelCopies', 1, 256),
    dataIntegrationUnits: countAt(activity, 'dataIntegrationUnits', 2, 256) ?? 4,
    validates,
  };
};
