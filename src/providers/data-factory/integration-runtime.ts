// Microsoft.DataFactory/factories/integrationRuntimes
import { Type } from 'typebox';
import { normalizeLocation } from '../../arm/location.ts';
import type { Operation, Resource, ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { listChildren, readResource } from '../../database/resource.ts';
import { defaultRuntime } from '../../pipelines/definition.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { managedNetworkKey, managedNetworkOf } from '../../runtime/runtime-network.ts';
import { invalidResource } from './invalid-resource.ts';
import { factoryName } from './name.ts';
import { referable, requireUnreferenced } from './reference.ts';
import { dataFactoryVersions } from './version.ts';

const coreCounts = [8, 16, 32, 48, 80, 144, 272];

const ComputeProperties = Type.Object({
  location: Type.Optional(Type.String({ maxLength: 64 })),
  dataFlowProperties: Type.Optional(
    Type.Object({
      computeType: Type.Optional(Type.Enum(['General', 'MemoryOptimized', 'ComputeOptimized'])),
      coreCount: Type.Optional(Type.Enum(coreCounts)),
      timeToLive: Type.Optional(Type.Integer({ minimum: 0, maximum: 240 })),
      cleanup: Type.Optional(Type.Boolean()),
    }),
  ),
  copyComputeScaleProperties: Type.Optional(
    Type.Object({
      dataIntegrationUnit: Type.Optional(Type.Integer({ minimum: 4, maximum: 256, multipleOf: 4 })),
      timeToLive: Type.Optional(Type.Integer({ minimum: 5 })),
    }),
  ),
  pipelineExternalComputeScaleProperties: Type.Optional(
    Type.Object({
      timeToLive: Type.Optional(Type.Integer({ minimum: 5 })),
      numberOfPipelineNodes: Type.Optional(Type.Integer({ minimum: 1, maximum: 10 })),
      numberOfExternalNodes: Type.Optional(Type.Integer({ minimum: 1, maximum: 10 })),
    }),
  ),
});

const IntegrationRuntime = Type.Object({
  properties: Type.Object({
    type: Type.Enum(['Managed', 'SelfHosted']),
    description: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    managedVirtualNetwork: Type.Optional(
      Type.Object({
        type: Type.Enum(['ManagedVirtualNetworkReference']),
        referenceName: Type.String({ minLength: 1 }),
      }),
    ),
    typeProperties: Type.Optional(Type.Object({ computeProperties: Type.Optional(ComputeProperties) })),
  }),
});

const objectAt = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});
const computeOf = (body: JsonObject) => objectAt(objectAt(objectAt(body.properties).typeProperties).computeProperties);

const refuser = (operation: Operation) => (reason: string, field: string) =>
  invalidResource('IntegrationRuntime', operation.id.names.at(-1)!, reason, `properties.${field}`);

const isDefault = (name: string) => name.toLowerCase() === defaultRuntime.toLowerCase();

const requireNetwork = async (operation: Operation, factory: Resource): Promise<void> => {
  const refuse = refuser(operation);
  const name = managedNetworkOf(operation.body);
  if (name === null) return;
  if (objectAt(operation.body.properties).type !== 'Managed')
    throw refuse('only a runtime of type Managed can be in a managed virtual network.', 'managedVirtualNetwork');
  const network = name.includes('/') ? null : await readResource(operation.tx, managedNetworkKey(factory.key, name));
  if (!network)
    throw refuse(
      `the virtual network feature for integration runtimes is only available after the managed virtual network of this data factory is enabled: there is no managed virtual network '${name}'. PUT ${factory.id}/managedVirtualNetworks/default first.`,
      'managedVirtualNetwork.referenceName',
    );
  const { location } = computeOf(operation.body);
  const region = normalizeLocation(String(location ?? 'AutoResolve'));
  if (region !== 'autoresolve' && region !== normalizeLocation(factory.location ?? ''))
    throw refuse(
      `a runtime in a managed virtual network is in the region of its factory, '${factory.location}', and not in '${location}'. Write AutoResolve or ${factory.location}.`,
      'typeProperties.computeProperties.location',
    );
};

const requireSamePlace = (operation: Operation, existing: Resource): void => {
  const refuse = refuser(operation);
  const [before, after] = [objectAt(existing.body.properties), objectAt(operation.body.properties)];
  if (before.type !== after.type)
    throw refuse(`a runtime keeps its type, ${before.type}. Delete it and create it again.`, 'type');
  const [from, to] = [managedNetworkOf(existing.body), managedNetworkOf(operation.body)];
  if (from?.toLowerCase() === to?.toLowerCase()) return;
  const place = (name: string | null) => (name === null ? 'the public network' : `managed virtual network '${name}'`);
  throw refuse(
    `a runtime cannot move between networks: it is in ${place(from)}, and ${place(to)} is asked for. Delete it and create it again, or create another one.`,
    'managedVirtualNetwork',
  );
};

const reserved = ['copyComputeScaleProperties', 'pipelineExternalComputeScaleProperties'] as const;

const requireDefaultIsPlain = (operation: Operation): void => {
  if (!isDefault(operation.id.names.at(-1)!)) return;
  const compute = computeOf(operation.body);
  const field = reserved.find((name) => compute[name] !== undefined);
  if (field)
    throw refuser(operation)(
      `${defaultRuntime} takes no reserved compute. Leave ${field} out, or create another runtime.`,
      `typeProperties.computeProperties.${field}`,
    );
  if (objectAt(operation.body.properties).type !== 'Managed')
    throw refuser(operation)(`${defaultRuntime} is of type Managed.`, 'type');
  if (normalizeLocation(String(compute.location ?? 'AutoResolve')) !== 'autoresolve')
    throw refuser(operation)(
      `${defaultRuntime} resolves its location itself. Write AutoResolve, or create another runtime.`,
      'typeProperties.computeProperties.location',
    );
};

/** Without its stored default runtime a factory has a public one: what names no runtime may not slip out that way. */
const requireNotRelied = async (operation: Operation, existing: Resource): Promise<void> => {
  if (!isDefault(existing.name) || managedNetworkOf(existing.body) === null) return;
  const { type } = referable.LinkedServiceReference;
  const services = await listChildren(operation.tx, { type, parentKey: existing.parentKey });
  const relying = services.find(({ body }) => objectAt(body.properties).connectVia === undefined);
  if (!relying) return;
  throw new ServiceError(
    400,
    'BadRequest',
    `The document cannot be deleted since it is referenced by ${relying.name}. The linked service '${relying.name}' names no runtime and so runs in this one; in its place it would run in the public network. Let it name a runtime in connectVia first.`,
    { target: relying.id },
  );
};

const stateOf = (resource: Resource) =>
  objectAt(resource.body.properties).type === 'SelfHosted' ? 'NeedRegistration' : 'Online';

const statusOf = (
  resource: Resource,
  factory: { name: string; location: string | null },
  runtime: Runtime,
): JsonObject => {
  const { type } = objectAt(resource.body.properties);
  const typeProperties =
    type === 'SelfHosted'
      ? { createTime: resource.createdAt, nodes: [] }
      : {
          createTime: resource.createdAt,
          nodes: runtime.status(resource.parentKey, resource.name).nodes,
          otherErrors: [],
        };
  return {
    name: resource.name,
    properties: {
      type: type ?? 'Managed',
      dataFactoryName: factory.name,
      dataFactoryLocation: factory.location,
      resourceUri: resource.id,
      state: stateOf(resource),
      typeProperties,
    },
  };
};

/** Integration runtimes. Changed compute settings hold for the next job; deleting one ends its workers. */
export const integrationRuntimeType = (runtime: Runtime): ResourceType => ({
  type: 'Microsoft.DataFactory/factories/integrationRuntimes',
  scope: 'resourceGroup',
  apiVersions: dataFactoryVersions,
  name: factoryName,
  tracked: false,
  schema: IntegrationRuntime,
  etag: 'etag',
  conditionalGet: true,
  status: { created: 200, updated: 200 },
  write: async (operation, existing) => {
    const factoryKey = operation.id.key.split('/').slice(0, -2).join('/');
    const factory = (await readResource(operation.tx, factoryKey))!;
    if (existing) requireSamePlace(operation, existing);
    requireDefaultIsPlain(operation);
    await requireNetwork(operation, factory);
    const { state: _, ...properties } = objectAt(operation.body.properties);
    if (isJsonObject(properties.typeProperties)) {
      const { interactiveQuery: __, ...kept } = properties.typeProperties;
      properties.typeProperties = kept;
    }
    return { ...operation.body, properties };
  },
  remove: async (operation, existing, isAsked) => {
    if (isAsked) {
      await requireUnreferenced(operation.tx, existing.parentKey, 'IntegrationRuntimeReference', existing);
      await requireNotRelied(operation, existing);
    }
    operation.afterCommit(() => runtime.drop(existing.parentKey, existing.name));
  },
  present: async (_operation, resource) => ({
    ...resource.body,
    properties: { ...objectAt(resource.body.properties), state: stateOf(resource) },
  }),
  actions: [
    {
      path: 'getStatus',
      method: 'POST',
      permission: 'Microsoft.DataFactory/factories/integrationRuntimes/getStatus/read',
      run: async ({ tx }, resource) => {
        const factory = (await readResource(tx, resource.parentKey))!;
        return { body: statusOf(resource, factory, runtime) };
      },
    },
  ],
});
