import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { serveShares } from '../file-share/serve-shares.ts';
import { createStorageBearer } from '../storage-account/bearer.ts';
import type { StoreFrame } from '../store-program.ts';
import { answerWhenSaved } from './answer-when-saved.ts';
import { takeBearers } from './bearer.ts';
import { type DurableDocuments, openDurableDocuments } from './durable-document.ts';
import type { AzuriteAccount, AzuriteServer, loadAzurite } from './library.ts';
import {
  type AccountOrder,
  type AzuriteService,
  azuriteServices,
  type ListenerPorts,
  type StorageListener,
} from './message.ts';
import { type Listening, serveLake } from './serve-lake.ts';

/** One storage account that is served, each of its sub-resources on a listener of its own. */
export type AccountServer = {
  ports: ListenerPorts;
  /** From now on these keys sign; others no longer do. */
  setKeys(keys: readonly string[]): void;
  close(): Promise<void>;
};

/** Starts the account's servers on its data. At these listeners no other account exists. */
export const serveAccount = async (
  makeServer: ReturnType<typeof loadAzurite>,
  order: AccountOrder,
  { onTrouble, ask }: StoreFrame,
): Promise<AccountServer> => {
  const { name: account, trust } = order;
  const readBearer = trust && createStorageBearer({ account, trust, ask });
  const databaseFile = join(order.folder, 'metadata.sqlite');
  const documents = await openWhenFree(databaseFile);
  const started: AzuriteServer[] = [];
  const others: Listening<StorageListener>[] = [];
  let { keys } = order;
  const close = async (): Promise<void> => {
    await Promise.all(others.map((one) => one.close()));
    const listening = started.map((one) => one.httpServer).filter((one) => one.listening);
    const closed = listening.map((one) => once(one, 'close'));
    await Promise.all(started.map((one) => one.close()));
    for (const one of listening) one.closeAllConnections();
    await Promise.all(closed);
    await documents.saved();
    documents.close();
  };
  try {
    const accounts = accountsOf(order.name, order.keys);
    const start = async (service: AzuriteService): Promise<[AzuriteService, AzuriteServer]> => {
      const extentFolder = join(order.folder, service);
      await mkdir(extentFolder, { recursive: true });
      const { certificate } = order;
      const server = makeServer({ service, port: order.ports[service], databaseFile, extentFolder, certificate });
      documents.attach(service, server.metadataStore.db);
      if (server.extentMetadataStore) documents.attach(`${service}-extent`, server.extentMetadataStore.db);
      // Azurite would read accounts from its environment, and fall back to one with a well-known key.
      server.accountDataStore.refresh = () => {};
      server.accountDataStore.accounts = accounts;
      if (readBearer) takeBearers(server, readBearer);
      answerWhenSaved(server.httpServer, documents.saved, onTrouble);
      try {
        await server.start();
      } catch (error) {
        // A server that could not listen has already opened its stores and begun to collect garbage.
        await server.afterClose();
        throw error;
      }
      started.push(server);
      return [service, server];
    };
    // All settled before any failure is handled: a server still starting could not be closed.
    const results = await Promise.allSettled(azuriteServices.map(start));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    const servers = new Map(results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
    others.push(
      ...(await serveLake(order, servers.get('blob')!, { keys: () => keys, readBearer }, documents.saved, onTrouble)),
    );
    others.push({
      name: 'file',
      ...(await serveShares({ ...sharesOf(order), keys: () => keys, readBearer, onTrouble })),
    });
    const ports = Object.fromEntries([
      ...[...servers].map(([service, { httpServer }]) => [service, (httpServer.address() as AddressInfo).port]),
      ...others.map(({ name, port }) => [name, port]),
    ]) as Record<StorageListener, number>;
    await documents.saved();
    return {
      ports,
      setKeys: (renewed) => {
        keys = renewed;
        Object.assign(accounts, accountsOf(order.name, renewed));
      },
      close,
    };
  } catch (error) {
    await close().catch(onTrouble);
    throw error;
  }
};

const sharesOf = (order: AccountOrder) => ({
  account: order.name,
  folder: join(order.folder, 'file'),
  certificate: order.certificate,
  port: order.ports.file,
});

const accountsOf = (name: string, keys: readonly string[]): Record<string, AzuriteAccount> => {
  const [key1, key2] = keys.map((key) => Buffer.from(key, 'base64'));
  if (!key1) throw new RangeError(`The account '${name}' has no key.`);
  // No prototype: a host called 'constructor' must not find an account.
  return Object.assign(Object.create(null), { [name]: { name, key1, key2 } });
};

// After a kill of the parent its stores end within milliseconds, but the next start may be quicker.
const openWhenFree = async (file: string): Promise<DurableDocuments> => {
  for (let waitedMs = 0; ; waitedMs += 50) {
    try {
      return openDurableDocuments(file);
    } catch (error) {
      if (!/locked|busy/i.test(String(error)) || waitedMs >= 10_000) throw error;
      await delay(50);
    }
  }
};
