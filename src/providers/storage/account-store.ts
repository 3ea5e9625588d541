// The store behind a storage account: one of the sandbox, which asks here who may do what, or one that runs elsewhere and was attached by a tag.
import type { SecretKey } from '../../database/secret.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { attachmentOf } from '../attachment.ts';
import type { Attachable } from '../store-directory.ts';
import { type GateRooms, gateOf, type KeepRooms, keepStores, type Stores } from '../target/keep-stores.ts';
import { isHierarchical } from './account-body.ts';
import { accountKeys } from './account-key.ts';
import { dataAccess } from './data-access.ts';
import { storageTarget } from './storage-target.ts';

/** Storage accounts that are attached: `postern-backend` for blobs, `postern-backend-table` and so on for the others. */
export const storageAttachment = attachmentOf(storageTarget, 'blob');

/** The stores of all storage accounts. */
export const createAccountStores = (
  rooms: KeepRooms & GateRooms & { sandbox: Sandbox; attachable: Attachable; secretKey: SecretKey },
): Stores =>
  keepStores(rooms, storageTarget, {
    attached: { attachment: storageAttachment, attachable: rooms.attachable },
    start: async (account, isNew) => {
      const name = account.name.toLowerCase();
      if (isNew) await rooms.sandbox.removeStorageAccount(name);
      const keys = await accountKeys.read(rooms.database, rooms.secretKey, account.key);
      const { endpoints } = await rooms.sandbox.ensureStorageAccount({
        name,
        keys: Object.values(keys),
        isHierarchical: isHierarchical(account.body),
        gate: gateOf(rooms, async (_tx, _objectId, held) => dataAccess(account.key, await held())),
      });
      return endpoints;
    },
    discard: ({ name }) => rooms.sandbox.removeStorageAccount(name.toLowerCase()),
  });
