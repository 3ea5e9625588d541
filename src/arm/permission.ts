import type { ResourceId } from './resource-id.ts';
import type { ResourceType } from './resource-type.ts';

/** The permission that `verb` (`read`, `write`, `delete`) of a resource in `scope` asks for. */
export const permissionFor = (type: ResourceType, scope: ResourceId, verb: string): string => {
  const { permission = type.type } = type;
  return `${typeof permission === 'string' ? permission : permission(scope)}/${verb}`;
};
