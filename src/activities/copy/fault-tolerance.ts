// What a copy does with rows that do not fit: fail, or skip them and tell of each in a log. Pure.
import { choiceAt, flagAt, groupAt, type Properties, refuseAt } from '../../connectors/property.ts';
import { type FolderPlace, readFolderPlace, type Services } from './folder-place.ts';

/** Where the log goes. `isRedirect`: the older form, rows with their errors only. */
export type LogPlace = FolderPlace & { isRedirect: boolean };

export type FaultTolerance = { skipsRows: boolean; log: LogPlace | undefined };

const readPlace = (from: Properties, services: Services, isRedirect: boolean): LogPlace => ({
  ...readFolderPlace(from, services),
  isRedirect,
});

/** Reads what an activity says of rows that do not fit. `services` are those that the job carries. */
export const readFaultTolerance = (activity: Properties, services: Services): FaultTolerance => {
  refuseAt(activity, ['skipErrorFile']);
  const skipsRows = flagAt(activity, 'enableSkipIncompatibleRow') ?? false;
  const logging = groupAt(activity, 'logSettings');
  const isLogged = flagAt(logging, 'enableCopyActivityLog') ?? Object.keys(logging.values).length > 0;
  choiceAt(groupAt(logging, 'copyActivityLogSettings'), 'logLevel', ['Warning', 'Info']);
  const redirect = groupAt(activity, 'redirectIncompatibleRowSettings');
  const isRedirected = Object.keys(redirect.values).length > 0;
  const older = groupAt(activity, 'logStorageSettings');
  const isOlder = Object.keys(older.values).length > 0;
  if (!skipsRows) return { skipsRows, log: undefined };
  if (isLogged) return { skipsRows, log: readPlace(groupAt(logging, 'logLocationSettings'), services, false) };
  if (isOlder) return { skipsRows, log: readPlace(older, services, false) };
  return { skipsRows, log: isRedirected ? readPlace(redirect, services, true) : undefined };
};
