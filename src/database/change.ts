// What was committed, told to whoever asks: the one place that every change passes, whoever makes it.
import type { Database } from './database.ts';

/** One row that was written or deleted, once that is committed. `columns` are those of `watchedTables`, as they are then. */
export type Change = {
  table: WatchedTable;
  action: 'written' | 'deleted';
  columns: Readonly<Record<string, string>>;
};

/** The tables whose changes are told: which columns are told of a row, and the one that every update worth telling sets. */
export const watchedTables = {
  resource: { tells: ['id', 'type'], updated: 'etag' },
  connection: { tells: ['endpoint_key', 'target_key', 'name'], updated: 'version' },
  role_assignment: { tells: ['id'], updated: 'body' },
  principal: { tells: ['name'], updated: 'secret_hash' },
  pipeline_run: { tells: ['run_id', 'factory_key', 'state'], updated: 'state' },
  activity_run: { tells: ['activity_run_id', 'run_id', 'factory_key', 'state'], updated: 'state' },
} as const;

/** The name of a table whose changes are told. */
export type WatchedTable = keyof typeof watchedTables;

/** Collects the changes of a transaction, and tells them when it is committed. */
export type ChangeFeed = {
  note(change: Change): void;
  committed(): void;
  rolledBack(): void;
  listeners: Set<(changes: readonly Change[]) => void>;
};

/** A feed that nobody listens to yet. */
export const createChangeFeed = (): ChangeFeed => {
  const listeners: ChangeFeed['listeners'] = new Set();
  let pending: Change[] = [];
  return {
    listeners,
    note: (change) => {
      if (listeners.size > 0) pending.push(change);
    },
    committed: () => {
      if (pending.length === 0) return;
      const told = pending;
      pending = [];
      for (const listener of listeners) listener(told);
    },
    rolledBack: () => {
      pending = [];
    },
  };
};

const feeds = new WeakMap<object, ChangeFeed>();

/** Says which feed is a database's. */
export const registerFeed = (database: Database, feed: ChangeFeed): void => void feeds.set(database, feed);

/** Calls back after each commit with what it changed, in order; returns how to stop. The listener is quick, and does not throw. */
export const onCommitted = (database: Database, listener: (changes: readonly Change[]) => void): (() => void) => {
  const { listeners } = feeds.get(database)!;
  listeners.add(listener);
  return () => void listeners.delete(listener);
};
