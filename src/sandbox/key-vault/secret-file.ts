// The secrets of one vault in one SQLite file: each version a row, its value sealed for the place it belongs to. What
// was written is on the disk when a call returns.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';

/** What a version says beside its value. `notBefore` and `expires` are seconds since 1970. */
export type SecretWords = {
  contentType: string | null;
  tags: Record<string, string>;
  enabled: boolean;
  notBefore: number | null;
  expires: number | null;
};

/** One version of a secret. `created` and `updated` are seconds since 1970. */
export type SecretVersion = SecretWords & {
  name: string;
  version: string;
  sequence: number;
  created: number;
  updated: number;
};

/** When a secret was deleted, and when it goes for good; seconds since 1970. */
export type Deletion = { name: string; deleted: number; purge: number };

/** The file of a vault. Names are compared without regard to case. A deleted secret is not found as a live one. */
export type SecretFile = {
  add(name: string, value: string, words: SecretWords, now: number): SecretVersion;
  find(name: string, version: string | null, isDeleted?: boolean): SecretVersion | null;
  value(version: SecretVersion): string;
  change(version: SecretVersion, words: SecretWords, now: number): SecretVersion;
  /** The newest version of each secret, those after a name, in order. */
  list(after: string, limit: number, isDeleted?: boolean): SecretVersion[];
  versions(name: string, after: number, limit: number): SecretVersion[];
  deletion(name: string): Deletion | null;
  remove(deletion: Deletion): void;
  recover(name: string): void;
  purge(name: string): void;
  /** Purges what was deleted for long enough. */
  purgeDue(now: number): void;
  close(): void;
};

type Row = Record<string, SQLInputValue>;

const nonceBytes = 12;
const tagBytes = 16;

const schema = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000; PRAGMA secure_delete = ON;
  CREATE TABLE IF NOT EXISTS version (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL COLLATE NOCASE, version TEXT NOT NULL,
    sealed BLOB NOT NULL, content_type TEXT, tags TEXT NOT NULL, enabled INTEGER NOT NULL, not_before INTEGER,
    expires INTEGER, created INTEGER NOT NULL, updated INTEGER NOT NULL, UNIQUE (name, version)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS deletion (
    name TEXT NOT NULL PRIMARY KEY COLLATE NOCASE, deleted INTEGER NOT NULL, purge INTEGER NOT NULL
  ) STRICT;`;

const fromRow = (row: Row): SecretVersion => ({
  name: String(row.name),
  version: String(row.version),
  sequence: Number(row.sequence),
  contentType: row.content_type as string | null,
  tags: JSON.parse(String(row.tags)) as Record<string, string>,
  enabled: row.enabled === 1,
  notBefore: row.not_before as number | null,
  expires: row.expires as number | null,
  created: Number(row.created),
  updated: Number(row.updated),
});

/** Opens the file of the vault `vault`, or makes it. `key` (32 bytes) seals the values. */
export const openSecretFile = (file: string, vault: string, key: Buffer): SecretFile => {
  const database = new DatabaseSync(file);
  database.exec(schema);
  const all = (sql: string, ...values: SQLInputValue[]) => database.prepare(sql).all(...values) as Row[];
  const first = (sql: string, ...values: SQLInputValue[]) => database.prepare(sql).get(...values) as Row | undefined;
  const run = (sql: string, ...values: SQLInputValue[]) => database.prepare(sql).run(...values);
  const place = (name: string, version: string) => Buffer.from(JSON.stringify([vault, name.toLowerCase(), version]));
  const live = (isDeleted: boolean) => `name ${isDeleted ? '' : 'NOT '}IN (SELECT name FROM deletion)`;

  const seal = (name: string, version: string, value: string): Uint8Array => {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(place(name, version));
    const sealed = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  };
  const unseal = (name: string, version: string, sealed: Uint8Array): string => {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes });
    decipher.setAAD(place(name, version)).setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
    const bytes = [decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()];
    return Buffer.concat(bytes).toString('utf8');
  };

  const find: SecretFile['find'] = (name, version, isDeleted = false) => {
    const which = version === null ? '' : 'AND version = ?';
    const row = first(
      `SELECT * FROM version WHERE name = ? AND ${live(isDeleted)} ${which} ORDER BY sequence DESC LIMIT 1`,
      ...(version === null ? [name] : [name, version.toLowerCase()]),
    );
    return row ? fromRow(row) : null;
  };
  const purge = (name: string): void => {
    database.exec('BEGIN IMMEDIATE');
    run('DELETE FROM version WHERE name = ?', name);
    run('DELETE FROM deletion WHERE name = ?', name);
    database.exec('COMMIT');
  };

  return {
    add: (name, value, words, now) => {
      const version = randomBytes(16).toString('hex');
      const known = first('SELECT name FROM version WHERE name = ? LIMIT 1', name);
      const spelled = known ? String(known.name) : name;
      run(
        `INSERT INTO version (name, version, sealed, content_type, tags, enabled, not_before, expires, created, updated)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        spelled,
        version,
        seal(name, version, value),
        words.contentType,
        JSON.stringify(words.tags),
        words.enabled ? 1 : 0,
        words.notBefore,
        words.expires,
        now,
        now,
      );
      return find(name, version)!;
    },
    find,
    value: ({ name, version }) => {
      const row = first('SELECT sealed FROM version WHERE name = ? AND version = ?', name, version)!;
      return unseal(name, version, row.sealed as Uint8Array);
    },
    change: ({ name, version }, words, now) => {
      run(
        `UPDATE version SET content_type = ?, tags = ?, enabled = ?, not_before = ?, expires = ?, updated = ?
         WHERE name = ? AND version = ?`,
        words.contentType,
        JSON.stringify(words.tags),
        words.enabled ? 1 : 0,
        words.notBefore,
        words.expires,
        now,
        name,
        version,
      );
      return find(name, version)!;
    },
    list: (after, limit, isDeleted = false) =>
      all(
        `SELECT * FROM version WHERE sequence IN (SELECT max(sequence) FROM version GROUP BY name)
         AND ${live(isDeleted)} AND name > ? ORDER BY name LIMIT ?`,
        after,
        limit,
      ).map(fromRow),
    versions: (name, after, limit) =>
      all(
        `SELECT * FROM version WHERE name = ? AND ${live(false)} AND sequence > ? ORDER BY sequence LIMIT ?`,
        name,
        after,
        limit,
      ).map(fromRow),
    deletion: (name) => {
      const row = first('SELECT * FROM deletion WHERE name = ?', name);
      return row ? { name: String(row.name), deleted: Number(row.deleted), purge: Number(row.purge) } : null;
    },
    remove: ({ name, deleted, purge: due }) => void run('INSERT INTO deletion VALUES (?, ?, ?)', name, deleted, due),
    recover: (name) => void run('DELETE FROM deletion WHERE name = ?', name),
    purge,
    purgeDue: (now) => {
      for (const row of all('SELECT name FROM deletion WHERE purge <= ?', now)) purge(String(row.name));
    },
    close: () => database.close(),
  };
};
