// Which network an integration runtime's workers live in. A runtime is Azure's word for a place to run; a network is
// what its workers can reach.
import { isJsonObject, type JsonObject } from '../base/json.ts';

/** The key of a factory's public network. */
export const publicNetworkKey = (factoryKey: string): string => `${factoryKey}/public`;

/** The key of a managed virtual network. */
export const managedNetworkKey = (factoryKey: string, name: string): string =>
  `${factoryKey}/managedVirtualNetworks/${name}`.toLowerCase();

/** The managed network that a runtime's body names, or null. */
export const managedNetworkOf = (body: JsonObject): string | null => {
  const { managedVirtualNetwork: reference } = isJsonObject(body.properties) ? body.properties : {};
  return isJsonObject(reference) && typeof reference.referenceName === 'string' ? reference.referenceName : null;
};

/** The network of a runtime's workers; null for a self-hosted runtime, which has none here. `body` is null for the default runtime while it is not stored. */
export const networkOf = (factoryKey: string, body: JsonObject | null): string | null => {
  if (body === null) return publicNetworkKey(factoryKey);
  if (isJsonObject(body.properties) && body.properties.type === 'SelfHosted') return null;
  const name = managedNetworkOf(body);
  return name === null ? publicNetworkKey(factoryKey) : managedNetworkKey(factoryKey, name);
};
