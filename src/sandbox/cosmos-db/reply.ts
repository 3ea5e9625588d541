// What answers look like on the wire.
import type { JsonObject } from '../../base/json.ts';
import type { ContainerRow, ItemRow } from './account-file.ts';

/** An answer. `body` is JSON already. */
export type Reply = { status: number; headers?: Record<string, string>; body?: string };

/** Nothing costs more than another thing here. */
export const requestCharge = 1;

/** An answer with one resource. */
export const resourceReply = (status: number, body: JsonObject, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { ...(typeof body._etag === 'string' && { etag: body._etag }), ...headers },
  body: JSON.stringify(body),
});

/** Headers of every answer about the items of a container: where it is, and how far it has been written. */
export const containerHeaders = (container: ContainerRow, lsn: number): Record<string, string> => ({
  'x-ms-alt-content-path': encodeURI(`dbs/${container.database}/colls/${container.id}`),
  'x-ms-content-path': container.rid,
  'x-ms-session-token': `0:0#${lsn}`,
  lsn: `${lsn}`,
});

/** An answer with one item, or with none. */
export const itemReply = (
  container: ContainerRow,
  { status, item }: { status: number; item: ItemRow | null },
): Reply => ({
  status,
  headers: {
    ...containerHeaders(container, Math.max(container.lsn, item?.lsn ?? 0)),
    ...(item && { etag: item.etag }),
  },
  ...(item && { body: item.text }),
});

/** An answer with a page of resources, which are JSON already. */
export const feedReply = (
  name: string,
  rid: string,
  texts: readonly string[],
  headers: Record<string, string> = {},
): Reply => ({
  status: 200,
  headers: { 'x-ms-item-count': `${texts.length}`, ...headers },
  body: `{"_rid":${JSON.stringify(rid)},${JSON.stringify(name)}:[${texts.join(',')}],"_count":${texts.length}}`,
});
