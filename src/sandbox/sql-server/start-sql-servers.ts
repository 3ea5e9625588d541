// The SQL servers of the sandbox, in one process that starts with the first of them.
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

const assertHost = (host: string): void => {
  if (!sqlHost.test(host)) throw new RangeError(`'${host}' is no host name of a SQL server.`);
};

/** The servers in `folder`. Nothing is started or made before the first. */
export const startSqlServers = (options: { folder: string; authority: CertificateAuthority; log: Log }): SqlServers => {
  const { authority, log } = options;
  const inTurn = createTurns();
  const gates = createGates<SqlPermission>();
  let opening: Promise<StoreFolders> | undefined;
  let running: StoreProcess<SqlServerOrder> | undefined;
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
    gates.set(host, gate);
    running ??= keepStoreProcess<SqlServerOrder>({ program, folder: all.root, log, answer: gates.answer });
    const trust = { key, tenantId };
    const ports = await running.start({ ...server, trust, name: host, folder, certificate, ports: { tds: 0 } });
    return { endpoints: { tds: { address: '127.0.0.1', port: ports.tds } } };
  };

  return {
    ensure: async (server) => {
      assertHost(server.host);
      return inTurn(server.host, () => ensure(server));
    },
    remove: async (host) => {
      assertHost(host);
      await inTurn(host, async () => {
        await running?.stop(host);
        gates.delete(host);
        await (await folders()).discard(host);
      });
    },
    close: async () => running?.close(),
  };
};
