// Microsoft.Network/virtualNetworks/subnets: where an owner's private endpoints have their addresses. Nothing runs in them.
import type { ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import type { Database, Tx } from '../../database/database.ts';
import { listChildren, type Resource, readResource } from '../../database/resource.ts';
import { checkAddressSpace, type SubnetPlan } from './address-space.ts';
import { partName } from './name.ts';
import { prefixesOf, Subnet, shownSubnet, storedSubnet, subnetType } from './subnet-body.ts';
import { networkVersions } from './version.ts';
import { spaceOf } from './virtual-network-body.ts';

/** The private endpoints that have an address in a subnet. */
export const endpointsIn = async (db: Database | Tx, subnetKey: string): Promise<Resource[]> => {
  const rows = await db.selectFrom('address').select('endpoint_key').where('network_key', '=', subnetKey).execute();
  const found = await Promise.all(rows.map(({ endpoint_key }) => readResource(db, endpoint_key)));
  return found.filter((endpoint) => endpoint !== null).sort((a, b) => (a.key < b.key ? -1 : 1));
};

/** The subnets of a virtual network. */
export const subnetsOf = (db: Database | Tx, networkKey: string): Promise<Resource[]> =>
  listChildren(db, { type: subnetType, parentKey: networkKey });

const inUse = (subnet: string, endpoint: string) =>
  new ServiceError(
    400,
    'InUseSubnetCannotBeDeleted',
    `Subnet ${subnet} is in use by ${endpoint} and cannot be deleted. Delete the private endpoints in it first.`,
    { target: endpoint },
  );

/** Refuses to end a subnet that has private endpoints, other than those that `goesToo` says end with it. */
export const requireUnused = async (
  tx: Tx,
  subnet: Resource,
  goesToo: (endpoint: Resource) => boolean = () => false,
): Promise<void> => {
  const user = (await endpointsIn(tx, subnet.key)).find((endpoint) => !goesToo(endpoint));
  if (user) throw inUse(subnet.name, user.id);
};

/** Refuses to end a virtual network that has private endpoints, wherever they are kept. Its subnets may be gone by then. */
export const requireNothingBelow = async (tx: Tx, networkKey: string): Promise<void> => {
  const user = await tx
    .selectFrom('address')
    .select(['network_key', 'endpoint_key'])
    .where('network_key', '>', `${networkKey}/subnets/`)
    .where('network_key', '<', `${networkKey}/subnets0`)
    .executeTakeFirst();
  if (user) throw inUse(user.network_key.split('/').at(-1)!, user.endpoint_key);
};

/** Refuses other addresses for a subnet whose addresses are given out. */
export const requireSamePrefixes = async (tx: Tx, subnet: Resource, prefixes: readonly string[]): Promise<void> => {
  if (prefixesOf(subnet.body).join() === prefixes.join()) return;
  const [user] = await endpointsIn(tx, subnet.key);
  if (!user) return;
  throw new ServiceError(
    400,
    'InUseSubnetCannotBeUpdated',
    `Subnet ${subnet.name} is in use by ${user.id}: its address prefix stays ${prefixesOf(subnet.body).join(', ')}.`,
    { target: 'properties.addressPrefix' },
  );
};

/** The plan of a subnet; refuses one without addresses. `field` is where its properties stand in the body. */
export const planOf = (name: string, body: Resource['body'], field: string): SubnetPlan => {
  const prefixes = prefixesOf(body);
  if (prefixes.length > 0) return { name, prefixes, field: `${field}.addressPrefix` };
  throw new ServiceError(
    400,
    'InvalidRequestContent',
    `'${field}.addressPrefix' is required: the range of subnet '${name}', for instance 10.0.0.0/24.`,
    { target: `${field}.addressPrefix` },
  );
};

const groupOf = (key: string) => key.split('/')[4];

/** Subnets. They are also written with their virtual network. */
export const subnetResource: ResourceType = {
  type: subnetType,
  scope: 'resourceGroup',
  apiVersions: networkVersions,
  name: partName,
  tracked: false,
  schema: Subnet,
  etag: 'etag',
  conditionalGet: false,
  status: { created: 201, updated: 200 },
  asyncOperation: true,
  write: async (operation, existing) => {
    const { tx, id, body } = operation;
    const networkKey = id.key.split('/').slice(0, -2).join('/');
    const network = (await readResource(tx, networkKey))!;
    const plan = planOf(existing?.name ?? id.names.at(-1)!, body, 'properties');
    if (existing) await requireSamePrefixes(tx, existing, plan.prefixes);
    const others = (await subnetsOf(tx, networkKey)).filter((one) => one.key !== id.key);
    checkAddressSpace({ name: network.name, prefixes: spaceOf(network.body), field: plan.field }, [
      ...others.map((one) => ({ name: one.name, prefixes: prefixesOf(one.body), field: plan.field })),
      plan,
    ]);
    return storedSubnet(body);
  },
  // With its group, the endpoints of the group go too; one of another group keeps the subnet.
  remove: ({ tx }, subnet, isAsked) =>
    requireUnused(tx, subnet, (endpoint) => !isAsked && groupOf(endpoint.key) === groupOf(subnet.key)),
  present: async ({ tx }, subnet) =>
    shownSubnet(
      subnet,
      (await endpointsIn(tx, subnet.key)).map(({ id }) => id),
    ),
};
