// Microsoft.Network/virtualNetworks: an owner's own network, as a plan of addresses. Postern moves no packet in it; what
// counts is that a private endpoint in it closes the store's public path for managed networks, as in Azure.
import { randomUUID } from 'node:crypto';
import { deleteWithRoles } from '../../arm/removal.ts';
import type { Operation, Resource, ResourceType } from '../../arm/resource-type.ts';
import { checkName } from '../../arm/validation.ts';
import { ServiceError } from '../../base/error.ts';
import { readResource, writeResource } from '../../database/resource.ts';
import { checkAddressSpace } from './address-space.ts';
import { networkName, partName } from './name.ts';
import { endpointsIn, planOf, requireNothingBelow, requireSamePrefixes, requireUnused, subnetsOf } from './subnet.ts';
import { objectAt, prefixesOf, shownSubnet, storedSubnet, subnetType } from './subnet-body.ts';
import { networkVersions } from './version.ts';
import { spaceOf, storedNetwork, subnetsIn, VirtualNetwork } from './virtual-network-body.ts';

const type = 'Microsoft.Network/virtualNetworks';

const canonicalId = async ({ tx, id }: Operation, existing: Resource | null): Promise<string> => {
  if (existing) return existing.id;
  const group = (await readResource(tx, id.key.split('/').slice(0, 5).join('/')))!;
  return `${group.id}/providers/${type}/${id.names[0]}`;
};

/** Makes the subnets what the body says: those that it leaves out are removed, as in Azure. Says nothing: they stay. */
const writeSubnets = async (operation: Operation, existing: Resource | null): Promise<void> => {
  const { tx, id, now, body } = operation;
  const before = existing ? await subnetsOf(tx, id.key) : [];
  const space = { name: id.names[0]!, prefixes: spaceOf(body), field: 'properties.addressSpace.addressPrefixes' };
  const asked = subnetsIn(body);
  if (asked === null) {
    const plans = before.map((one) => ({ name: one.name, prefixes: prefixesOf(one.body), field: space.field }));
    return checkAddressSpace(space, plans);
  }
  const networkId = await canonicalId(operation, existing);
  const wanted = asked.map((subnet, index) => {
    const name = String(subnet.name);
    checkName(partName, name, subnetType);
    return {
      key: `${id.key}/subnets/${name}`.toLowerCase(),
      subnet,
      ...planOf(name, subnet, `properties.subnets.${index}.properties`),
    };
  });
  const keys = new Set(wanted.map(({ key }) => key));
  if (keys.size < wanted.length)
    throw new ServiceError(400, 'InvalidRequestContent', "Two of 'properties.subnets' have one name.", {
      target: 'properties.subnets',
    });
  checkAddressSpace(space, wanted);
  for (const subnet of before)
    if (!keys.has(subnet.key)) {
      await requireUnused(tx, subnet);
      await deleteWithRoles(tx, subnet.key);
    }
  for (const { key, name, prefixes, subnet } of wanted) {
    const known = before.find((one) => one.key === key);
    if (known) await requireSamePrefixes(tx, known, prefixes);
    await writeResource(tx, {
      id: `${networkId}/subnets/${name}`,
      key,
      type: subnetType,
      name,
      parentKey: id.key,
      location: null,
      tags: {},
      body: storedSubnet(subnet),
      etag: randomUUID(),
      createdAt: now,
      updatedAt: now,
    });
  }
};

/** Virtual networks. */
export const virtualNetworkResource: ResourceType = {
  type,
  scope: 'resourceGroup',
  apiVersions: networkVersions,
  name: networkName,
  tracked: true,
  schema: VirtualNetwork,
  etag: 'etag',
  conditionalGet: false,
  status: { created: 201, updated: 200 },
  asyncOperation: true,
  write: async (operation, existing) => {
    await writeSubnets(operation, existing);
    const { resourceGuid } = objectAt(existing?.body.properties);
    return storedNetwork(operation.body, typeof resourceGuid === 'string' ? resourceGuid : randomUUID());
  },
  remove: async ({ tx }, network, isAsked) => {
    if (isAsked) await requireNothingBelow(tx, network.key);
  },
  present: async ({ tx }, network) => {
    const subnets = [];
    for (const subnet of await subnetsOf(tx, network.key))
      subnets.push(
        shownSubnet(
          subnet,
          (await endpointsIn(tx, subnet.key)).map(({ id }) => id),
        ),
      );
    return {
      ...network.body,
      etag: `W/"${network.etag}"`,
      properties: {
        enableDdosProtection: false,
        ...objectAt(network.body.properties),
        provisioningState: 'Succeeded',
        subnets,
        virtualNetworkPeerings: [],
      },
    };
  },
};
