// A copy whose storage keys are in a key vault, from nothing to done: what a worker is told while it may not reach the
// vault, or not read the secret, and that it works once it may. Azure's own clients on both sides of the vault.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import tls from 'node:tls';
import { ClientSecretCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { isJsonObject, type JsonObject } from '../../src/base/json.ts';
import { assignRole, createPrincipal, findRole, propertiesOf, values } from '../../src/cli/identity.ts';
import { storeEndpoints, storeKey } from '../../src/cli/store.ts';
import { type RunningPostern, startPosternProcess } from '../postern.ts';

const adf = 'api-version=2018-06-01';
const vaults = 'api-version=2023-07-01';
const storage = 'api-version=2025-08-01';

let postern: RunningPostern;
let group: string;
const at = (provider: string) => `${group}/providers/${provider}`;
const vaultId = () => at('Microsoft.KeyVault/vaults/journey-keys');
const accountId = () => at('Microsoft.Storage/storageAccounts/vaultstore');
const factoryId = () => at('Microsoft.DataFactory/factories/vault-factory');
const networkId = () => `${factoryId()}/managedVirtualNetworks/default`;
const put = (path: string, body: JsonObject) => postern.admin.call('PUT', path, body);

const vaultBody = (more: JsonObject = {}): JsonObject => ({
  location: 'westeurope',
  properties: {
    tenantId: postern.connection.tenantId,
    sku: { family: 'A', name: 'standard' },
    enableRbacAuthorization: true,
    publicNetworkAccess: 'Disabled',
    ...more,
  },
});

const decide = async (target: string, version: string, status: string) => {
  const [connection] = values(await postern.admin.call('GET', `${target}/privateEndpointConnections?${version}`));
  return put(`${connection?.id}?${version}`, {
    properties: { privateLinkServiceConnectionState: { status, description: `${status} by the test` } },
  });
};

/** The official client on this machine, as a principal of the tenant. */
const secretClient = async (who: { clientId: string; clientSecret: string }): Promise<SecretClient> => {
  const { tenantId, authorityHost } = postern.connection;
  const options = { authorityHost, disableInstanceDiscovery: true };
  const credential = new ClientSecretCredential(tenantId, who.clientId, who.clientSecret, options);
  const { vault } = await storeEndpoints(postern.admin, vaultId());
  // From this machine the vault has a loopback address, which no challenge can be for.
  return new SecretClient(String(vault), credential, {
    disableChallengeResourceVerification: true,
    retryOptions: { maxRetries: 0 },
  });
};

const data = randomBytes(100_003);
let officer: SecretClient;
let store: BlobServiceClient;
let connectionString: string;

/** The store's linked service, with its connection string in the vault. */
const linkStore = (secretName: string, more: JsonObject = {}) =>
  put(`${factoryId()}/linkedservices/store?${adf}`, {
    properties: {
      type: 'AzureBlobStorage',
      connectVia: { type: 'IntegrationRuntimeReference', referenceName: 'sealed' },
      typeProperties: {
        connectionString: {
          type: 'AzureKeyVaultSecret',
          store: { type: 'LinkedServiceReference', referenceName: 'vault' },
          secretName,
          ...more,
        },
      },
    },
  });

const reference = (type: string, referenceName: string) => ({ type, referenceName });

const furnish = async () => {
  const { admin, connection } = postern;
  group = `/subscriptions/${connection.subscriptionId}/resourceGroups/vaults`;
  await put(`${group}?api-version=2021-04-01`, { location: 'westeurope' });
  const account = { location: 'westeurope', kind: 'StorageV2', sku: { name: 'Standard_LRS' } };
  await Promise.all([put(`${accountId()}?${storage}`, account), put(`${vaultId()}?${vaults}`, vaultBody())]);
  await put(`${factoryId()}?${adf}`, { location: 'westeurope', identity: { type: 'SystemAssigned' } });
  await put(`${networkId()}?${adf}`, { properties: {} });
  for (const [name, target, groupId] of [
    ['store', accountId(), 'blob'],
    ['keys', vaultId(), 'vault'],
  ] as const)
    await put(`${networkId()}/managedPrivateEndpoints/${name}?${adf}`, {
      properties: { privateLinkResourceId: target, groupId },
    });
  await decide(accountId(), storage, 'Approved');
  await put(`${factoryId()}/integrationRuntimes/sealed?${adf}`, {
    properties: {
      type: 'Managed',
      typeProperties: { computeProperties: { location: 'AutoResolve' } },
      managedVirtualNetwork: reference('ManagedVirtualNetworkReference', 'default'),
    },
  });
  await put(`${factoryId()}/linkedservices/vault?${adf}`, {
    properties: { type: 'AzureKeyVault', typeProperties: { baseUrl: 'https://journey-keys.vault.azure.net/' } },
  });
  await linkStore('store');
  for (const fileName of ['in.bin', 'out.bin'])
    await put(`${factoryId()}/datasets/${fileName.slice(0, -4)}?${adf}`, {
      properties: {
        type: 'Binary',
        linkedServiceName: reference('LinkedServiceReference', 'store'),
        typeProperties: { location: { type: 'AzureBlobStorageLocation', container: 'box', fileName } },
      },
    });
  await put(`${factoryId()}/pipelines/copy?${adf}`, {
    properties: {
      activities: [
        {
          name: 'Copy',
          type: 'Copy',
          inputs: [reference('DatasetReference', 'in')],
          outputs: [reference('DatasetReference', 'out')],
          typeProperties: {
            source: { type: 'BinarySource', storeSettings: { type: 'AzureBlobStorageReadSettings' } },
            sink: { type: 'BinarySink', storeSettings: { type: 'AzureBlobStorageWriteSettings' } },
          },
        },
      ],
    },
  });
  const key = await storeKey(admin, accountId());
  connectionString = `DefaultEndpointsProtocol=https;AccountName=vaultstore;AccountKey=${key};EndpointSuffix=core.windows.net`;
  const { blob } = await storeEndpoints(admin, accountId());
  store = new BlobServiceClient(String(blob), new StorageSharedKeyCredential('vaultstore', key));
  const box = store.getContainerClient('box');
  await box.create();
  await box.getBlockBlobClient('in.bin').uploadData(data);
};

type Outcome = { status: string; error: { errorCode: string; message: string; details: { code: string }[] } };

const runCopy = async (): Promise<Outcome> => {
  const { runId } = await postern.admin.call('POST', `${factoryId()}/pipelines/copy/createRun?${adf}`, {});
  for (;;) {
    const run = await postern.admin.call('GET', `${factoryId()}/pipelineruns/${runId}?${adf}`);
    if (['Succeeded', 'Failed', 'Cancelled'].includes(String(run.status))) break;
    await pause(20);
  }
  const asked = { lastUpdatedAfter: '2000-01-01T00:00:00Z', lastUpdatedBefore: '2100-01-01T00:00:00Z' };
  const found = await postern.admin.call(
    'POST',
    `${factoryId()}/pipelineruns/${runId}/queryActivityruns?${adf}`,
    asked,
  );
  const [activity] = values(found);
  const error = isJsonObject(activity?.error) ? activity.error : {};
  return { status: String(activity?.status), error: { details: [], ...error } as unknown as Outcome['error'] };
};

const fails = async (errorCode: string, words: RegExp, because?: string) => {
  const { status, error } = await runCopy();
  assert.equal(status, 'Failed');
  assert.equal(error.errorCode, errorCode, JSON.stringify(error));
  assert.match(error.message, words);
  const codes = error.details.map(({ code }) => code);
  if (because !== undefined) assert.ok(codes.includes(because), `${because} is not among ${codes}`);
  assert.ok(!JSON.stringify(error).includes(connectionString), 'no secret in an error');
};

before(async () => {
  postern = await startPosternProcess();
  tls.setDefaultCACertificates([readFileSync(postern.connection.caFile, 'utf8')]);
  await furnish();
  const officerRole = await findRole(postern.admin, 'Key Vault Secrets Officer');
  const made = await createPrincipal(postern.admin, 'officer');
  await assignRole(postern.admin, made.objectId, officerRole, vaultId());
  officer = await secretClient(made);
  await officer.setSecret('store', connectionString);
  const disabled = await officer.setSecret('disabled', connectionString);
  await officer.updateSecretProperties('disabled', disabled.properties.version!, { enabled: false });
});
after(() => postern?.discard());

/** What the gateways have seen of the network. */
const flowsOfNetwork = () =>
  postern.admin.call('GET', `${networkId()}/providers/Postern.Network/flows?api-version=2026-11-01`).then(values);

test('a vault is as Azure shows one, and a second of its name is refused', async () => {
  const { admin, connection } = postern;
  const vault = await admin.call('GET', `${vaultId()}?${vaults}`);
  const properties = propertiesOf(vault);
  assert.deepEqual(
    [vault.type, vault.location, properties.vaultUri, properties.provisioningState, properties.publicNetworkAccess],
    ['Microsoft.KeyVault/vaults', 'westeurope', 'https://journey-keys.vault.azure.net/', 'Succeeded', 'Disabled'],
  );
  assert.equal(properties.tenantId, connection.tenantId);
  const [embedded] = properties.privateEndpointConnections as JsonObject[];
  assert.deepEqual(Object.keys(embedded!).sort(), ['etag', 'id', 'properties']);
  const [resource] = values(await admin.call('GET', `${vaultId()}/privateLinkResources?${vaults}`));
  assert.deepEqual(propertiesOf(resource!), {
    groupId: 'vault',
    requiredMembers: ['vault'],
    requiredZoneNames: ['privatelink.vaultcore.azure.net'],
  });
  for (const list of [
    at('Microsoft.KeyVault/vaults'),
    `/subscriptions/${connection.subscriptionId}/providers/Microsoft.KeyVault/vaults`,
  ])
    assert.deepEqual(
      values(await admin.call('GET', `${list}?${vaults}`)).map(({ name }) => name),
      ['journey-keys'],
    );
  const sent = async (method: string, path: string, body?: JsonObject) => {
    const answer = await admin.send(method, path, body);
    return [answer.status, isJsonObject(answer.body.error) ? answer.body.error.code : null];
  };
  const second = at('Microsoft.KeyVault/vaults/second-keys');
  assert.deepEqual(await sent('PUT', `${second}?${vaults}`, vaultBody({ enableRbacAuthorization: false })), [
    201,
    null,
  ]);
  assert.deepEqual(await sent('PUT', `${second}?${vaults}`, vaultBody({ enablePurgeProtection: true })), [200, null]);
  for (const [body, code] of [
    [vaultBody({ tenantId: crypto.randomUUID() }), 'InvalidTenantId'],
    [vaultBody({ enablePurgeProtection: false }), 'BadRequest'],
    [{ ...vaultBody(), tags: { 'postern-backend': '127.0.0.1:1' } }, 'InvalidTag'],
  ] as const)
    assert.deepEqual(await sent('PUT', `${second}?${vaults}`, body), [400, code]);
  const patched = await admin.call('PATCH', `${second}?${vaults}`, {
    tags: { team: 'sales' },
    properties: { publicNetworkAccess: 'Enabled' },
  });
  assert.deepEqual(
    [patched.tags, propertiesOf(patched).publicNetworkAccess, propertiesOf(patched).enablePurgeProtection],
    [{ team: 'sales' }, 'Enabled', true],
  );
  const other = `/subscriptions/${connection.subscriptionId}/resourceGroups/others`;
  await put(`${other}?api-version=2021-04-01`, { location: 'westeurope' });
  assert.deepEqual(
    await sent('PUT', `${other}/providers/Microsoft.KeyVault/vaults/Second-Keys?${vaults}`, vaultBody()),
    [409, 'VaultAlreadyExists'],
  );
  assert.deepEqual(await sent('PUT', `${at('Microsoft.KeyVault/vaults/a--b')}?${vaults}`, vaultBody()), [
    400,
    'InvalidResourceName',
  ]);
  assert.deepEqual(await sent('DELETE', `${second}?${vaults}`), [200, null]);
  assert.deepEqual(await sent('GET', `${second}?${vaults}`), [404, 'ResourceNotFound']);
});

test('a vault with access policies lets in whom they name, and to what they say', async () => {
  const made = await createPrincipal(postern.admin, 'policyreader');
  const policies = (secrets: string[]) => [
    { tenantId: postern.connection.tenantId, objectId: made.objectId, permissions: { secrets } },
  ];
  const withPolicies = (secrets: string[]) =>
    put(`${vaultId()}?${vaults}`, vaultBody({ enableRbacAuthorization: false, accessPolicies: policies(secrets) }));
  const reader = await secretClient(made);
  await withPolicies(['Get']);
  assert.equal((await reader.getSecret('store')).value, connectionString);
  await assert.rejects(reader.setSecret('store', 'x'), { statusCode: 403, code: 'Forbidden' });
  await withPolicies([]);
  await assert.rejects(reader.getSecret('store'), { statusCode: 403, code: 'Forbidden' });
  await put(`${vaultId()}?${vaults}`, vaultBody());
  assert.equal((await officer.getSecret('store')).value, connectionString);
});

test('while its endpoint is pending the secret is not fetched, and no byte reaches the vault', async () => {
  await fails('AzureKeyVaultUnreachable', /vaultBaseUrl: https:\/\/journey-keys/, 'EndpointPending');
  const flows = (await flowsOfNetwork()).filter(({ host }) => host === 'journey-keys.vault.azure.net');
  assert.ok(flows.length > 0);
  for (const flow of flows) assert.equal(flow.verdict, 'denied');
});

test('approved, each obstacle that is left is named, and without them the copy runs', async () => {
  await decide(vaultId(), vaults, 'Approved');
  await fails('AzureKeyVaultForbidden', /Key Vault Secrets User/);
  const factory = await postern.admin.call('GET', `${factoryId()}?${adf}`);
  const { principalId } = factory.identity as { principalId: string };
  await assignRole(postern.admin, principalId, await findRole(postern.admin, 'Key Vault Secrets User'), vaultId());
  const done = await runCopy();
  assert.equal(done.status, 'Succeeded', JSON.stringify(done.error));
  assert.deepEqual(await store.getContainerClient('box').getBlobClient('out.bin').downloadToBuffer(), data);

  await linkStore('missing');
  await fails('AzureKeyVaultSecretNotFound', /secretName: missing/);
  await linkStore('store', { secretVersion: '0'.repeat(32) });
  await fails('AzureKeyVaultSecretNotFound', /secretVersion: 0+/);
  await linkStore('disabled');
  await fails('AzureKeyVaultSecretDisabled', /Enable this version/);
  await linkStore('store');
  await put(`${factoryId()}?${adf}`, { location: 'westeurope' });
  await fails('ManagedIdentityMissing', /SystemAssigned/);
  await put(`${factoryId()}?${adf}`, { location: 'westeurope', identity: { type: 'SystemAssigned' } });
  await fails('AzureKeyVaultForbidden', /let the factory's managed identity/i);
});

test('rejected, it stops; removing the connection is an operation to poll', async () => {
  await decide(vaultId(), vaults, 'Rejected');
  await fails('AzureKeyVaultUnreachable', /secretName: store/, 'EndpointRejected');
  const { admin } = postern;
  const [connection] = values(await admin.call('GET', `${vaultId()}/privateEndpointConnections?${vaults}`));
  assert.match(String(connection?.etag), /^"\d+"$/);
  const answer = await admin.send('DELETE', `${connection?.id}?${vaults}`);
  assert.equal(answer.status, 202);
  const polled = await admin.call('GET', String(answer.headers['azure-asyncoperation']));
  assert.equal(polled.status, 'Succeeded');
  assert.equal((await admin.send('DELETE', `${connection?.id}?${vaults}`)).status, 204);
  await fails('AzureKeyVaultUnreachable', /secretName: store/, 'EndpointDisconnected');
});

test('secrets outlive a kill of everything', async () => {
  await postern.stop('SIGKILL');
  postern = await startPosternProcess(postern.dataDir);
  const { clientId, clientSecret } = postern.connection;
  const { objectId } = (
    await postern.admin.call('GET', '/providers/Postern.Identity/principals?api-version=2026-11-01').then(values)
  )
    .map(propertiesOf)
    .find((one) => one.clientId === clientId)!;
  await assignRole(postern.admin, String(objectId), await findRole(postern.admin, 'Key Vault Secrets User'), vaultId());
  const again = await secretClient({ clientId, clientSecret });
  assert.equal((await again.getSecret('store')).value, connectionString);
});
