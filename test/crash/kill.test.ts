// Kills the control plane at random moments while it is being written to, and holds it to what it had acknowledged.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { isJsonObject, type JsonObject } from '../../src/base/json.ts';
import type { Client } from '../../src/cli/client.ts';
import { values } from '../../src/cli/identity.ts';
import { storeKey } from '../../src/cli/store.ts';
import { newDataFolder, startPosternProcess } from '../postern.ts';
import { descendants, kernelNow, networkNamespaces, stillHeld, stillRunning } from '../process.ts';

const rounds = 50;
const adf = 'api-version=2018-06-01';
const storage = 'api-version=2025-08-01';
const object = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});
const final = ['Succeeded', 'Failed', 'Cancelled'];

const dataDir = await newDataFolder();
after(() => rm(dataDir, { recursive: true, force: true }));

/** What was acknowledged, over all rounds; and the decision that may or may not have been taken when the kill came. */
const kept = {
  pipelines: new Map<string, string>(),
  runs: new Set<string>(),
  decision: 'Pending',
  underway: null as string | null,
};

const places = (client: Client) => {
  const group = `/subscriptions/${client.connection.subscriptionId}/resourceGroups/crash`;
  const factory = `${group}/providers/Microsoft.DataFactory/factories/crash-factory`;
  const account = `${group}/providers/Microsoft.Storage/storageAccounts/crashstore`;
  return { group, factory, account, network: `${factory}/managedVirtualNetworks/default` };
};

const furnish = async (client: Client) => {
  const { group, factory, account, network } = places(client);
  await client.call('PUT', `${group}?api-version=2021-04-01`, { location: 'westeurope' });
  await client.call('PUT', `${account}?${storage}`, {
    location: 'westeurope',
    kind: 'StorageV2',
    sku: { name: 'Standard_LRS' },
  });
  await client.call('PUT', `${factory}?${adf}`, { location: 'westeurope' });
  await client.call('PUT', `${network}?${adf}`, { properties: {} });
  await client.call('PUT', `${network}/managedPrivateEndpoints/store?${adf}`, {
    properties: { privateLinkResourceId: account, groupId: 'blob' },
  });
  await client.call('PUT', `${factory}/integrationRuntimes/sealed?${adf}`, {
    properties: {
      type: 'Managed',
      typeProperties: { computeProperties: { location: 'AutoResolve' } },
      managedVirtualNetwork: { type: 'ManagedVirtualNetworkReference', referenceName: 'default' },
    },
  });
  const key = await storeKey(client, account);
  await client.call('PUT', `${factory}/linkedservices/store?${adf}`, {
    properties: {
      type: 'AzureBlobStorage',
      connectVia: { type: 'IntegrationRuntimeReference', referenceName: 'sealed' },
      typeProperties: {
        connectionString: `DefaultEndpointsProtocol=https;AccountName=crashstore;AccountKey=${key};EndpointSuffix=core.windows.net`,
      },
    },
  });
  for (const name of ['from', 'to'])
    await client.call('PUT', `${factory}/datasets/${name}?${adf}`, {
      properties: {
        type: 'Binary',
        linkedServiceName: { type: 'LinkedServiceReference', referenceName: 'store' },
        typeProperties: { location: { type: 'AzureBlobStorageLocation', container: 'none', fileName: name } },
      },
    });
  await client.call('PUT', `${factory}/pipelines/copy?${adf}`, {
    properties: {
      activities: [
        { name: 'Wait', type: 'Wait', typeProperties: { waitTimeInSeconds: 1 } },
        {
          name: 'Copy',
          type: 'Copy',
          inputs: [{ type: 'DatasetReference', referenceName: 'from' }],
          outputs: [{ type: 'DatasetReference', referenceName: 'to' }],
          typeProperties: {
            source: { type: 'BinarySource', storeSettings: { type: 'AzureBlobStorageReadSettings', recursive: true } },
            sink: { type: 'BinarySink', storeSettings: { type: 'AzureBlobStorageWriteSettings' } },
          },
        },
      ],
    },
  });
};

/** Writes, decides and starts runs, until the process is gone under it. */
const load = async (client: Client, round: number, connectionId: string) => {
  const { factory } = places(client);
  const untilGone = async (step: (turn: number) => Promise<void>) => {
    for (let turn = 0; ; turn += 1) await step(turn);
  };
  await Promise.allSettled([
    untilGone(async (turn) => {
      const name = `p${round}_${turn % 7}`;
      const description = `round ${round}, turn ${turn}`;
      await client.call('PUT', `${factory}/pipelines/${name}?${adf}`, { properties: { description, activities: [] } });
      kept.pipelines.set(name, description);
    }),
    untilGone(async (turn) => {
      const status = turn % 2 === 0 ? 'Approved' : 'Rejected';
      kept.underway = status;
      await client.call('PUT', `${connectionId}?${storage}`, {
        properties: { privateLinkServiceConnectionState: { status, description: `${round}` } },
      });
      kept.decision = status;
      kept.underway = null;
    }),
    untilGone(async () => {
      const { runId } = await client.call('POST', `${factory}/pipelines/copy/createRun?${adf}`, {});
      kept.runs.add(String(runId));
      await pause(150);
    }),
  ]);
};

const verify = async (client: Client) => {
  const { factory, account } = places(client);
  for (const [name, description] of kept.pipelines) {
    const answer = await client.send('GET', `${factory}/pipelines/${name}?${adf}`);
    assert.equal(answer.status, 200, `pipeline ${name} was acknowledged and is gone`);
    const shown = String(object(answer.body.properties).description);
    const [round, turn] = [shown, description].map((text) => Number(text.split('turn ')[1]));
    // A later write may have been under way: it may show, an earlier one may not.
    assert.ok(round! >= turn!, `pipeline ${name} holds "${shown}", acknowledged was "${description}"`);
  }
  const [connection] = values(await client.call('GET', `${account}/privateEndpointConnections?${storage}`));
  const state = String(object(object(connection?.properties).privateLinkServiceConnectionState).status);
  assert.ok(
    [kept.decision, kept.underway].includes(state),
    `decision ${state}, acknowledged ${kept.decision}, under way ${kept.underway}`,
  );
  kept.decision = state;
  kept.underway = null;
  return String(connection?.id);
};

const everyRunEnds = async (client: Client) => {
  const { factory } = places(client);
  for (const runId of kept.runs) {
    for (;;) {
      const run = await client.call('GET', `${factory}/pipelineruns/${runId}?${adf}`);
      if (final.includes(String(run.status))) {
        if (run.status === 'Failed') assert.notEqual(run.message, '', `run ${runId} failed without a reason`);
        break;
      }
      await pause(50);
    }
  }
  kept.runs.clear();
};

test(`a kill at ${rounds} random moments loses nothing acknowledged and leaves nothing behind`, {
  timeout: 420_000,
}, async () => {
  const own = networkNamespaces([process.pid]);
  const made = new Map<string, number>();
  for (let round = 0; round < rounds; round += 1) {
    const postern = await startPosternProcess(dataDir);
    if (round === 0) await furnish(postern.admin);
    const connectionId = await verify(postern.admin);
    if (round % 10 === 9) await everyRunEnds(postern.admin);
    const working = load(postern.admin, round, connectionId);
    await pause(Math.random() * 500);
    const below = descendants(postern.pid);
    const seen = networkNamespaces(below).difference(own);
    assert.ok(below.length >= 2, 'gateways and stores run below the control plane');
    await postern.stop('SIGKILL');
    for (const name of seen) made.set(name, kernelNow());
    await working;
    assert.deepEqual(await stillRunning(below), [], 'gateways, workers and stores end with the control plane');
  }
  const postern = await startPosternProcess(dataDir);
  try {
    await verify(postern.admin);
    await everyRunEnds(postern.admin);
  } finally {
    const below = descendants(postern.pid);
    await postern.stop();
    assert.deepEqual(await stillRunning(below), []);
  }
  assert.ok(made.size > 0, 'workers had networks of their own');
  assert.deepEqual(await stillHeld(made), [], 'no namespace is left');
});
