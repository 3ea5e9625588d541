// The stores behind the resources of one kind: of the sandbox, or attached by a tag.
import { readHeld } from '../../arm/authorization/access.ts';
import type { Grant } from '../../arm/authorization/grant.ts';
import { readCaller } from '../../arm/principal.ts';
import type { Log } from '../../base/log.ts';
import type { Database, Tx } from '../../database/database.ts';
import { listBelow, type Resource, readResource } from '../../database/resource.ts';
import type { Backend } from '../../network/policy/model.ts';
import type { TokenGate } from '../../sandbox/sandbox.ts';
import { createTurns } from '../../sandbox/turn.ts';
import type { Attachment } from '../attachment.ts';
import type { Attachable, StoreDirectory } from '../store-directory.ts';
import type { TokenIssuer } from '../token-issuer.ts';
import type { TargetKind } from './target.ts';

/** Keeps the directory of stores as the resources say. One thing at a time per resource, in order of asking. */
export type Stores = {
  /** Starts a new resource's store, empty, whatever an earlier one of its name may have left. */
  create(key: string): Promise<void>;
  /** Starts or attaches a store, or gives a running one what it is from now on, and notes where it listens. */
  ensure(key: string): Promise<void>;
  /** Forgets a store, cuts what leads to it (`publish`), and then removes it; a sandbox store goes with its data. */
  remove(resource: Resource, publish: () => Promise<void>): Promise<void>;
  /** After a start: every resource of the database. A store that fails to start is logged and stays unreachable. */
  ensureAll(): Promise<void>;
};

/** What keeping stores needs of the house. */
export type KeepRooms = { database: Database; directory: StoreDirectory; log: Log };

type Backends = Readonly<Record<string, Backend>>;

/** Keeps the stores of one kind. `attached` is for kinds whose stores may run elsewhere. */
export const keepStores = (
  { database, directory, log }: KeepRooms,
  kind: Pick<TargetKind, 'type'>,
  how: {
    attached?: { attachment: Attachment; attachable: Attachable };
    /** Starts a store of the sandbox or gives it what it is; what an earlier one has left is removed first where `isNew`. */
    start(resource: Resource, isNew: boolean): Promise<Backends>;
    /** Removes a store of the sandbox with its data. */
    discard(resource: Resource): Promise<void>;
  },
): Stores => {
  const inTurn = createTurns();
  const { attached } = how;
  const isAttached = ({ tags }: Resource) => attached?.attachment.isAttached(tags) === true;

  const start = (key: string, isNew: boolean): Promise<void> =>
    inTurn(key, async () => {
      const resource = await readResource(database, key);
      if (!resource) return;
      const backends =
        attached && isAttached(resource)
          ? attached.attachment.stillRead(resource.tags, attached.attachable, log)
          : await how.start(resource, isNew);
      directory.set(resource.key, backends);
    });

  return {
    create: (key) => start(key, true),
    ensure: (key) => start(key, false),
    remove: (resource, publish) =>
      inTurn(resource.key, async () => {
        directory.remove(resource.key);
        await publish();
        if (!isAttached(resource)) await how.discard(resource);
      }),
    ensureAll: async () => {
      const all = await listBelow(database, { scopeKey: '', type: kind.type });
      const ends = await Promise.allSettled(all.map(({ key }) => start(key, false)));
      for (const [index, end] of ends.entries())
        if (end.status === 'rejected')
          log.error({ err: end.reason, resource: all[index]?.id }, 'a store did not start');
    },
  };
};

/** What the gates of stores need of the house. */
export type GateRooms = { database: Database; tenantId: string; tokenIssuer: TokenIssuer };

/**
 * A gate that asks the database who may do what, as it is at that moment: what was revoked a moment ago is not granted any
 * more. `permissions` is asked for principals that exist, with the roles that they hold.
 */
export const gateOf = <Permission>(
  { database, tenantId, tokenIssuer }: GateRooms,
  permissions: (tx: Tx, objectId: string, held: () => Promise<Grant[]>) => Promise<readonly Permission[]>,
): TokenGate<Permission> => ({
  ...tokenIssuer,
  tenantId,
  permissionsOf: (objectId) =>
    database
      .transaction()
      .execute(async (tx) =>
        (await readCaller(tx, objectId)) ? permissions(tx, objectId, () => readHeld(tx, objectId)) : null,
      ),
});
