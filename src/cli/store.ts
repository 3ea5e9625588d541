// The stores that Postern runs, as the `store` commands see them.
import type { JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import type { Client } from './client.ts';
import { values } from './identity.ts';

const storageVersion = 'api-version=2025-08-01';

/** A storage account: its id and name, and what its owner must know to reach it from this machine. */
export type Store = { id: string; name: string; state: string };

/** Every storage account that the caller may see. */
export const listStores = async (client: Client): Promise<Store[]> => {
  const subscription = `/subscriptions/${client.connection.subscriptionId}`;
  const body = await client.call(
    'GET',
    `${subscription}/providers/Microsoft.Storage/storageAccounts?${storageVersion}`,
  );
  return values(body).map((item) => ({
    id: String(item.id),
    name: String(item.name),
    state: String((isJsonObject(item.properties) && item.properties.provisioningState) || ''),
  }));
};

/** Loopback addresses by sub-resource. */
export const storeEndpoints = (client: Client, id: string): Promise<JsonObject> =>
  client.call('POST', `${id}/providers/Postern.Sandbox/listEndpoints?api-version=2026-11-01`, {});

/** The first key of a storage account. */
export const storeKey = async (client: Client, id: string): Promise<string> => {
  const { keys } = await client.call('POST', `${id}/listKeys?${storageVersion}`, {});
  const [first] = Array.isArray(keys) ? keys : [];
  return isJsonObject(first) ? String(first.value) : '';
};
