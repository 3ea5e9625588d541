// The store behind a key vault: one of the sandbox, which asks here who may do what.
import { hkdfSync } from 'node:crypto';
import { readHeld } from '../../arm/authorization/access.ts';
import { readCaller } from '../../arm/principal.ts';
import type { Log } from '../../base/log.ts';
import type { Database } from '../../database/database.ts';
import { listBelow, type Resource, readResource } from '../../database/resource.ts';
import type { SecretKey } from '../../database/secret.ts';
import type { Sandbox, SecretPermission } from '../../sandbox/sandbox.ts';
import type { StoreDirectory } from '../store-directory.ts';
import type { TokenIssuer } from '../token-issuer.ts';
import { keyVaultTarget } from './key-vault-target.ts';
import { secretAccess } from './secret-access.ts';
import { propertiesOf } from './vault-body.ts';

/** Keeps the directory of stores as the key vaults say. The sandbox does one thing at a time per vault. */
export type VaultStores = {
  /** Starts a new vault's store, empty, whatever an earlier vault of its name may have left. */
  create(vaultKey: string): Promise<void>;
  /** Starts the store of a vault, or gives a running one its settings, and notes where it listens. */
  ensure(vaultKey: string): Promise<void>;
  /** Forgets a store, cuts what leads to it (`publish`), and then removes it with its secrets. */
  remove(vault: Resource, publish: () => Promise<void>): Promise<void>;
  /** After a start: every vault of the database. A store that fails to start is logged and stays unreachable. */
  ensureAll(): Promise<void>;
};

// The key is not where the data is, and the vault of the same name in another subscription has another.
const sealKeyOf = (secretKey: SecretKey, vaultKey: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secretKey, '', `key vault ${vaultKey}`, 32));

/** The stores of all key vaults. */
export const createVaultStores = (rooms: {
  database: Database;
  sandbox: Sandbox;
  directory: StoreDirectory;
  secretKey: SecretKey;
  tenantId: string;
  tokenIssuer: TokenIssuer;
  log: Log;
}): VaultStores => {
  const { database, sandbox, directory } = rooms;

  /** As it is now: what was revoked a moment ago is not granted any more. */
  const permissionsOf = (vaultKey: string, objectId: string): Promise<readonly SecretPermission[] | null> =>
    database.transaction().execute(async (tx) => {
      const caller = await readCaller(tx, objectId);
      if (!caller) return null;
      const vault = await readResource(tx, vaultKey);
      return vault ? secretAccess(vault, objectId, await readHeld(tx, objectId)) : [];
    });

  const ensure = async (vaultKey: string, isNew: boolean): Promise<void> => {
    const vault = await readResource(database, vaultKey);
    if (!vault) return;
    const name = vault.name.toLowerCase();
    if (isNew) await sandbox.removeKeyVault(name);
    const { softDeleteRetentionInDays, enablePurgeProtection } = propertiesOf(vault.body);
    const store = await sandbox.ensureKeyVault({
      name,
      sealKey: sealKeyOf(rooms.secretKey, vault.key),
      retentionDays: Number(softDeleteRetentionInDays ?? 90),
      purgeProtection: enablePurgeProtection === true,
      gate: {
        ...rooms.tokenIssuer,
        tenantId: rooms.tenantId,
        permissionsOf: (objectId) => permissionsOf(vault.key, objectId),
      },
    });
    directory.set(vault.key, store.endpoints);
  };

  return {
    create: (vaultKey) => ensure(vaultKey, true),
    ensure: (vaultKey) => ensure(vaultKey, false),
    remove: async (vault, publish) => {
      directory.remove(vault.key);
      await publish();
      await sandbox.removeKeyVault(vault.name.toLowerCase());
    },
    ensureAll: async () => {
      const vaults = await listBelow(database, { scopeKey: '', type: keyVaultTarget.type });
      const ends = await Promise.allSettled(vaults.map(({ key }) => ensure(key, false)));
      for (const [index, end] of ends.entries())
        if (end.status === 'rejected')
          rooms.log.error({ err: end.reason, vault: vaults[index]?.id }, 'the store of a key vault did not start');
    },
  };
};
