// The shares of one account in one SQLite file: which directories and files there are, and which ranges of each file were
// written. The bytes lie beside it. What was changed is on the disk when a call returns.
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import type { ByteRange } from '../storage-account/byte-range.ts';
import { nameKey } from './entry-name.ts';

/** A share. Times are milliseconds since 1970; the quota is in GiB. */
export type Share = { name: string; quota: number; metadata: Record<string, string>; etag: string; modified: number };

/** What a directory or file says beside its name and content. `headers` are those of answers to reads. */
export type EntryWords = {
  metadata: Record<string, string>;
  headers: Record<string, string>;
  attributes: string;
  created: number;
  written: number;
};

/** A directory or a file. `content` names the file's bytes; `parent` is the directory's id, 0 for the root. */
export type Entry = EntryWords & {
  id: number;
  share: string;
  parent: number;
  name: string;
  isDirectory: boolean;
  size: number;
  content: string;
  etag: string;
  modified: number;
};

type Row = Record<string, SQLInputValue>;

/** The index. Names are compared without regard to case, and kept as they were first written. */
export type ShareIndex = {
  shares(): Share[];
  share(name: string): Share | undefined;
  putShare(share: Share): void;
  /** Removes a share with all that is in it, and gives the contents that are no longer of use. */
  removeShare(name: string): string[];
  usedBytes(share: string): number;
  child(share: string, parent: number, name: string): Entry | undefined;
  isEmpty(directory: Entry): boolean;
  /** Those whose name begins with `prefix` and comes after `after`, by name. */
  children(share: string, parent: number, prefix: string, after: string, limit: number): Entry[];
  add(entry: Omit<Entry, 'id'>): Entry;
  /** Writes all that an entry says, its name, place and size included. Of a file that got shorter, the ranges go too. */
  change(entry: Entry): void;
  remove(entry: Entry): void;
  ranges(file: Entry, within: ByteRange): ByteRange[];
  /** Notes that a range was written, or cleared. */
  mark(file: Entry, range: ByteRange, isWritten: boolean): void;
  isUsed(content: string): boolean;
  /** All or nothing. */
  atOnce<Result>(step: () => Result): Result;
  close(): void;
};

const schema = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON;
  CREATE TABLE IF NOT EXISTS share (
    name TEXT PRIMARY KEY, quota INTEGER NOT NULL, metadata TEXT NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT, share TEXT NOT NULL, parent INTEGER NOT NULL, key TEXT NOT NULL,
    name TEXT NOT NULL, directory INTEGER NOT NULL, size INTEGER NOT NULL, content TEXT NOT NULL, etag TEXT NOT NULL,
    modified INTEGER NOT NULL, created INTEGER NOT NULL, written INTEGER NOT NULL, attributes TEXT NOT NULL,
    metadata TEXT NOT NULL, headers TEXT NOT NULL, UNIQUE (share, parent, key)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS entry_content ON entry (content);
  CREATE TABLE IF NOT EXISTS range (
    entry INTEGER NOT NULL REFERENCES entry (id) ON DELETE CASCADE, start INTEGER NOT NULL, end INTEGER NOT NULL,
    PRIMARY KEY (entry, start)
  ) STRICT, WITHOUT ROWID;`;

const shareOf = (row: Row): Share => ({
  name: String(row.name),
  quota: Number(row.quota),
  metadata: JSON.parse(String(row.metadata)),
  etag: String(row.etag),
  modified: Number(row.modified),
});

const entryOf = (row: Row): Entry => ({
  id: Number(row.id),
  share: String(row.share),
  parent: Number(row.parent),
  name: String(row.name),
  isDirectory: row.directory === 1,
  size: Number(row.size),
  content: String(row.content),
  etag: String(row.etag),
  modified: Number(row.modified),
  created: Number(row.created),
  written: Number(row.written),
  attributes: String(row.attributes),
  metadata: JSON.parse(String(row.metadata)),
  headers: JSON.parse(String(row.headers)),
});

const columns = [
  'share',
  'parent',
  'key',
  'name',
  'directory',
  'size',
  'content',
  'etag',
  'modified',
  'created',
  'written',
  'attributes',
  'metadata',
  'headers',
];
const valuesOf = (entry: Omit<Entry, 'id'>): SQLInputValue[] => [
  entry.share,
  entry.parent,
  nameKey(entry.name),
  entry.name,
  entry.isDirectory ? 1 : 0,
  entry.size,
  entry.content,
  entry.etag,
  entry.modified,
  entry.created,
  entry.written,
  entry.attributes,
  JSON.stringify(entry.metadata),
  JSON.stringify(entry.headers),
];

/** Opens the index, or makes it. */
export const openShareIndex = (file: string): ShareIndex => {
  const database = new DatabaseSync(file);
  database.exec(schema);
  const all = (sql: string, ...values: SQLInputValue[]) => database.prepare(sql).all(...values) as Row[];
  const first = (sql: string, ...values: SQLInputValue[]) => database.prepare(sql).get(...values) as Row | undefined;
  const run = (sql: string, ...values: SQLInputValue[]) => database.prepare(sql).run(...values);
  const rangesIn = (id: number, { start, end }: ByteRange): ByteRange[] =>
    all('SELECT start, end FROM range WHERE entry = ? AND end >= ? AND start <= ? ORDER BY start', id, start, end).map(
      (row) => ({ start: Number(row.start), end: Number(row.end) }),
    );

  const atOnce: ShareIndex['atOnce'] = (step) => {
    if (database.isTransaction) return step();
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = step();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  };
  const mark: ShareIndex['mark'] = ({ id }, range, isWritten) =>
    atOnce(() => {
      const touched = rangesIn(id, range);
      run('DELETE FROM range WHERE entry = ? AND end >= ? AND start <= ?', id, range.start, range.end);
      const start = Math.min(range.start, ...touched.map((each) => each.start));
      const end = Math.max(range.end, ...touched.map((each) => each.end));
      const kept = isWritten
        ? [{ start, end }]
        : [
            { start, end: range.start },
            { start: range.end, end },
          ];
      for (const each of kept)
        if (each.start < each.end) run('INSERT INTO range VALUES (?, ?, ?)', id, each.start, each.end);
    });

  return {
    shares: () => all('SELECT * FROM share ORDER BY name').map(shareOf),
    share: (name) => {
      const row = first('SELECT * FROM share WHERE name = ?', name);
      return row && shareOf(row);
    },
    putShare: ({ name, quota, metadata, etag, modified }) =>
      void run(
        'INSERT OR REPLACE INTO share (name, quota, metadata, etag, modified) VALUES (?, ?, ?, ?, ?)',
        name,
        quota,
        JSON.stringify(metadata),
        etag,
        modified,
      ),
    removeShare: (name) =>
      atOnce(() => {
        const contents = all("SELECT content FROM entry WHERE share = ? AND content <> ''", name);
        run('DELETE FROM entry WHERE share = ?', name);
        run('DELETE FROM share WHERE name = ?', name);
        return contents.map(({ content }) => String(content));
      }),
    usedBytes: (share) =>
      Number(first('SELECT coalesce(sum(size), 0) AS bytes FROM entry WHERE share = ?', share)!.bytes),
    child: (share, parent, name) => {
      const row = first('SELECT * FROM entry WHERE share = ? AND parent = ? AND key = ?', share, parent, nameKey(name));
      return row && entryOf(row);
    },
    isEmpty: ({ share, id }) => !first('SELECT 1 FROM entry WHERE share = ? AND parent = ? LIMIT 1', share, id),
    children: (share, parent, prefix, after, limit) =>
      all(
        `SELECT * FROM entry WHERE share = ? AND parent = ? AND key > ? AND substr(key, 1, ?) = ? ORDER BY key LIMIT ?`,
        share,
        parent,
        after,
        [...nameKey(prefix)].length,
        nameKey(prefix),
        limit,
      ).map(entryOf),
    add: (entry) => {
      const places = columns.map(() => '?').join(', ');
      const { lastInsertRowid } = run(
        `INSERT INTO entry (${columns.join(', ')}) VALUES (${places})`,
        ...valuesOf(entry),
      );
      return { ...entry, id: Number(lastInsertRowid) };
    },
    change: (entry) =>
      atOnce(() => {
        const sets = columns.map((name) => `${name} = ?`).join(', ');
        run(`UPDATE entry SET ${sets} WHERE id = ?`, ...valuesOf(entry), entry.id);
        run('DELETE FROM range WHERE entry = ? AND start >= ?', entry.id, entry.size);
        run('UPDATE range SET end = ? WHERE entry = ? AND end > ?', entry.size, entry.id, entry.size);
      }),
    remove: ({ id }) => void run('DELETE FROM entry WHERE id = ?', id),
    ranges: ({ id }, within) =>
      rangesIn(id, within)
        .map(({ start, end }) => ({ start: Math.max(start, within.start), end: Math.min(end, within.end) }))
        .filter(({ start, end }) => start < end),
    mark,
    isUsed: (content) => first('SELECT 1 FROM entry WHERE content = ? LIMIT 1', content) !== undefined,
    atOnce,
    close: () => database.close(),
  };
};
