// What a copy does with rows that do not fit: fail, or skip them and tell of each in a log. Pure.
import {
  choiceAt,
  flagAt,
  groupAt,
  type Properties,
  propertyError,
  refuseAt,
  textAt,
} from '../../connectors/property.ts';
import { connectors } from '../../connectors/registry.ts';
import type { ResolvedLinkedService } from '../../connectors/resolved.ts';
import type { FileSide } from './side.ts';

/** Where the log goes: a folder of a store. `isRedirect`: the older form, rows with their errors only. */
export type LogPlace = {
  connector: FileSide['connector'];
  linkedService: Properties;
  location: Properties;
  folder: string;
  /** The folder as the output shows it. */
  shown: string;
  isRedirect: boolean;
};

export type FaultTolerance = { skipsRows: boolean; log: LogPlace | undefined };

const readPlace = (
  from: Properties,
  services: Readonly<Record<string, ResolvedLinkedService>>,
  isRedirect: boolean,
): LogPlace => {
  const name = textAt(groupAt(from, 'linkedServiceName'), 'referenceName');
  const service = name === undefined ? undefined : services[name.toLowerCase()];
  if (!service) throw propertyError(from, 'linkedServiceName', 'must be a LinkedServiceReference to a store of files');
  const connector = connectors.find(
    (each): each is FileSide['connector'] => each.type === service.type && (each.files?.writeSettings ?? null) !== null,
  );
  if (!connector) throw propertyError(from, 'linkedServiceName', `is of type ${service.type}, which holds no files`);
  const parts = (textAt(from, 'path') ?? '').split('/').filter((part) => part !== '');
  const { root } = connector.files;
  const [first] = parts;
  if (root !== undefined && first === undefined) throw propertyError(from, 'path', `must begin with a ${root}`);
  const below = root === undefined ? parts : parts.slice(1);
  if (below.some((part) => part === '.' || part === '..'))
    throw propertyError(from, 'path', 'must not hold `.` or `..`');
  return {
    connector,
    linkedService: { values: service.typeProperties, where: `Linked service '${service.name}'.typeProperties` },
    location: { values: root === undefined ? {} : { [root]: first! }, where: from.where },
    folder: below.map((part) => `${part}/`).join(''),
    shown: parts.map((part) => `${part}/`).join(''),
    isRedirect,
  };
};

/** Reads what an activity says of rows that do not fit. `services` are those that the job carries, by lower-case name. */
export const readFaultTolerance = (
  activity: Properties,
  services: Readonly<Record<string, ResolvedLinkedService>>,
): FaultTolerance => {
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
