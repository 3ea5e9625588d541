// What a question about the network is asked of: a managed virtual network, or a factory, whose runtimes are in one or more.
import { parseResourceId, typeOfId } from '../../arm/resource-id.ts';
import type { Operation, Resource } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { isJsonObject } from '../../base/json.ts';
import { listChildren, readResource } from '../../database/resource.ts';
import { defaultRuntime } from '../../pipelines/definition.ts';
import { networkOf, publicNetworkKey } from '../../runtime/runtime-network.ts';

const networkType = 'Microsoft.DataFactory/factories/managedVirtualNetworks';
const runtimeType = 'Microsoft.DataFactory/factories/integrationRuntimes';

/** A runtime that runs activities here, and the network its workers are in. */
export type RuntimeSeat = { name: string; network: string };

/** Where a question is asked, and what is there. */
export type Scope = {
  factory: Resource;
  /** Keys of the networks that the question is about: the one it was asked of, or all of the factory. */
  networks: string[];
  /** The runtimes in those networks. A factory that stores no default runtime has one all the same. */
  runtimes: RuntimeSeat[];
};

const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/** Reads what stands where `resource`, a factory or one of its managed networks, is. */
export const readScopeOf = async ({ tx }: Operation, resource: Resource): Promise<Scope> => {
  const isNetwork = resource.type === networkType;
  const factory = isNetwork ? (await readResource(tx, resource.parentKey))! : resource;
  const stored = await listChildren(tx, { type: runtimeType, parentKey: factory.key });
  const bodies = [
    ...(stored.some(({ name }) => isSame(name, defaultRuntime)) ? [] : [{ name: defaultRuntime, body: null }]),
    ...stored,
  ];
  const all = bodies.flatMap(({ name, body }): RuntimeSeat[] => {
    const network = networkOf(factory.key, body);
    return network === null ? [] : [{ name, network }];
  });
  if (isNetwork)
    return { factory, networks: [resource.key], runtimes: all.filter(({ network }) => network === resource.key) };
  const managed = await listChildren(tx, { type: networkType, parentKey: factory.key });
  return { factory, networks: [...managed.map(({ key }) => key), publicNetworkKey(factory.key)], runtimes: all };
};

/** The one network that a question is about: of a factory, that of the runtime it names, or of the default runtime. */
export const networkAskedFor = (
  { networks, runtimes, factory }: Scope,
  resource: Resource,
  runtime?: string,
): string => {
  if (resource.type === networkType && runtime === undefined) return networks[0]!;
  const name = runtime ?? defaultRuntime;
  const seat = runtimes.find((one) => isSame(one.name, name));
  if (seat) return seat.network;
  throw new ServiceError(
    400,
    'InvalidIntegrationRuntime',
    `There is no integration runtime '${name}' that runs here in '${resource.name}' of ${factory.name}. Runtimes: ${runtimes.map((one) => one.name).join(', ') || 'none'}.`,
    { target: 'integrationRuntime' },
  );
};

/** Whether the caller may know of a resource by its id: false also for what is no id. */
export const mayRead = (operation: Operation, resourceId: string): boolean => {
  try {
    return operation.may(`${typeOfId(parseResourceId(resourceId, 'resourceId'))}/read`, resourceId);
  } catch {
    return false;
  }
};

/** The text at `properties.{field}` of a resource; '' where there is none. */
export const textOf = (resource: Resource, field: string): string => {
  const value = isJsonObject(resource.body.properties) ? resource.body.properties[field] : undefined;
  return typeof value === 'string' ? value : '';
};
