// The whole journey with Azure's own, unmodified clients, as a user's script would hold it: an engineer, a store owner,
// a factory in a managed network. Reads a connection from the environment; prints one JSON line of what it saw.
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { DataFactoryManagementClient } from '@azure/arm-datafactory';
import { ResourceManagementClient } from '@azure/arm-resources';
import { StorageManagementClient } from '@azure/arm-storage';
import { ClientSecretCredential } from '@azure/identity';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';

const { armEndpoint, authorityHost, tenantId, subscriptionId, people } = JSON.parse(process.env.JOURNEY);
const saw = {};

const credentialOf = ({ clientId, clientSecret }) =>
  new ClientSecretCredential(tenantId, clientId, clientSecret, { authorityHost, disableInstanceDiscovery: true });
const storageScopes = { credentials: { scopes: [`${armEndpoint}/.default`] } };
const factoryClient = (who) =>
  new DataFactoryManagementClient(credentialOf(people[who]), subscriptionId, { endpoint: armEndpoint });
const storageClient = (who, options = {}) =>
  new StorageManagementClient(credentialOf(people[who]), subscriptionId, { endpoint: armEndpoint, ...options });
const all = async (pages) => {
  const items = [];
  for await (const item of pages) items.push(item);
  return items;
};
const refusal = async (promise) => {
  try {
    await promise;
  } catch (error) {
    return { status: error.statusCode, code: error.code };
  }
  throw new Error('expected a refusal');
};

const group = 'journey';
const factory = 'journey-factory';
const resources = new ResourceManagementClient(credentialOf(people.admin), subscriptionId, { endpoint: armEndpoint });
await resources.resourceGroups.createOrUpdate(group, { location: 'westeurope' });
saw.groupExists = (await resources.resourceGroups.checkExistence(group)).body;
saw.groups = (await all(resources.resourceGroups.list())).map(({ name }) => name);

// Two stores and what is in them.
const adminStorage = storageClient('admin', storageScopes);
const account = { location: 'westeurope', kind: 'StorageV2', sku: { name: 'Standard_LRS' } };
await Promise.all(
  ['journeysource', 'journeysink'].map((name) => adminStorage.storageAccounts.beginCreateAndWait(group, name, account)),
);
saw.accounts = (await all(adminStorage.storageAccounts.listByResourceGroup(group))).map(({ name }) => name).sort();
const source = await adminStorage.storageAccounts.getProperties(group, 'journeysource');
const sink = await adminStorage.storageAccounts.getProperties(group, 'journeysink');
saw.primaryBlob = source.primaryEndpoints.blob;

const owner = storageClient('owner');
const keyOf = async (name) => (await owner.storageAccounts.listKeys(group, name)).keys[0].value;
const keys = { source: await keyOf('journeysource'), sink: await keyOf('journeysink') };
// From this machine the stores are reached by their loopback addresses.
const blobs = async (name, id, key) => {
  const { token } = await credentialOf(people.admin).getToken(`${armEndpoint}/.default`);
  const answer = await fetch(`${armEndpoint}${id}/providers/Postern.Sandbox/listEndpoints?api-version=2026-11-01`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  const { blob } = await answer.json();
  return new BlobServiceClient(blob, new StorageSharedKeyCredential(name, key)).getContainerClient('data');
};
const input = await blobs('journeysource', source.id, keys.source);
const output = await blobs('journeysink', sink.id, keys.sink);
await Promise.all([input.create(), output.create()]);
const data = randomBytes(5_000_003);
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');
await input.getBlockBlobClient('bytes.bin').uploadData(data);

saw.privateLinkGroups = (await owner.privateLinkResources.listByStorageAccount(group, 'journeysource')).value
  .map(({ groupId }) => groupId)
  .sort();

// A factory in its managed network.
const engineer = factoryClient('engineer');
saw.factory = (await engineer.factories.createOrUpdate(group, factory, { location: 'westeurope' })).provisioningState;
saw.tagged = (await engineer.factories.update(group, factory, { tags: { team: 'sales' } })).tags;
saw.factories = (await all(engineer.factories.listByResourceGroup(group))).map(({ name }) => name);
saw.allFactories = (await all(engineer.factories.list())).map(({ name }) => name);
saw.etag = (await engineer.factories.get(group, factory)).eTag;
await engineer.managedVirtualNetworks.createOrUpdate(group, factory, 'default', { properties: {} });
saw.network = (await engineer.managedVirtualNetworks.get(group, factory, 'default')).properties.alias;
saw.networks = (await all(engineer.managedVirtualNetworks.listByFactory(group, factory))).length;
for (const [name, id] of [
  ['source-blob', source.id],
  ['sink-blob', sink.id],
])
  await engineer.managedPrivateEndpoints.createOrUpdate(group, factory, 'default', name, {
    properties: { privateLinkResourceId: id, groupId: 'blob' },
  });
const endpointState = async () =>
  (await engineer.managedPrivateEndpoints.get(group, factory, 'default', 'source-blob')).properties.connectionState
    .status;
saw.endpoints = (await all(engineer.managedPrivateEndpoints.listByFactory(group, factory, 'default'))).length;
saw.before = await endpointState();

await engineer.integrationRuntimes.createOrUpdate(group, factory, 'sealed', {
  properties: {
    type: 'Managed',
    computeProperties: { location: 'AutoResolve' },
    managedVirtualNetwork: { type: 'ManagedVirtualNetworkReference', referenceName: 'default' },
  },
});
saw.runtime = (await engineer.integrationRuntimes.getStatus(group, factory, 'sealed')).properties.state;
saw.runtimes = (await all(engineer.integrationRuntimes.listByFactory(group, factory))).length;

const via = { type: 'IntegrationRuntimeReference', referenceName: 'sealed' };
for (const [name, accountName, key] of [
  ['source', 'journeysource', keys.source],
  ['sink', 'journeysink', keys.sink],
]) {
  await engineer.linkedServices.createOrUpdate(group, factory, name, {
    properties: {
      type: 'AzureBlobStorage',
      connectVia: via,
      connectionString: `DefaultEndpointsProtocol=https;AccountName=${accountName};AccountKey=${key};EndpointSuffix=core.windows.net`,
    },
  });
  await engineer.datasets.createOrUpdate(group, factory, name, {
    properties: {
      type: 'Binary',
      linkedServiceName: { type: 'LinkedServiceReference', referenceName: name },
      location: { type: 'AzureBlobStorageLocation', container: 'data', fileName: 'bytes.bin' },
    },
  });
}
saw.leaked = JSON.stringify(await engineer.linkedServices.get(group, factory, 'source')).includes(keys.source);
saw.linkedServices = (await all(engineer.linkedServices.listByFactory(group, factory))).length;
saw.datasets = (await all(engineer.datasets.listByFactory(group, factory))).length;
await engineer.pipelines.createOrUpdate(group, factory, 'copy', {
  activities: [
    {
      name: 'Copy',
      type: 'Copy',
      inputs: [{ type: 'DatasetReference', referenceName: 'source' }],
      outputs: [{ type: 'DatasetReference', referenceName: 'sink' }],
      source: { type: 'BinarySource', storeSettings: { type: 'AzureBlobStorageReadSettings', recursive: true } },
      sink: { type: 'BinarySink', storeSettings: { type: 'AzureBlobStorageWriteSettings' } },
    },
  ],
});
saw.pipelines = (await all(engineer.pipelines.listByFactory(group, factory))).length;

const run = async () => {
  const { runId } = await engineer.pipelines.createRun(group, factory, 'copy');
  let state;
  do {
    await pause(100);
    state = await engineer.pipelineRuns.get(group, factory, runId);
  } while (!['Succeeded', 'Failed', 'Cancelled'].includes(state.status));
  const window = {
    lastUpdatedAfter: new Date(Date.now() - 3600_000),
    lastUpdatedBefore: new Date(Date.now() + 3600_000),
  };
  const { value } = await engineer.activityRuns.queryByPipelineRun(group, factory, runId, window);
  return { status: state.status, output: value[0]?.output, error: value[0]?.error, runId };
};

saw.pending = await run();
saw.writtenWhilePending = await output.getBlobClient('bytes.bin').exists();

// The engineer may not approve; the owner may.
const connections = await all(owner.privateEndpointConnections.list(group, 'journeysource'));
saw.connectionNames = connections.map(({ privateEndpoint }) => privateEndpoint.id);
const answer = (status, description) => ({ privateLinkServiceConnectionState: { status, description } });
saw.selfApproval = await refusal(
  storageClient('engineer').privateEndpointConnections.put(
    group,
    'journeysource',
    connections[0].name,
    answer('Approved', 'me'),
  ),
);
const decide = async (name, status) => {
  for (const connection of await all(owner.privateEndpointConnections.list(group, name)))
    await owner.privateEndpointConnections.put(group, name, connection.name, answer(status, `${status} by the owner`));
};
await decide('journeysource', 'Approved');
await decide('journeysink', 'Approved');
saw.connection = (
  await owner.privateEndpointConnections.get(group, 'journeysource', connections[0].name)
).privateLinkServiceConnectionState.status;
saw.approved = await endpointState();
saw.success = await run();
saw.sameBytes = digest(await output.getBlobClient('bytes.bin').downloadToBuffer()) === digest(data);

await decide('journeysource', 'Rejected');
saw.rejected = await endpointState();
saw.afterRejection = await run();

const { value: runs } = await engineer.pipelineRuns.queryByFactory(group, factory, {
  lastUpdatedAfter: new Date(Date.now() - 3600_000),
  lastUpdatedBefore: new Date(Date.now() + 3600_000),
  filters: [{ operand: 'Status', operator: 'Equals', values: ['Failed'] }],
});
saw.failedRuns = runs.length;

// The owner removes the connection; the factory can only delete the endpoint.
await owner.privateEndpointConnections.delete(group, 'journeysource', connections[0].name);
saw.removed = await endpointState();
await engineer.managedPrivateEndpoints.delete(group, factory, 'default', 'source-blob');
await engineer.managedPrivateEndpoints.delete(group, factory, 'default', 'sink-blob');
saw.left = (await all(owner.privateEndpointConnections.list(group, 'journeysink'))).length;

await engineer.pipelines.delete(group, factory, 'copy');
for (const name of ['source', 'sink']) {
  await engineer.datasets.delete(group, factory, name);
  await engineer.linkedServices.delete(group, factory, name);
}
await engineer.integrationRuntimes.delete(group, factory, 'sealed');
await engineer.factories.delete(group, factory);
await adminStorage.storageAccounts.delete(group, 'journeysink');
await resources.resourceGroups.beginDeleteAndWait(group);
saw.groupGone = !(await resources.resourceGroups.checkExistence(group)).body;
process.stdout.write(`${JSON.stringify(saw)}\n`);
