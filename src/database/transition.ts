import type { Updateable } from 'kysely';
import { ServiceError } from '../base/error.ts';
import { nextState, type StateMachine } from '../base/state-machine.ts';
import type { StateTable, Tx } from './database.ts';
import type { Tables } from './table.ts';

/** Who moved something, when, why, and by which approval policies: what the audit trail keeps. */
export type Cause = { at: string; by: { objectId: string; name: string }; reason: string; policy?: string };

const idColumn = { connection: 'id', pipeline_run: 'run_id', activity_run: 'activity_run_id' } as const;

/** Writes the row of the audit trail for something that was just inserted in `state`. */
export const recordStart = async (
  tx: Tx,
  machine: { name: string },
  subject: string,
  state: string,
  event: string,
  cause: Cause,
): Promise<void> => {
  await record(tx, machine.name, subject, '', state, event, cause);
};

const record = (tx: Tx, machine: string, subject: string, from: string, to: string, event: string, cause: Cause) =>
  tx
    .insertInto('event')
    .values({
      machine,
      subject,
      from_state: from,
      to_state: to,
      event,
      at: cause.at,
      by_object_id: cause.by.objectId,
      by_name: cause.by.name,
      reason: cause.reason,
      policy: cause.policy ?? '',
    })
    .execute();

/**
 * Moves one row by `event`: changes its state (and the columns of `set`), bumps its version and writes the row of the
 * audit trail. Errors: `IllegalMove` where the machine does not allow it, `StaleVersion` where somebody was faster,
 * `NotFound` where there is no such row.
 */
export const transition = async <State extends string, Event extends string, Table extends StateTable>(
  tx: Tx,
  machine: StateMachine<State, Event>,
  table: Table,
  id: string,
  expectedVersion: number,
  event: Event,
  cause: Cause,
  set?: Omit<Updateable<Tables[Table]>, 'state' | 'prior_state' | 'version' | 'machine' | 'updated_at'>,
): Promise<{ state: State; version: number }> => {
  // One shape for the three tables: Kysely cannot follow a table that is a type parameter.
  const name: StateTable = table;
  const row = await tx
    .selectFrom(name as 'connection')
    .select(['state', 'version'])
    .where(idColumn[name] as 'id', '=', id)
    .executeTakeFirst();
  if (!row) throw new ServiceError(404, 'NotFound', `There is no ${name} ${id}.`, { target: id });
  if (row.version !== expectedVersion)
    throw new ServiceError(
      409,
      'StaleVersion',
      `${name} ${id} is at version ${row.version}, not ${expectedVersion}: somebody changed it meanwhile. Read it again.`,
      { target: id },
    );
  const state = nextState(machine, row.state as State, event);
  if (state === undefined)
    throw new ServiceError(409, 'IllegalMove', `${name} ${id} is ${row.state}: ${event} is not possible from there.`, {
      target: id,
    });
  const version = expectedVersion + 1;
  await tx
    .updateTable(name as 'connection')
    .set({ ...(set as object), prior_state: row.state, state, version, updated_at: cause.at })
    .where(idColumn[name] as 'id', '=', id)
    .execute();
  await record(tx, machine.name, id, row.state, state, event, cause);
  return { state, version };
};

/** Writes the row of the audit trail for something that is about to be removed in `state`. */
export const recordEnd = async (
  tx: Tx,
  machine: { name: string },
  subject: string,
  state: string,
  event: string,
  cause: Cause,
): Promise<void> => {
  await record(tx, machine.name, subject, state, '', event, cause);
};

/** Writes the row of the audit trail for something that stays in `state` but is no longer what it was. */
export const recordChange = async (
  tx: Tx,
  machine: { name: string },
  subject: string,
  state: string,
  event: string,
  cause: Cause,
): Promise<void> => {
  await record(tx, machine.name, subject, state, state, event, cause);
};
