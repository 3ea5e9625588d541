// Which files of a store a source means, and what each is called below the sink's folder. Pure.

import { withoutSlashes } from '../../base/text.ts';
import type { StoredFile } from '../../connectors/file-store.ts';
import { flagAt, instantAt, type Properties, propertyError, refuseAt, textAt } from '../../connectors/property.ts';
import { fixedStart, pathTest } from './wildcard.ts';

export type Selection = {
  /** The one file, where the source names one. */
  file: string | undefined;
  /** What is listed, where it does not. */
  prefix: string;
  recursive: boolean;
  /** How messages name it. */
  shown: string;
  matches(path: string): boolean;
  isInTime(file: StoredFile): boolean;
  /** The path that keeps its place in the hierarchy below the source's folder. */
  relative(path: string): string;
};

/** A folder path as a prefix: no slash at its start, one at its end; empty for the root. */
export const folderPrefix = (folder: string | undefined): string => {
  const trimmed = withoutSlashes(folder ?? '').replace(/^\/+/, '');
  return trimmed === '' ? '' : `${trimmed}/`;
};

const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** Reads a source's `storeSettings` with its dataset's `location`. */
export const readSelection = (location: Properties, settings: Properties): Selection => {
  refuseAt(settings, ['fileListPath', 'enablePartitionDiscovery', 'partitionRootPath']);
  const start = instantAt(settings, 'modifiedDatetimeStart');
  const end = instantAt(settings, 'modifiedDatetimeEnd');
  const isInTime = ({ modifiedAt }: StoredFile) => (!start || modifiedAt >= start) && (!end || modifiedAt < end);
  const recursive = flagAt(settings, 'recursive') ?? true;
  const folder = folderPrefix(textAt(location, 'folderPath'));
  const namePrefix = textAt(settings, 'prefix') || undefined;
  const wildFolder = textAt(settings, 'wildcardFolderPath') || undefined;
  const wildName = textAt(settings, 'wildcardFileName') || undefined;
  const fileName = textAt(location, 'fileName') || undefined;
  if (namePrefix !== undefined && (wildFolder !== undefined || wildName !== undefined))
    throw propertyError(settings, 'prefix', 'must not be given together with a wildcard');

  if (namePrefix !== undefined) {
    const kept = namePrefix.lastIndexOf('/') + 1;
    return {
      file: undefined,
      prefix: namePrefix,
      recursive,
      shown: `${namePrefix}*`,
      matches: () => true,
      isInTime,
      relative: (path) => path.slice(kept),
    };
  }
  if (wildFolder !== undefined || wildName !== undefined) {
    const folderPattern = folderPrefix(wildFolder) || (wildFolder === undefined ? folder.replace(/[*?^]/g, '^$&') : '');
    const start = fixedStart(folderPattern);
    const prefix = start.slice(0, start.lastIndexOf('/') + 1);
    const matches = pathTest(folderPattern, wildName ?? '*', recursive);
    return {
      file: undefined,
      prefix: start === folderPattern && !recursive ? start + fixedStart(wildName ?? '*') : start,
      // A wildcard in the folder needs the listing to go down to it.
      recursive: recursive || start !== folderPattern,
      shown: `${folderPattern}${wildName ?? '*'}`,
      matches,
      isInTime,
      relative: (path) => path.slice(prefix.length),
    };
  }
  return {
    file: fileName === undefined ? undefined : folder + fileName,
    prefix: folder,
    recursive,
    shown: folder + (fileName ?? ''),
    matches: () => true,
    isInTime,
    relative: fileName === undefined ? (path) => path.slice(folder.length) : baseName,
  };
};
