// Everything that only SQLite understands: the connection, its words for types, its triggers. A second dialect is a
// second file with these exports.
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { type Change, type ChangeFeed, type WatchedTable, watchedTables } from './change.ts';
import { makePrivateFile } from './private-file.ts';
import { createTurn } from './turn.ts';

const keptStatements = 500;

/** Opens the file (mode 0600, and so its log's), made durable: an acknowledged commit is on the disk. */
export const openFile = (file: string): DatabaseSync => {
  if (file !== ':memory:') makePrivateFile(file);
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: true });
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA trusted_schema = OFF',
  );
  return database;
};

/** What stands for the `{{word}}`s of a migration. */
export const words: Readonly<Record<string, string>> = {
  identity: 'INTEGER PRIMARY KEY AUTOINCREMENT',
  bytes: 'BLOB',
};

/** Triggers for one table with a state column: a row starts from nothing, and moves from the state it is in. */
export const stateTriggers = (table: string): string => `
  DROP TRIGGER IF EXISTS ${table}_starts;
  CREATE TRIGGER ${table}_starts BEFORE INSERT ON ${table} WHEN NEW.prior_state <> ''
  BEGIN SELECT RAISE(ABORT, '${table}_starts: a new row starts from no state'); END;
  DROP TRIGGER IF EXISTS ${table}_moves;
  CREATE TRIGGER ${table}_moves BEFORE UPDATE ON ${table}
  WHEN (NEW.state <> OLD.state OR NEW.prior_state <> OLD.prior_state)
      AND (NEW.prior_state <> OLD.state OR NEW.version <> OLD.version + 1)
    OR NEW.version NOT IN (OLD.version, OLD.version + 1)
  BEGIN SELECT RAISE(ABORT, '${table}_moves: a row moves from the state it is in, one version at a time'); END;`;

/** Triggers that make a table append-only. */
export const appendOnlyTriggers = (table: string): string =>
  ['UPDATE', 'DELETE']
    .map(
      (verb) => `
  DROP TRIGGER IF EXISTS ${table}_no_${verb.toLowerCase()};
  CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table}
  BEGIN SELECT RAISE(ABORT, '${table}_append_only: rows of ${table} are kept as they were written'); END;`,
    )
    .join('');

const changeTrigger = (table: WatchedTable, verb: 'INSERT' | 'UPDATE' | 'DELETE') => {
  const { tells, updated } = watchedTables[table];
  const action: Change['action'] = verb === 'DELETE' ? 'deleted' : 'written';
  const row = verb === 'DELETE' ? 'OLD' : 'NEW';
  const values = [`'${table}'`, `'${action}'`, ...tells.map((column) => `${row}.${column}`)];
  const on = verb === 'UPDATE' ? `UPDATE OF ${updated}` : verb;
  return `CREATE TEMP TRIGGER told_${table}_${verb.toLowerCase()} AFTER ${on} ON main.${table}
    BEGIN SELECT row_changed(${values.join(', ')}); END;`;
};

/** Has the connection note each change of a watched table. For this connection only: nothing of it is stored. */
export const watchChanges = (database: DatabaseSync, feed: ChangeFeed): void => {
  database.function('row_changed', { varargs: true }, (table, action, ...values) => {
    const { tells } = watchedTables[table as WatchedTable];
    const columns = Object.fromEntries(tells.map((column, index) => [column, String(values[index])]));
    feed.note({ table: table as WatchedTable, action: action as Change['action'], columns });
    return null;
  });
  for (const table of Object.keys(watchedTables) as WatchedTable[])
    for (const verb of ['INSERT', 'UPDATE', 'DELETE'] as const) database.exec(changeTrigger(table, verb));
};

const createConnection = (database: DatabaseSync, feed: ChangeFeed): DatabaseConnection => {
  const statements = new Map<string, { statement: StatementSync; returnsRows: boolean }>();
  const prepare = (sql: string) => {
    const known = statements.get(sql);
    if (known) {
      statements.delete(sql);
      statements.set(sql, known);
      return known;
    }
    const statement = database.prepare(sql);
    const entry = { statement, returnsRows: statement.columns().length > 0 };
    statements.set(sql, entry);
    if (statements.size > keptStatements) statements.delete(statements.keys().next().value!);
    return entry;
  };
  return {
    executeQuery: async <Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> => {
      const { statement, returnsRows } = prepare(sql);
      const values = parameters as readonly SQLInputValue[];
      if (returnsRows) return { rows: statement.all(...values) as Row[] };
      const { changes, lastInsertRowid } = statement.run(...values);
      if (!database.isTransaction) feed.committed();
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    },
    streamQuery: () => {
      throw new Error('Rows are not streamed: page by key instead.');
    },
  };
};

const createDriver = (database: DatabaseSync, feed: ChangeFeed): Driver => {
  const turn = createTurn();
  const connection = createConnection(database, feed);
  const run = (sql: string) => connection.executeQuery(CompiledQuery.raw(sql));
  return {
    init: async () => {},
    // One connection: whoever holds it (a statement, or a transaction from begin to commit) is alone.
    acquireConnection: async () => {
      await turn.take();
      return connection;
    },
    releaseConnection: async () => turn.give(),
    beginTransaction: async () => void (await run('BEGIN IMMEDIATE')),
    commitTransaction: async () => void (await run('COMMIT')),
    rollbackTransaction: async () => {
      feed.rolledBack();
      if (database.isTransaction) await run('ROLLBACK');
    },
    destroy: async () => database.close(),
  };
};

/** Kysely's dialect over an open file. */
export const sqliteDialect = (database: DatabaseSync, feed: ChangeFeed): Dialect => ({
  createAdapter: () => new SqliteAdapter(),
  createDriver: () => createDriver(database, feed),
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
});
