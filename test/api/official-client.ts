// Azure's own clients, unmodified, talking to an open front door.
import { readFileSync } from 'node:fs';
import { DataFactoryManagementClient } from '@azure/arm-datafactory';
import { NetworkManagementClient } from '@azure/arm-network';
import { ResourceManagementClient } from '@azure/arm-resources';
import { StorageManagementClient } from '@azure/arm-storage';
import { ClientSecretCredential } from '@azure/identity';
import type { OpenDoor } from './front-door.ts';

type Who = { clientId: string; clientSecret: string };

/** What every official client of a door is made with, for a principal; the administrator unless told otherwise. */
export const officialOptions = (door: OpenDoor, who: Who = door.administrator) => {
  const tlsOptions = { ca: readFileSync(door.caFile, 'utf8') };
  const credential = new ClientSecretCredential(door.tenantId, who.clientId, who.clientSecret, {
    authorityHost: door.origin,
    disableInstanceDiscovery: true,
    tlsOptions,
  });
  return { credential, options: { endpoint: door.origin, tlsOptions } };
};

/** The official clients of a door, as a principal; the administrator unless told otherwise. */
export const officialClients = (
  door: OpenDoor,
  who?: Who,
): {
  factories: DataFactoryManagementClient;
  storage: StorageManagementClient;
  groups: ResourceManagementClient;
  network: NetworkManagementClient;
} => {
  const { credential, options } = officialOptions(door, who);
  return {
    factories: new DataFactoryManagementClient(credential, door.subscriptionId, options),
    storage: new StorageManagementClient(credential, door.subscriptionId, options),
    network: new NetworkManagementClient(credential, door.subscriptionId, options),
    groups: new ResourceManagementClient(credential, door.subscriptionId, options),
  };
};
