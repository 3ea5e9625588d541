// Where events come from: what is committed, and what the gateways decide.
import type { ResourceType } from '../../arm/resource-type.ts';
import type { Log } from '../../base/log.ts';
import { type Change, onCommitted } from '../../database/change.ts';
import type { Database } from '../../database/database.ts';
import type { SealedNetwork } from '../../network/sealed-network.ts';
import { eventsOf, flowEvent, keysOf } from './event.ts';
import type { EventFeed } from './event-feed.ts';

const flowPauseMs = 1000;
const mostIds = 2000;

/** Where they come from, and where they go. */
export type EventRooms = {
  database: Database;
  network: Pick<SealedNetwork, 'onFlow'>;
  feed: EventFeed;
  types: readonly ResourceType[];
  log: Log;
};

/** Tells the feed of every change, in order of commit. */
const tellChanges = ({ database, feed, types, log }: EventRooms): void => {
  const permissions = new Map(types.map(({ type, permission }) => [type, permission ?? type]));
  const permissionOf = (type: string) => permissions.get(type) ?? type;
  const ids = new Map<string, string>();
  let waiting: Change[] = [];
  let running = false;

  const findIds = async (changes: readonly Change[]) => {
    const missing = [...new Set(changes.flatMap(keysOf))].filter((key) => !ids.has(key));
    if (missing.length === 0) return;
    if (ids.size > mostIds) ids.clear();
    const rows = await database.selectFrom('resource').select(['key', 'id']).where('key', 'in', missing).execute();
    for (const { key, id } of rows) ids.set(key, id);
  };

  const run = async () => {
    if (running) return;
    running = true;
    try {
      while (waiting.length > 0) {
        const changes = waiting;
        waiting = [];
        await findIds(changes);
        feed.add(changes.flatMap((change) => eventsOf(change, (key) => ids.get(key) ?? key, permissionOf)));
        for (const { table, action, columns } of changes)
          if (table === 'resource' && action === 'deleted') ids.delete(columns.id!.toLowerCase());
      }
    } catch (error) {
      log.error({ err: error }, 'what was committed could not be told');
    } finally {
      running = false;
    }
  };

  onCommitted(database, (changes) => {
    waiting.push(...changes);
    // After the statement that holds the database has let go of it.
    queueMicrotask(() => void run());
  });
};

/** Tells the feed of flows, at most once a second for each network. */
const tellFlows = ({ database, network, feed, log }: EventRooms): void => {
  const counts = new Map<string, number>();
  const tell = async (key: string) => {
    const count = counts.get(key)!;
    if (count === 0) return void counts.delete(key);
    counts.set(key, 0);
    const row = await database.selectFrom('resource').select('id').where('key', '=', key).executeTakeFirst();
    feed.add([flowEvent(row?.id ?? key, count)]);
    pause(key);
  };
  const start = (key: string) =>
    tell(key).catch((error: unknown) => {
      counts.delete(key);
      log.error({ err: error }, 'flows could not be told');
    });
  const pause = (key: string) => void setTimeout(() => void start(key), flowPauseMs).unref();
  network.onFlow(({ network: key }) => {
    const count = counts.get(key);
    counts.set(key, (count ?? 0) + 1);
    if (count === undefined) void start(key);
  });
};

/** Tells the feed of all that happens, for as long as the process lives. */
export const tellAll = (rooms: EventRooms): void => {
  tellChanges(rooms);
  tellFlows(rooms);
};
