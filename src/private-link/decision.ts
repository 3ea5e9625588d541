// What an owner may answer to a connection. Azure's clients write the wished-for status; this says which move that is.
import { nextState } from '../base/state-machine.ts';
import { type ConnectionEvent, type ConnectionState, connectionMachine } from './connection.ts';

/** The move that a status asks for, that nothing moves (`null`), or why it is refused and by which kind of error. */
export type Decision =
  | { event: Exclude<ConnectionEvent, 'Disconnect'> | null }
  | { refused: 'UnknownStatus' | 'IllegalMove'; message: string };

const asked = new Map<string, { event: Exclude<ConnectionEvent, 'Disconnect'>; state: ConnectionState }>([
  ['approved', { event: 'Approve', state: 'Approved' }],
  ['rejected', { event: 'Reject', state: 'Rejected' }],
]);

/** What writing `status` (any case) to a connection that is `state` comes to. A status that it already has is no move. */
export const decide = (state: ConnectionState, status: string): Decision => {
  const wish = status.toLowerCase();
  if (wish === state.toLowerCase()) return { event: null };
  if (wish === 'disconnected')
    return {
      refused: 'IllegalMove',
      message: 'A connection is not set to Disconnected: DELETE it, and the other side sees it as Disconnected.',
    };
  if (wish === 'pending')
    return {
      refused: 'IllegalMove',
      message: `A connection that is ${state} cannot become Pending again. Write Approved or Rejected, or DELETE it.`,
    };
  const known = asked.get(wish);
  if (!known) return { refused: 'UnknownStatus', message: `'${status}' is not a status. Write Approved or Rejected.` };
  if (nextState(connectionMachine, state, known.event)) return { event: known.event };
  return {
    refused: 'IllegalMove',
    message: `A connection that is ${state} cannot become ${known.state}. Its owner must DELETE the managed private endpoint and request it again.`,
  };
};
