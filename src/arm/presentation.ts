import type { JsonObject } from '../base/json.ts';
import type { Operation, Resource, ResourceType } from './resource-type.ts';

/** Fields that the front door owns; what a client sends in them is not kept in the body. */
export const ownedFields: readonly string[] = ['id', 'name', 'type', 'location', 'tags', 'etag', 'eTag'];

/** A body without the fields that the front door owns. */
export const withoutOwned = (body: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(body).filter(([name]) => !ownedFields.includes(name)));

/** A resource as its clients see it. */
export const present = async (type: ResourceType, operation: Operation, resource: Resource): Promise<JsonObject> => {
  const body = type.present ? await type.present(operation, resource) : resource.body;
  return {
    id: resource.id,
    name: resource.name,
    type: type.type,
    ...(type.tracked && { location: resource.location, tags: resource.tags }),
    ...(type.etag === 'etag' && { etag: resource.etag }),
    ...(type.etag === 'eTag' && { eTag: `"${resource.etag}"` }),
    ...body,
  };
};
