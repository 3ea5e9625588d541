// Azure's own clients, unmodified, talking to an open front door.
import { readFileSync } from 'node:fs';
import { DataFactoryManagementClient } from '@azure/arm-datafactory';
import { NetworkManagementClient } from '@azure/arm-network';
import { ResourceManagementClient } from '@azure/arm-resources';
import { StorageManagementClient } from '@azure/arm-storage';
import { ClientSecretCredential } from '@azure/identity';
import type { OpenDoor } from './front-door.ts';

/** The official clients of a door, as a principal; the administrator unless told otherwise. */
export const officialClients = (
  door: OpenDoor,
  who: { clientId: string; clientSecret: string } = door.administrator,
): {
  factories: DataFactoryManagementClient;
  storage: StorageManagementClient;
  groups: ResourceManagementClient;
  network: NetworkManagementClient;
} => {
  const tlsOptions = { ca: readFileSync(door.caFile, 'utf8') };
  const credential = new ClientSecretCredential(door.tenantId, who.clientId, who.clientSecret, {
    authorityHost: door.origin,
    disableInstanceDiscovery: true,
    tlsOptions,
  });
  const options = { endpoint: door.origin, tlsOptions };
  return {
    factories: new DataFactoryManagementClient(credential, door.subscriptionId, options),
    storage: new StorageManagementClient(credential, door.subscriptionId, options),
    network: new NetworkManagementClient(credential, door.subscriptionId, options),
    groups: new ResourceManagementClient(credential, door.subscriptionId, options),
  };
};
