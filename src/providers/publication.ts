// Brings what was committed to the gateways. A step after the commit of every change that they must know of.
import { messageOf } from '../base/error.ts';
import type { Log } from '../base/log.ts';
import type { Database } from '../database/database.ts';
import type { SealedNetwork } from '../network/sealed-network.ts';
import { createAlarm } from './alarm.ts';
import { compileSnapshot } from './snapshot.ts';
import type { StoreDirectory } from './store-directory.ts';
import { nextExpiry, noteExpired } from './target/expiry.ts';
import type { TargetKind } from './target/target.ts';

/** Compiles and applies a snapshot of what was committed before the call; resolves once every gateway holds it and has cut what it no longer allows. */
export type Publish = () => Promise<void>;

/** What `createPublication` makes. After `close` no approval runs out by itself any more. */
export type Publication = { publish: Publish; close(): void };

/**
 * One snapshot at a time, versions rising. Calls made while one is under way share the next: it is read after all of
 * their commits. Approvals that run out are a change too, made by the clock: each is published when its time is over.
 */
export const createPublication = (rooms: {
  database: Database;
  network: Pick<SealedNetwork, 'apply'>;
  kinds: readonly TargetKind[];
  directory: StoreDirectory;
  log: Log;
}): Publication => {
  let version = 0;
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  const applyOnce = async () => {
    next = null;
    version += 1;
    const current = version;
    const { snapshot, expiry } = await rooms.database.transaction().execute(async (tx) => {
      await noteExpired(tx, new Date().toISOString());
      return {
        snapshot: await compileSnapshot(tx, current, rooms.kinds, rooms.directory),
        expiry: await nextExpiry(tx),
      };
    });
    alarm.set(expiry);
    await rooms.network.apply(snapshot);
  };
  const publish = () => {
    if (next) return next;
    const mine = running.then(applyOnce, applyOnce);
    next = mine;
    running = mine;
    return mine;
  };
  const alarm = createAlarm(publish, (error) =>
    rooms.log.error({ error: messageOf(error) }, 'an approval ran out and could not be published; it is tried again'),
  );
  return { publish, close: alarm.close };
};
