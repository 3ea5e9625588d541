// Operations that outlive their request: a row that clients poll, and the background work that ends it. What was
// under way when the process died is taken up at the next start.
import { randomUUID } from 'node:crypto';
import { type ErrorDetail, messageOf, ServiceError } from '../base/error.ts';
import { isJsonObject } from '../base/json.ts';
import type { Log } from '../base/log.ts';
import type { Database, Tx } from '../database/database.ts';
import { descendants, readResource, writeResource } from '../database/resource.ts';
import { removeResource } from './removal.ts';
import type { ArmReply, ArmRequest } from './request.ts';
import type { Caller, Operation, Registry, Resource, Route } from './resource-type.ts';

const retryAfter = '1';

/** Writes a running operation; `finishOperation` ends it. Returns its id. */
export const startOperation = async (
  operation: Pick<Operation, 'tx' | 'caller' | 'now'>,
  kind: string,
  resourceKey: string,
): Promise<string> => {
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

const removalKind = 'remove';

/** Marks a resource as being deleted and answers 202; the removal itself runs after the commit. */
export const beginRemoval = async (
  request: ArmRequest,
  operation: Operation,
  resource: Resource,
  isUnderWay: boolean,
): Promise<ArmReply> => {
  const running = isUnderWay
    ? await operation.tx
        .selectFrom('operation')
        .select('id')
        .where('resource_key', '=', resource.key)
        .where('status', '=', 'InProgress')
        .executeTakeFirst()
    : undefined;
  const id = running?.id ?? (await startOperation(operation, removalKind, resource.key));
  const properties = isJsonObject(resource.body.properties) ? resource.body.properties : {};
  await writeResource(operation.tx, {
    ...resource,
    body: { ...resource.body, properties: { ...properties, provisioningState: 'Deleting' } },
    updatedAt: operation.now,
  });
  if (!running) request.background(id);
  const { origin, apiVersion } = operation;
  return {
    status: 202,
    headers: {
      location: `${origin}/subscriptions/${request.subscriptionId}/operationresults/${id}?api-version=${apiVersion}`,
      'retry-after': retryAfter,
    },
  };
};

/** Does the removals, one at a time. */
export type Remover = {
  /** Queues the removal of this operation. */
  start(operationId: string): void;
  /** Queues what an earlier process left under way. */
  resume(): Promise<void>;
  /** Ends after the step that is running; the rest is resumed at the next start. */
  close(): Promise<void>;
};

/** Builds the remover. `originOf` is only for links. */
export const createRemover = (options: {
  database: Database;
  registry: Registry;
  log: Log;
  origin: string;
}): Remover => {
  const { database, registry, log, origin } = options;
  let isClosed = false;
  let chain: Promise<void> = Promise.resolve();

  /** One transaction with its steps after the commit. */
  const step = async (caller: Caller, work: (operation: Omit<Operation, 'id'>) => Promise<void>) => {
    const after: (() => Promise<unknown>)[] = [];
    await database.transaction().execute((tx) =>
      work({
        tx,
        caller,
        apiVersion: '',
        query: {},
        body: {},
        now: new Date().toISOString(),
        origin,
        afterCommit: (one) => after.push(one),
        may: () => false,
      }),
    );
    for (const one of after) await one();
  };

  const remove = async (id: string) => {
    const row = await database.selectFrom('operation').selectAll().where('id', '=', id).executeTakeFirst();
    if (row?.status !== 'InProgress') return;
    const caller = JSON.parse(row.caller) as Caller;
    // One transaction per resource: a group of thousands neither holds the database nor starts again after a crash.
    for (const below of await descendants(database, row.resource_key)) {
      if (isClosed) return;
      await step(caller, async (operation) => {
        const resource = await readResource(operation.tx, below.key);
        if (resource) await removeResource(registry, operation, resource, false);
      });
    }
    if (isClosed) return;
    await step(caller, async (operation) => {
      const resource = await readResource(operation.tx, row.resource_key);
      if (resource) await removeResource(registry, operation, resource, true);
      await finishOperation(operation.tx, id, null);
    });
  };

  const fail = async (id: string, error: unknown) => {
    log.error({ operationId: id, err: error }, 'a removal failed');
    const code = error instanceof ServiceError ? error.code : 'InternalServerError';
    const message =
      error instanceof ServiceError
        ? messageOf(error)
        : `Something failed. The server's log has it under the id ${id}.`;
    await database.transaction().execute(async (tx) => {
      const row = await tx.selectFrom('operation').selectAll().where('id', '=', id).executeTakeFirst();
      const resource = row && (await readResource(tx, row.resource_key));
      if (resource) {
        const properties = isJsonObject(resource.body.properties) ? resource.body.properties : {};
        await writeResource(tx, {
          ...resource,
          body: { ...resource.body, properties: { ...properties, provisioningState: 'Succeeded' } },
        });
      }
      await finishOperation(tx, id, { code, message });
    });
  };

  const start = (id: string) => {
    chain = chain.then(async () => {
      if (isClosed) return;
      try {
        await remove(id);
      } catch (error) {
        await fail(id, error).catch((err: unknown) => log.error({ err }, 'an operation could not be ended'));
      }
    });
  };

  return {
    start,
    resume: async () => {
      const rows = await database
        .selectFrom('operation')
        .select('id')
        .where('kind', '=', removalKind)
        .where('status', '=', 'InProgress')
        .execute();
      for (const { id } of rows) start(id);
    },
    close: async () => {
      isClosed = true;
      await chain;
    },
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
