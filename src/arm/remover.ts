// Removals in the background: what was under way when the process died is taken up at the next start.
import { messageOf, ServiceError } from '../base/error.ts';
import { isJsonObject } from '../base/json.ts';
import type { Log } from '../base/log.ts';
import type { Database } from '../database/database.ts';
import { descendants, readResource, writeResource } from '../database/resource.ts';
import { createAfterCommit } from './after-commit.ts';
import { finishOperation, retryAfter, startOperation } from './long-running.ts';
import { removeResource } from './removal.ts';
import type { ArmReply, ArmRequest } from './request.ts';
import type { Caller, Operation, Registry, Resource } from './resource-type.ts';

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
    const after = createAfterCommit();
    await database.transaction().execute((tx) =>
      work({
        tx,
        caller,
        apiVersion: '',
        query: {},
        body: {},
        now: new Date().toISOString(),
        origin,
        afterCommit: after.add,
        may: () => false,
      }),
    );
    await after.run();
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
