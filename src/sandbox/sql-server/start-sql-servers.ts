// The SQL servers of the sandbox, each in a process of its own: whoever may run statements may occupy one, or bring it down.
import { join } from 'node:path';
import type { Log } from '../../base/log.ts';
import type { CertificateAuthority } from '../certificate-authority.ts';
import { createGates } from '../gate.ts';
import type { SandboxStore, SqlPermission, SqlServerStore } from '../sandbox.ts';
import { openStoreFolders, type StoreFolders } from '../store-folder.ts';
import { keepStoreProcess, type StoreProcess } from '../store-process.ts';
import { createTurns } from '../turn.ts';
import type { SqlServerOrder } from './message.ts';

/** The servers of one sandbox. */
export type SqlServers = {
  ensure(server: SqlServerStore): Promise<SandboxStore>;
  remove(host: string): Promise<void>;
  close(): Promise<void>;
};

// Azure's rule for the first label of a server or workspace, which also makes hosts safe as names of folders.
const sqlHost = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9-]{1,63}){2,4}$/;
const program = join(import.meta.dirname, 'main.ts');
/** How many statements and logins of one server run at the same time; others wait for their turn. */
const threads = 32;

const assertHost = (host: string): void => {
  if (!sqlHost.test(host)) throw new RangeError(`'${host}' is no host name of a SQL server.`);
};

/** The servers in `folder`. Nothing is started or made before the first. */
export const startSqlServers = (options: { folder: string; authority: CertificateAuthority; log: Log }): SqlServers => {
  const { authority, log } = options;
  const inTurn = createTurns();
  const gates = createGates<SqlPermission>();
  let opening: Promise<StoreFolders> | undefined;
  const processes = new Map<string, StoreProcess<SqlServerOrder>>();
  const folders = () => {
    opening ??= openStoreFolders(options.folder);
    return opening;
  };

  const ensure = async ({ gate, ...server }: SqlServerStore): Promise<SandboxStore> => {
    const { host } = server;
    const { key, tenantId } = gate;
    const all = await folders();
    const folder = await all.open(host);
    const certificate = await authority.issue([host, 'localhost', '127.0.0.1', '::1']);
    const known = processes.get(host);
    const one =
      known ?? keepStoreProcess<SqlServerOrder>({ program, folder: all.root, log, threads, answer: gates.answer });
    processes.set(host, one);
    gates.set(host, gate);
    const trust = { key, tenantId };
    try {
      const ports = await one.start({ ...server, trust, name: host, folder, certificate, ports: { tds: 0 } });
      return { endpoints: { tds: { address: '127.0.0.1', port: ports.tds } } };
    } catch (error) {
      if (!known) await end(host);
      throw error;
    }
  };

  const end = async (host: string): Promise<void> => {
    await processes.get(host)?.close();
    processes.delete(host);
    gates.delete(host);
  };

  return {
    ensure: async (server) => {
      assertHost(server.host);
      return inTurn(server.host, () => ensure(server));
    },
    remove: async (host) => {
      assertHost(host);
      await inTurn(host, async () => {
        await end(host);
        await (await folders()).discard(host);
      });
    },
    close: async () => void (await Promise.all([...processes.values()].map((one) => one.close()))),
  };
};
