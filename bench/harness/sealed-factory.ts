import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { isJsonObject, type JsonObject } from '../../src/base/json.ts';
import { linkedService } from '../../src/cli/demo/factory.ts';
import { values } from '../../src/cli/identity.ts';
import { bareKey, type StorePlace } from './attached-stores.ts';
import type { ControlPlane } from './control-plane.ts';

const storage = 'api-version=2025-08-01';
const factoryVersion = 'api-version=2018-06-01';

/** A factory whose runtime `sealed` reaches two attached stores by approved endpoints; its linked services are `from` and `to`. */
export type SealedFactory = {
  id: string;
  put(place: string, body: JsonObject): Promise<JsonObject>;
  /** Runs a pipeline to its end; throws with the first activity's error where that is not `Succeeded`. */
  run(pipeline: string): Promise<{ elapsedMs: number; output: JsonObject }>;
};

const object = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});

/** Makes the factory by the API, as its user would. */
export const makeSealedFactory = async (
  plane: ControlPlane,
  stores: { from: StorePlace; to: StorePlace },
): Promise<SealedFactory> => {
  const { client, subscription } = plane;
  const name = `bench-${randomBytes(3).toString('hex')}`;
  const group = `${subscription}/resourceGroups/${name}`;
  const id = `${group}/providers/Microsoft.DataFactory/factories/${name}`;
  const put = (place: string, body: JsonObject) => client.call('PUT', `${id}/${place}?${factoryVersion}`, body);
  await client.call('PUT', `${group}?api-version=2021-04-01`, { location: 'westeurope' });
  await client.call('PUT', `${id}?${factoryVersion}`, { location: 'westeurope' });
  await put('managedVirtualNetworks/default', { properties: {} });
  await put('integrationRuntimes/sealed', {
    properties: {
      type: 'Managed',
      managedVirtualNetwork: { type: 'ManagedVirtualNetworkReference', referenceName: 'default' },
      typeProperties: {
        computeProperties: {
          location: 'AutoResolve',
          dataFlowProperties: { timeToLive: 10, computeType: 'General', coreCount: 8 },
        },
      },
    },
  });
  for (const role of ['from', 'to'] as const) {
    const { account, port } = stores[role];
    const target = `${group}/providers/Microsoft.Storage/storageAccounts/${account}`;
    await client.call('PUT', `${target}?${storage}`, {
      location: 'westeurope',
      kind: 'StorageV2',
      sku: { name: 'Standard_LRS' },
      tags: { 'postern-backend': `127.0.0.1:${port}` },
    });
    const endpoint = { properties: { privateLinkResourceId: target, groupId: 'blob' } };
    await put(`managedVirtualNetworks/default/managedPrivateEndpoints/${account}`, endpoint);
    for (const connection of values(await client.call('GET', `${target}/privateEndpointConnections?${storage}`)))
      await client.call('PUT', `${connection.id}?${storage}`, {
        properties: { privateLinkServiceConnectionState: { status: 'Approved', description: 'bench' } },
      });
    await put(`linkedservices/${role}`, linkedService(account, bareKey));
  }

  const run = async (pipeline: string): Promise<{ elapsedMs: number; output: JsonObject }> => {
    const started = Date.now();
    const { runId } = await client.call('POST', `${id}/pipelines/${pipeline}/createRun?${factoryVersion}`, {});
    for (;;) {
      const { status, runEnd } = await client.call('GET', `${id}/pipelineruns/${runId}?${factoryVersion}`);
      if (status !== 'InProgress' && status !== 'Queued') {
        const window = { lastUpdatedAfter: '2020-01-01T00:00:00Z', lastUpdatedBefore: '9999-12-31T00:00:00Z' };
        const query = `${id}/pipelineruns/${runId}/queryActivityruns?${factoryVersion}`;
        const activities = values(await client.call('POST', query, window)).map(object);
        const elapsedMs = Date.parse(String(runEnd)) - started;
        if (status === 'Succeeded') return { elapsedMs, output: object(activities[0]?.output) };
        const error = activities.map((one) => object(one.error)).find((one) => one.message);
        throw new Error(`The run of ${pipeline} ended ${status}: ${JSON.stringify(error ?? {})}`);
      }
      await pause(100);
    }
  };
  return { id, put, run };
};

/** A reference as factory JSON has it. */
export const reference = (type: string, referenceName: string): JsonObject => ({ type, referenceName });

/** A pipeline of one Copy activity between two datasets. */
export const rowPipeline = (source: JsonObject, sink: JsonObject, input: string, output: string): JsonObject => ({
  properties: {
    activities: [
      {
        name: 'Copy',
        type: 'Copy',
        inputs: [reference('DatasetReference', input)],
        outputs: [reference('DatasetReference', output)],
        typeProperties: { source, sink },
      },
    ],
  },
});
