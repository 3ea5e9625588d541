// Microsoft.DataFactory/factories/pipelines
import { Type } from 'typebox';
import type { Operation, Resource, ResourceType } from '../../arm/resource-type.ts';
import { checkBody } from '../../arm/validation.ts';
import { ServiceError } from '../../base/error.ts';
import type { JsonObject } from '../../base/json.ts';
import type { SecretKey } from '../../database/secret.ts';
import { mostTimeoutMs, readSpan } from '../../pipelines/activity.ts';
import type { Pipelines, RunRequest } from '../../pipelines/pipelines.ts';
import { activitiesOf, requireOrder } from './activity.ts';
import { authoringFields, factoryKeyOf, Reference, storeAuthored } from './authoring.ts';
import { requireOneNetworkPerCopy } from './copy-side.ts';
import { authoringName } from './name.ts';
import { requireUnreferenced } from './reference.ts';
import { type AuthoringSchemas, checkPart, checkTypeProperties } from './schema.ts';
import { dataFactoryVersions } from './version.ts';

const Expression = Type.Object({ type: Type.Enum(['Expression']), value: Type.String() });

const Activity = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 260 }),
  type: Type.String({ minLength: 1, maxLength: 128 }),
  description: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  state: Type.Optional(Type.Enum(['Active', 'Inactive'])),
  onInactiveMarkAs: Type.Optional(Type.Enum(['Succeeded', 'Failed', 'Skipped'])),
  dependsOn: Type.Optional(
    Type.Array(
      Type.Object({
        activity: Type.String({ minLength: 1 }),
        dependencyConditions: Type.Array(Type.Enum(['Succeeded', 'Failed', 'Skipped', 'Completed'])),
      }),
    ),
  ),
  policy: Type.Optional(
    Type.Object({
      timeout: Type.Optional(Type.Union([Type.String(), Expression])),
      retry: Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Expression])),
      retryIntervalInSeconds: Type.Optional(Type.Integer({ minimum: 30, maximum: 86_400 })),
      secureInput: Type.Optional(Type.Boolean()),
      secureOutput: Type.Optional(Type.Boolean()),
    }),
  ),
  linkedServiceName: Type.Optional(Reference('LinkedServiceReference')),
  inputs: Type.Optional(Type.Array(Reference('DatasetReference'))),
  outputs: Type.Optional(Type.Array(Reference('DatasetReference'))),
  typeProperties: Type.Optional(Type.Object({})),
});

const Pipeline = Type.Object({
  properties: Type.Object({
    ...authoringFields,
    activities: Type.Optional(Type.Array(Activity, { maxItems: 120 })),
    variables: Type.Optional(Type.Record(Type.String(), Type.Object({ type: Type.String() }))),
    concurrency: Type.Optional(Type.Integer({ minimum: 1 })),
  }),
});

const checkTimeout = (activity: JsonObject, path: string): void => {
  const timeout = (activity.policy as JsonObject | undefined)?.timeout;
  if (typeof timeout !== 'string' || timeout.startsWith('@')) return;
  const ms = readSpan(timeout) ?? 0;
  if (ms >= 1000 && ms <= mostTimeoutMs) return;
  throw new ServiceError(
    400,
    'BadRequest',
    `'${path}.policy.timeout' is '${timeout}': a timeout is a span from one second to seven days, written as d.hh:mm:ss (0.12:00:00).`,
    { target: `${path}.policy.timeout` },
  );
};

const checkCopy = (activity: JsonObject, path: string): void => {
  for (const side of ['inputs', 'outputs'] as const) {
    const list = activity[side];
    if (Array.isArray(list) && list.length === 1) continue;
    throw new ServiceError(
      400,
      'BadRequest',
      `'${path}.${side}' of the copy activity '${activity.name}' must name one dataset.`,
      { target: `${path}.${side}` },
    );
  }
};

/** Holds the body of a pipeline to the schemas of its activities, and to an order that can be run. */
export const checkPipeline = (schemas: AuthoringSchemas, pipeline: JsonObject): void => {
  checkBody(Pipeline, pipeline);
  for (const { activity, path, scope } of activitiesOf(pipeline)) {
    if (scope !== 'properties.activities') checkPart(Activity, activity, path);
    checkTimeout(activity, path);
    if (activity.type === 'Copy') checkCopy(activity, path);
    checkTypeProperties(schemas.activities, activity, path);
  }
  requireOrder(pipeline);
};

const isTrue = (text: string | undefined) => text?.toLowerCase() === 'true';

const requestOf = (operation: Operation, pipeline: Resource): RunRequest => {
  const { referencePipelineRunId, startActivityName, isRecovery, startFromFailure } = operation.query;
  return {
    factoryKey: pipeline.parentKey,
    pipelineName: pipeline.name,
    parameters: operation.body,
    invokedBy: { id: operation.caller.objectId, name: operation.caller.name, invokedByType: 'Manual' },
    ...(referencePipelineRunId && { referencePipelineRunId }),
    ...(startActivityName && { startActivityName }),
    ...(isRecovery !== undefined && { isRecovery: isTrue(isRecovery) }),
    ...(startFromFailure !== undefined && { startFromFailure: isTrue(startFromFailure) }),
  };
};

/** Pipelines, and `createRun`. */
export const pipelineType = (schemas: AuthoringSchemas, key: SecretKey, pipelines: Pipelines): ResourceType => ({
  type: 'Microsoft.DataFactory/factories/pipelines',
  scope: 'resourceGroup',
  apiVersions: dataFactoryVersions,
  name: authoringName,
  tracked: false,
  schema: Pipeline,
  etag: 'etag',
  conditionalGet: true,
  status: { created: 200, updated: 200 },
  write: async (operation, existing) => {
    checkPipeline(schemas, operation.body);
    const body = await storeAuthored(operation, existing, 'Pipeline', key);
    await requireOneNetworkPerCopy(operation.tx, factoryKeyOf(operation), body);
    return body;
  },
  remove: async (operation, existing, isAsked) => {
    if (isAsked) await requireUnreferenced(operation.tx, factoryKeyOf(operation), 'PipelineReference', existing);
  },
  actions: [
    {
      path: 'createRun',
      method: 'POST',
      permission: 'Microsoft.DataFactory/factories/pipelines/createrun/action',
      run: async (operation, pipeline) => {
        // What the pipeline refers to may have moved to another network since it was written.
        await requireOneNetworkPerCopy(operation.tx, pipeline.parentKey, pipeline.body);
        const run = await pipelines.createRun(operation.tx, requestOf(operation, pipeline));
        operation.afterCommit(async () => run.afterCommit());
        return { body: { runId: run.runId } };
      },
    },
  ],
});
