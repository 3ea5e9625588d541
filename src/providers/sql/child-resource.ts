import { randomUUID } from 'node:crypto';
import type { Operation, Resource } from '../../arm/resource-type.ts';
import type { JsonObject } from '../../base/json.ts';

/** A resource that is written with the one that an operation is about, directly below it. `type` is of that one. */
export const childResource = (
  { id, now }: Pick<Operation, 'id' | 'now'>,
  type: string,
  child: { kind: string; name: string; location: string | null; body: JsonObject },
): Resource => {
  const { subscriptionId, resourceGroup, names, key } = id;
  const path = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${type}/${names[0]}`;
  const place = `${child.kind}/${child.name}`;
  return {
    id: `${path}/${place}`,
    key: `${key}/${place.toLowerCase()}`,
    type: `${type}/${child.kind}`,
    name: child.name,
    parentKey: key,
    location: child.location,
    tags: {},
    body: child.body,
    etag: randomUUID(),
    createdAt: now,
    updatedAt: now,
  };
};
