// The resources of a factory and its targets through Azure's own clients, as an engineer's script would use them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Estate, furnish, openEstate } from './estate.ts';
import { officialClients } from './official-client.ts';

const group = 'group';
let estate: Estate;
let clients: ReturnType<typeof officialClients>;

const list = async <Item>(pages: AsyncIterable<Item>): Promise<Item[]> => {
  const all: Item[] = [];
  for await (const item of pages) all.push(item);
  return all;
};

before(async () => {
  estate = await openEstate();
  await furnish(estate, 'acme', ['acmesales']);
  clients = officialClients(estate);
});
after(() => estate.discard());

test('a factory: created, read, listed, patched, deleted', async () => {
  const { factories } = clients.factories;
  const made = await factories.createOrUpdate(group, 'Beta-1', {
    location: 'West Europe',
    identity: { type: 'SystemAssigned' },
    tags: { team: 'sales' },
  });
  assert.equal(made.provisioningState, 'Succeeded');
  assert.equal(made.version, '2018-06-01');
  assert.equal(made.name, 'Beta-1');
  assert.match(made.eTag ?? '', /^".+"$/);
  assert.match(made.identity?.principalId ?? '', /^[0-9a-f-]{36}$/);
  assert.equal(made.identity?.tenantId, estate.tenantId);
  assert.equal(made.publicNetworkAccess, undefined);

  const raw = await estate.admin.call('GET', `${made.id}?api-version=2018-06-01`);
  assert.match(String((raw.properties as Record<string, unknown>).createTime), /T\d\d:\d\d:\d\d\.\d{7}Z$/);
  const again = await factories.createOrUpdate(group, 'beta-1', {
    location: 'westeurope',
    identity: { type: 'SystemAssigned' },
  });
  assert.deepEqual(
    [again.name, again.createTime?.getTime(), again.identity?.principalId],
    ['Beta-1', made.createTime?.getTime(), made.identity?.principalId],
  );
  assert.deepEqual(again.tags, {});
  const patched = await factories.update(group, 'beta-1', { tags: { a: 'b' }, publicNetworkAccess: 'Disabled' });
  assert.deepEqual([patched.tags, patched.publicNetworkAccess], [{ a: 'b' }, 'Disabled']);
  assert.equal(patched.identity?.principalId, made.identity?.principalId);
  const everywhere = (await list(factories.list())).map(({ name }) => name);
  const inGroup = (await list(factories.listByResourceGroup(group))).map(({ name }) => name);
  assert.deepEqual(
    [everywhere.sort(), inGroup.sort()],
    [
      ['Beta-1', 'acme'],
      ['Beta-1', 'acme'],
    ],
  );
  await estate.admin.call(
    'PUT',
    `/subscriptions/${estate.subscriptionId}/resourceGroups/second?api-version=2021-04-01`,
    {
      location: 'westeurope',
    },
  );
  await assert.rejects(factories.createOrUpdate('second', 'BETA-1', { location: 'westeurope' }), {
    statusCode: 409,
    code: 'DataFactoryNameInUse',
  });
  await clients.factories.managedVirtualNetworks.createOrUpdate(group, 'beta-1', 'default', { properties: {} });
  await factories.delete(group, 'beta-1');
  await assert.rejects(factories.get(group, 'beta-1'), { statusCode: 404, code: 'ResourceNotFound' });
});

test('a managed network, its endpoints and runtimes', async () => {
  const { managedVirtualNetworks, managedPrivateEndpoints, integrationRuntimes } = clients.factories;
  const network = await managedVirtualNetworks.get(group, 'acme', 'default');
  assert.match(network.properties.vNetId ?? '', /^[0-9a-f-]{36}$/);
  assert.equal(network.properties.alias, 'acme');
  assert.equal(network.properties.preventDataExfiltration, false);
  const kept = await managedVirtualNetworks.createOrUpdate(group, 'acme', 'default', { properties: {} });
  assert.equal(kept.properties.vNetId, network.properties.vNetId);

  const accounts = await list(clients.storage.storageAccounts.list());
  const target = accounts.find(({ name }) => name === 'acmesales')?.id ?? '';
  const made = await managedPrivateEndpoints.createOrUpdate(group, 'acme', 'default', 'sales', {
    properties: { privateLinkResourceId: target, groupId: 'blob' },
  });
  assert.equal(made.properties.connectionState?.status, 'Pending');
  // What was read is written back, with all that the server added.
  const read = await managedPrivateEndpoints.get(group, 'acme', 'default', 'sales', { ifNoneMatch: made.etag ?? '' });
  const again = await managedPrivateEndpoints.createOrUpdate(group, 'acme', 'default', 'sales', read);
  assert.deepEqual(again.properties.fqdns, ['acmesales.blob.core.windows.net']);
  const all = await list(managedPrivateEndpoints.listByFactory(group, 'acme', 'default'));
  assert.deepEqual(
    all.map(({ name }) => name),
    ['sales'],
  );

  const runtime = await integrationRuntimes.createOrUpdate(group, 'acme', 'sealed', {
    properties: {
      type: 'Managed',
      computeProperties: {
        location: 'AutoResolve',
        dataFlowProperties: { computeType: 'General', coreCount: 8, timeToLive: 10, cleanup: false },
        copyComputeScaleProperties: { dataIntegrationUnit: 16, timeToLive: 15 },
      },
      managedVirtualNetwork: { type: 'ManagedVirtualNetworkReference', referenceName: 'default' },
    },
  });
  assert.equal(runtime.properties.type, 'Managed');
  const status = await integrationRuntimes.getStatus(group, 'acme', 'sealed');
  assert.deepEqual(
    [status.name, status.properties.type, status.properties.state, status.properties.dataFactoryName],
    ['sealed', 'Managed', 'Online', 'acme'],
  );
  await integrationRuntimes.createOrUpdate(group, 'acme', 'own', { properties: { type: 'SelfHosted' } });
  assert.equal((await integrationRuntimes.getStatus(group, 'acme', 'own')).properties.state, 'NeedRegistration');
  assert.deepEqual(
    (await list(integrationRuntimes.listByFactory(group, 'acme'))).map(({ name }) => name),
    ['own', 'sealed'],
  );
  await integrationRuntimes.delete(group, 'acme', 'own');
});

test('the owner approves with the storage client', async () => {
  const { privateEndpointConnections, privateLinkResources, storageAccounts } = clients.storage;
  const [pending] = await list(privateEndpointConnections.list(group, 'acmesales'));
  assert.ok(pending?.name);
  assert.match(pending.privateEndpoint?.id ?? '', /acme\.sales$/);
  const approved = await privateEndpointConnections.put(group, 'acmesales', pending.name, {
    ...pending,
    privateLinkServiceConnectionState: {
      ...pending.privateLinkServiceConnectionState,
      status: 'Approved',
      description: 'yes',
    },
  });
  assert.equal(approved.privateLinkServiceConnectionState?.status, 'Approved');
  assert.equal((await privateEndpointConnections.get(group, 'acmesales', pending.name)).provisioningState, 'Succeeded');
  const endpoint = await clients.factories.managedPrivateEndpoints.get(group, 'acme', 'default', 'sales');
  assert.deepEqual(
    [endpoint.properties.connectionState?.status, endpoint.properties.connectionState?.description],
    ['Approved', 'yes'],
  );
  const account = await storageAccounts.getProperties(group, 'acmesales');
  assert.equal(account.privateEndpointConnections?.[0]?.privateLinkServiceConnectionState?.status, 'Approved');
  assert.equal(account.primaryEndpoints?.blob, 'https://acmesales.blob.core.windows.net/');
  const groups = (await privateLinkResources.listByStorageAccount(group, 'acmesales')).value ?? [];
  assert.deepEqual(groups.map(({ groupId }) => groupId).sort(), ['blob', 'dfs', 'file', 'queue', 'table', 'web']);
  assert.deepEqual(groups.find(({ groupId }) => groupId === 'dfs')?.requiredZoneNames, [
    'privatelink.dfs.core.windows.net',
  ]);
});

test('an account: names, firewall, and what workers of a public network then meet', async () => {
  const { storageAccounts } = clients.storage;
  const wanted = {
    location: 'westeurope',
    kind: 'StorageV2',
    sku: { name: 'Standard_LRS' },
    tags: { 'postern-backend': '127.0.0.1:9997' },
  };
  const made = await storageAccounts.create(group, 'acmeopen', wanted);
  assert.deepEqual(
    [made.provisioningState, made.sku?.tier, made.networkRuleSet?.defaultAction],
    ['Succeeded', 'Standard', 'Allow'],
  );
  const network =
    `/subscriptions/${estate.subscriptionId}/resourceGroups/group/providers/Microsoft.DataFactory/factories/acme/public`.toLowerCase();
  const meet = () => estate.verdict({ network, host: 'acmeopen.blob.core.windows.net' }).code;
  assert.equal(meet(), 'Allowed.PublicHttps');
  // Version 20 of the client sends a rule set only beside another property.
  const rules = (defaultAction: 'Allow' | 'Deny') =>
    storageAccounts.update(group, 'acmeopen', { accessTier: 'Hot', networkRuleSet: { defaultAction } });
  await rules('Deny');
  assert.equal(meet(), 'PublicAccessDisabled');
  await rules('Allow');
  assert.equal(meet(), 'Allowed.PublicHttps');
  const closed = await storageAccounts.update(group, 'acmeopen', { publicNetworkAccess: 'Disabled' });
  assert.equal(closed.publicNetworkAccess, 'Disabled');
  assert.equal(meet(), 'PublicAccessDisabled');
  const available = async (name: string) => {
    const answer = await storageAccounts.checkNameAvailability({ name, type: 'Microsoft.Storage/storageAccounts' });
    return answer.nameAvailable || answer.reason;
  };
  assert.deepEqual(
    [await available('acmefree'), await available('acmeopen'), await available('No')],
    [true, 'AlreadyExists', 'AccountNameInvalid'],
  );
  await storageAccounts.delete(group, 'acmeopen');
  assert.equal(await available('acmeopen'), true);
});

test('linked services, datasets and pipelines come back as they were written', async () => {
  const { linkedServices, datasets, pipelines } = clients.factories;
  const secret = 'c2VjcmV0LWtleS1vZi1hY21lc2FsZXM=';
  const service = await linkedServices.createOrUpdate(group, 'acme', 'sales', {
    properties: {
      type: 'AzureBlobStorage',
      connectVia: { type: 'IntegrationRuntimeReference', referenceName: 'sealed' },
      connectionString: `DefaultEndpointsProtocol=https;AccountName=acmesales;AccountKey=${secret};EndpointSuffix=core.windows.net`,
    },
  });
  assert.doesNotMatch(JSON.stringify(service), new RegExp(secret));
  const properties = service.properties as { connectionString?: string; encryptedCredential?: string };
  assert.equal(
    properties.connectionString,
    'DefaultEndpointsProtocol=https;AccountName=acmesales;EndpointSuffix=core.windows.net',
  );
  assert.match(properties.encryptedCredential ?? '', /^[A-Za-z0-9+/=]+$/);
  const before = await estate.database.selectFrom('secret').selectAll().execute();
  await linkedServices.createOrUpdate(group, 'acme', 'sales', service);
  const afterwards = await estate.database.selectFrom('secret').selectAll().execute();
  assert.deepEqual(afterwards, before, 'the stored secret stays as it was');

  for (const name of ['in', 'out'])
    await datasets.createOrUpdate(group, 'acme', name, {
      properties: {
        type: 'DelimitedText',
        linkedServiceName: { type: 'LinkedServiceReference', referenceName: 'sales' },
        location: { type: 'AzureBlobStorageLocation', container: name, fileName: 'a.csv' },
        columnDelimiter: ',',
        firstRowAsHeader: true,
      },
    });
  const pipeline = await pipelines.createOrUpdate(group, 'acme', 'copy', {
    parameters: { day: { type: 'String', defaultValue: 'monday' } },
    activities: [
      { name: 'Pause', type: 'Wait', waitTimeInSeconds: 1 },
      {
        name: 'Copy',
        type: 'Copy',
        dependsOn: [{ activity: 'Pause', dependencyConditions: ['Succeeded'] }],
        inputs: [{ type: 'DatasetReference', referenceName: 'in' }],
        outputs: [{ type: 'DatasetReference', referenceName: 'out' }],
        source: { type: 'DelimitedTextSource' },
        sink: { type: 'DelimitedTextSink' },
      },
    ],
  });
  assert.deepEqual(
    pipeline.activities?.map(({ name }) => name),
    ['Pause', 'Copy'],
  );
  const etag = pipeline.etag ?? '';
  await assert.rejects(pipelines.createOrUpdate(group, 'acme', 'copy', pipeline, { ifMatch: 'other' }), {
    statusCode: 412,
    code: 'PreconditionFailed',
  });
  const changed = await pipelines.createOrUpdate(group, 'acme', 'copy', pipeline, { ifMatch: etag });
  assert.notEqual(changed.etag, etag);
  const unmodified = await pipelines.get(group, 'acme', 'copy', { ifNoneMatch: changed.etag ?? '' });
  assert.equal(unmodified.name, undefined, '304 without a body');

  await assert.rejects(clients.factories.integrationRuntimes.delete(group, 'acme', 'sealed'), {
    statusCode: 400,
    message: /cannot be deleted since it is referenced by sales/,
  });
  await assert.rejects(linkedServices.delete(group, 'acme', 'sales'), {
    code: 'BadRequest',
    message: /referenced by in/,
  });
  await assert.rejects(datasets.delete(group, 'acme', 'in'), { code: 'BadRequest', message: /referenced by copy/ });
  await pipelines.delete(group, 'acme', 'copy');
  for (const name of ['in', 'out']) await datasets.delete(group, 'acme', name);
  await linkedServices.delete(group, 'acme', 'sales');
  assert.deepEqual(await list(pipelines.listByFactory(group, 'acme')), []);
  assert.equal((await estate.database.selectFrom('secret').selectAll().execute()).length < before.length, true);
});
