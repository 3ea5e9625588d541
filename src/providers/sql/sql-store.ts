// The stores behind SQL servers and Synapse workspaces: of the sandbox, or attached by a tag.

import { readCaller } from '../../arm/principal.ts';
import type { Log } from '../../base/log.ts';
import type { Database } from '../../database/database.ts';
import { listBelow, type Resource, readResource } from '../../database/resource.ts';
import type { SecretKey } from '../../database/secret.ts';
import type { Backend } from '../../network/policy/model.ts';
import type { Sandbox, SqlPermission, SqlServerStore } from '../../sandbox/sandbox.ts';
import type { Attachment } from '../attachment.ts';
import type { Attachable, StoreDirectory } from '../store-directory.ts';
import type { TargetKind } from '../target/target.ts';
import type { TokenIssuer } from '../token-issuer.ts';
import { isAdministrator, takesTokensOnly } from './entra-administrator.ts';
import { readPasswordHash } from './login.ts';

/** One server of the sandbox that a resource has: which sub-resource leads to it, and what it is. */
export type SqlPlan = { groupId: string } & Pick<SqlServerStore, 'host' | 'login' | 'databases' | 'warehouses'>;

/** What differs between the kinds of resources that have SQL servers. */
export type SqlFamily = {
  kind: TargetKind;
  attachment: Attachment;
  /** The type of its databases, and which of them count as warehouses. */
  databaseType: string;
  /** The types that say who its administrators by token are. */
  administratorTypes: readonly string[];
  plan(resource: Resource, databases: readonly Resource[]): SqlPlan[];
};

/** Keeps the directory of stores as the servers say. The sandbox does one thing at a time per server. */
export type SqlStores = {
  /** Starts a new server's store, empty, whatever an earlier server of its name may have left. */
  create(resourceKey: string): Promise<void>;
  /** Starts or attaches a server's store, or gives a running one its login and databases, and notes where it listens. */
  ensure(resourceKey: string): Promise<void>;
  /** Forgets a store, cuts what leads to it (`publish`), and then removes it; a sandbox store goes with its data. */
  remove(resource: Resource, publish: () => Promise<void>): Promise<void>;
  /** After a start: every server of the database. A store that fails to start is logged and stays unreachable. */
  ensureAll(): Promise<void>;
};

/** The stores of one family. */
export const createSqlStores = (
  rooms: {
    database: Database;
    sandbox: Sandbox;
    directory: StoreDirectory;
    attachable: Attachable;
    secretKey: SecretKey;
    tenantId: string;
    tokenIssuer: TokenIssuer;
    log: Log;
  },
  { kind, attachment, databaseType, administratorTypes, plan }: SqlFamily,
): SqlStores => {
  const { database, sandbox, directory } = rooms;

  /** As it is now: who was administrator a moment ago is not let in any more. */
  const permissionsOf = (resourceKey: string, objectId: string): Promise<readonly SqlPermission[] | null> =>
    database.transaction().execute(async (tx) => {
      if (!(await readCaller(tx, objectId))) return null;
      return (await isAdministrator(tx, resourceKey, administratorTypes, objectId)) ? ['administer'] : [];
    });

  const ensure = async (resourceKey: string, isNew: boolean): Promise<void> => {
    const resource = await readResource(database, resourceKey);
    if (!resource) return;
    if (attachment.isAttached(resource.tags)) {
      directory.set(resource.key, attachment.stillRead(resource.tags, rooms.attachable, rooms.log));
      return;
    }
    const databases = await listBelow(database, { scopeKey: resource.key, type: databaseType });
    const access = {
      passwordHash: await readPasswordHash(database, rooms.secretKey, resource.key),
      takesTokensOnly: await takesTokensOnly(database, resource.key),
      gate: {
        ...rooms.tokenIssuer,
        tenantId: rooms.tenantId,
        permissionsOf: (objectId: string) => permissionsOf(resource.key, objectId),
      },
    };
    const backends: Record<string, Backend> = {};
    for (const { groupId, ...server } of plan(resource, databases)) {
      if (isNew) await sandbox.removeSqlServer(server.host);
      const { endpoints } = await sandbox.ensureSqlServer({ ...server, ...access });
      backends[groupId] = endpoints.tds!;
    }
    directory.set(resource.key, backends);
  };

  return {
    create: (resourceKey) => ensure(resourceKey, true),
    ensure: (resourceKey) => ensure(resourceKey, false),
    remove: async (resource, publish) => {
      directory.remove(resource.key);
      await publish();
      if (attachment.isAttached(resource.tags)) return;
      for (const { host } of plan(resource, [])) await sandbox.removeSqlServer(host);
    },
    ensureAll: async () => {
      const all = await listBelow(database, { scopeKey: '', type: kind.type });
      const ends = await Promise.allSettled(all.map(({ key }) => ensure(key, false)));
      for (const [index, end] of ends.entries())
        if (end.status === 'rejected')
          rooms.log.error({ err: end.reason, server: all[index]?.id }, 'the store of a SQL server did not start');
    },
  };
};
