// Where events come from: what is committed, and what the gateways decide.
import { readPermissionOfId } from '../../arm/permission.ts';
import type { ResourceType } from '../../arm/resource-type.ts';
import type { Log } from '../../base/log.ts';
import { type Change, onCommitted } from '../../database/change.ts';
import type { Database } from '../../database/database.ts';
import type { SealedNetwork } from '../../network/sealed-network.ts';
import { eventsOf, flowEvent, keysOf } from './event.ts';
import type { EventFeed } from './event-feed.ts';

const flowPauseMs = 1000;
/** A flow that a decision cut is news that somebody waits for. */
const cutPauseMs = 100;
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
  const known = new Map(types.map((type) => [type.type, type]));
  const permissionOf = (type: string, id: string) => {
    const found = known.get(type);
    return found ? readPermissionOfId(found, id) : type;
  };
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

/** Of one network: flows that are not told yet, whether one of them was cut, and the pause until the next word. */
type Untold = { count: number; hasCut: boolean; pause: NodeJS.Timeout | undefined };

/** Tells the feed of flows, at most once a second for each network; of what was cut, at once. */
const tellFlows = ({ database, network, feed, log }: EventRooms): void => {
  const networks = new Map<string, Untold>();
  const tell = async (key: string, untold: Untold) => {
    const { count } = untold;
    if (count === 0) return void networks.delete(key);
    untold.count = 0;
    untold.hasCut = false;
    untold.pause = undefined;
    const row = await database.selectFrom('resource').select('id').where('key', '=', key).executeTakeFirst();
    feed.add([flowEvent(row?.id ?? key, count)]);
    pause(key, untold);
  };
  const start = (key: string, untold: Untold) =>
    tell(key, untold).catch((error: unknown) => {
      networks.delete(key);
      log.error({ err: error }, 'flows could not be told');
    });
  const pause = (key: string, untold: Untold) => {
    clearTimeout(untold.pause);
    untold.pause = setTimeout(() => void start(key, untold), untold.hasCut ? cutPauseMs : flowPauseMs).unref();
  };
  network.onFlow(({ network: key, end }) => {
    const known = networks.get(key);
    const untold = known ?? { count: 0, hasCut: false, pause: undefined };
    untold.count += 1;
    if (!known) {
      networks.set(key, untold);
      void start(key, untold);
    } else if (end === 'cut' && !untold.hasCut) {
      untold.hasCut = true;
      // While it is being told there is no pause yet: the next one will be short.
      if (untold.pause) pause(key, untold);
    }
  });
};

/** Tells the feed of all that happens, for as long as the process lives. */
export const tellAll = (rooms: EventRooms): void => {
  tellChanges(rooms);
  tellFlows(rooms);
};
