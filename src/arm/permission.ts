// What permissions to a resource begin with: its type, or what the type says instead.
import { idOfSegments, type ResourceId } from './resource-id.ts';
import type { ResourceType } from './resource-type.ts';

const beginningOf = ({ type, permission = type }: ResourceType, scope: ResourceId): string =>
  typeof permission === 'string' ? permission : permission(scope);

/** The permission that `verb` (`read`, `write`, `delete`) of a resource in `scope` asks for. */
export const permissionFor = (type: ResourceType, scope: ResourceId, verb: string): string =>
  `${beginningOf(type, scope)}/${verb}`;

/** What the permissions to the resource with this id begin with. */
export const permissionOfId = (type: ResourceType, id: string): string => {
  const end = type.scope === 'extension' ? id.toLowerCase().lastIndexOf('/providers/') : 0;
  return beginningOf(type, idOfSegments(id.slice(0, end).split('/').slice(1)));
};
