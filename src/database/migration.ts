// Migrations go forward only: numbered files, each applied once in a transaction and never edited afterwards.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { words } from './sqlite.ts';

const folder = path.join(import.meta.dirname, 'migration');

const inWordsOfDialect = (text: string) =>
  text.replace(/\{\{(\w+)\}\}/g, (_, word: string) => {
    const meaning = words[word];
    if (meaning === undefined) throw new Error(`A migration uses {{${word}}}, which the dialect does not know.`);
    return meaning;
  });

/** Applies what is missing. Refuses a database that is newer than this program, or whose history was edited. */
export const migrate = (file: DatabaseSync, from = folder): void => {
  file.exec(
    'CREATE TABLE IF NOT EXISTS migration (name TEXT NOT NULL PRIMARY KEY, checksum TEXT NOT NULL, applied_at TEXT NOT NULL)',
  );
  const names = readdirSync(from)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  const applied = new Map(
    file
      .prepare('SELECT name, checksum FROM migration')
      .all()
      .map((row) => [String(row.name), String(row.checksum)]),
  );
  for (const name of applied.keys())
    if (!names.includes(name))
      throw new Error(`The database has the migration ${name}, which this Postern does not know: use a newer Postern.`);
  for (const name of names) {
    const text = readFileSync(path.join(from, name), 'utf8');
    const checksum = createHash('sha256').update(text).digest('hex');
    const known = applied.get(name);
    if (known === checksum) continue;
    if (known) throw new Error(`The migration ${name} was changed after it was applied. Add a new one instead.`);
    file.exec('BEGIN IMMEDIATE');
    try {
      file.exec(inWordsOfDialect(text));
      file
        .prepare('INSERT INTO migration (name, checksum, applied_at) VALUES (?, ?, ?)')
        .run(name, checksum, new Date().toISOString());
      file.exec('COMMIT');
    } catch (error) {
      file.exec('ROLLBACK');
      throw error;
    }
  }
};
