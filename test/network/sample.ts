// A snapshot to test with: one factory's managed network with one endpoint, one public network, three stores.
import type { Endpoint, Flow, Network, Snapshot, Store } from '../../src/network/policy/model.ts';

const storage = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/acmesales';

/** The key of the managed network of `sampleSnapshot`. */
export const managedKey =
  '/subscriptions/s/resourcegroups/g/providers/microsoft.datafactory/factories/acme/managedvirtualnetworks/default';
/** The key of the public network of `sampleSnapshot`. */
export const publicKey = '/subscriptions/s/resourcegroups/g/providers/microsoft.datafactory/factories/acme/public';

/** An approved blob endpoint to `acmesales`, with `changes`. */
export const sampleEndpoint = (changes: Partial<Endpoint> = {}): Endpoint => ({
  id: `${managedKey}/managedPrivateEndpoints/sales`,
  name: 'sales',
  connection: `${storage}/privateEndpointConnections/acme.sales`,
  address: '10.77.0.4',
  ports: [443],
  names: [
    {
      host: 'acmesales.blob.core.windows.net',
      privateLinkName: 'acmesales.privatelink.blob.core.windows.net',
    },
  ],
  resourceId: storage,
  groupId: 'blob',
  state: 'Approved',
  description: '',
  backend: { address: '127.0.0.1', port: 41001 },
  ...changes,
});

/** A key vault with a public name, that admits public networks and has no private endpoint, with `changes`. */
export const sampleStore = (changes: Partial<Store> = {}): Store => ({
  host: 'acmekeys.vault.azure.net',
  resourceId: '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/acmekeys',
  groupId: 'vault',
  backend: { address: '127.0.0.1', port: 41002 },
  ports: [443],
  publicAccess: true,
  hasPrivateEndpoint: false,
  ...changes,
});

/** The managed network with the one sample endpoint and closed egress, with `changes`. */
export const sampleNetwork = (changes: Partial<Network> = {}): Network => ({
  key: managedKey,
  kind: 'managed',
  title: 'default of factory acme',
  egress: { mode: 'None', audit: false, hosts: [] },
  endpoints: [sampleEndpoint()],
  ...changes,
});

/** Both networks and the store, with `changes`. */
export const sampleSnapshot = (changes: Partial<Snapshot> = {}): Snapshot => ({
  version: 1,
  networks: [
    sampleNetwork(),
    sampleNetwork({ key: publicKey, kind: 'public', title: 'public network of factory acme', endpoints: [] }),
  ],
  stores: [sampleStore()],
  ...changes,
});

/** A flow from the managed network to the sample endpoint by its name, with `changes`. */
export const sampleFlow = (changes: Partial<Flow> = {}): Flow => ({
  network: managedKey,
  address: '10.77.0.4',
  port: 443,
  protocol: 'tcp',
  host: 'acmesales.blob.core.windows.net',
  ...changes,
});
