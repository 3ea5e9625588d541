// The stores of the tour: made by the API as any administrator would, and filled by each store's own client.
import { readFile } from 'node:fs/promises';
import tls from 'node:tls';
import { SecretClient } from '@azure/keyvault-secrets';
import { BlobServiceClient } from '@azure/storage-blob';
import { ShareServiceClient } from '@azure/storage-file-share';
import type { JsonObject } from '../../base/json.ts';
import type { Client } from '../client.ts';
import { cosmosKey, storageConnectionString, storeEndpoints, storeKey } from '../store.ts';
import { movies } from './movies.ts';
import { type Estate, vaultSecret } from './target.ts';

const location = 'westeurope';
const cosmos = 'api-version=2025-10-15';
const sqlVersion = 'api-version=2021-11-01';
const user = 'keeper';

/** Starts the stores of all nine targets in the resource group `group` and resolves once they serve. */
export const makeStores = async (admin: Client, group: string, password: string): Promise<Estate> => {
  const at = (provider: string) => `${group}/providers/${provider}`;
  const put = (place: string, body: JsonObject) => admin.call('PUT', place, body);
  const database = 'films';
  const account = async (name: string, isHnsEnabled: boolean) => {
    const id = at(`Microsoft.Storage/storageAccounts/${name}`);
    const sku = { name: 'Standard_LRS' };
    await put(`${id}?api-version=2025-08-01`, { location, kind: 'StorageV2', sku, properties: { isHnsEnabled } });
    return { id, key: await storeKey(admin, id) };
  };
  const server = async (name: string) => {
    const id = at(`Microsoft.Sql/servers/${name}`);
    await put(`${id}?${sqlVersion}`, {
      location,
      properties: { administratorLogin: user, administratorLoginPassword: password, publicNetworkAccess: 'Disabled' },
    });
    await put(`${id}/databases/${database}?${sqlVersion}`, { location });
    return id;
  };
  const workspace = async () => {
    const id = at('Microsoft.Synapse/workspaces/tourdw');
    const properties = { sqlAdministratorLogin: user, sqlAdministratorLoginPassword: password };
    await put(`${id}?api-version=2021-06-01`, { location, properties });
    await put(`${id}/sqlPools/${database}?api-version=2021-06-01`, { location, sku: { name: 'DW100c' } });
    return id;
  };
  const documents = async () => {
    const id = at('Microsoft.DocumentDB/databaseAccounts/tourdocs');
    const locations = [{ locationName: 'West Europe' }];
    await put(`${id}?${cosmos}`, { location, properties: { locations, databaseAccountOfferType: 'Standard' } });
    await put(`${id}/sqlDatabases/shop?${cosmos}`, { properties: { resource: { id: 'shop' } } });
    await put(`${id}/sqlDatabases/shop/containers/films?${cosmos}`, {
      properties: { resource: { id: 'films', partitionKey: { paths: ['/id'], kind: 'Hash' } } },
    });
    return { id, key: await cosmosKey(admin, id) };
  };
  const vault = async () => {
    const id = at('Microsoft.KeyVault/vaults/tour-keys');
    const { tenantId } = admin.connection;
    const sku = { family: 'A', name: 'standard' };
    await put(`${id}?api-version=2023-07-01`, {
      location,
      properties: { tenantId, sku, enableRbacAuthorization: true, publicNetworkAccess: 'Disabled' },
    });
    return id;
  };
  // A database that somebody runs on a machine of their own; for the factory a TCP service, and no more.
  const service = async () => {
    const { sqlServer } = await storeEndpoints(admin, await server('tourown'));
    const port = Number(String(sqlServer).split(':').at(-1));
    const id = at('Microsoft.Network/privateLinkServices/own-database');
    await put(`${id}?api-version=2025-05-01`, {
      location,
      tags: { 'postern-ports': String(port) },
      properties: { destinationIPAddress: '127.0.0.1' },
    });
    return { id, host: 'films.corp.example', port, certificateName: 'tourown.database.windows.net' };
  };
  const [sales, lake, sqlServer, synapse, docs, keys, { id: linkService, ...own }] = await Promise.all([
    account('toursales', false),
    account('tourlake', true),
    server('toursql'),
    workspace(),
    documents(),
    vault(),
    service(),
  ]);
  return {
    sales: sales.id,
    lake: lake.id,
    sqlServer,
    synapse,
    cosmos: docs.id,
    vault: keys,
    linkService,
    salesKey: sales.key,
    lakeKey: lake.key,
    cosmosKey: docs.key,
    sql: { user, password, database },
    service: own,
  };
};

/** Uploads the films, makes what must be there before a copy, and puts the secret into the vault. Answers with the bytes uploaded. */
export const fillStores = async (owner: Client, estate: Estate, rows: number): Promise<number> => {
  // The stores' certificates are from Postern's own authority, and this process is the demo's own.
  const authority = await readFile(owner.connection.caFile, 'utf8');
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), authority]);
  const stringOf = async (id: string, key: string) => storageConnectionString(id, key, await storeEndpoints(owner, id));
  const [sales, lake] = await Promise.all([
    stringOf(estate.sales, estate.salesKey),
    stringOf(estate.lake, estate.lakeKey),
  ]);
  const blobs = BlobServiceClient.fromConnectionString(sales);
  const input = blobs.getContainerClient('input');
  await Promise.all([
    input.create(),
    blobs.getContainerClient('output').create(),
    BlobServiceClient.fromConnectionString(lake).getContainerClient('output').create(),
    ShareServiceClient.fromConnectionString(sales).getShareClient('output').create(),
  ]);
  const film = input.getBlockBlobClient('films.csv');
  await film.uploadStream(movies(rows));
  const { vault } = await storeEndpoints(owner, estate.vault);
  const credential = { getToken: () => owner.token('https://vault.azure.net/.default') };
  // From this machine the vault has a loopback address, which no challenge can be for.
  const secrets = new SecretClient(String(vault), credential, { disableChallengeResourceVerification: true });
  await secrets.setSecret('sales', vaultSecret(estate));
  return (await film.getProperties()).contentLength ?? 0;
};
