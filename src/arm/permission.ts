// What permissions to a resource begin with: its type, or what the type says instead.
import { idOfSegments, type ResourceId } from './resource-id.ts';
import type { ResourceType } from './resource-type.ts';

const beginningOf = ({ type, permission = type }: ResourceType, scope: ResourceId, verb: string): string =>
  typeof permission === 'string' ? permission : permission(scope, verb);

/** The permission that `verb` (`read`, `write`, `delete`) of a resource in `scope` asks for. */
export const permissionFor = (type: ResourceType, scope: ResourceId, verb: string): string =>
  `${beginningOf(type, scope, verb)}/${verb}`;

/** What the permission to read the resource with this id begins with. */
export const readPermissionOfId = (type: ResourceType, id: string): string => {
  const end = type.scope === 'extension' ? id.toLowerCase().lastIndexOf('/providers/') : 0;
  return beginningOf(type, idOfSegments(id.slice(0, end).split('/').slice(1)), 'read');
};
