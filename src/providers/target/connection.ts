// Private endpoint connections as rows: made with the endpoint, answered by the target's owner, ended by either side.
// Every change is a move of the state machine with a row in the audit trail.
import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Operation, Resource } from '../../arm/resource-type.ts';
import type { Database, Tx } from '../../database/database.ts';
import type { ConnectionTable } from '../../database/table.ts';
import { type Cause, recordChange, recordEnd, recordStart, transition } from '../../database/transition.ts';
import { type ConnectionEvent, connectionMachine } from '../../private-link/connection.ts';
import { firstWords, lastWords } from '../../private-link/wording.ts';

/** A connection as it is stored. */
export type Connection = Selectable<ConnectionTable>;

/** What a change of connections takes of an operation. */
export type Doing = Pick<Operation, 'tx' | 'caller' | 'now'>;

/** The cause of what an operation does, by its caller. */
export const causeOf = (operation: Omit<Doing, 'tx'>, reason: string): Cause => ({
  at: operation.now,
  by: { objectId: operation.caller.objectId, name: operation.caller.name },
  reason,
});

/** What an endpoint asks of the owner of a target. */
export type ConnectionWish = {
  name: string;
  target: Resource;
  groupId: string;
  endpointKey: string;
  privateEndpointId: string;
  /** The requester's words, or ''. Until the owner has spoken they are the connection's description. */
  requestMessage: string;
};

/** A new connection from an endpoint to a target. It is Pending: nobody can ask for it and grant it by one right. */
export const requestConnection = async (operation: Doing, wish: ConnectionWish): Promise<void> => {
  const id = randomUUID();
  await operation.tx
    .insertInto('connection')
    .values({
      id,
      name: wish.name,
      target_key: wish.target.key,
      group_id: wish.groupId,
      endpoint_key: wish.endpointKey,
      private_endpoint_id: wish.privateEndpointId,
      request_message: wish.requestMessage,
      requested_by: operation.caller.objectId,
      expires_at: null,
      prior_state: '',
      state: 'Pending',
      version: 1,
      description: wish.requestMessage || firstWords.description,
      actions_required: firstWords.actionsRequired,
      created_at: operation.now,
      updated_at: operation.now,
    })
    .execute();
  await operation.tx
    .insertInto('connection_party')
    .values({
      connection_id: id,
      name: wish.name,
      target_key: wish.target.key,
      group_id: wish.groupId,
      endpoint_key: wish.endpointKey,
      private_endpoint_id: wish.privateEndpointId,
      request_message: wish.requestMessage,
    })
    .execute();
  const cause = causeOf(operation, wish.requestMessage);
  await recordStart(operation.tx, connectionMachine, id, 'Pending', 'Request', cause);
};

/** The connection of an endpoint, or null. */
export const connectionOfEndpoint = async (db: Database | Tx, endpointKey: string): Promise<Connection | null> =>
  (await db.selectFrom('connection').selectAll().where('endpoint_key', '=', endpointKey).executeTakeFirst()) ?? null;

/** The connections that a target's owner sees: all but those that either side has ended. */
export const connectionsOfTarget = (db: Database | Tx, targetKey: string): Promise<Connection[]> =>
  db
    .selectFrom('connection')
    .selectAll()
    .where('target_key', '=', targetKey)
    .where('state', '<>', 'Disconnected')
    .orderBy('name')
    .execute();

/** Moves a connection and notes the owner's words, which both sides read from then on. `under`: what the policies of the target make of an approval. */
export const moveConnection = async (
  operation: Doing,
  connection: Connection,
  event: ConnectionEvent,
  words: { description: string; actionsRequired: string },
  under: { until: string | null; policy?: string; by?: Cause['by'] } = { until: null },
): Promise<void> => {
  const { until, ...more } = under;
  await transition(
    operation.tx,
    connectionMachine,
    'connection',
    connection.id,
    connection.version,
    event,
    { ...causeOf(operation, words.description), ...more },
    { description: words.description, actions_required: words.actionsRequired, expires_at: until, is_expired: 0 },
  );
  // Approvals that were given so far have had their effect, or none any more.
  await operation.tx.deleteFrom('approval').where('connection_id', '=', connection.id).execute();
};

/** Writes other words, and whatever else `set` says, to a connection that stays in its state. */
export const rewordConnection = async (
  operation: Operation,
  connection: Connection,
  words: { description: string; actionsRequired: string },
  set: Partial<Pick<Connection, 'expires_at' | 'is_expired'>> = {},
): Promise<void> => {
  await operation.tx
    .updateTable('connection')
    .set({
      ...set,
      description: words.description,
      actions_required: words.actionsRequired,
      version: connection.version + 1,
      updated_at: operation.now,
    })
    .where('id', '=', connection.id)
    .where('version', '=', connection.version)
    .execute();
  if (words.description === connection.description) return;
  const cause = causeOf(operation, words.description);
  await recordChange(operation.tx, connectionMachine, connection.id, connection.state, 'Reword', cause);
};

/** Disconnects everything that leads to a target which is being deleted. */
export const disconnectTarget = async (operation: Operation, targetKey: string): Promise<void> => {
  for (const connection of await connectionsOfTarget(operation.tx, targetKey))
    await moveConnection(operation, connection, 'Disconnect', {
      description: lastWords.targetDeleted,
      actionsRequired: firstWords.actionsRequired,
    });
};

/** Removes the connection and the address of an endpoint that is being deleted. */
export const forgetEndpoint = async (operation: Operation, endpoint: Resource): Promise<void> => {
  const connection = await connectionOfEndpoint(operation.tx, endpoint.key);
  if (connection) {
    const cause = causeOf(operation, 'The private endpoint was deleted.');
    await recordEnd(operation.tx, connectionMachine, connection.id, connection.state, 'Remove', cause);
    await operation.tx.deleteFrom('connection').where('id', '=', connection.id).execute();
  }
  await operation.tx.deleteFrom('address').where('endpoint_key', '=', endpoint.key).execute();
};
