// One database: a file of DuckDB's, locked down before any client speaks to it.
import {
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { Bound } from '../translate/context.ts';
import { requireModest } from './expansion.ts';
import { readFailure } from './failure.ts';
import { costs, foundation } from './macro.ts';

/** The rows of a statement, as they come from the engine. */
export type EngineResult = {
  types: DuckDBType[];
  /** The next rows, or null where there are no more. */
  next(): Promise<DuckDBValue[][] | null>;
};

/** A session's own way to a database. Statements run one at a time; failures are `SqlError`s or `Cancelled`. */
export type EngineConnection = {
  /** Runs one statement and gives its rows as they are asked for. */
  stream(sql: string, bound?: readonly Bound[]): Promise<EngineResult>;
  /** Runs one statement and gives all its rows: for those that have few. */
  all(sql: string, bound?: readonly Bound[]): Promise<DuckDBValue[][]>;
  /** Stops the statement that runs. */
  interrupt(): void;
  /** The engine's own connection, for bulk appends. */
  raw: DuckDBConnection;
  close(): void;
};

export type DatabaseFile = {
  connect(): Promise<EngineConnection>;
  /** Raised whenever a definition changes, so that nobody trusts what was read before. */
  generation: { value: number };
  close(): void;
};

const inQuotes = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** What must hold before a client's first statement; the last line makes it final. */
const settings = (spill: string): string[] => [
  "SET GLOBAL TimeZone = 'UTC'",
  "SET GLOBAL default_collation = 'nocase'",
  "SET GLOBAL default_null_order = 'nulls_first_on_asc_last_on_desc'",
  'SET GLOBAL integer_division = true',
  'SET GLOBAL autoinstall_known_extensions = false',
  'SET GLOBAL autoload_known_extensions = false',
  `SET GLOBAL temp_directory = ${inQuotes(spill)}`,
  "SET GLOBAL max_temp_directory_size = '4GB'",
  'SET GLOBAL enable_external_access = false',
  'SET GLOBAL lock_configuration = true',
];

const connectTo = async (instance: DuckDBInstance): Promise<EngineConnection> => {
  const raw = await instance.connect();
  const values = (bound: readonly Bound[]): DuckDBValue[] =>
    bound.map((one) => (Buffer.isBuffer(one) ? new DuckDBBlobValue(one) : one));
  const run = async <Result>(sql: string, action: () => Promise<Result>): Promise<Result> => {
    requireModest(sql, costs);
    return guarded(action);
  };
  const guarded = async <Result>(action: () => Promise<Result>): Promise<Result> => {
    try {
      return await action();
    } catch (error) {
      throw readFailure(error);
    }
  };
  return {
    raw,
    stream: (sql, bound = []) =>
      run(sql, async () => {
        const result = await raw.stream(sql, values(bound));
        return {
          types: result.columnTypes(),
          next: () =>
            guarded(async () => {
              const chunk = await result.fetchChunk();
              return chunk && chunk.rowCount > 0 ? chunk.getRows() : null;
            }),
        };
      }),
    all: (sql, bound = []) => run(sql, async () => (await raw.run(sql, values(bound))).getRows()),
    interrupt: () => raw.interrupt(),
    close: () => raw.closeSync(),
  };
};

/** Opens the database of a file, or makes it. What does not fit into memory goes to a folder beside it. */
export const openDatabaseFile = async (file: string): Promise<DatabaseFile> => {
  const instance = await DuckDBInstance.create(file, { threads: '2', memory_limit: '512MB' });
  try {
    const connection = await instance.connect();
    for (const statement of [...settings(`${file}.spill`), ...foundation]) await connection.run(statement);
    connection.closeSync();
  } catch (error) {
    instance.closeSync();
    throw error;
  }
  return { connect: () => connectTo(instance), generation: { value: 0 }, close: () => instance.closeSync() };
};
