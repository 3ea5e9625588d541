// The sandbox: stores that Postern runs for its user, their data under one folder: storage accounts, spread over a few
// store processes, and key vaults, Cosmos DB accounts and SQL servers, each kind in one. Which stores exist is the control plane's
// business: it names each one after every start.

import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../base/log.ts';
import { type AccountOrder, type ListenerPorts, storageListeners, storageServices } from './azurite/message.ts';
import type { CertificateAuthority } from './certificate-authority.ts';
import { startCosmosAccounts } from './cosmos-db/start-cosmos-accounts.ts';
import { createGates } from './gate.ts';
import { startKeyVaults } from './key-vault/start-key-vaults.ts';
import type { Sandbox, SandboxStore, StorageAccountStore, StoragePermission } from './sandbox.ts';
import { startSqlServers } from './sql-server/start-sql-servers.ts';
import { type StoragePlace, storageOwner } from './storage-owner.ts';
import { openStoreFolders } from './store-folder.ts';
import { keepStoreProcess, type StoreProcess } from './store-process.ts';
import { createTurns } from './turn.ts';

/** What a sandbox needs to start. `processes` is how many store processes share the accounts, at the most. */
export type SandboxOptions = {
  folder: string;
  authority: CertificateAuthority;
  log: Log;
  processes?: number;
};

// Azure's rule for storage account names, which also makes them safe as names of folders.
const accountName = /^[a-z0-9]{3,24}$/;
const azuriteProgram = join(import.meta.dirname, 'azurite/main.ts');

type AccountProcess = StoreProcess<AccountOrder>;

/** Starts the sandbox. Its first process loads in the background, and the first account waits for it; others start when they are needed. */
export const startSandbox = async (options: SandboxOptions): Promise<Sandbox> => {
  const { authority, log } = options;
  const folders = await openStoreFolders(options.folder);
  const { root: folder } = folders;

  const count = Math.max(1, options.processes ?? Math.min(2, availableParallelism()));
  const gates = createGates<StoragePermission>();
  const startProcess = () =>
    keepStoreProcess<AccountOrder>({ program: azuriteProgram, folder, log, answer: gates.answer });
  const processes: AccountProcess[] = [startProcess()];
  const home = new Map<string, AccountProcess>();
  const places = new Map<string, StoragePlace>();
  /** For one account more: the process with the fewest, and another while none is without. */
  const place = (): AccountProcess => {
    const homes = [...home.values()];
    const load = (one: AccountProcess) => homes.filter((other) => other === one).length;
    const [least] = [...processes].sort((one, other) => load(one) - load(other)) as [AccountProcess];
    if (load(least) === 0 || processes.length >= count) return least;
    const another = startProcess();
    processes.push(another);
    return another;
  };
  const inTurn = createTurns();
  const vaults = startKeyVaults({ folder: join(folder, '.key-vault'), authority, log });
  const sql = startSqlServers({ folder: join(folder, '.sql-server'), authority, log });
  const cosmos = startCosmosAccounts({ folder: join(folder, '.cosmos-db'), authority, log });

  const ensure = async ({ name, keys, isHierarchical = false, gate }: StorageAccountStore): Promise<SandboxStore> => {
    const accountFolder = await folders.open(name);
    const certificate = await authority.issue([...storageHosts(name), 'localhost', '127.0.0.1', '::1']);
    const store = home.get(name) ?? place();
    // Noted before it starts, so that accounts made at the same time spread.
    home.set(name, store);
    try {
      if (gate) gates.set(name, gate);
      const trust = gate && { key: gate.key, tenantId: gate.tenantId };
      const order = { name, keys, isHierarchical, folder: accountFolder, certificate, ports: anyPort };
      const ports = await store.start({ ...order, ...(trust && { trust }) });
      places.set(name, { account: name, key: keys[0]!, ca: await readFile(authority.caFile, 'utf8'), ports });
      return storeAt(ports);
    } catch (error) {
      if (store.serves(name) === false) home.delete(name);
      throw error;
    }
  };

  const remove = async (name: string): Promise<void> => {
    places.delete(name);
    await home.get(name)?.stop(name);
    home.delete(name);
    gates.delete(name);
    await folders.discard(name);
  };

  return {
    ensureStorageAccount: async (account) => {
      assertName(account.name);
      return inTurn(account.name, () => ensure(account));
    },
    openStorageAccount: (name) => {
      const place = places.get(name);
      return place ? storageOwner(place) : null;
    },
    removeStorageAccount: async (name) => {
      assertName(name);
      return inTurn(name, () => remove(name));
    },
    ensureKeyVault: vaults.ensure,
    removeKeyVault: vaults.remove,
    ensureCosmosAccount: cosmos.ensure,
    askCosmosAccount: cosmos.ask,
    removeCosmosAccount: cosmos.remove,
    ensureSqlServer: sql.ensure,
    removeSqlServer: sql.remove,
    close: async () => {
      await Promise.all([...processes.map((one) => one.close()), vaults.close(), cosmos.close(), sql.close()]);
    },
  };
};

const anyPort = Object.fromEntries(storageListeners.map((one) => [one, 0])) as ListenerPorts;

const storageHosts = (name: string): string[] =>
  storageServices.map((service) => `${name}.${service}.core.windows.net`);

const storeAt = (ports: ListenerPorts): SandboxStore => ({
  endpoints: Object.fromEntries(storageListeners.map((one) => [one, { address: '127.0.0.1', port: ports[one] }])),
});

const assertName = (name: string): void => {
  if (!accountName.test(name))
    throw new RangeError(`'${name}' is no storage account name: 3 to 24 lower-case letters and digits.`);
};
