// ARM resources as rows: read, written, listed by key. No rules about what a resource may be live here.
import type { Selectable } from 'kysely';
import type { JsonObject } from '../base/json.ts';
import type { Database, Tx } from './database.ts';
import type { ResourceTable } from './table.ts';

/** A stored resource. `body` is what the client sent (unknown properties included) and what the provider added. */
export type Resource = {
  id: string;
  /** `id` in lower case: what everything refers to it by. */
  key: string;
  type: string;
  name: string;
  /** Key of the containing resource, or of the resource group. */
  parentKey: string;
  location: string | null;
  tags: Record<string, string>;
  /** Top-level fields beside id, name, type, location, tags and etag: `properties`, `sku`, `identity`, ... */
  body: JsonObject;
  etag: string;
  createdAt: string;
  updatedAt: string;
};

const fromRow = (row: Selectable<ResourceTable>): Resource => ({
  id: row.id,
  key: row.key,
  type: row.type,
  name: row.name,
  parentKey: row.parent_key,
  location: row.location,
  tags: JSON.parse(row.tags) as Record<string, string>,
  body: JSON.parse(row.body) as JsonObject,
  etag: row.etag,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

/** The resource with this key (a lower-case id), or null. */
export const readResource = async (db: Database | Tx, key: string): Promise<Resource | null> => {
  const row = await db.selectFrom('resource').selectAll().where('key', '=', key).executeTakeFirst();
  return row ? fromRow(row) : null;
};

/** Inserts or replaces a resource. The first writing's `id`, `name` and `created_at` stay. */
export const writeResource = async (tx: Tx, resource: Resource): Promise<void> => {
  const [, , subscription = '', below, group] = resource.key.split('/');
  const changing = {
    location: resource.location,
    tags: JSON.stringify(resource.tags),
    body: JSON.stringify(resource.body),
    etag: resource.etag,
    updated_at: resource.updatedAt,
  };
  await tx
    .insertInto('resource')
    .values({
      ...changing,
      key: resource.key,
      id: resource.id,
      type: resource.type,
      name: resource.name,
      parent_key: resource.parentKey,
      subscription_id: subscription,
      resource_group: below === 'resourcegroups' ? (group ?? null) : null,
      created_at: resource.createdAt,
    })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(changing))
    .execute();
};

/** Removes one resource and its secrets; its descendants are the caller's to remove first. True where there was one. */
export const deleteResource = async (tx: Tx, key: string): Promise<boolean> => {
  const { numDeletedRows } = await tx.deleteFrom('resource').where('key', '=', key).executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
};

/** Children of one type in order of key, at most `limit`, those after the key `after`. */
export const listChildren = async (
  db: Database | Tx,
  ask: { type: string; parentKey: string; after?: string; limit?: number },
): Promise<Resource[]> => {
  let query = db
    .selectFrom('resource')
    .selectAll()
    .where('parent_key', '=', ask.parentKey)
    .where('type', '=', ask.type)
    .where('key', '>', ask.after ?? '')
    .orderBy('key');
  if (ask.limit !== undefined) query = query.limit(ask.limit);
  return (await query.execute()).map(fromRow);
};

/** Resources at any depth below `scopeKey` (`''` for all), of one type or of all, in order of key. */
export const listBelow = async (
  db: Database | Tx,
  ask: { scopeKey: string; type?: string; after?: string; limit?: number },
): Promise<Resource[]> => {
  let query = db
    .selectFrom('resource')
    .selectAll()
    .where('key', '>', ask.after ?? '')
    .where('key', '>', `${ask.scopeKey}/`)
    // `0` is the character after `/`: everything that starts with the scope, by the index.
    .where('key', '<', `${ask.scopeKey}0`)
    .orderBy('key');
  if (ask.type !== undefined) query = query.where('type', '=', ask.type);
  if (ask.limit !== undefined) query = query.limit(ask.limit);
  return (await query.execute()).map(fromRow);
};

/** Everything below a resource, deepest first: an order to remove it in. */
export const descendants = async (db: Database | Tx, key: string): Promise<Resource[]> => {
  const depth = (resource: Resource) => resource.key.split('/').length;
  return (await listBelow(db, { scopeKey: key })).sort((a, b) => depth(b) - depth(a));
};
