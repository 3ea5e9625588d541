// `decisions`: who did what and when about what may flow, read from either side. Also of what is gone by now.
import type { ActionType, Operation, Resource } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import type { JsonObject } from '../../base/json.ts';
import { approvalPolicyType } from '../target/approval-policy-body.ts';
import { egressPolicyType } from './egress.ts';

const most = 1000;
const usual = 200;

const readTop = ({ query }: Operation): number => {
  const top = query.top === undefined ? usual : Number(query.top);
  if (Number.isInteger(top) && top >= 1 && top <= most) return top;
  throw new ServiceError(
    400,
    'InvalidQueryParameter',
    `The query parameter 'top' must be a whole number from 1 to ${most}.`,
    {
      target: 'top',
    },
  );
};

/** Which of the two parties of a connection a resource is. */
type Side = 'target' | 'requester';

const connectionDecisions = async ({ tx, query }: Operation, resource: Resource, side: Side, top: number) => {
  const column = side === 'target' ? 'connection_party.target_key' : 'connection_party.endpoint_key';
  let rows = tx
    .selectFrom('event')
    .innerJoin('connection_party', 'connection_party.connection_id', 'event.subject')
    // What is gone is named by its key.
    .leftJoin('resource as target', 'target.key', 'connection_party.target_key')
    .leftJoin('resource as endpoint', 'endpoint.key', 'connection_party.endpoint_key')
    .selectAll('event')
    .select((read) => [
      'connection_party.name as connection',
      read.fn.coalesce('target.id', 'connection_party.target_key').as('target_id'),
      read.fn.coalesce('endpoint.id', 'connection_party.endpoint_key').as('endpoint_id'),
      'connection_party.group_id',
      'connection_party.private_endpoint_id',
      'connection_party.request_message',
    ])
    .where('event.machine', '=', 'connection')
    .where((where) =>
      where.or([
        where(column, '=', resource.key),
        // Everything below a network or a factory, by the index.
        where.and([where(column, '>', `${resource.key}/`), where(column, '<', `${resource.key}0`)]),
      ]),
    )
    .orderBy('event.sequence', 'desc')
    .limit(top);
  if (query.connection !== undefined) rows = rows.where('connection_party.name', '=', query.connection);
  return (await rows.execute()).map((row) => ({
    sequence: row.sequence,
    shown: {
      at: row.at,
      decision: row.event,
      from: row.from_state || null,
      to: row.to_state || null,
      by: { objectId: row.by_object_id, name: row.by_name },
      reason: row.reason,
      policy: row.policy || null,
      connection: {
        id: `${row.target_id}/privateEndpointConnections/${row.connection}`,
        name: row.connection,
        target: row.target_id,
        groupId: row.group_id,
        endpoint: row.endpoint_id,
        privateEndpoint: row.private_endpoint_id,
        requestMessage: row.request_message,
      },
    } satisfies JsonObject,
  }));
};

/** The policies that were set on a resource, and what is below it. */
const policyDecisions = async ({ tx }: Operation, resource: Resource, side: Side, top: number) => {
  const rows = await tx
    .selectFrom('event')
    .selectAll()
    .where('machine', '=', side === 'target' ? approvalPolicyType : egressPolicyType)
    .where((where) =>
      where.or([
        where('subject', '=', resource.key),
        where.and([where('subject', '>', `${resource.key}/`), where('subject', '<', `${resource.key}0`)]),
      ]),
    )
    .orderBy('sequence', 'desc')
    .limit(top)
    .execute();
  return rows.map((row) => ({
    sequence: row.sequence,
    shown: {
      at: row.at,
      decision: row.event,
      from: row.from_state || null,
      to: row.to_state || null,
      by: { objectId: row.by_object_id, name: row.by_name },
      reason: row.reason,
      policy: row.policy || null,
      [side === 'target' ? 'target' : 'network']: row.subject,
    } satisfies JsonObject,
  }));
};

/** `GET {target, endpoint, network or factory}/providers/Postern.Network/decisions?connection=&top=`, newest first. */
export const decisionsAction = (side: Side, permission: string): ActionType => ({
  path: 'providers/Postern.Network/decisions',
  method: 'GET',
  permission,
  run: async (operation, resource) => {
    const top = readTop(operation);
    const found = await connectionDecisions(operation, resource, side, top);
    if (operation.query.connection === undefined)
      found.push(...((await policyDecisions(operation, resource, side, top)) as unknown as typeof found));
    const value = found.sort((one, other) => other.sequence - one.sequence).slice(0, top);
    return { body: { value: value.map(({ shown }) => shown) } };
  },
});
