// Copies between stores that take identities: as the factory and as a service principal, from no role to a role and
// back, in a whole Postern. And Azure's own clients on this machine, against the same stores.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import tls from 'node:tls';
import { ClientSecretCredential } from '@azure/identity';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { isJsonObject, type JsonObject } from '../../src/base/json.ts';
import { createPrincipal, deletePrincipal, findRole, type Principal, values } from '../../src/cli/identity.ts';
import { storeEndpoints, storeKey } from '../../src/cli/store.ts';
import { type RunningPostern, startPosternProcess } from '../postern.ts';

const adf = 'api-version=2018-06-01';
const storage = 'api-version=2025-08-01';
const data = randomBytes(5_000_003);

let postern: RunningPostern;
let group: string;
let keyed: BlobServiceClient;
let app: Principal & { clientSecret: string };
let factoryPrincipal: string;
const accountId = () => `${group}/providers/Microsoft.Storage/storageAccounts/identitystore`;
const factoryId = () => `${group}/providers/Microsoft.DataFactory/factories/identity-factory`;
const networkId = () => `${factoryId()}/managedVirtualNetworks/default`;
const put = (path: string, body: JsonObject) => postern.admin.call('PUT', path, body);
const reference = (type: string, referenceName: string) => ({ type, referenceName });

const linkedService = (type: string, typeProperties: JsonObject): JsonObject => ({
  type,
  connectVia: reference('IntegrationRuntimeReference', 'sealed'),
  typeProperties,
});
const link = (name: string, type: string, typeProperties: JsonObject) =>
  put(`${factoryId()}/linkedservices/${name}?${adf}`, { properties: linkedService(type, typeProperties) });
const linkApp = (more: JsonObject = {}) =>
  link('app', 'AzureBlobStorage', {
    serviceEndpoint: 'https://identitystore.blob.core.windows.net',
    servicePrincipalId: app.clientId,
    servicePrincipalKey: { type: 'SecureString', value: app.clientSecret },
    tenant: postern.connection.tenantId,
    ...more,
  });

const makePipeline = (name: string, source: string, sink: string) =>
  put(`${factoryId()}/pipelines/${name}?${adf}`, {
    properties: {
      activities: [
        {
          name: 'Copy',
          type: 'Copy',
          inputs: [reference('DatasetReference', source)],
          outputs: [reference('DatasetReference', sink)],
          typeProperties: {
            source: { type: 'BinarySource', storeSettings: { type: 'AzureBlobStorageReadSettings' } },
            sink: {
              type: 'BinarySink',
              storeSettings: {
                type: sink === 'lake' ? 'AzureBlobFSWriteSettings' : 'AzureBlobStorageWriteSettings',
              },
            },
          },
        },
      ],
    },
  });

const furnish = async () => {
  const { admin, connection } = postern;
  group = `/subscriptions/${connection.subscriptionId}/resourceGroups/identities`;
  await put(`${group}?api-version=2021-04-01`, { location: 'westeurope' });
  await put(`${accountId()}?${storage}`, {
    location: 'westeurope',
    kind: 'StorageV2',
    sku: { name: 'Standard_LRS' },
    properties: { isHnsEnabled: true },
  });
  const factory = await put(`${factoryId()}?${adf}`, {
    location: 'westeurope',
    identity: { type: 'SystemAssigned' },
  });
  factoryPrincipal = String((factory.identity as JsonObject).principalId);
  await put(`${networkId()}?${adf}`, { properties: {} });
  for (const groupId of ['blob', 'dfs', 'table'])
    await put(`${networkId()}/managedPrivateEndpoints/${groupId}?${adf}`, {
      properties: { privateLinkResourceId: accountId(), groupId },
    });
  for (const connection of values(await admin.call('GET', `${accountId()}/privateEndpointConnections?${storage}`)))
    await put(`${connection.id}?${storage}`, {
      properties: { privateLinkServiceConnectionState: { status: 'Approved', description: 'by the test' } },
    });
  await put(`${factoryId()}/integrationRuntimes/sealed?${adf}`, {
    properties: {
      type: 'Managed',
      typeProperties: { computeProperties: { location: 'AutoResolve' } },
      managedVirtualNetwork: reference('ManagedVirtualNetworkReference', 'default'),
    },
  });
  app = await createPrincipal(admin, 'copier');
  await link('mine', 'AzureBlobStorage', { serviceEndpoint: 'https://identitystore.blob.core.windows.net' });
  await link('lake', 'AzureBlobFS', { url: 'https://identitystore.dfs.core.windows.net' });
  await link('rows', 'AzureTableStorage', { serviceEndpoint: 'https://identitystore.table.core.windows.net' });
  await linkApp();
  for (const [name, service, type, root, fileName] of [
    ['in', 'mine', 'AzureBlobStorageLocation', 'container', 'in.bin'],
    ['out', 'mine', 'AzureBlobStorageLocation', 'container', 'out.bin'],
    ['lake', 'lake', 'AzureBlobFSLocation', 'fileSystem', 'lake.bin'],
    ['app-in', 'app', 'AzureBlobStorageLocation', 'container', 'in.bin'],
    ['app-out', 'app', 'AzureBlobStorageLocation', 'container', 'app.bin'],
  ] as const)
    await put(`${factoryId()}/datasets/${name}?${adf}`, {
      properties: {
        type: 'Binary',
        linkedServiceName: reference('LinkedServiceReference', service),
        typeProperties: { location: { type, [root]: 'box', fileName } },
      },
    });
  await makePipeline('mine', 'in', 'out');
  await makePipeline('lake', 'in', 'lake');
  await makePipeline('app', 'app-in', 'app-out');
  const { blob } = await storeEndpoints(admin, accountId());
  const credential = new StorageSharedKeyCredential('identitystore', await storeKey(admin, accountId()));
  keyed = new BlobServiceClient(String(blob), credential);
  await keyed.getContainerClient('box').create();
  await keyed.getContainerClient('box').getBlockBlobClient('in.bin').uploadData(data);
};

const role = async (name: string, objectId: string) => {
  const id = `${accountId()}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}?api-version=2022-04-01`;
  const roleId = await findRole(postern.admin, name);
  await put(id, {
    properties: {
      principalId: objectId,
      principalType: 'ServicePrincipal',
      roleDefinitionId: `/subscriptions/${postern.connection.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`,
    },
  });
  return () => postern.admin.call('DELETE', id);
};

type Outcome = { status: string; error: JsonObject; text: string };

const runCopy = async (pipeline: string): Promise<Outcome> => {
  const { runId } = await postern.admin.call('POST', `${factoryId()}/pipelines/${pipeline}/createRun?${adf}`, {});
  for (;;) {
    const run = await postern.admin.call('GET', `${factoryId()}/pipelineruns/${runId}?${adf}`);
    if (['Succeeded', 'Failed', 'Cancelled'].includes(String(run.status))) break;
    await pause(20);
  }
  const asked = { lastUpdatedAfter: '2000-01-01T00:00:00Z', lastUpdatedBefore: '2100-01-01T00:00:00Z' };
  const all = `${factoryId()}/pipelineruns/${runId}/queryActivityruns?${adf}`;
  const [activity] = values(await postern.admin.call('POST', all, asked));
  const text = JSON.stringify(activity);
  assert.ok(!text.includes(app.clientSecret) && !/eyJ[\w-]+\./.test(text), 'neither a secret nor a token is shown');
  return { status: String(activity?.status), error: isJsonObject(activity?.error) ? activity.error : {}, text };
};
const fails = async (pipeline: string, errorCode: string, words: RegExp) => {
  const { status, error } = await runCopy(pipeline);
  assert.deepEqual([status, error.errorCode], ['Failed', errorCode], JSON.stringify(error));
  assert.match(String(error.message), words);
};
const copies = async (pipeline: string, name: string) => {
  const { status, error } = await runCopy(pipeline);
  assert.equal(status, 'Succeeded', JSON.stringify(error));
  const copied = await keyed.getContainerClient('box').getBlobClient(name).downloadToBuffer();
  assert.ok(copied.equals(data), name);
};

const ask = (operation: string, body: JsonObject) =>
  postern.admin.send('POST', `${factoryId()}/providers/Postern.Authoring/${operation}?api-version=2026-11-01`, body);
const tries = async (referenceName: string) => {
  const { body } = await ask('testConnection', { linkedService: { referenceName } });
  return [body.succeeded, isJsonObject(body.error) ? String(body.error.message) : ''] as const;
};

before(async () => {
  postern = await startPosternProcess();
  tls.setDefaultCACertificates([readFileSync(postern.connection.caFile, 'utf8')]);
  await furnish();
});
after(() => postern?.discard());

test('the factory copies as itself as long as it has a role, and is told which one it lacks', async () => {
  const whom = new RegExp(`identity-factory.*${factoryPrincipal}.*Storage Blob Data Reader to read`);
  await fails('mine', 'AzureBlobOperationFailed', whom);
  const [could, why] = await tries('mine');
  assert.equal(could, false);
  assert.match(why, whom);

  const noMoreReading = await role('Storage Blob Data Reader', factoryPrincipal);
  assert.deepEqual(await tries('mine'), [true, '']);
  assert.deepEqual(await tries('lake'), [true, '']);
  const browsed = await ask('browse', { linkedService: { referenceName: 'mine' }, path: 'box' });
  assert.deepEqual(
    (browsed.body.items as JsonObject[]).map(({ name }) => name),
    ['in.bin'],
  );
  await fails('mine', 'AzureBlobOperationFailed', /Storage Blob Data Contributor to write/);
  await fails('lake', 'ADLSGen2ForbiddenError', /Storage Blob Data Contributor to write/);

  const noMoreWriting = await role('Storage Blob Data Contributor', factoryPrincipal);
  await copies('mine', 'out.bin');
  await copies('lake', 'lake.bin');
  assert.deepEqual((await tries('rows'))[0], false);
  const noMoreRows = await role('Storage Table Data Reader', factoryPrincipal);
  assert.deepEqual(await tries('rows'), [true, '']);

  await Promise.all([noMoreReading(), noMoreWriting(), noMoreRows()]);
  await fails('mine', 'AzureBlobOperationFailed', whom);
});

test('a service principal copies by its own role; its secret is checked before a worker is asked for', async () => {
  await fails('app', 'AzureBlobOperationFailed', new RegExp(`copier.*${app.objectId}.*Storage Blob Data Reader`));
  const noMore = await role('Storage Blob Data Contributor', app.objectId);
  await copies('app', 'app.bin');
  await linkApp({ servicePrincipalKey: { type: 'SecureString', value: 'not the secret' } });
  await fails('app', 'ServicePrincipalRefused', /'app'.*secret is wrong/);
  assert.match((await tries('app'))[1], /'app'.*secret is wrong/);
  await linkApp({ tenant: randomUUID() });
  await fails('app', 'ServicePrincipalRefused', /no tenant/);
  await linkApp({ serviceEndpoint: 'https://identitystore.blob.core.windows.net.evil.example' });
  await fails('app', 'UserErrorInvalidProperty', /serviceEndpoint must be https:\/\/account\.blob/);
  await linkApp();
  await copies('app', 'app.bin');
  await noMore();
  await fails('app', 'AzureBlobOperationFailed', /Storage Blob Data Reader/);
});

test("Azure's own clients on this machine sign in to the same store, and what is taken away ends at once", async () => {
  const { tenantId, authorityHost } = postern.connection;
  const options = { authorityHost, disableInstanceDiscovery: true };
  const credential = new ClientSecretCredential(tenantId, app.clientId, app.clientSecret, options);
  const { blob } = await storeEndpoints(postern.admin, accountId());
  const mine = new BlobServiceClient(String(blob), credential, { retryOptions: { maxTries: 1 } });
  const read = async () =>
    buffer((await mine.getContainerClient('box').getBlobClient('in.bin').download()).readableStreamBody!);
  const denied = { statusCode: 403, code: 'AuthorizationPermissionMismatch' };
  await assert.rejects(read(), denied);
  const noMore = await role('Storage Blob Data Reader', app.objectId);
  assert.ok((await read()).equals(data));
  await assert.rejects(mine.getContainerClient('box').getBlockBlobClient('x').uploadData(Buffer.from('x')), denied);
  await noMore();
  await assert.rejects(read(), denied);
  await role('Storage Blob Data Owner', app.objectId);
  assert.ok((await read()).equals(data));
  const given = await credential.getToken('https://storage.azure.com/.default');
  await deletePrincipal(postern.admin, 'copier');
  const left = new BlobServiceClient(String(blob), { getToken: async () => given }, { retryOptions: { maxTries: 1 } });
  await assert.rejects(left.getContainerClient('box').getBlobClient('in.bin').downloadToBuffer(), { statusCode: 401 });
  const { token } = given;
  const { armEndpoint } = postern.connection;
  const answer = await fetch(`${armEndpoint}${accountId()}?${storage}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal(answer.status, 401);
});
