// The sandbox: storage accounts that Postern runs for its user, spread over a few store processes, their data under
// one folder. Which accounts exist is the control plane's business: it names each one after every start.

import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, realpath, rename, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../base/log.ts';
import { type ServicePorts, storageServices } from './azurite/message.ts';
import { keepStoreProcess, type StoreProcess } from './azurite/store-process.ts';
import type { CertificateAuthority } from './certificate-authority.ts';
import type { Sandbox, SandboxStore } from './sandbox.ts';

/** What a sandbox needs to start. `processes` is how many store processes share the accounts. */
export type SandboxOptions = {
  folder: string;
  authority: CertificateAuthority;
  log: Log;
  processes?: number;
};

// Azure's rule for storage account names, which also makes them safe as names of folders.
const accountName = /^[a-z0-9]{3,24}$/;
const removedPrefix = '.removed-';

/** Starts the sandbox. Its processes load in the background; the first account waits for them. */
export const startSandbox = async (options: SandboxOptions): Promise<Sandbox> => {
  const { authority, log } = options;
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  await chmod(options.folder, 0o700);
  const folder = await realpath(options.folder);
  // What a removal that was cut short has left.
  const left = (await readdir(folder)).filter((one) => one.startsWith(removedPrefix));
  await Promise.all(left.map((one) => rm(join(folder, one), { recursive: true, force: true })));

  const count = Math.max(1, options.processes ?? Math.min(2, availableParallelism()));
  const processes = Array.from({ length: count }, () => keepStoreProcess(folder, log));
  const home = new Map<string, StoreProcess>();
  const turns = new Map<string, Promise<unknown>>();

  /** One thing at a time per account. */
  const inTurn = <Result>(name: string, action: () => Promise<Result>): Promise<Result> => {
    const result = (turns.get(name) ?? Promise.resolve()).then(action, action);
    const settled = result
      .catch(() => {})
      .then(() => {
        if (turns.get(name) === settled) turns.delete(name);
      });
    turns.set(name, settled);
    return result;
  };

  const ensure = async (name: string, keys: readonly string[]): Promise<SandboxStore> => {
    const accountFolder = join(folder, name);
    await mkdir(accountFolder, { recursive: true });
    const certificate = await authority.issue([...storageHosts(name), 'localhost', '127.0.0.1', '::1']);
    const store = home.get(name) ?? leastLoaded(processes, home);
    // Noted before it starts, so that accounts made at the same time spread.
    home.set(name, store);
    try {
      const ports = await store.start({ name, keys, folder: accountFolder, certificate, ports: anyPort });
      return storeAt(ports);
    } catch (error) {
      if (store.serves(name) === false) home.delete(name);
      throw error;
    }
  };

  const remove = async (name: string): Promise<void> => {
    await home.get(name)?.stop(name);
    home.delete(name);
    const gone = join(folder, `${removedPrefix}${name}-${randomBytes(6).toString('hex')}`);
    try {
      await rename(join(folder, name), gone);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    await rm(gone, { recursive: true, force: true });
  };

  return {
    ensureStorageAccount: async ({ name, keys }) => {
      assertName(name);
      return inTurn(name, () => ensure(name, keys));
    },
    removeStorageAccount: async (name) => {
      assertName(name);
      return inTurn(name, () => remove(name));
    },
    close: async () => {
      await Promise.all(processes.map((one) => one.close()));
    },
  };
};

const anyPort: ServicePorts = { blob: 0, queue: 0, table: 0 };

const storageHosts = (name: string): string[] =>
  storageServices.map((service) => `${name}.${service}.core.windows.net`);

const storeAt = (ports: ServicePorts): SandboxStore => ({
  endpoints: Object.fromEntries(storageServices.map((one) => [one, { address: '127.0.0.1', port: ports[one] }])),
});

const leastLoaded = (processes: readonly StoreProcess[], home: ReadonlyMap<string, StoreProcess>): StoreProcess => {
  const homes = [...home.values()];
  const load = (one: StoreProcess): number => homes.filter((other) => other === one).length;
  return processes.reduce((best, one) => (load(one) < load(best) ? one : best));
};

const assertName = (name: string): void => {
  if (!accountName.test(name))
    throw new RangeError(`'${name}' is no storage account name: 3 to 24 lower-case letters and digits.`);
};
