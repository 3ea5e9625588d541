// The store behind a Cosmos DB account: one of the sandbox, which asks here who may do what, or one that runs elsewhere and was attached by a tag.
import type { SecretKey } from '../../database/secret.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { attachmentOf } from '../attachment.ts';
import type { Attachable } from '../store-directory.ts';
import { type GateRooms, gateOf, type KeepRooms, keepStores, type Stores } from '../target/keep-stores.ts';
import { propertiesOf, writeRegionOf } from './account-body.ts';
import { cosmosKeys } from './account-key.ts';
import { documentDbTarget } from './document-db-target.ts';
import { grantsOf } from './role-assignment.ts';

/** Cosmos DB accounts that are attached. */
export const cosmosAttachment = attachmentOf(documentDbTarget, 'Sql');

/** The stores of all Cosmos DB accounts. */
export const createCosmosStores = (
  rooms: KeepRooms & GateRooms & { sandbox: Sandbox; attachable: Attachable; secretKey: SecretKey },
): Stores =>
  keepStores(rooms, documentDbTarget, {
    attached: { attachment: cosmosAttachment, attachable: rooms.attachable },
    start: async (account, isNew) => {
      const name = account.name.toLowerCase();
      if (isNew) await rooms.sandbox.removeCosmosAccount(name);
      const keys = await cosmosKeys.read(rooms.database, rooms.secretKey, account.key);
      const { endpoints } = await rooms.sandbox.ensureCosmosAccount({
        name,
        keys: { writing: [keys.primary, keys.secondary], reading: [keys.primaryReadonly, keys.secondaryReadonly] },
        takesTokensOnly: propertiesOf(account.body).disableLocalAuth === true,
        gate: gateOf(rooms, (tx, objectId) => grantsOf(tx, account.key, objectId)),
        location: writeRegionOf(account.body),
      });
      return endpoints;
    },
    discard: ({ name }) => rooms.sandbox.removeCosmosAccount(name.toLowerCase()),
  });
