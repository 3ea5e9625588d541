// Operations that outlive their request: a row that clients poll.
import { randomUUID } from 'node:crypto';
import { type ErrorDetail, ServiceError } from '../base/error.ts';
import type { Tx } from '../database/database.ts';
import type { Caller, Operation, Route } from './resource-type.ts';

/** Seconds between two looks, as `Retry-After` tells clients: with none of them they would idle 10 to 30 s. */
export const retryAfter = '1';

const keptMs = 24 * 3_600_000;

/** Writes a running operation; `finishOperation` ends it. Returns its id. Those that ended a day ago are forgotten. */
export const startOperation = async (
  operation: Pick<Operation, 'tx' | 'caller' | 'now'>,
  kind: string,
  resourceKey: string,
): Promise<string> => {
  const forgotten = new Date(Date.parse(operation.now) - keptMs).toISOString();
  await operation.tx.deleteFrom('operation').where('ended_at', '<', forgotten).execute();
  const id = randomUUID();
  await operation.tx
    .insertInto('operation')
    .values({
      id,
      kind,
      resource_key: resourceKey,
      caller: JSON.stringify(operation.caller),
      status: 'InProgress',
      error: null,
      started_at: operation.now,
      ended_at: null,
    })
    .execute();
  return id;
};

/** Ends an operation: `Succeeded`, or `Failed` with an error. */
export const finishOperation = (tx: Tx, id: string, error: ErrorDetail | null): Promise<unknown> =>
  tx
    .updateTable('operation')
    .set({
      status: error ? 'Failed' : 'Succeeded',
      error: error ? JSON.stringify(error) : null,
      ended_at: new Date().toISOString(),
    })
    .where('id', '=', id)
    .execute();

/** Headers that tell a client where to poll an operation, by status (`Azure-AsyncOperation`) and by result (`Location`). */
export const operationHeaders = (
  operation: Pick<Operation, 'origin' | 'apiVersion'>,
  ask: { subscriptionId: string; namespace: string; location: string; id: string },
): Record<string, string> => {
  const subscription = `${operation.origin}/subscriptions/${ask.subscriptionId}`;
  const version = `api-version=${operation.apiVersion}`;
  return {
    'azure-asyncoperation': `${subscription}/providers/${ask.namespace}/locations/${ask.location}/operationStatuses/${ask.id}?${version}`,
    location: `${subscription}/operationresults/${ask.id}?${version}`,
    'retry-after': retryAfter,
  };
};

const anyVersion = /^\d{4}-\d{2}-\d{2}(-[a-z]+)?$/i;

const readOperation = async (operation: Operation, id: string) => {
  const row = await operation.tx
    .selectFrom('operation')
    .selectAll()
    .where('id', '=', id.toLowerCase())
    .executeTakeFirst();
  const isMine = row && (JSON.parse(row.caller) as Caller).objectId === operation.caller.objectId;
  // Somebody else's operation is as good as none, unless the caller may read where it works.
  if (!row || !(isMine || operation.may('Microsoft.Resources/subscriptions/resourceGroups/read', row.resource_key)))
    throw new ServiceError(404, 'OperationNotFound', `There is no operation '${id}'.`, { target: id });
  return row;
};

/** Where operations are polled: the status of one, and its result (202 until it ended). */
export const operationRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/subscriptions/{subscriptionId}/providers/{namespace}/locations/{location}/operationStatuses/{id}',
    apiVersions: [],
    permission: null,
    run: async (operation, { id = '' }) => {
      const row = await readOperation(operation, id);
      return {
        headers: row.status === 'InProgress' ? { 'retry-after': retryAfter } : {},
        body: {
          id: operation.id.path,
          name: row.id,
          status: row.status,
          startTime: row.started_at,
          ...(row.ended_at && { endTime: row.ended_at }),
          ...(row.error && { error: JSON.parse(row.error) as unknown }),
        },
      };
    },
  },
  {
    method: 'GET',
    path: '/subscriptions/{subscriptionId}/operationresults/{id}',
    apiVersions: [],
    permission: null,
    run: async (operation, { id = '' }) => {
      const row = await readOperation(operation, id);
      if (row.status === 'Succeeded') return { status: 200 };
      if (row.status === 'InProgress') {
        const version = anyVersion.test(operation.apiVersion) ? `?api-version=${operation.apiVersion}` : '';
        const location = `${operation.origin}${operation.id.path}${version}`;
        return { status: 202, headers: { location, 'retry-after': retryAfter } };
      }
      const error = JSON.parse(row.error ?? '{}') as ErrorDetail;
      throw new ServiceError(409, error.code, error.message);
    },
  },
];
