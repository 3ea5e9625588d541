// What a copy does with rows that do not fit and files that cannot be copied: fail, or skip them and tell of each in a log. Pure.
import { choiceAt, flagAt, groupAt, type Properties } from '../../connectors/property.ts';
import type { RejectLimit } from '../../connectors/row/loading.ts';
import { readSkipErrorFile, type SkippedTroubles } from './file-skips.ts';
import { type FolderPlace, readFolderPlace, type Services } from './folder-place.ts';

/** Where the log goes. `isRedirect`: the older form, rows with their errors only. */
export type LogPlace = FolderPlace & { isRedirect: boolean };

/** `skipsFiles`: undefined where none are. */
export type FaultTolerance = {
  skipsRows: boolean;
  skipsFiles: SkippedTroubles | undefined;
  log: LogPlace | undefined;
};

const readPlace = (from: Properties, services: Services, isRedirect: boolean): LogPlace => ({
  ...readFolderPlace(from, services),
  isRedirect,
});

/** Reads what an activity says of it. `services` are those that the job carries, `rejects` what the sink says of rows. */
export const readFaultTolerance = (
  activity: Properties,
  services: Services,
  validates: boolean,
  rejects: RejectLimit | undefined,
): FaultTolerance => {
  const skipsFiles = readSkipErrorFile(activity, validates);
  const skipsRows = (flagAt(activity, 'enableSkipIncompatibleRow') ?? false) || (rejects?.most ?? 0) > 0;
  const logging = groupAt(activity, 'logSettings');
  const isLogged = flagAt(logging, 'enableCopyActivityLog') ?? Object.keys(logging.values).length > 0;
  choiceAt(groupAt(logging, 'copyActivityLogSettings'), 'logLevel', ['Warning', 'Info']);
  const redirect = groupAt(activity, 'redirectIncompatibleRowSettings');
  const isRedirected = Object.keys(redirect.values).length > 0;
  const older = groupAt(activity, 'logStorageSettings');
  const isOlder = Object.keys(older.values).length > 0;
  const readLog = (): LogPlace | undefined => {
    if (!skipsRows && !skipsFiles) return undefined;
    if (isLogged) return readPlace(groupAt(logging, 'logLocationSettings'), services, false);
    if (isOlder) return readPlace(older, services, false);
    return skipsRows && isRedirected ? readPlace(redirect, services, true) : undefined;
  };
  return { skipsRows, skipsFiles, log: readLog() };
};
