// The life of a private endpoint connection: who asks, who answers, what each answer leads to. Pure.
import { defineMachine } from '../base/state-machine.ts';

/** States of a connection, spelled as Azure spells them. */
export type ConnectionState = 'Pending' | 'Approved' | 'Rejected' | 'Disconnected';

/** What both sides read: an approval whose time is over is no state of its own, but is told as one. */
export type ShownState = ConnectionState | 'Expired';

/** How a stored connection reads at `now` (ISO 8601, default this moment). An expiry that was noted stays one, whatever the clock says then. */
export const shownState = (
  connection: { state: string; expires_at: string | null; is_expired: number },
  now: string = new Date().toISOString(),
): ShownState =>
  connection.state === 'Approved' &&
  (connection.is_expired === 1 || (connection.expires_at !== null && connection.expires_at <= now))
    ? 'Expired'
    : (connection.state as ConnectionState);

/** What the owner may do, and what a deletion of the target does. */
export type ConnectionEvent = 'Approve' | 'Reject' | 'Disconnect';

/** `Pending -> Approved | Rejected`, `Approved <-> Rejected`, any -> `Disconnected` (which is final). */
export const connectionMachine = defineMachine<ConnectionState, ConnectionEvent>({
  name: 'connection',
  initial: ['Pending'],
  moves: {
    Approve: [
      ['Pending', 'Approved'],
      ['Rejected', 'Approved'],
    ],
    Reject: [
      ['Pending', 'Rejected'],
      ['Approved', 'Rejected'],
    ],
    Disconnect: [
      ['Pending', 'Disconnected'],
      ['Approved', 'Disconnected'],
      ['Rejected', 'Disconnected'],
    ],
  },
});
