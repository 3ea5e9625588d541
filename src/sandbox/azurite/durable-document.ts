// Azurite keeps its metadata in memory (LokiJS) and writes the whole of it to a file every five seconds: what it
// acknowledged in between would be lost. Here each changed document becomes a row in SQLite, and an answer waits for
// the commit. Many requests share one commit, and one costs the changed documents, not the whole store.

import { DatabaseSync } from 'node:sqlite';

type LokiDocument = { $loki: number };

/** The part of a LokiJS collection that keeping it takes. */
export type LokiCollection = {
  name: string;
  data: LokiDocument[];
  idIndex: number[] | null;
  maxId: number;
  dirty: boolean;
  dirtyIds: number[];
  uniqueNames: string[];
  binaryIndices: Record<string, unknown>;
  get(id: number): LokiDocument | null;
  ensureId(): void;
  ensureUniqueIndex(field: string): void;
  ensureAllIndexes(force: boolean): void;
};

/** The part of a LokiJS database that keeping it takes. */
export type LokiDatabase = {
  collections: LokiCollection[];
  isIncremental: boolean;
  persistenceAdapter: unknown;
  addCollection(name: string, options: { unique: string[]; indices: string[] }): LokiCollection;
};

/** Rows of documents in one file, for the databases attached to it. */
export type DurableDocuments = {
  /** Makes the file what `database` loads from and saves to, under `store`. Before the database is first used. */
  attach(store: string, database: LokiDatabase): void;
  /** Resolves once everything changed so far is on disk; rejects where it cannot be written. */
  saved(): Promise<void>;
  close(): void;
};

type Attached = { store: string; database: LokiDatabase; known: Map<string, LokiCollection> };

/** Opens the file, or makes it. Throws SQLite's `database is locked` while another process has it open. */
export const openDurableDocuments = (file: string): DurableDocuments => {
  const sqlite = new DatabaseSync(file);
  try {
    // Exclusive: two processes with one account's memory of the same rows would overwrite each other.
    sqlite.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS collection (
        store TEXT, name TEXT, options TEXT NOT NULL, PRIMARY KEY (store, name)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS document (
        store TEXT, collection TEXT, id INTEGER, body TEXT NOT NULL, PRIMARY KEY (store, collection, id)) WITHOUT ROWID;
      BEGIN IMMEDIATE; COMMIT;
    `);
  } catch (error) {
    sqlite.close();
    throw error;
  }
  const putDocument = sqlite.prepare(
    'INSERT OR REPLACE INTO document (store, collection, id, body) VALUES (?, ?, ?, ?)',
  );
  const dropDocument = sqlite.prepare('DELETE FROM document WHERE store = ? AND collection = ? AND id = ?');
  const dropDocuments = sqlite.prepare('DELETE FROM document WHERE store = ? AND collection = ?');
  const putCollection = sqlite.prepare('INSERT OR REPLACE INTO collection (store, name, options) VALUES (?, ?, ?)');
  const dropCollection = sqlite.prepare('DELETE FROM collection WHERE store = ? AND name = ?');
  const listCollections = sqlite.prepare('SELECT name, options FROM collection WHERE store = ?');
  const listDocuments = sqlite.prepare('SELECT body FROM document WHERE store = ? AND collection = ? ORDER BY id');
  const all: Attached[] = [];

  const load = ({ store, database, known }: Attached): void => {
    for (const { name, options } of listCollections.all(store) as { name: string; options: string }[]) {
      const collection = database.addCollection(name, JSON.parse(options));
      collection.data = (listDocuments.all(store, name) as { body: string }[]).map(({ body }) => JSON.parse(body));
      collection.maxId = collection.data.at(-1)?.$loki ?? 0;
      collection.idIndex = null;
      collection.ensureId();
      for (const field of collection.uniqueNames) collection.ensureUniqueIndex(field);
      collection.ensureAllIndexes(true);
      known.set(name, collection);
    }
  };

  const isChanged = ({ database, known }: Attached): boolean =>
    database.collections.length !== known.size ||
    database.collections.some((one) => one.dirtyIds.length > 0 || known.get(one.name) !== one);

  const write = ({ store, database, known }: Attached): void => {
    const current = new Map(database.collections.map((one) => [one.name, one]));
    for (const [name, before] of known) {
      if (current.get(name) === before) continue;
      dropDocuments.run(store, name);
      dropCollection.run(store, name);
    }
    for (const [name, collection] of current) {
      const isNew = known.get(name) !== collection;
      if (isNew) {
        const options = { unique: collection.uniqueNames, indices: Object.keys(collection.binaryIndices) };
        putCollection.run(store, name, JSON.stringify(options));
      }
      const ids = isNew ? collection.data.map((one) => one.$loki) : new Set(collection.dirtyIds);
      for (const id of ids) {
        const document = collection.get(id);
        if (document) putDocument.run(store, name, id, JSON.stringify(document));
        else dropDocument.run(store, name, id);
      }
    }
  };

  const save = (): void => {
    const changed = all.filter(isChanged);
    if (changed.length === 0) return;
    sqlite.exec('BEGIN IMMEDIATE');
    try {
      for (const one of changed) write(one);
      sqlite.exec('COMMIT');
    } catch (error) {
      if (sqlite.isTransaction) sqlite.exec('ROLLBACK');
      throw error;
    }
    // Only now: what a failed save could not write is still marked, and the next one tries again.
    for (const { database, known } of changed) {
      known.clear();
      for (const collection of database.collections) {
        known.set(collection.name, collection);
        collection.dirty = false;
        collection.dirtyIds = [];
      }
    }
  };

  let next: Promise<void> | undefined;
  return {
    attach: (store, database) => {
      const attached: Attached = { store, database, known: new Map() };
      all.push(attached);
      database.isIncremental = true;
      database.persistenceAdapter = {
        mode: 'incremental',
        loadDatabase: (_name: string, done: (failure: Error | null) => void) => done(attempt(() => load(attached))),
        saveDatabase: (_name: string, _copy: unknown, done: (failure: Error | null) => void) => done(attempt(save)),
      };
    },
    saved: () => {
      next ??= new Promise((resolve, reject) => {
        setImmediate(() => {
          next = undefined;
          const failure = attempt(save);
          if (failure) reject(failure);
          else resolve();
        });
      });
      return next;
    },
    close: () => sqlite.close(),
  };
};

const attempt = (action: () => void): Error | null => {
  try {
    action();
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
};
