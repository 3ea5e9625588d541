// Microsoft.Network/networkInterfaces: only those of private endpoints, and only to be read: clients look up the address.
import { Type } from 'typebox';
import type { Operation, Resource, ResourceType } from '../../arm/resource-type.ts';
import type { JsonObject } from '../../base/json.ts';
import { listBelow } from '../../database/resource.ts';
import { partName } from './name.ts';
import { interfaceId, privateEndpointType } from './private-endpoint-body.ts';
import { objectAt } from './subnet-body.ts';
import { networkVersions } from './version.ts';

const type = 'Microsoft.Network/networkInterfaces';

const show = async ({ tx }: Operation, endpoint: Resource): Promise<JsonObject> => {
  const id = interfaceId(endpoint);
  const row = await tx
    .selectFrom('address')
    .select('address')
    .where('endpoint_key', '=', endpoint.key)
    .executeTakeFirst();
  const etag = `W/"${endpoint.etag}"`;
  return {
    id,
    name: id.split('/').at(-1)!,
    type,
    location: endpoint.location,
    tags: {},
    etag,
    properties: {
      provisioningState: 'Succeeded',
      ipConfigurations: [
        {
          id: `${id}/ipConfigurations/privateEndpointIpConfig`,
          name: 'privateEndpointIpConfig',
          type: `${type}/ipConfigurations`,
          etag,
          properties: {
            provisioningState: 'Succeeded',
            privateIPAddress: row?.address ?? null,
            privateIPAllocationMethod: 'Dynamic',
            privateIPAddressVersion: 'IPv4',
            primary: true,
            subnet: objectAt(endpoint.body.properties).subnet ?? null,
          },
        },
      ],
      privateEndpoint: { id: endpoint.id },
      enableAcceleratedNetworking: false,
      enableIPForwarding: false,
    },
  };
};

/** The interfaces of the private endpoints of a group, or of all. */
const endpointsOf = ({ tx }: Operation, group: Resource | null) =>
  listBelow(tx, { scopeKey: group?.key ?? '', type: privateEndpointType });

/** Network interfaces, read-only. */
export const networkInterfaceResource: ResourceType = {
  type,
  scope: 'resourceGroup',
  apiVersions: networkVersions,
  name: partName,
  tracked: false,
  schema: Type.Object({}),
  etag: 'none',
  conditionalGet: false,
  status: { created: 200, updated: 200 },
  writable: false,
  rows: {
    list: async (operation, group) =>
      Promise.all((await endpointsOf(operation, group)).map((endpoint) => show(operation, endpoint))),
    get: async (operation, group, name) => {
      const found = (await endpointsOf(operation, group)).find(
        (endpoint) => interfaceId(endpoint).split('/').at(-1)!.toLowerCase() === name.toLowerCase(),
      );
      return found ? show(operation, found) : null;
    },
  },
};
