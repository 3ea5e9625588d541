// One process per data folder. The kernel holds the lock (SQLite's file lock on an otherwise empty database), so it
// ends with the process, however that ends: there is no stale lock to clear away.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makePrivateFile } from './private-file.ts';

/** Thrown where another process serves the same data folder. */
export class DataFolderInUse extends Error {
  readonly code = 'DataFolderInUse';
  readonly folder: string;
  /** The process that holds it, where it is known. */
  readonly pid: number | null;

  constructor(folder: string, pid: number | null) {
    const holder = pid === null ? 'another process' : `process ${pid}`;
    super(
      `The data folder ${folder} is in use by ${holder}. Stop that one first, or choose another folder with --data DIR.`,
    );
    this.name = 'DataFolderInUse';
    this.folder = folder;
    this.pid = pid;
  }
}

const readPid = (file: string) => {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return Number.isNaN(pid) ? null : pid;
  } catch {
    return null;
  }
};

/** What this process holds. A handle that nothing refers to is collected, and its lock with it. */
const held = new Set<DatabaseSync>();

/** Takes a data folder (made with mode 0700 if missing) until it is released or this process ends, or throws `DataFolderInUse`. */
export const lockDataFolder = (folder: string): { release(): void } => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pidFile = path.join(folder, 'lock.pid');
  const file = path.join(folder, 'lock');
  makePrivateFile(file);
  const lock = new DatabaseSync(file, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    const isBusy = (error as { errcode?: number }).errcode === 5;
    throw isBusy ? new DataFolderInUse(path.resolve(folder), readPid(pidFile)) : error;
  }
  held.add(lock);
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  return {
    release: () => {
      held.delete(lock);
      lock.close();
    },
  };
};
