// Approvals under the policies of a target: given at once, by one person, or by as many as the policies want.
import { readHeld } from '../../arm/authorization/access.ts';
import { isGranted } from '../../arm/authorization/grant.ts';
import type { Operation } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Tx } from '../../database/database.ts';
import { recordChange } from '../../database/transition.ts';
import { type ApprovalTerms, expiryOf, termsOf } from '../../private-link/approval-policy.ts';
import { connectionMachine, shownState } from '../../private-link/connection.ts';
import { firstWords } from '../../private-link/wording.ts';
import { policiesOfTarget, setterOf } from './approval-policy-body.ts';
import { type Connection, causeOf, connectionOfEndpoint, moveConnection, rewordConnection } from './connection.ts';

/** The words that an owner writes to a connection. */
export type Words = { description: string; actionsRequired: string };

const requestOf = (connection: Connection) => ({
  groupId: connection.group_id,
  requestedBy: connection.requested_by,
  endpointKey: connection.endpoint_key,
});

const termsFor = async (tx: Tx, connection: Connection): Promise<ApprovalTerms> =>
  termsOf(await policiesOfTarget(tx, connection.target_key), requestOf(connection));

type Approver = { object_id: string; name: string; at: string };

/** Who has approved so far and may still do so: whoever lost the right, or asked, does not count. */
const approversOf = async (tx: Tx, connection: Connection, permission: string): Promise<Approver[]> => {
  const given = await tx
    .selectFrom('approval')
    .select(['object_id', 'name', 'at'])
    .where('connection_id', '=', connection.id)
    .where('object_id', '<>', connection.requested_by)
    .orderBy('at')
    .execute();
  const counted: Approver[] = [];
  for (const one of given)
    if (isGranted(await readHeld(tx, one.object_id), permission, connection.target_key)) counted.push(one);
  return counted;
};

/** Makes it Approved, or approved anew, for as long as the terms say. */
const approve = async (
  operation: Operation,
  connection: Connection,
  terms: ApprovalTerms,
  words: Words,
  by?: { objectId: string; name: string },
): Promise<void> => {
  const { tx, now } = operation;
  const until = expiryOf(terms, now);
  const policy = terms.policies.join(', ');
  if (connection.state !== 'Approved')
    return moveConnection(operation, connection, 'Approve', words, { until, policy, ...(by && { by }) });
  await rewordConnection(operation, connection, words, { expires_at: until, is_expired: 0 });
  await tx.deleteFrom('approval').where('connection_id', '=', connection.id).execute();
  const cause = { ...causeOf(operation, words.description), policy };
  await recordChange(tx, connectionMachine, connection.id, connection.state, 'Renew', cause);
};

/**
 * What a new connection gets without its owner's word: the approval of a policy that names the requester, or, with
 * `hasOwnRight`, that of a requester who may approve at the target. Neither where a policy wants approvers.
 */
export const approveAtOnce = async (operation: Operation, endpointKey: string, hasOwnRight: boolean): Promise<void> => {
  const connection = (await connectionOfEndpoint(operation.tx, endpointKey))!;
  const terms = await termsFor(operation.tx, connection);
  const { automatic } = terms;
  const words = { description: firstWords.autoApproved, actionsRequired: firstWords.actionsRequired };
  if (automatic === null) {
    if (hasOwnRight && terms.minimumApprovers === null) await approve(operation, connection, terms, words);
    return;
  }
  // Whoever set the policy has decided, in advance; the requester has not.
  const by = await setterOf(operation.tx, connection.target_key, automatic.name);
  await approve(operation, connection, terms, { ...words, description: `Approved by policy ${automatic.name}` }, by);
};

/** Whether an answer of Approved to a connection that is Approved already approves it anew: its time is limited, or would be. */
const isRenewal = (connection: Connection, terms: ApprovalTerms): boolean =>
  connection.state === 'Approved' && (connection.expires_at !== null || terms.expiresAfterMs !== null);

/**
 * The caller's approval. It counts as one where policies want several, and the connection is Approved with the last
 * of them. Error: `RequesterCannotApprove` where the caller asked for it.
 */
export const giveApproval = async (
  operation: Operation,
  connection: Connection,
  words: Words,
  permission: string,
): Promise<void> => {
  const { tx, caller, now } = operation;
  const terms = await termsFor(tx, connection);
  if (connection.state === 'Approved' && !isRenewal(connection, terms))
    return rewordConnection(operation, connection, words);
  const wanted = terms.minimumApprovers;
  if (wanted === null) return approve(operation, connection, terms, words);
  if (caller.objectId === connection.requested_by)
    throw new ServiceError(
      403,
      'RequesterCannotApprove',
      `'${caller.name}' requested this connection, and the approval policies of its target (${terms.policies.join(', ')}) want ${wanted} other ${wanted === 1 ? 'person' : 'people'} to approve it. Ask somebody else who has '${permission}'.`,
      { target: 'properties.privateLinkServiceConnectionState.status' },
    );
  await tx
    .insertInto('approval')
    .values({ connection_id: connection.id, object_id: caller.objectId, name: caller.name, at: now })
    .onConflict((conflict) => conflict.columns(['connection_id', 'object_id']).doUpdateSet({ name: caller.name }))
    .execute();
  if ((await approversOf(tx, connection, permission)).length >= wanted)
    return approve(operation, connection, terms, words);
  const cause = { ...causeOf(operation, words.description), policy: terms.policies.join(', ') };
  await tx
    .updateTable('connection')
    .set({ version: connection.version + 1, updated_at: now })
    .where('id', '=', connection.id)
    .execute();
  await recordChange(tx, connectionMachine, connection.id, connection.state, 'Consent', cause);
};

/** What an owner sees of the policies about a connection, or null where there are none and its time is not limited. */
export const showApproval = async (
  operation: Operation,
  connection: Connection,
  permission: string,
): Promise<JsonObject | null> => {
  const terms = await termsFor(operation.tx, connection);
  if (terms.policies.length === 0 && connection.expires_at === null) return null;
  const approvers = await approversOf(operation.tx, connection, permission);
  return {
    policies: [...terms.policies],
    minimumApprovers: terms.minimumApprovers,
    approvals: approvers.map(({ object_id, name, at }) => ({ objectId: object_id, name, at })),
    expiresAt: connection.expires_at,
    isExpired: shownState(connection, operation.now) === 'Expired',
  };
};
