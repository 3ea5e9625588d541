// The store behind a storage account: one of the sandbox, which asks here who may do what, or one that runs elsewhere and was attached by a tag.
import { readHeld } from '../../arm/authorization/access.ts';
import { readCaller } from '../../arm/principal.ts';
import type { Log } from '../../base/log.ts';
import type { Database } from '../../database/database.ts';
import { listBelow, type Resource, readResource } from '../../database/resource.ts';
import type { SecretKey } from '../../database/secret.ts';
import type { Sandbox, StoragePermission } from '../../sandbox/sandbox.ts';
import { attachmentOf } from '../attachment.ts';
import type { Attachable, StoreDirectory } from '../store-directory.ts';
import type { TokenIssuer } from '../token-issuer.ts';
import { isHierarchical } from './account-body.ts';
import { accountKeys } from './account-key.ts';
import { dataAccess } from './data-access.ts';
import { storageTarget } from './storage-target.ts';

/** Storage accounts that are attached: `postern-backend` for blobs, `postern-backend-table` and so on for the others. */
export const storageAttachment = attachmentOf(storageTarget, 'blob');

/** Keeps the directory of stores as the storage accounts say. One thing at a time per account, in order of asking. */
export type AccountStores = {
  /** Starts a new account's store, empty, whatever an earlier account of its name may have left. */
  create(accountKey: string): Promise<void>;
  /** Starts or attaches the store of an account, or gives a running one its keys, and notes where it listens. */
  ensure(accountKey: string): Promise<void>;
  /** Forgets a store, cuts what leads to it (`publish`), and then removes it; a sandbox store goes with its data. */
  remove(account: Resource, publish: () => Promise<void>): Promise<void>;
  /** After a start: every account of the database. A store that fails to start is logged and stays unreachable. */
  ensureAll(): Promise<void>;
};

/** The stores of all storage accounts. */
export const createAccountStores = (rooms: {
  database: Database;
  sandbox: Sandbox;
  directory: StoreDirectory;
  attachable: Attachable;
  secretKey: SecretKey;
  tenantId: string;
  tokenIssuer: TokenIssuer;
  log: Log;
}): AccountStores => {
  /** As it is now: what was revoked a moment ago is not granted any more. */
  const permissionsOf = (accountKey: string, objectId: string): Promise<readonly StoragePermission[] | null> =>
    rooms.database.transaction().execute(async (tx) => {
      const caller = await readCaller(tx, objectId);
      return caller && dataAccess(accountKey, await readHeld(tx, objectId));
    });
  const turns = new Map<string, Promise<unknown>>();
  const inTurn = (key: string, step: () => Promise<void>): Promise<void> => {
    const mine = (turns.get(key) ?? Promise.resolve()).then(step, step);
    turns.set(key, mine);
    const leave = () => void (turns.get(key) === mine && turns.delete(key));
    mine.then(leave, leave);
    return mine;
  };
  const start = async (accountKey: string, isNew: boolean): Promise<void> => {
    const account = await readResource(rooms.database, accountKey);
    if (!account) return;
    if (storageAttachment.isAttached(account.tags)) {
      rooms.directory.set(account.key, storageAttachment.stillRead(account.tags, rooms.attachable, rooms.log));
      return;
    }
    const name = account.name.toLowerCase();
    if (isNew) await rooms.sandbox.removeStorageAccount(name);
    const keys = await accountKeys.read(rooms.database, rooms.secretKey, account.key);
    const store = await rooms.sandbox.ensureStorageAccount({
      name,
      keys: Object.values(keys),
      isHierarchical: isHierarchical(account.body),
      gate: {
        ...rooms.tokenIssuer,
        tenantId: rooms.tenantId,
        permissionsOf: (objectId) => permissionsOf(account.key, objectId),
      },
    });
    rooms.directory.set(account.key, store.endpoints);
  };
  return {
    create: (accountKey) => inTurn(accountKey, () => start(accountKey, true)),
    ensure: (accountKey) => inTurn(accountKey, () => start(accountKey, false)),
    remove: (account, publish) =>
      inTurn(account.key, async () => {
        rooms.directory.remove(account.key);
        await publish();
        if (!storageAttachment.isAttached(account.tags))
          await rooms.sandbox.removeStorageAccount(account.name.toLowerCase());
      }),
    ensureAll: async () => {
      const accounts = await listBelow(rooms.database, { scopeKey: '', type: storageTarget.type });
      const ends = await Promise.allSettled(accounts.map(({ key }) => inTurn(key, () => start(key, false))));
      for (const [index, end] of ends.entries())
        if (end.status === 'rejected')
          rooms.log.error({ err: end.reason, account: accounts[index]?.id }, 'the store of an account did not start');
    },
  };
};
