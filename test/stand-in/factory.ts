// A factory in a real database, with real worker processes, for the tests of this room.
import { randomBytes } from 'node:crypto';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { createLog } from '../../src/base/log.ts';
import { openDatabase } from '../../src/database/database.ts';
import { type Resource, writeResource } from '../../src/database/resource.ts';
import { type SecretKey, takeSecrets, writeSecrets } from '../../src/database/secret.ts';
import { activityRunMachine } from '../../src/pipelines/activity-run.ts';
import type { Clock } from '../../src/pipelines/clock.ts';
import { createPipelines } from '../../src/pipelines/create-pipelines.ts';
import type { FactoryIdentities } from '../../src/pipelines/identity.ts';
import { pipelineRunMachine } from '../../src/pipelines/pipeline-run.ts';
import type { ActivityRun, PipelineRun, RunRequest } from '../../src/pipelines/pipelines.ts';
import { connectionMachine } from '../../src/private-link/connection.ts';
import { createRuntime, type RuntimeOptions } from '../../src/runtime/create-runtime.ts';
import { createStandInNetwork, standInProgram } from './network.ts';

export const factoryKey = '/subscriptions/s/resourcegroups/g/providers/microsoft.datafactory/factories/acme';
export const managed = `${factoryKey}/managedvirtualnetworks/default`;
const reference = (type: string, referenceName: string, parameters: JsonObject = {}) => ({
  type,
  referenceName,
  parameters,
});

/** A Copy activity that a stand-in worker does. */
export const copy = (
  name: string,
  deed: string,
  more: JsonObject = {},
  typeProperties: JsonObject = {},
): JsonObject => ({
  name,
  type: 'Copy',
  inputs: [reference('DatasetReference', 'films')],
  outputs: [reference('DatasetReference', 'films')],
  typeProperties: { do: deed, ...typeProperties },
  ...more,
});
/** A copy of bytes between two datasets of blobs, by a real worker. */
export const copyBytes = (from: string, to: string): JsonObject => ({
  name: 'Copy',
  type: 'Copy',
  policy: { timeout: '0.00:01:00' },
  inputs: [reference('DatasetReference', from)],
  outputs: [reference('DatasetReference', to)],
  typeProperties: {
    source: { type: 'BinarySource', storeSettings: { type: 'AzureBlobStorageReadSettings' } },
    sink: { type: 'BinarySink', storeSettings: { type: 'AzureBlobStorageWriteSettings' } },
  },
});
export const waitFor = (name: string, waitTimeInSeconds: Json, more: JsonObject = {}): JsonObject => ({
  name,
  type: 'Wait',
  typeProperties: { waitTimeInSeconds },
  ...more,
});
export const after = (activity: string, ...dependencyConditions: string[]): JsonObject => ({
  dependsOn: [{ activity, dependencyConditions }],
});
export const everything = { lastUpdatedAfter: '2000-01-01T00:00:00Z', lastUpdatedBefore: '9999-12-31T23:59:59Z' };

/** Who asks, in these tests. */
export const caller = { objectId: 'o', name: 'engineer' };

/** Identities for factories that have none. */
export const noIdentities: FactoryIdentities = {
  require: () => Promise.reject(new Error('no identity')),
  tokenFor: () => Promise.reject(new Error('no identity')),
};

const final = ['Succeeded', 'Failed', 'Cancelled'];

export type Options = {
  file?: string;
  key?: SecretKey;
  clock?: Clock;
  /** Whom its jobs may sign in as; nobody unless given. */
  identities?: FactoryIdentities;
  environment?: Record<string, string>;
  level?: string;
  /** A network to run real workers in, instead of stand-ins. */
  sealed?: RuntimeOptions['network'];
  /** What its pipelines may hold; Copy unless given. */
  activityTypes?: readonly string[];
};

/** Opens it all; `close` ends every process. */
export const openFactory = async (options: Options = {}) => {
  const key = options.key ?? randomBytes(32);
  const log = createLog({ level: options.level ?? 'silent' });
  const machines = [connectionMachine, pipelineRunMachine, activityRunMachine];
  const db = await openDatabase(options.file ?? ':memory:', { machines });
  const network = createStandInNetwork(options.environment);
  const runtime = options.sealed
    ? createRuntime({ network: options.sealed, log })
    : createRuntime({ network, log, program: standInProgram, workerLimits: { graceMs: 200 } });
  const clock = options.clock && { clock: options.clock };
  const pipelines = createPipelines({
    db,
    key,
    runtime,
    identities: options.identities ?? noIdentities,
    log,
    activityTypes: options.activityTypes ?? ['Copy'],
    ...clock,
  });

  const put = (
    folder: string,
    name: string,
    properties: JsonObject,
    isSecret: (path: string) => boolean = () => false,
  ) =>
    db.transaction().execute(async (tx) => {
      const at = new Date().toISOString();
      const resourceKey = folder === '' ? factoryKey : `${factoryKey}/${folder}/${name}`.toLowerCase();
      const parted = takeSecrets({ properties }, isSecret);
      const resource: Resource = {
        id: resourceKey,
        key: resourceKey,
        type: folder,
        name,
        parentKey: factoryKey,
        location: folder === '' ? 'westeurope' : null,
        tags: {},
        body: parted.body,
        etag: at,
        createdAt: at,
        updatedAt: at,
      };
      await writeResource(tx, resource);
      await writeSecrets(tx, key, resourceKey, parted.secrets, parted.kept);
    });

  const createRun = async (more: Partial<RunRequest> = {}): Promise<string> => {
    const request: RunRequest = {
      factoryKey,
      pipelineName: 'p',
      parameters: {},
      invokedBy: { id: 'o', name: 'engineer', invokedByType: 'Manual' },
      ...more,
    };
    const run = await db.transaction().execute((tx) => pipelines.createRun(tx, request));
    run.afterCommit();
    return run.runId;
  };
  const cancel = async (runId: string): Promise<void> => {
    const stop = await db.transaction().execute((tx) => pipelines.cancel(tx, factoryKey, runId, caller));
    stop();
  };
  const activitiesOf = async (runId: string): Promise<ActivityRun[]> =>
    (await pipelines.queryActivityRuns(db, factoryKey, runId, everything)).value;
  /** Polls, a turn of the event loop between two looks, until `isSo`. */
  const eventually = async <Value>(look: () => Promise<Value>, isSo: (value: Value) => boolean): Promise<Value> => {
    for (;;) {
      const value = await look();
      if (isSo(value)) return value;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  const ended = async (runId: string): Promise<PipelineRun & { activities: ActivityRun[] }> => {
    const run = await eventually(
      () => pipelines.getRun(db, factoryKey, runId),
      ({ status }) => final.includes(status),
    );
    return { ...run, activities: await activitiesOf(runId) };
  };

  let closing: Promise<void> | undefined;
  const close = async () => {
    await pipelines.close();
    await runtime.close();
    await network.close();
    await db.destroy();
  };

  return {
    db,
    key,
    network,
    runtime,
    pipelines,
    put,
    createRun,
    cancel,
    ended,
    activitiesOf,
    eventually,
    /** Writes the pipeline `p`. */
    pipeline: (activities: JsonObject[], more: JsonObject = {}) => put('pipelines', 'p', { activities, ...more }),
    /** Writes `p`, runs it and waits for its end. */
    run: async (activities: JsonObject[], more: JsonObject = {}, parameters: JsonObject = {}) => {
      await put('pipelines', 'p', { activities, ...more });
      return ended(await createRun({ parameters }));
    },
    /** The resources that `copy` refers to. */
    furnish: async () => {
      await put('', 'acme', {});
      await put('integrationruntimes', 'sealed', {
        type: 'Managed',
        managedVirtualNetwork: reference('ManagedVirtualNetworkReference', 'default'),
      });
      await put(
        'linkedservices',
        'store',
        {
          type: 'AzureBlobStorage',
          connectVia: reference('IntegrationRuntimeReference', 'sealed'),
          typeProperties: { connectionString: 'AccountName=a;AccountKey=k' },
        },
        (path) => path.endsWith('connectionString'),
      );
      await put('datasets', 'films', {
        type: 'Binary',
        linkedServiceName: reference('LinkedServiceReference', 'store'),
        typeProperties: {},
      });
    },
    /** A linked service of a storage account, by its key, in the runtime `sealed`. */
    accountService: (name: string, type: string, account: { name: string; key: string }) =>
      put(
        'linkedservices',
        name,
        {
          type,
          connectVia: reference('IntegrationRuntimeReference', 'sealed'),
          typeProperties: {
            connectionString: `DefaultEndpointsProtocol=https;AccountName=${account.name};AccountKey=${account.key};EndpointSuffix=core.windows.net`,
          },
        },
        (path) => path.endsWith('connectionString'),
      ),
    /** Idempotent. */
    close: () => {
      closing ??= close();
      return closing;
    },
  };
};

export type Factory = Awaited<ReturnType<typeof openFactory>>;
