// The stores behind SQL servers and Synapse workspaces: of the sandbox, or attached by a tag.
import { listBelow, type Resource } from '../../database/resource.ts';
import type { SecretKey } from '../../database/secret.ts';
import type { Backend } from '../../network/policy/model.ts';
import type { Sandbox, SqlPermission, SqlServerStore } from '../../sandbox/sandbox.ts';
import type { Attachment } from '../attachment.ts';
import type { Attachable } from '../store-directory.ts';
import { type GateRooms, gateOf, type KeepRooms, keepStores, type Stores } from '../target/keep-stores.ts';
import type { TargetKind } from '../target/target.ts';
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

/** The stores of one family. */
export const createSqlStores = (
  rooms: KeepRooms & GateRooms & { sandbox: Sandbox; attachable: Attachable; secretKey: SecretKey },
  { kind, attachment, databaseType, administratorTypes, plan }: SqlFamily,
): Stores => {
  const { database, sandbox } = rooms;
  return keepStores(rooms, kind, {
    attached: { attachment, attachable: rooms.attachable },
    start: async (resource, isNew) => {
      const databases = await listBelow(database, { scopeKey: resource.key, type: databaseType });
      const access = {
        passwordHash: await readPasswordHash(database, rooms.secretKey, resource.key),
        takesTokensOnly: await takesTokensOnly(database, resource.key),
        gate: gateOf<SqlPermission>(rooms, async (tx, objectId) =>
          (await isAdministrator(tx, resource.key, administratorTypes, objectId)) ? ['administer'] : [],
        ),
      };
      const backends: Record<string, Backend> = {};
      for (const { groupId, ...server } of plan(resource, databases)) {
        if (isNew) await sandbox.removeSqlServer(server.host);
        const { endpoints } = await sandbox.ensureSqlServer({ ...server, ...access });
        backends[groupId] = endpoints.tds!;
      }
      return backends;
    },
    discard: async (resource) => {
      for (const { host } of plan(resource, [])) await sandbox.removeSqlServer(host);
    },
  });
};
