// A folder of a store that an activity names for files of its own: a linked service and a path. Pure.
import { groupAt, type Properties, propertyError, textAt } from '../../connectors/property.ts';
import { connectors } from '../../connectors/registry.ts';
import type { ResolvedLinkedService } from '../../connectors/resolved.ts';
import type { FileSide } from './side.ts';

/** Where it is; `folder` is empty or ends with `/`, and `shown` is the path as the output shows it. */
export type FolderPlace = {
  connector: FileSide['connector'];
  linkedService: Properties;
  location: Properties;
  folder: string;
  shown: string;
};

/** Linked services that a job carries, by lower-case name. */
export type Services = Readonly<Record<string, ResolvedLinkedService>>;

/** Reads `linkedServiceName` and `path`, which begins with the store's root; `roots` are those of types that need none. */
export const readFolderPlace = (
  from: Properties,
  services: Services,
  roots: Readonly<Record<string, string>> = {},
): FolderPlace => {
  const name = textAt(groupAt(from, 'linkedServiceName'), 'referenceName');
  const service = name === undefined ? undefined : services[name.toLowerCase()];
  if (!service) throw propertyError(from, 'linkedServiceName', 'must be a LinkedServiceReference to a store of files');
  const connector = connectors.find(
    (each): each is FileSide['connector'] => each.type === service.type && (each.files?.writeSettings ?? null) !== null,
  );
  if (!connector) throw propertyError(from, 'linkedServiceName', `is of type ${service.type}, which holds no files`);
  const parts = (textAt(from, 'path') || roots[service.type] || '').split('/').filter((part) => part !== '');
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
  };
};
