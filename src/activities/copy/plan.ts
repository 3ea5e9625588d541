// What a Copy activity asks for, checked before anything is sent. Pure: the stores are only named here.
import { ActivityError } from '../../base/error.ts';
import type { StoredFile } from '../../connectors/file-store.ts';
import { readKeepsName } from '../../connectors/formats/archive/definition.ts';
import { extensionOf } from '../../connectors/formats/compression.ts';
import {
  countAt,
  flagAt,
  groupAt,
  type Properties,
  propertyError,
  refuseAt,
  textAt,
} from '../../connectors/property.ts';
import type { Loading } from '../../connectors/row/loading.ts';
import type { ActivityJob } from '../job.ts';
import { type AdditionalColumn, readAdditionalColumns } from './additional-column.ts';
import { type Destination, readDestination } from './destination.ts';
import { type FaultTolerance, readFaultTolerance } from './fault-tolerance.ts';
import { readLoading } from './loading.ts';
import { readPreserve } from './preserve.ts';
import { folderPrefix, readSelection, type Selection } from './selection.ts';
import { type FileSide, readSide, type Side, type TableSide } from './side.ts';
import { readStaging, type Staging } from './staging.ts';
import { readTranslator, type Translation } from './translator.ts';

export type FileSource = FileSide & {
  selection: Selection;
  deletesFiles: boolean;
  /** Whether what is unpacked goes into a folder named as the archive is. */
  keepsArchiveName: boolean;
  added: AdditionalColumn[];
};
export type TableSource = TableSide & { added: AdditionalColumn[] };
/** `maxRows`: of one file; undefined: all rows of a source are one. */
export type FileSink = FileSide & {
  destination: Destination;
  blockMiB: number | undefined;
  maxRows: number | undefined;
};

export type CopyPlan = {
  source: FileSource | TableSource;
  sink: FileSink | TableSide;
  /** The activity's, for those who read what it says of types. */
  translator: Properties;
  translation: Translation;
  parallelCopies: number | undefined;
  dataIntegrationUnits: number;
  validates: boolean;
  faultTolerance: FaultTolerance;
  loading: Loading;
  /** Undefined: what is copied goes straight to the sink. */
  staging: Staging | undefined;
  /** Whether files keep their metadata and headers. */
  keepsAttributes: boolean;
};

/** The path of a file as `$$FILEPATH` gives it: below the folder of the source's dataset. */
export const filePath = ({ location }: FileSource, { path }: StoredFile): string => {
  const folder = folderPrefix(textAt(location, 'folderPath'));
  return path.startsWith(folder) ? path.slice(folder.length) : path;
};

const readSideOf = (job: ActivityJob, activity: Properties, side: 'source' | 'sink'): Side => {
  const references = side === 'source' ? job.inputs : job.outputs;
  const [given] = references;
  if (!given || references.length !== 1)
    throw new ActivityError(
      'UserErrorInvalidCopyActivity',
      `Activity '${job.name}' must have exactly one dataset in ${side === 'source' ? 'inputs' : 'outputs'}; it has ${references.length}.`,
    );
  return readSide(given, groupAt(activity, side), side, side === 'source');
};

const readExtension = (formatSettings: Properties): string | undefined => {
  const extension = textAt(formatSettings, 'fileExtension') || undefined;
  if (extension === undefined) return undefined;
  if (extension.includes('/')) throw propertyError(formatSettings, 'fileExtension', 'must not hold `/`');
  return extension.startsWith('.') ? extension : `.${extension}`;
};

/** Whether what a side has is rows; else it is bytes. */
export const hasRows = (side: Side): boolean => side.kind === 'table' || side.format !== undefined;

const onlyAsIs = 'is only supported for Binary without compression, and not with MergeFiles';
const isMerging = ({ storeSettings }: FileSide): boolean =>
  textAt(storeSettings, 'copyBehavior')?.toLowerCase() === 'mergefiles';

const isHierarchical = (side: Side): boolean => side.kind === 'files' && side.format?.isHierarchical === true;

const readSource = (side: Side): CopyPlan['source'] => {
  const hasFiles = side.kind === 'files';
  if (!hasRows(side)) refuseAt(side.settings, ['additionalColumns']);
  const added = readAdditionalColumns(side.settings, hasFiles);
  if (!hasFiles) return { ...side, added };
  const deletesFiles = flagAt(side.storeSettings, 'deleteFilesAfterCompletion') ?? false;
  if (deletesFiles && side.format)
    throw propertyError(side.storeSettings, 'deleteFilesAfterCompletion', 'is only supported for Binary');
  const keepsArchiveName = side.archive !== undefined && readKeepsName(side.formatSettings, side.archive);
  const selection = readSelection(side.location, side.storeSettings);
  return { ...side, selection, deletesFiles, keepsArchiveName, added };
};

const readSink = (side: Side, source: Side): CopyPlan['sink'] => {
  if (side.kind === 'table') return side;
  refuseAt(side.storeSettings, ['metadata']);
  const maxRows = countAt(side.formatSettings, 'maxRowsPerFile', 1, Number.MAX_SAFE_INTEGER);
  const namePrefix = textAt(side.formatSettings, 'fileNamePrefix') || undefined;
  if (maxRows === undefined || source.kind === 'files' || !side.format)
    refuseAt(side.formatSettings, ['fileNamePrefix']);
  const isDivided = source.kind === 'table' && (textAt(source.settings, 'partitionOption') ?? 'None') !== 'None';
  if (namePrefix?.includes('/')) throw propertyError(side.formatSettings, 'fileNamePrefix', 'must not hold `/`');
  if (maxRows !== undefined && !side.format) refuseAt(side.formatSettings, ['maxRowsPerFile']);
  if (maxRows !== undefined && textAt(side.location, 'fileName'))
    throw propertyError(
      side.formatSettings,
      'maxRowsPerFile',
      "needs a folder: remove the fileName of the sink's dataset",
    );
  const extension = side.format ? readExtension(side.formatSettings) : undefined;
  if (source.kind === 'table' && extension === undefined && !textAt(side.location, 'fileName'))
    throw propertyError(
      side.formatSettings,
      'fileExtension',
      "must be given, for the sink's dataset has no fileName and a table has none to keep",
    );
  if (source.kind === 'files' && source.archive && isMerging(side) && !textAt(side.location, 'fileName'))
    throw propertyError(
      side.storeSettings,
      'copyBehavior',
      "must not be MergeFiles where archives are unpacked and the sink's dataset has no fileName",
    );
  const from = source.kind === 'files' ? source.compression : undefined;
  return {
    ...side,
    destination: readDestination(side.location, side.storeSettings, {
      dropped: from ? extensionOf(from) : '',
      extension,
      added: side.compression && extension === undefined ? extensionOf(side.compression) : '',
      // As in Azure: parts that are read at once have names of their own.
      namePrefix: isDivided ? undefined : namePrefix,
    }),
    maxRows,
    blockMiB: countAt(side.storeSettings, 'blockSizeInMB', 1, 100),
  };
};

/** Reads and checks a job. Errors: `ActivityError` that names the property, and what is supported instead. */
export const readPlan = (job: ActivityJob): CopyPlan => {
  const activity = { values: job.typeProperties, where: `Activity '${job.name}'.typeProperties` };
  const services = job.linkedServices ?? {};
  const source = readSideOf(job, activity, 'source');
  const sink = readSideOf(job, activity, 'sink');
  if (hasRows(source) !== hasRows(sink))
    throw propertyError(
      sink.settings,
      'type',
      'does not fit: bytes (Binary) can only be copied to bytes, and rows to rows',
    );
  const staging = readStaging(activity, services);
  if (staging && (sink.kind !== 'table' || !hasRows(source)))
    throw propertyError(activity, 'enableStaging', 'is only supported where rows are copied into a table; remove it');
  const validates = flagAt(activity, 'validateDataConsistency') ?? false;
  const loading = readLoading(sink);
  const faultTolerance = readFaultTolerance(activity, services, validates, loading.rejects);
  const isAsIs = [source, sink].every(
    (side) => !hasRows(side) && side.kind === 'files' && !side.compression && !side.archive && !isMerging(side),
  );
  if (faultTolerance.skipsFiles && !isAsIs) throw propertyError(activity, 'skipErrorFile', `${onlyAsIs}; remove it`);
  const keepsAttributes = readPreserve(activity);
  if (keepsAttributes && !isAsIs) throw propertyError(activity, 'preserve', `${onlyAsIs}; remove it`);
  const translator = groupAt(activity, 'translator');
  return {
    source: readSource(source),
    sink: readSink(sink, source),
    translator,
    translation: hasRows(source)
      ? readTranslator(translator, { source: isHierarchical(source), sink: isHierarchical(sink) })
      : { mappings: undefined, collection: undefined },
    parallelCopies: countAt(activity, 'parallelCopies', 1, 256),
    dataIntegrationUnits: countAt(activity, 'dataIntegrationUnits', 2, 256) ?? 4,
    validates,
    faultTolerance,
    loading,
    staging,
    keepsAttributes,
  };
};
