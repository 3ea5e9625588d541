// Microsoft.DataFactory/factories
import { randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import type { ActionType, Operation, Resource, ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { listBelow } from '../../database/resource.ts';
import type { Pipelines } from '../../pipelines/pipelines.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Publish } from '../publication.ts';
import { forgetManagedIdentity, keepManagedIdentity } from './managed-identity.ts';
import { factoryName } from './name.ts';
import { runActions } from './pipeline-run.ts';
import { dataFactoryVersions } from './version.ts';

const type = 'Microsoft.DataFactory/factories';

const Identity = Type.Object({
  type: Type.Enum(['SystemAssigned', 'UserAssigned', 'SystemAssigned,UserAssigned']),
  userAssignedIdentities: Type.Optional(Type.Record(Type.String(), Type.Object({}))),
});

const PublicNetworkAccess = Type.Enum(['Enabled', 'Disabled']);

const Repository = Type.Object({
  type: Type.String(),
  accountName: Type.String(),
  repositoryName: Type.String(),
  collaborationBranch: Type.String(),
  rootFolder: Type.String(),
});

const GlobalParameter = Type.Object({
  type: Type.Enum(['Object', 'String', 'Int', 'Float', 'Bool', 'Array']),
  value: Type.Unknown(),
});

const Factory = Type.Object({
  identity: Type.Optional(Identity),
  properties: Type.Optional(
    Type.Object({
      publicNetworkAccess: Type.Optional(PublicNetworkAccess),
      repoConfiguration: Type.Optional(Repository),
      globalParameters: Type.Optional(Type.Record(Type.String(), GlobalParameter)),
      encryption: Type.Optional(Type.Object({})),
    }),
  ),
});

const FactoryPatch = Type.Object({
  identity: Type.Optional(Identity),
  properties: Type.Optional(Type.Object({ publicNetworkAccess: Type.Optional(PublicNetworkAccess) })),
});

const objectAt = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});

const identityOf = (asked: Json | undefined, before: Json | undefined, tenantId: string): JsonObject | undefined => {
  if (!isJsonObject(asked)) return undefined;
  const { principalId: _, tenantId: __, ...kept } = asked;
  const known = objectAt(before);
  if (!String(asked.type).includes('SystemAssigned')) return kept;
  return { ...kept, principalId: known.principalId ?? randomUUID(), tenantId: known.tenantId ?? tenantId };
};

const requireFreeName = async (operation: Operation): Promise<void> => {
  const name = operation.id.names[0]!;
  const all = await listBelow(operation.tx, { scopeKey: '', type });
  if (all.every((other) => other.name.toLowerCase() !== name.toLowerCase())) return;
  throw new ServiceError(
    409,
    'DataFactoryNameInUse',
    `The specified resource name '${name}' is already in use. Resource names must be globally unique. Choose another name.`,
    { target: 'name' },
  );
};

/** Azure's instants have seven fraction digits. */
const sevenDigits = (instant: string) => instant.replace(/(\.\d{3})?Z$/, (_, fraction) => `${fraction ?? '.000'}0000Z`);

const bodyOf = (
  operation: Operation,
  existing: Resource | null,
  asked: { identity: Json | undefined; properties: JsonObject },
  tenantId: string,
): JsonObject => {
  const before = objectAt(existing?.body.properties);
  const { provisioningState: _, createTime: __, version: ___, ...properties } = asked.properties;
  const identity = identityOf(asked.identity, existing?.body.identity, tenantId);
  return {
    ...(identity && { identity }),
    properties: {
      provisioningState: 'Succeeded',
      createTime: before.createTime ?? sevenDigits(operation.now),
      version: '2018-06-01',
      ...properties,
    },
  };
};

/** Factories. Their names are unique among all factories here; each gets its public network with it. */
export const factoryType = (rooms: {
  publish: Publish;
  pipelines: Pipelines;
  runtime: Runtime;
  tenantId: string;
  networkActions(permission: string): readonly ActionType[];
  authoringActions: readonly ActionType[];
}): ResourceType => ({
  type,
  scope: 'resourceGroup',
  apiVersions: dataFactoryVersions,
  name: factoryName,
  tracked: true,
  schema: Factory,
  etag: 'eTag',
  conditionalGet: true,
  status: { created: 200, updated: 200 },
  patch: {
    schema: FactoryPatch,
    apply: async (operation, existing) => {
      const { identity, properties } = operation.body;
      const before = objectAt(existing.body.properties);
      const asked = {
        identity: identity ?? existing.body.identity,
        properties: { ...before, ...objectAt(properties) },
      };
      const body = { ...existing.body, ...bodyOf(operation, existing, asked, rooms.tenantId) };
      await keepManagedIdentity(operation, existing.body, body.identity);
      return body;
    },
  },
  write: async (operation, existing) => {
    if (!existing) await requireFreeName(operation);
    const { identity, properties, ...more } = operation.body;
    operation.afterCommit(rooms.publish);
    const asked = { identity, properties: objectAt(properties) };
    const body: JsonObject = { ...more, ...bodyOf(operation, existing, asked, rooms.tenantId) };
    await keepManagedIdentity(operation, existing?.body, body.identity);
    return body;
  },
  remove: async (operation, existing) => {
    const stopRuns = await rooms.pipelines.forget(operation.tx, existing.key);
    await forgetManagedIdentity(operation.tx, existing.body);
    operation.afterCommit(async () => stopRuns());
    operation.afterCommit(rooms.publish);
    operation.afterCommit(() => rooms.runtime.drop(existing.key));
  },
  actions: [...runActions(rooms.pipelines), ...rooms.networkActions(`${type}/read`), ...rooms.authoringActions],
});
