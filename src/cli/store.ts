// The stores that Postern runs, as the `store` commands see them.
import type { JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import { nameIn } from '../base/show.ts';
import type { Client } from './client.ts';
import { values } from './identity.ts';

const storageVersion = 'api-version=2025-08-01';

/** What Postern runs for its user, and the api-version that each is asked with. */
const kinds = [
  { kind: 'storage', type: 'Microsoft.Storage/storageAccounts', version: storageVersion },
  { kind: 'cosmos', type: 'Microsoft.DocumentDB/databaseAccounts', version: 'api-version=2025-10-15' },
  { kind: 'sql', type: 'Microsoft.Sql/servers', version: 'api-version=2021-11-01' },
  { kind: 'synapse', type: 'Microsoft.Synapse/workspaces', version: 'api-version=2021-06-01' },
  { kind: 'vault', type: 'Microsoft.KeyVault/vaults', version: 'api-version=2023-07-01' },
] as const;

/** A storage account, a Cosmos DB account, a SQL server, a Synapse workspace or a key vault: its id and name, and what its owner must know to reach it from this machine. */
export type Store = { kind: (typeof kinds)[number]['kind']; id: string; name: string; state: string };

const stateOf = ({ properties }: JsonObject): string => {
  const { provisioningState, state } = isJsonObject(properties) ? properties : {};
  return String(provisioningState ?? state ?? '');
};

/** Every store that the caller may see. */
export const listStores = async (client: Client): Promise<Store[]> => {
  const subscription = `/subscriptions/${client.connection.subscriptionId}`;
  const lists = kinds.map(async ({ kind, type, version }) =>
    values(await client.call('GET', `${subscription}/providers/${type}?${version}`)).map((item) => ({
      kind,
      id: String(item.id),
      name: String(item.name),
      state: stateOf(item),
    })),
  );
  return (await Promise.all(lists)).flat();
};

/** Loopback addresses by sub-resource. */
export const storeEndpoints = (client: Client, id: string): Promise<JsonObject> =>
  client.call('POST', `${id}/providers/Postern.Sandbox/listEndpoints?api-version=2026-11-01`, {});

/** The connection string of a storage account for clients on this machine. */
export const storageConnectionString = (id: string, key: string, endpoints: JsonObject): string => {
  // A Data Lake client made from a connection string asks BlobEndpoint for everything; this address answers for both.
  const places = Object.entries({ ...endpoints, ...(endpoints.dfs && { blob: endpoints.dfs }) }).map(
    ([group, url]) => `${group.charAt(0).toUpperCase()}${group.slice(1)}Endpoint=${url};`,
  );
  return `DefaultEndpointsProtocol=https;AccountName=${nameIn(id)};AccountKey=${key};${places.join('')}`;
};

/** The first key of a storage account. */
export const storeKey = async (client: Client, id: string): Promise<string> => {
  const { keys } = await client.call('POST', `${id}/listKeys?${storageVersion}`, {});
  const [first] = Array.isArray(keys) ? keys : [];
  return isJsonObject(first) ? String(first.value) : '';
};

/** The first key of a Cosmos DB account. */
export const cosmosKey = async (client: Client, id: string): Promise<string> => {
  const { primaryMasterKey } = await client.call('POST', `${id}/listKeys?api-version=2025-10-15`, {});
  return String(primaryMasterKey ?? '');
};

/** The administrator's login of a SQL server or Synapse workspace, and its databases. The password is with whoever gave it. */
export const sqlLogin = async (
  client: Client,
  { id, kind }: Pick<Store, 'id' | 'kind'>,
): Promise<{ login: string; databases: string[] }> => {
  const [version, children] =
    kind === 'sql' ? ['api-version=2021-11-01', 'databases'] : ['api-version=2021-06-01', 'sqlPools'];
  const { properties } = await client.call('GET', `${id}?${version}`);
  const { administratorLogin, sqlAdministratorLogin } = isJsonObject(properties) ? properties : {};
  const databases = values(await client.call('GET', `${id}/${children}?${version}`)).map(({ name }) => String(name));
  return {
    login: String(administratorLogin ?? sqlAdministratorLogin ?? ''),
    databases: databases.filter((name) => name !== 'master'),
  };
};
