// The words that a connection carries to the person on the other side.
import type { ConnectionState } from './connection.ts';

/** What the other side reads while the owner has not spoken, and what must still be done there. */
export const firstWords = { description: '', actionsRequired: 'None' } as const;

/** The description of a connection whose target is gone, or whose owner removed it. */
export const lastWords: Readonly<Record<'Removed' | 'TargetDeleted', string>> = {
  Removed: 'The owner of the target removed the connection. Delete the managed private endpoint.',
  TargetDeleted: 'The target was deleted. Delete the managed private endpoint.',
};

/** One sentence for the requester: what the state means and who acts next. */
export const meaning = (state: ConnectionState): string =>
  ({
    Pending: 'waits for the approval of the owner of the target',
    Approved: 'carries traffic',
    Rejected: 'was rejected by the owner of the target',
    Disconnected: 'was removed at the target; delete the endpoint and request it again',
  })[state];
