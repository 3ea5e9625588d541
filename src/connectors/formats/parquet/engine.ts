// DuckDB, as far as it turns row groups into rows and back: in memory, locked into one folder, with a limit. It may be
// given any file: it has no other file, no network and no setting to reach for.
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

const mebibyte = 2 ** 20;
const memoryMiB = 192;
/** What is left of the folder's file system for others. */
const reservedBytes = 8 * mebibyte;
/** Where /tmp is no limit, this is. */
const mostReadBytes = 256 * mebibyte;
/** What row groups that are being written may take. */
const writtenBytes = 48 * mebibyte;

/** Readers wait for writers to take their rows, so writers must never wait for readers: each has bytes of its own. */
type Purpose = 'reading' | 'writing';

/** A name in the engine's folder. */
export type ScratchFile = { path: string; remove(): Promise<void> };

export type Engine = {
  connection: DuckDBConnection;
  /** Bytes that all scratch files of a purpose may have together. */
  capacity: Readonly<Record<Purpose, number>>;
  /** A name that nothing else has, of a table or a file. */
  name(): string;
  scratchFile(): ScratchFile;
  /** Waits until so many bytes are free; gives what frees them again. `bytes` is at most the capacity. */
  reserve(purpose: Purpose, bytes: number): Promise<() => void>;
  /** To be called once by everybody who opened it; the last one ends it. */
  close(): void;
};

type Budget = { capacity: number; used: number; waiting: { bytes: number; start(): void }[] };
type Shared = {
  instance: DuckDBInstance;
  folder: string;
  budgets: Readonly<Record<Purpose, Budget>>;
  users: number;
  names: number;
};

let shared: Promise<Shared> | undefined;

const start = async (): Promise<Shared> => {
  const folder = mkdtempSync(join(tmpdir(), 'parquet-'));
  const { bavail, bsize } = statfsSync(folder);
  // What it does is one row group at a time: more threads would cost a third more and wait for each other.
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: `${memoryMiB}MB` });
  const connection = await instance.connect();
  // In this order: what is allowed can be said until access is off, and access until the settings are locked.
  await connection.run("SET temp_directory = ''");
  await connection.run(`SET allowed_directories = ['${folder.replaceAll("'", "''")}']`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
  connection.closeSync();
  const free = Math.max(0, bavail * bsize - reservedBytes);
  const writing = Math.min(free, writtenBytes);
  const budget = (capacity: number): Budget => ({ capacity, used: 0, waiting: [] });
  const budgets = { reading: budget(Math.min(free - writing, mostReadBytes)), writing: budget(writing) };
  return { instance, folder, budgets, users: 0, names: 0 };
};

const startWaiting = (budget: Budget) => {
  while (budget.waiting[0] && budget.used + budget.waiting[0].bytes <= budget.capacity) {
    const next = budget.waiting.shift()!;
    budget.used += next.bytes;
    next.start();
  }
};

/** Opens the one engine of this process, starting it for the first who asks. */
export const openEngine = async (): Promise<Engine> => {
  shared ??= start();
  const mine = shared;
  const engine = await mine.catch((error: unknown) => {
    shared = undefined;
    throw error;
  });
  engine.users += 1;
  const connection = await engine.instance.connect();
  const name = () => {
    engine.names += 1;
    return `part${engine.names}`;
  };
  return {
    connection,
    capacity: { reading: engine.budgets.reading.capacity, writing: engine.budgets.writing.capacity },
    name,
    scratchFile: () => {
      const path = join(engine.folder, `${name()}.parquet`);
      return { path, remove: () => rm(path, { force: true }) };
    },
    reserve: async (purpose, bytes) => {
      const budget = engine.budgets[purpose];
      await new Promise<void>((resolve) => {
        budget.waiting.push({ bytes, start: resolve });
        startWaiting(budget);
      });
      return () => {
        budget.used -= bytes;
        startWaiting(budget);
      };
    },
    close: () => {
      connection.closeSync();
      engine.users -= 1;
      if (engine.users > 0) return;
      if (shared === mine) shared = undefined;
      engine.instance.closeSync();
      rmSync(engine.folder, { recursive: true, force: true });
    },
  };
};

/** Whether DuckDB has thrown this. */
export const isOfDuck = (error: unknown): error is Error =>
  error instanceof Error && /^[A-Z][A-Za-z ]+ (Error|Exception): /.test(error.message);

/** What DuckDB says, without the name of a scratch file. */
export const shownError = ({ message }: Error): string =>
  message
    .split('\n')[0]!
    .replaceAll(/"?\/\S*part\d+\.parquet"?/g, 'it')
    .slice(0, 500);
