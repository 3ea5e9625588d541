// What a browser is shown: a Postern with two stores, and an engineer, an owner and a reader who have a role each.
import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { BlobServiceClient, type ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import type { JsonObject } from '../../src/base/json.ts';
import { assignRole, createPrincipal, findRole, type Principal, values } from '../../src/cli/identity.ts';
import { storeEndpoints, storeKey } from '../../src/cli/store.ts';
import { type RunningPostern, startPosternProcess } from '../postern.ts';

/** api-versions of the requests that are made beside the browser. */
export const adf = 'api-version=2018-06-01';
export const storage = 'api-version=2025-08-01';
export const own = 'api-version=2026-11-01';

export type StudioEstate = {
  postern: RunningPostern;
  group: string;
  account(name: string): string;
  factory: string;
  network: string;
  /** Connection strings by account. */
  connectionString: Record<'studioshop' | 'studiolake', string>;
  /** The container `box` of `studioshop`, from the host. */
  box: ContainerClient;
  engineer: Principal & { clientSecret: string };
  owner: Principal & { clientSecret: string };
  reader: Principal & { clientSecret: string };
  /** Somebody without any role. */
  nobody: Principal & { clientSecret: string };
  put(path: string, body: JsonObject): Promise<JsonObject>;
  /** Answers every connection of an account. */
  decide(account: string, status: string, description: string): Promise<void>;
};

/** A factory with an identity, its managed network, and the runtime `sealed` in it. */
export const sealFactory = async (put: StudioEstate['put'], factory: string): Promise<void> => {
  await put(`${factory}?${adf}`, { location: 'westeurope', identity: { type: 'SystemAssigned' } });
  await put(`${factory}/managedVirtualNetworks/default?${adf}`, { properties: {} });
  await put(`${factory}/integrationRuntimes/sealed?${adf}`, {
    properties: {
      type: 'Managed',
      managedVirtualNetwork: { type: 'ManagedVirtualNetworkReference', referenceName: 'default' },
    },
  });
};

const rows = Array.from({ length: 120 }, (_, at) => `Film ${at},${1900 + at}`).join('\n');

/** Starts it. `studioshop` holds `films/2026.csv` in `box`, `studiolake` an empty `output`. Stores on loopback may be attached. */
export const openStudioEstate = async (): Promise<StudioEstate> => {
  const postern = await startPosternProcess(undefined, ['--attachable', '127.0.0.0/8']);
  const { admin, connection } = postern;
  tls.setDefaultCACertificates([readFileSync(connection.caFile, 'utf8')]);
  const group = `/subscriptions/${connection.subscriptionId}/resourceGroups/studio`;
  const account = (name: string) => `${group}/providers/Microsoft.Storage/storageAccounts/${name}`;
  const factory = `${group}/providers/Microsoft.DataFactory/factories/studio-factory`;
  const put = (path: string, body: JsonObject) => admin.call('PUT', path, body);
  await put(`${group}?api-version=2021-04-01`, { location: 'westeurope' });
  const accounts = ['studioshop', 'studiolake'] as const;
  const body = { location: 'westeurope', kind: 'StorageV2', sku: { name: 'Standard_LRS' } };
  await Promise.all(accounts.map((name) => put(`${account(name)}?${storage}`, body)));
  const services = await Promise.all(
    accounts.map(async (name) => {
      const key = await storeKey(admin, account(name));
      const { blob } = await storeEndpoints(admin, account(name));
      const connectionString = `DefaultEndpointsProtocol=https;AccountName=${name};AccountKey=${key};EndpointSuffix=core.windows.net`;
      return {
        connectionString,
        service: new BlobServiceClient(String(blob), new StorageSharedKeyCredential(name, key)),
      };
    }),
  );
  const [shop, lake] = services;
  const box = shop!.service.getContainerClient('box');
  await Promise.all([box.create(), lake!.service.getContainerClient('output').create()]);
  await box.getBlockBlobClient('films/2026.csv').uploadData(Buffer.from(`title,year\n${rows}\n`));
  const person = async (name: string, role: string, scopes: readonly string[]) => {
    const principal = await createPrincipal(admin, name);
    const id = await findRole(admin, role);
    for (const scope of scopes) await assignRole(admin, principal.objectId, id, scope);
    return principal;
  };
  return {
    postern,
    group,
    account,
    factory,
    network: `${factory}/managedVirtualNetworks/default`,
    box,
    connectionString: { studioshop: shop!.connectionString, studiolake: lake!.connectionString },
    engineer: await person('studio engineer', 'Data Factory Contributor', [group]),
    owner: await person('studio owner', 'Storage Account Contributor', accounts.map(account)),
    reader: await person('studio reader', 'Reader', [`/subscriptions/${connection.subscriptionId}`]),
    nobody: await person('studio nobody', 'Reader', []),
    put,
    decide: async (name, status, description) => {
      const found = await admin.call('GET', `${account(name)}/privateEndpointConnections?${storage}`);
      for (const { id } of values(found))
        await put(`${id}?${storage}`, {
          properties: { privateLinkServiceConnectionState: { status, description } },
        });
    },
  };
};
