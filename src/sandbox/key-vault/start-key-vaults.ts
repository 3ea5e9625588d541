// The key vaults of the sandbox, in one process that starts with the first of them.
import { join } from 'node:path';
import type { Log } from '../../base/log.ts';
import type { CertificateAuthority } from '../certificate-authority.ts';
import { createGates } from '../gate.ts';
import type { KeyVaultStore, SandboxStore, SecretPermission } from '../sandbox.ts';
import { openStoreFolders, type StoreFolders } from '../store-folder.ts';
import { keepStoreProcess, type StoreProcess } from '../store-process.ts';
import { createTurns } from '../turn.ts';
import type { VaultOrder } from './message.ts';

/** The vaults of one sandbox. */
export type KeyVaults = {
  ensure(vault: KeyVaultStore): Promise<SandboxStore>;
  remove(name: string): Promise<void>;
  close(): Promise<void>;
};

// Azure's rule, which also makes names safe as names of folders and hosts.
const vaultName = /^[a-z](?!.*--)[a-z0-9-]{1,22}[a-z0-9]$/;
const program = join(import.meta.dirname, 'main.ts');

const assertName = (name: string): void => {
  if (!vaultName.test(name))
    throw new RangeError(`'${name}' is no name of a key vault: 3 to 24 lower-case letters, digits and single hyphens.`);
};

/** The vaults in `folder`. Nothing is started or made before the first. */
export const startKeyVaults = (options: { folder: string; authority: CertificateAuthority; log: Log }): KeyVaults => {
  const { authority, log } = options;
  const inTurn = createTurns();
  const gates = createGates<SecretPermission>();
  let opening: Promise<StoreFolders> | undefined;
  let running: StoreProcess<VaultOrder> | undefined;
  const folders = () => {
    opening ??= openStoreFolders(options.folder);
    return opening;
  };

  const ensure = async (vault: KeyVaultStore): Promise<SandboxStore> => {
    const { name, sealKey, retentionDays, purgeProtection, gate } = vault;
    const all = await folders();
    const folder = await all.open(name);
    const certificate = await authority.issue([`${name}.vault.azure.net`, 'localhost', '127.0.0.1', '::1']);
    gates.set(name, gate);
    running ??= keepStoreProcess<VaultOrder>({ program, folder: all.root, log, answer: gates.answer });
    const ports = await running.start({
      name,
      folder,
      certificate,
      retentionDays,
      purgeProtection,
      ports: { vault: 0 },
      sealKey: Buffer.from(sealKey).toString('base64'),
      key: gate.key,
      tenantId: gate.tenantId,
    });
    return { endpoints: { vault: { address: '127.0.0.1', port: ports.vault } } };
  };

  return {
    ensure: async (vault) => {
      assertName(vault.name);
      return inTurn(vault.name, () => ensure(vault));
    },
    remove: async (name) => {
      assertName(name);
      await inTurn(name, async () => {
        await running?.stop(name);
        gates.delete(name);
        await (await folders()).discard(name);
      });
    },
    close: async () => running?.close(),
  };
};
