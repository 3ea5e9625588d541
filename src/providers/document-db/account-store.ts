// The store behind a Cosmos DB account: one of the sandbox, which asks here who may do what, or one that runs elsewhere and was attached by a tag.
import { readCaller } from '../../arm/principal.ts';
import type { Log } from '../../base/log.ts';
import type { Database } from '../../database/database.ts';
import { listBelow, type Resource, readResource } from '../../database/resource.ts';
import type { SecretKey } from '../../database/secret.ts';
import type { CosmosGrant, Sandbox } from '../../sandbox/sandbox.ts';
import { attachmentOf } from '../attachment.ts';
import type { Attachable, StoreDirectory } from '../store-directory.ts';
import type { TokenIssuer } from '../token-issuer.ts';
import { propertiesOf, writeRegionOf } from './account-body.ts';
import { cosmosKeys } from './account-key.ts';
import { documentDbTarget } from './document-db-target.ts';
import { grantsOf } from './role-assignment.ts';

/** Cosmos DB accounts that are attached. */
export const cosmosAttachment = attachmentOf(documentDbTarget, 'Sql');

/** Keeps the directory of stores as the accounts say. The sandbox does one thing at a time per account. */
export type CosmosStores = {
  /** Starts a new account's store, empty, whatever an earlier account of its name may have left. */
  create(accountKey: string): Promise<void>;
  /** Starts or attaches the store of an account, or gives a running one its keys, and notes where it listens. */
  ensure(accountKey: string): Promise<void>;
  /** Forgets a store, cuts what leads to it (`publish`), and then removes it; a sandbox store goes with its data. */
  remove(account: Resource, publish: () => Promise<void>): Promise<void>;
  /** After a start: every account of the database. A store that fails to start is logged and stays unreachable. */
  ensureAll(): Promise<void>;
};

/** The stores of all Cosmos DB accounts. */
export const createCosmosStores = (rooms: {
  database: Database;
  sandbox: Sandbox;
  directory: StoreDirectory;
  attachable: Attachable;
  secretKey: SecretKey;
  tenantId: string;
  tokenIssuer: TokenIssuer;
  log: Log;
}): CosmosStores => {
  const { database, sandbox, directory } = rooms;

  /** As it is now: what was revoked a moment ago is not granted any more. */
  const permissionsOf = (accountKey: string, objectId: string): Promise<readonly CosmosGrant[] | null> =>
    database
      .transaction()
      .execute(async (tx) => ((await readCaller(tx, objectId)) ? grantsOf(tx, accountKey, objectId) : null));

  const ensure = async (accountKey: string, isNew: boolean): Promise<void> => {
    const account = await readResource(database, accountKey);
    if (!account) return;
    if (cosmosAttachment.isAttached(account.tags)) {
      directory.set(account.key, cosmosAttachment.stillRead(account.tags, rooms.attachable, rooms.log));
      return;
    }
    const name = account.name.toLowerCase();
    if (isNew) await sandbox.removeCosmosAccount(name);
    const keys = await cosmosKeys.read(database, rooms.secretKey, account.key);
    const store = await sandbox.ensureCosmosAccount({
      name,
      keys: { writing: [keys.primary, keys.secondary], reading: [keys.primaryReadonly, keys.secondaryReadonly] },
      takesTokensOnly: propertiesOf(account.body).disableLocalAuth === true,
      gate: {
        ...rooms.tokenIssuer,
        tenantId: rooms.tenantId,
        permissionsOf: (objectId) => permissionsOf(account.key, objectId),
      },
      location: writeRegionOf(account.body),
    });
    directory.set(account.key, store.endpoints);
  };

  return {
    create: (accountKey) => ensure(accountKey, true),
    ensure: (accountKey) => ensure(accountKey, false),
    remove: async (account, publish) => {
      directory.remove(account.key);
      await publish();
      if (!cosmosAttachment.isAttached(account.tags)) await sandbox.removeCosmosAccount(account.name.toLowerCase());
    },
    ensureAll: async () => {
      const accounts = await listBelow(database, { scopeKey: '', type: documentDbTarget.type });
      const ends = await Promise.allSettled(accounts.map(({ key }) => ensure(key, false)));
      for (const [index, end] of ends.entries())
        if (end.status === 'rejected')
          rooms.log.error(
            { err: end.reason, account: accounts[index]?.id },
            'the store of a Cosmos DB account did not start',
          );
    },
  };
};
