// A whole Postern in this process, on a data folder of its own: what `postern up` starts, with its network at hand.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { createServer } from 'node:net';
import type { JsonObject } from '../../src/base/json.ts';
import { createLog } from '../../src/base/log.ts';
import { type Client, connect } from '../../src/cli/client.ts';
import { values } from '../../src/cli/identity.ts';
import { type Postern, startPostern } from '../../src/main.ts';
import { listenedPorts } from '../../src/network/policy/listened-port.ts';
import { newDataFolder } from '../postern.ts';

const factoryVersion = 'api-version=2018-06-01';
const storageVersion = 'api-version=2025-08-01';

/** A Postern with a factory `acme` and its managed network. Stores on loopback may be attached. */
export type TruePostern = {
  postern: Postern;
  dataDir: string;
  admin: Client;
  /** Port of the control plane, one that every namespace listens on too. */
  port: number;
  group: string;
  factory: string;
  /** Key of the managed network. */
  networkKey: string;
  /** A storage account whose store is at that port of loopback. */
  attach(account: string, port: number): Promise<string>;
  /** A managed private endpoint to the blobs of an account; the id of its connection. */
  request(endpoint: string, account: string): Promise<string>;
  decide(connection: string, status: 'Approved' | 'Rejected'): Promise<void>;
  removeEndpoint(endpoint: string): Promise<void>;
  close(): Promise<void>;
};

/** A program of these tests as a module that a worker's jail, where its file is not, can run. It imports nothing but Node's own. */
export const asModule = (file: string): string => {
  const source = stripTypeScriptTypes(readFileSync(new URL(file, import.meta.url), 'utf8'));
  return `data:text/javascript;base64,${Buffer.from(source).toString('base64')}`;
};

const freeListenedPort = async (): Promise<number> => {
  for (const port of listenedPorts({ version: 0, networks: [], stores: [] }).filter((each) => each > 1024)) {
    const server = createServer();
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening');
      server.close();
      await once(server, 'close');
      return port;
    } catch {
      server.close();
    }
  }
  throw new Error('every port that namespaces listen on is taken');
};

const startAtListenedPort = async (dataDir: string): Promise<{ postern: Postern; port: number }> => {
  const log = createLog({ level: 'silent' });
  for (;;) {
    const port = await freeListenedPort();
    try {
      const options = { dataDir, port, host: '127.0.0.1', attachable: ['127.0.0.0/8'], log };
      return { postern: await startPostern(options), port };
    } catch (error) {
      // Another test has taken it meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
};

/** Starts it. */
export const startTruePostern = async (): Promise<TruePostern> => {
  const dataDir = await newDataFolder();
  const { postern, port } = await startAtListenedPort(dataDir);
  const admin = await connect(postern.connection);
  const group = `/subscriptions/${postern.connection.subscriptionId}/resourceGroups/group`;
  const factory = `${group}/providers/Microsoft.DataFactory/factories/acme`;
  const network = `${factory}/managedVirtualNetworks/default`;
  await admin.call('PUT', `${group}?api-version=2021-04-01`, { location: 'westeurope' });
  await admin.call('PUT', `${factory}?${factoryVersion}`, { location: 'westeurope' });
  await admin.call('PUT', `${network}?${factoryVersion}`, { properties: {} });
  const account = (name: string) => `${group}/providers/Microsoft.Storage/storageAccounts/${name}`;
  const endpoint = (name: string) => `${network}/managedPrivateEndpoints/${name}?${factoryVersion}`;
  return {
    postern,
    dataDir,
    admin,
    port,
    group,
    factory,
    networkKey: network.toLowerCase(),
    attach: async (name, storePort) => {
      await admin.call('PUT', `${account(name)}?${storageVersion}`, {
        location: 'westeurope',
        kind: 'StorageV2',
        sku: { name: 'Standard_LRS' },
        tags: { 'postern-backend': `127.0.0.1:${storePort}` },
      });
      return account(name);
    },
    request: async (name, target) => {
      const body = { properties: { privateLinkResourceId: account(target), groupId: 'blob' } };
      await admin.call('PUT', endpoint(name), body);
      const list = await admin.call('GET', `${account(target)}/privateEndpointConnections?${storageVersion}`);
      const mine = values(list).find((each) => {
        const { privateEndpoint } = each.properties as { privateEndpoint: JsonObject };
        return String(privateEndpoint.id).toLowerCase().includes(name.toLowerCase());
      });
      return String((mine ?? values(list).at(-1))!.id);
    },
    decide: async (connection, status) => {
      const properties = { privateLinkServiceConnectionState: { status, description: 'a test' } };
      await admin.call('PUT', `${connection}?${storageVersion}`, { properties });
    },
    removeEndpoint: async (name) => {
      await admin.call('DELETE', endpoint(name));
    },
    close: async () => {
      admin.close();
      await postern.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};
