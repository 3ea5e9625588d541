// An estate with an owner's own virtual network.
import type { JsonObject } from '../../src/base/json.ts';
import { type Estate, furnish, openEstate } from './estate.ts';

/** The api-version of requests below Microsoft.Network. */
export const networkVersion = 'api-version=2025-05-01';

/** Roles by the GUIDs of Azure. */
export const roles = {
  dataFactoryContributor: '673868aa-7521-48a0-acc6-0f60742d39f5',
  networkContributor: '4d97b98b-1d4f-4787-a291-c67834d212e7',
  storageAccountContributor: '17d1049b-9a84-46fb-8f53-869881c3d3ab',
} as const;

/** A factory, accounts, and beside them the virtual network `home` (10.1.0.0/16) with the subnet `ends` (10.1.1.0/28). */
export const openNetworkEstate = async (
  accounts: readonly string[],
): Promise<{ estate: Estate; place: Awaited<ReturnType<typeof furnish>>; network: string; subnet: string }> => {
  const estate = await openEstate();
  const place = await furnish(estate, 'acme', accounts);
  const network = `${place.group}/providers/Microsoft.Network/virtualNetworks/home`;
  await estate.admin.call('PUT', `${network}?${networkVersion}`, {
    location: 'westeurope',
    properties: { addressSpace: { addressPrefixes: ['10.1.0.0/16'] } },
  });
  const subnet = `${network}/subnets/ends`;
  await estate.admin.call('PUT', `${subnet}?${networkVersion}`, { properties: { addressPrefix: '10.1.1.0/28' } });
  return { estate, place, network, subnet };
};

/** The body of a private endpoint: automatic, or manual with a message. */
export const privateEndpoint = (
  subnet: string,
  target: string,
  more: { groupId?: string; message?: string; properties?: JsonObject; location?: string } = {},
): JsonObject => {
  const connection = {
    name: 'link',
    properties: {
      privateLinkServiceId: target,
      groupIds: [more.groupId ?? 'blob'],
      ...(more.message !== undefined && { requestMessage: more.message }),
    },
  };
  return {
    location: more.location ?? 'westeurope',
    properties: {
      subnet: { id: subnet },
      [more.message === undefined ? 'privateLinkServiceConnections' : 'manualPrivateLinkServiceConnections']: [
        connection,
      ],
      ...more.properties,
    },
  };
};
