// Removing a resource: everything below it first, each through its type's hook, and the roles that were given on it.
import type { Tx } from '../database/database.ts';
import { deleteResource, descendants, type Resource } from '../database/resource.ts';
import { idOfSegments } from './resource-id.ts';
import type { Operation, Registry } from './resource-type.ts';

/** Deletes one resource and the roles that were given on it and below: whoever makes another of its name gives them anew. */
export const deleteWithRoles = async (tx: Tx, key: string): Promise<void> => {
  await deleteResource(tx, key);
  await tx
    .deleteFrom('role_assignment')
    .where((where) =>
      where.or([
        where('scope_key', '=', key),
        where.and([where('scope_key', '>', `${key}/`), where('scope_key', '<', `${key}0`)]),
      ]),
    )
    .execute();
};

const removeOne = async (
  registry: Registry,
  operation: Omit<Operation, 'id'>,
  resource: Resource,
  isAsked: boolean,
) => {
  const type = registry.types.find((one) => one.type === resource.type);
  const id = idOfSegments(resource.id.split('/').slice(1));
  await type?.remove?.({ ...operation, id }, resource, isAsked);
  await deleteWithRoles(operation.tx, resource.key);
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
