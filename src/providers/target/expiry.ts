// Approvals whose time is over, as the database knows them.
import type { Tx } from '../../database/database.ts';
import { recordChange } from '../../database/transition.ts';
import { connectionMachine } from '../../private-link/connection.ts';

/** Notes the approvals that ran out by `now`, each once, with a row in the trail. Noted, they stay over. */
export const noteExpired = async (tx: Tx, now: string): Promise<void> => {
  const over = await tx
    .selectFrom('connection')
    .select(['id', 'state', 'expires_at', 'version'])
    .where('state', '=', 'Approved')
    .where('is_expired', '=', 0)
    .where('expires_at', '<=', now)
    .execute();
  for (const { id, state, expires_at, version } of over) {
    await tx
      .updateTable('connection')
      .set({ is_expired: 1, version: version + 1, updated_at: now })
      .where('id', '=', id)
      .execute();
    const cause = { at: now, by: { objectId: '', name: 'Postern' }, reason: `The approval ran out at ${expires_at}.` };
    await recordChange(tx, connectionMachine, id, state, 'Expire', cause);
  }
};

/** When the next approval runs out; null: none does. */
export const nextExpiry = async (tx: Tx): Promise<string | null> => {
  const { at } = await tx
    .selectFrom('connection')
    .select((read) => read.fn.min('expires_at').as('at'))
    .where('state', '=', 'Approved')
    .where('is_expired', '=', 0)
    .executeTakeFirstOrThrow();
  return at;
};
