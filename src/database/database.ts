// The one database: opened, brought to the newest form, and told which moves its state columns may make.
import type { DatabaseSync } from 'node:sqlite';
import { Kysely, type Transaction } from 'kysely';
import { allowedMoves, type StateMachine } from '../base/state-machine.ts';
import { createChangeFeed, registerFeed } from './change.ts';
import { migrate } from './migration.ts';
import { appendOnlyTriggers, openFile, sqliteDialect, stateTriggers, watchChanges } from './sqlite.ts';
import type { Tables } from './table.ts';

/** The database outside a transaction. A statement sent to it waits for a running transaction and never joins it. */
export type Database = Kysely<Tables>;

/** The database inside a transaction. */
export type Tx = Transaction<Tables>;

/** Tables with a state column. A machine has its table's name. */
export const stateTables = ['connection', 'pipeline_run', 'activity_run'] as const;

/** The name of a table with a state column. */
export type StateTable = (typeof stateTables)[number];

const fillMoves = (file: DatabaseSync, machines: readonly StateMachine<string, string>[]) => {
  const insert = file.prepare(
    'INSERT INTO allowed_move (machine, from_state, to_state) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const retire = file.prepare('DELETE FROM allowed_move WHERE machine = ? AND from_state = ? AND to_state = ?');
  for (const machine of machines) {
    if (!stateTables.some((table) => table === machine.name))
      throw new Error(`The state machine ${machine.name} has no table of that name (${stateTables.join(', ')}).`);
    const moves = allowedMoves(machine);
    for (const { from, to } of moves) insert.run(machine.name, from, to);
    const known = file
      .prepare('SELECT from_state AS f, to_state AS t FROM allowed_move WHERE machine = ?')
      .all(machine.name);
    for (const { f, t } of known)
      if (!moves.some(({ from, to }) => from === f && to === t)) retire.run(machine.name, f!, t!);
  }
};

/**
 * Opens the database in `file` (`:memory:` for tests), migrates it, and fills the table of allowed moves from
 * `machines`: the state columns accept these moves and no others. `destroy()` closes it.
 */
export const openDatabase = async (
  file: string,
  options: { machines: readonly StateMachine<string, string>[] },
): Promise<Database> => {
  const opened = openFile(file);
  const feed = createChangeFeed();
  try {
    migrate(opened);
    opened.exec('BEGIN IMMEDIATE');
    opened.exec(stateTables.map(stateTriggers).join('') + appendOnlyTriggers('event'));
    fillMoves(opened, options.machines);
    opened.exec('COMMIT');
    watchChanges(opened, feed);
  } catch (error) {
    opened.close();
    throw error;
  }
  const database = new Kysely<Tables>({ dialect: sqliteDialect(opened, feed) });
  registerFeed(database, feed);
  return database;
};
