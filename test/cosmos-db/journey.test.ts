// From the account's resource to a document, by the real command: what the engineer, the owner and a person on this
// machine each see, and that a kill of everything loses none of it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { CosmosClient } from '@azure/cosmos';
import { isJsonObject, type JsonObject } from '../../src/base/json.ts';
import { propertiesOf, values } from '../../src/cli/identity.ts';
import { cosmosKey } from '../../src/cli/store.ts';
import { type RunningPostern, startPosternProcess } from '../postern.ts';

const adf = 'api-version=2018-06-01';
const cosmos = 'api-version=2025-10-15';
let postern: RunningPostern;
let group: string;
const accountId = () => `${group}/providers/Microsoft.DocumentDB/databaseAccounts/journeydocs`;
const factoryId = () => `${group}/providers/Microsoft.DataFactory/factories/docs-factory`;
const networkId = () => `${factoryId()}/managedVirtualNetworks/default`;
const put = (place: string, body: JsonObject) => postern.admin.call('PUT', place, body);
const reference = (type: string, referenceName: string) => ({ type, referenceName });

const pipeline = (collectionName: string) => ({
  name: 'Copy',
  type: 'Copy',
  inputs: [reference('DatasetReference', 'films')],
  outputs: [reference('DatasetReference', collectionName)],
  typeProperties: {
    source: { type: 'CosmosDbSqlApiSource', query: 'SELECT c.id, c.city, c.year FROM c' },
    sink: { type: 'CosmosDbSqlApiSink', writeBehavior: 'upsert' },
  },
});

const furnish = async () => {
  const { subscriptionId } = postern.connection;
  group = `/subscriptions/${subscriptionId}/resourceGroups/docs`;
  await put(`${group}?api-version=2021-04-01`, { location: 'westeurope' });
  await put(`${accountId()}?${cosmos}`, {
    location: 'westeurope',
    properties: {
      locations: [{ locationName: 'West Europe' }],
      databaseAccountOfferType: 'Standard',
      publicNetworkAccess: 'Disabled',
    },
  });
  await put(`${accountId()}/sqlDatabases/shop?${cosmos}`, { properties: { resource: { id: 'shop' } } });
  for (const id of ['films', 'copies'])
    await put(`${accountId()}/sqlDatabases/shop/containers/${id}?${cosmos}`, {
      properties: { resource: { id, partitionKey: { paths: ['/city'], kind: 'Hash' } } },
    });
  await put(`${factoryId()}?${adf}`, { location: 'westeurope' });
  await put(`${networkId()}?${adf}`, { properties: {} });
  await put(`${networkId()}/managedPrivateEndpoints/docs?${adf}`, {
    properties: { privateLinkResourceId: accountId(), groupId: 'Sql' },
  });
  await put(`${factoryId()}/integrationRuntimes/sealed?${adf}`, {
    properties: {
      type: 'Managed',
      typeProperties: { computeProperties: { location: 'AutoResolve' } },
      managedVirtualNetwork: reference('ManagedVirtualNetworkReference', 'default'),
    },
  });
  const key = await cosmosKey(postern.admin, accountId());
  const shown = await put(`${factoryId()}/linkedservices/docs?${adf}`, {
    properties: {
      type: 'CosmosDb',
      connectVia: reference('IntegrationRuntimeReference', 'sealed'),
      typeProperties: {
        connectionString: `AccountEndpoint=https://journeydocs.documents.azure.com:443/;AccountKey=${key};Database=shop`,
      },
    },
  });
  assert.ok(!JSON.stringify(shown).includes(key), 'a key is not shown again');
  for (const collectionName of ['films', 'copies'])
    await put(`${factoryId()}/datasets/${collectionName}?${adf}`, {
      properties: {
        type: 'CosmosDbSqlApiCollection',
        linkedServiceName: reference('LinkedServiceReference', 'docs'),
        typeProperties: { collectionName },
      },
    });
  await put(`${factoryId()}/pipelines/copy?${adf}`, { properties: { activities: [pipeline('copies')] } });
};

const command = async (...words: string[]): Promise<string> => {
  const bin = path.resolve(import.meta.dirname, '../../bin/postern.js');
  const { stdout } = await promisify(execFile)(process.execPath, [bin, ...words, '--data', postern.dataDir]);
  return stdout;
};

/** A client on this machine, by what the command tells a person. */
const near = async (): Promise<CosmosClient> => {
  const { connectionString } = JSON.parse(await command('store', 'show', 'journeydocs', '--json')) as JsonObject;
  return new CosmosClient(String(connectionString));
};
let owner: CosmosClient;
const itemsOf = (collection: string) => owner.database('shop').container(collection).items;
const ids = async (collection: string): Promise<string[]> =>
  (await itemsOf(collection).query<string>('SELECT VALUE c.id FROM c ORDER BY c.id').fetchAll()).resources;

const decide = async (status: string) => {
  const [connection] = values(await postern.admin.call('GET', `${accountId()}/privateEndpointConnections?${cosmos}`));
  return put(`${connection?.id}?${cosmos}`, { properties: { privateLinkServiceConnectionState: { status } } });
};

const run = async (): Promise<{ status: string; codes: string[] }> => {
  const { runId } = await postern.admin.call('POST', `${factoryId()}/pipelines/copy/createRun?${adf}`, {});
  for (;;) {
    const { status } = await postern.admin.call('GET', `${factoryId()}/pipelineruns/${runId}?${adf}`);
    if (['Succeeded', 'Failed', 'Cancelled'].includes(String(status))) break;
    await pause(20);
  }
  const asked = { lastUpdatedAfter: '2000-01-01T00:00:00Z', lastUpdatedBefore: '2100-01-01T00:00:00Z' };
  const place = `${factoryId()}/pipelineruns/${runId}/queryActivityruns?${adf}`;
  const [activity] = values(await postern.admin.call('POST', place, asked));
  const { details } = isJsonObject(activity?.error) ? activity.error : {};
  const codes = Array.isArray(details) ? details.map((one) => (isJsonObject(one) ? String(one.code) : '')) : [];
  return { status: String(activity?.status), codes };
};

before(async () => {
  postern = await startPosternProcess();
  tls.setDefaultCACertificates([readFileSync(postern.connection.caFile, 'utf8')]);
  await furnish();
  owner = await near();
});
after(async () => {
  owner?.dispose();
  await postern?.discard();
});

test('from Pending to a copy that runs, as the owner decides', async () => {
  assert.match(await command('store', 'list'), /journeydocs\s+Succeeded\s+https:\/\/127\.0\.0\.1:\d+\//);
  for (const id of ['1', '2']) await itemsOf('films').create({ id, city: 'x', year: 1900 + Number(id) });
  const waiting = await run();
  assert.deepEqual([waiting.status, waiting.codes[0]], ['Failed', 'EndpointPending']);
  assert.deepEqual(await ids('copies'), []);
  assert.equal(propertiesOf(await decide('Approved')).provisioningState, 'Succeeded');
  assert.equal((await run()).status, 'Succeeded');
  assert.deepEqual(await ids('copies'), ['1', '2']);
});

test('a kill of everything loses no document, key or decision', async () => {
  await postern.stop('SIGKILL');
  postern = await startPosternProcess(postern.dataDir);
  owner.dispose();
  owner = await near();
  assert.deepEqual(await ids('copies'), ['1', '2']);
  assert.equal((await run()).status, 'Succeeded');
  await decide('Rejected');
  assert.deepEqual((await run()).codes[0], 'EndpointRejected');
});
