// The store behind a key vault: one of the sandbox, which asks here who may do what.
import { hkdfSync } from 'node:crypto';
import { readResource } from '../../database/resource.ts';
import type { SecretKey } from '../../database/secret.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { type GateRooms, gateOf, type KeepRooms, keepStores, type Stores } from '../target/keep-stores.ts';
import { keyVaultTarget } from './key-vault-target.ts';
import { secretAccess } from './secret-access.ts';
import { propertiesOf } from './vault-body.ts';

// The key is not where the data is, and the vault of the same name in another subscription has another.
const sealKeyOf = (secretKey: SecretKey, vaultKey: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secretKey, '', `key vault ${vaultKey}`, 32));

/** The stores of all key vaults. */
export const createVaultStores = (rooms: KeepRooms & GateRooms & { sandbox: Sandbox; secretKey: SecretKey }): Stores =>
  keepStores(rooms, keyVaultTarget, {
    start: async (vault, isNew) => {
      const name = vault.name.toLowerCase();
      if (isNew) await rooms.sandbox.removeKeyVault(name);
      const { softDeleteRetentionInDays, enablePurgeProtection } = propertiesOf(vault.body);
      const { endpoints } = await rooms.sandbox.ensureKeyVault({
        name,
        sealKey: sealKeyOf(rooms.secretKey, vault.key),
        retentionDays: Number(softDeleteRetentionInDays ?? 90),
        purgeProtection: enablePurgeProtection === true,
        gate: gateOf(rooms, async (tx, objectId, held) => {
          const now = await readResource(tx, vault.key);
          return now ? secretAccess(now, objectId, await held()) : [];
        }),
      });
      return endpoints;
    },
    discard: ({ name }) => rooms.sandbox.removeKeyVault(name.toLowerCase()),
  });
