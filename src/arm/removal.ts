// Removing a resource: everything below it first, each through its type's hook, and the roles that were given on it.
import { deleteResource, descendants, type Resource } from '../database/resource.ts';
import { idOfSegments } from './resource-id.ts';
import type { Operation, Registry } from './resource-type.ts';

const removeOne = async (
  registry: Registry,
  operation: Omit<Operation, 'id'>,
  resource: Resource,
  isAsked: boolean,
) => {
  const type = registry.types.find((one) => one.type === resource.type);
  const id = idOfSegments(resource.id.split('/').slice(1));
  await type?.remove?.({ ...operation, id }, resource, isAsked);
  await deleteResource(operation.tx, resource.key);
  await operation.tx
    .deleteFrom('role_assignment')
    .where((where) =>
      where.or([
        where('scope_key', '=', resource.key),
        where.and([where('scope_key', '>', `${resource.key}/`), where('scope_key', '<', `${resource.key}0`)]),
      ]),
    )
    .execute();
};

/** Removes a resource and all that is below it, in the operation's transaction. `isAsked`: it is what the client named. */
export const removeResource = async (
  registry: Registry,
  operation: Omit<Operation, 'id'>,
  resource: Resource,
  isAsked: boolean,
): Promise<void> => {
  for (const below of await descendants(operation.tx, resource.key)) await removeOne(registry, operation, below, false);
  await removeOne(registry, operation, resource, isAsked);
};
