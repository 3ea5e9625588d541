// The Cosmos DB accounts of the sandbox, in one process that starts with the first of them.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../base/log.ts';
import type { CertificateAuthority } from '../certificate-authority.ts';
import { createGates } from '../gate.ts';
import type { CosmosAccountStore, CosmosAsk, CosmosGrant, CosmosReply, SandboxStore } from '../sandbox.ts';
import { openStoreFolders, type StoreFolders } from '../store-folder.ts';
import { keepStoreProcess, type StoreProcess } from '../store-process.ts';
import { createTurns } from '../turn.ts';
import { type AccountPlace, askAccount } from './ask-account.ts';
import type { CosmosOrder } from './message.ts';

/** The accounts of one sandbox. */
export type CosmosAccounts = {
  ensure(account: CosmosAccountStore): Promise<SandboxStore>;
  ask(name: string, ask: CosmosAsk): Promise<CosmosReply>;
  remove(name: string): Promise<void>;
  close(): Promise<void>;
};

// Azure's rule, which also makes names safe as names of folders and hosts.
const accountName = /^[a-z0-9](?!.*--)[a-z0-9-]{1,42}[a-z0-9]$/;
const program = join(import.meta.dirname, 'main.ts');

const assertName = (name: string): void => {
  if (!accountName.test(name))
    throw new RangeError(
      `'${name}' is no name of a Cosmos DB account: 3 to 44 lower-case letters, digits and single hyphens.`,
    );
};

/** The accounts in `folder`. Nothing is started or made before the first. */
export const startCosmosAccounts = (options: {
  folder: string;
  authority: CertificateAuthority;
  log: Log;
}): CosmosAccounts => {
  const { authority, log } = options;
  const inTurn = createTurns();
  const places = new Map<string, AccountPlace>();
  const gates = createGates<CosmosGrant>();
  // The sandbox's own, so that it is let in also where the account's keys are closed.
  const ownKey = randomBytes(64).toString('base64');
  let opening: Promise<StoreFolders> | undefined;
  let running: StoreProcess<CosmosOrder> | undefined;
  const folders = () => {
    opening ??= openStoreFolders(options.folder);
    return opening;
  };

  const ensure = async (account: CosmosAccountStore): Promise<SandboxStore> => {
    const { name, location, gate, takesTokensOnly = false } = account;
    const given = takesTokensOnly ? { writing: [], reading: [] } : account.keys;
    const keys = { writing: [ownKey, ...given.writing], reading: given.reading, areClosed: takesTokensOnly };
    const all = await folders();
    const folder = await all.open(name);
    const certificate = await authority.issue([`${name}.documents.azure.com`, 'localhost', '127.0.0.1', '::1']);
    if (gate) gates.set(name, gate);
    else gates.delete(name);
    const trust = gate ? { key: gate.key, tenantId: gate.tenantId } : null;
    running ??= keepStoreProcess<CosmosOrder>({ program, folder: all.root, log, answer: gates.answer });
    const ports = await running.start({ name, folder, certificate, keys, trust, location, ports: { Sql: 0 } });
    places.set(name, { port: ports.Sql, key: ownKey, ca: await readFile(authority.caFile, 'utf8') });
    return { endpoints: { Sql: { address: '127.0.0.1', port: ports.Sql } } };
  };

  return {
    ensure: async (account) => {
      assertName(account.name);
      return inTurn(account.name, () => ensure(account));
    },
    ask: async (name, ask) => {
      const place = places.get(name);
      if (!place) throw new Error(`The Cosmos DB account '${name}' does not run.`);
      return askAccount(place, ask);
    },
    remove: async (name) => {
      assertName(name);
      await inTurn(name, async () => {
        places.delete(name);
        gates.delete(name);
        await running?.stop(name);
        await (await folders()).discard(name);
      });
    },
    close: async () => running?.close(),
  };
};
