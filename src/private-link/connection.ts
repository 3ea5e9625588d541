// The life of a private endpoint connection: who asks, who answers, what each answer leads to. Pure.
import { defineMachine } from '../base/state-machine.ts';

/** States of a connection, spelled as Azure spells them. */
export type ConnectionState = 'Pending' | 'Approved' | 'Rejected' | 'Disconnected';

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
