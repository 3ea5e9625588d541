// Brings what was committed to the gateways. A step after the commit of every change that they must know of.
import type { Database } from '../database/database.ts';
import type { SealedNetwork } from '../network/sealed-network.ts';
import { compileSnapshot } from './snapshot.ts';
import type { StoreDirectory } from './store-directory.ts';
import type { TargetKind } from './target/target.ts';

/** Compiles and applies a snapshot of what was committed before the call; resolves once every gateway holds it and has cut what it no longer allows. */
export type Publish = () => Promise<void>;

/**
 * One snapshot at a time, versions rising. Calls made while one is under way share the next: it is read after all of
 * their commits.
 */
export const createPublication = (rooms: {
  database: Database;
  network: Pick<SealedNetwork, 'apply'>;
  kinds: readonly TargetKind[];
  directory: StoreDirectory;
}): Publish => {
  let version = 0;
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  const applyOnce = async () => {
    next = null;
    version += 1;
    const current = version;
    const snapshot = await rooms.database
      .transaction()
      .execute((tx) => compileSnapshot(tx, current, rooms.kinds, rooms.directory));
    await rooms.network.apply(snapshot);
  };
  return () => {
    if (next) return next;
    const mine = running.then(applyOnce, applyOnce);
    next = mine;
    running = mine;
    return mine;
  };
};
