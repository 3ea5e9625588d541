// Some two hundred wrong bodies, names and ids for Data Factory and Storage: each gets a 4xx in Azure's shape that
// names the field, never a 5xx, and changes nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isJsonObject, type Json, type JsonObject } from '../../src/base/json.ts';
import { type Estate, factoryVersion, furnish, openEstate, storageVersion } from './estate.ts';

let estate: Estate;
let place: Awaited<ReturnType<typeof furnish>>;

before(async () => {
  estate = await openEstate();
  place = await furnish(estate, 'acme', ['acmesales']);
  await estate.admin.call('PUT', `${place.factory}/linkedservices/ls?${factoryVersion}`, {
    properties: { type: 'AzureBlobStorage', typeProperties: {} },
  });
  await estate.admin.call('PUT', `${place.network}/managedPrivateEndpoints/sales?${factoryVersion}`, {
    properties: { privateLinkResourceId: place.account('acmesales'), groupId: 'blob' },
  });
});
after(() => estate.discard());

/** `target` is what the error must name: a field, or a part of one. */
type Case = { method?: string; path: string; body?: Json; target?: string };

const rows = async () => {
  const { database } = estate;
  return {
    resources: await database.selectFrom('resource').select(['key', 'body', 'tags']).orderBy('key').execute(),
    connections: await database.selectFrom('connection').selectAll().execute(),
    secrets: await database.selectFrom('secret').select(['resource_key', 'path']).execute(),
  };
};

const check = async (cases: readonly Case[]): Promise<void> => {
  const earlier = await rows();
  for (const { method = 'PUT', path, body, target } of cases) {
    const version = path.includes('Microsoft.Storage') ? storageVersion : factoryVersion;
    const reply = await estate.admin.send(method, path.includes('?') ? path : `${path}?${version}`, body);
    const what = `${method} ${path.split('/').slice(-2).join('/')} ${JSON.stringify(body)?.slice(0, 200)}`;
    assert.ok(reply.status >= 400 && reply.status < 500, `${what}: ${reply.status}`);
    const error = isJsonObject(reply.body.error) ? reply.body.error : {};
    assert.match(String(error.code), /^[A-Z][A-Za-z]+$/, what);
    assert.ok(String(error.message).length > 20, what);
    if (target !== undefined) assert.ok(String(error.target).includes(target), `${what}: target ${error.target}`);
  }
  assert.deepEqual(await rows(), earlier);
};

const child = (path: string, properties: Json, target: string): Case => ({
  path: `${place.factory}/${path}`,
  body: { properties },
  target,
});

test('wrong factories and accounts', async () => {
  const factory = (body: Json, target: string): Case => ({
    path: `${place.group}/providers/Microsoft.DataFactory/factories/fresh`,
    body,
    target,
  });
  const account = (body: JsonObject, target: string): Case => ({
    path: place.account('acmefresh'),
    body: { location: 'westeurope', kind: 'StorageV2', sku: { name: 'Standard_LRS' }, ...body },
    target,
  });
  const region = { location: 'westeurope' };
  await check([
    factory({}, 'location'),
    factory({ location: 1 }, 'location'),
    factory({ location: 'Atlantis' }, 'location'),
    factory({ ...region, tags: [] }, 'tags'),
    factory({ ...region, tags: { a: 1 } }, 'tags.a'),
    factory({ ...region, properties: 'x' }, 'properties'),
    factory({ ...region, identity: {} }, 'identity.type'),
    factory({ ...region, identity: { type: 'Magic' } }, 'identity.type'),
    factory({ ...region, properties: { publicNetworkAccess: 'Perhaps' } }, 'publicNetworkAccess'),
    factory({ ...region, properties: { globalParameters: { p: { type: 'Int' } } } }, 'globalParameters.p'),
    factory({ ...region, properties: { repoConfiguration: { type: 'x' } } }, 'repoConfiguration'),
    account({ kind: 'Warehouse' }, 'kind'),
    account({ sku: { name: 'Free' } }, 'sku.name'),
    account({ sku: {} }, 'sku.name'),
    account({ location: null }, 'location'),
    account({ properties: { networkAcls: {} } }, 'networkAcls.defaultAction'),
    account({ properties: { networkAcls: { defaultAction: 'Maybe' } } }, 'networkAcls.defaultAction'),
    account({ properties: { networkAcls: 'none' } }, 'networkAcls'),
    account({ properties: { publicNetworkAccess: true } }, 'publicNetworkAccess'),
    account({ properties: { supportsHttpsTrafficOnly: 'yes' } }, 'supportsHttpsTrafficOnly'),
    { method: 'PATCH', path: place.account('acmesales'), body: { sku: { name: 'None' } }, target: 'sku.name' },
    { method: 'PATCH', path: place.factory, body: { properties: { publicNetworkAccess: 1 } }, target: 'publicNetwork' },
    {
      method: 'POST',
      path: `${place.account('acmesales')}/regenerateKey`,
      body: { keyName: 'key3' },
      target: 'keyName',
    },
  ]);
});

test('wrong names', async () => {
  const names = (path: string, all: readonly string[], body: JsonObject): Case[] =>
    all.map((name) => ({ path: `${path}/${encodeURIComponent(name)}`, body }));
  const long = (length: number) => 'x'.repeat(length);
  const factories = `${place.group}/providers/Microsoft.DataFactory/factories`;
  const wrongFactories = ['a', 'ab', '-ab', 'ab-', 'a--b', 'a_b', 'a.b', 'ä-factory', long(64), 'a b', 'a\u0000b'];
  const wrongServices = ['a<b', 'a>b', 'a*b', 'a#b', 'a.b', 'a%b', 'a&b', 'a:b', 'a\\b', 'a+b', 'a?b', '-a', ' a'];
  const wrongAccounts = ['ab', 'Acme', 'acme-sales', 'acme_sales', 'acme.sales', long(25), 'äcme', '..', '.'];
  await check([
    ...names(factories, wrongFactories, { location: 'westeurope' }),
    ...names(`${place.factory}/integrationRuntimes`, ['x', 'a--b', 'a_b', long(64)], {
      properties: { type: 'Managed' },
    }),
    ...names(`${place.network}/managedPrivateEndpoints`, ['x', '-ab', 'ab-', '_ab', 'a.b', 'a b', long(81)], {
      properties: { privateLinkResourceId: place.account('acmesales'), groupId: 'table' },
    }),
    ...names(`${place.factory}/managedVirtualNetworks`, ['other', 'default2', ' default'], { properties: {} }),
    ...names(`${place.factory}/linkedservices`, [...wrongServices, long(261), 'a\u0007b', 'a/b'], {
      properties: { type: 'AzureBlobStorage', typeProperties: {} },
    }),
    ...names(place.account('x').replace(/\/x$/, ''), wrongAccounts, {
      location: 'westeurope',
      kind: 'StorageV2',
      sku: { name: 'Standard_LRS' },
    }),
  ]);
});

test('wrong endpoints and ids', async () => {
  const id = place.account('acmesales');
  const path = `${place.network}/managedPrivateEndpoints/wrong`;
  const endpoint = (properties: Json, target: string): Case => ({ path, body: { properties }, target });
  const link = 'privateLinkResourceId';
  const wrongIds: Json[] = [
    '',
    'acmesales',
    '/',
    '/subscriptions',
    `/subscriptions/${estate.subscriptionId}`,
    id.slice(1),
    `${id}/..`,
    `${id}\u0000`,
    `${id}/blobServices`,
    `${id}?x=1`,
    `${id}#x`,
    id.replace('acmesales', '%61cmesales'),
    id.replace('Microsoft.Storage', 'Microsoft.Storag'),
    id.replace('storageAccounts', 'constructor'),
    id.replace(estate.subscriptionId, '00000000-0000-0000-0000-000000000000'),
    `https://acmesales.blob.core.windows.net${id}`,
    'x'.repeat(3000),
    1,
    null,
    [id],
    { id },
  ];
  const wrongGroups: Json[] = [
    '',
    'blobs',
    'constructor',
    '__proto__',
    'blob_secondary',
    'blob,table',
    ' blob',
    1,
    {},
    ['blob'],
    true,
  ];
  const wrongHosts: Json[] = ['x', {}, [1], ['evil.example'], Array.from({ length: 101 }, () => 'a.example')];
  await check([
    { path, body: {}, target: 'properties' },
    endpoint('text', 'properties'),
    endpoint({}, link),
    endpoint({ groupId: 'blob' }, link),
    ...wrongIds.map((privateLinkResourceId) => endpoint({ privateLinkResourceId, groupId: 'blob' }, link)),
    ...wrongGroups.map((groupId) => endpoint({ privateLinkResourceId: id, groupId }, 'groupId')),
    ...wrongHosts.map((fqdns) => endpoint({ privateLinkResourceId: id, groupId: 'table', fqdns }, 'fqdns')),
  ]);
});

test('wrong answers to a connection', async () => {
  const connections = `${place.account('acmesales')}/privateEndpointConnections`;
  const list = await estate.admin.call('GET', `${connections}?${storageVersion}`);
  const path = String((list.value as JsonObject[])[0]?.id);
  const state = 'privateLinkServiceConnectionState';
  const answer = (value: Json, target: string): Case => ({ path, body: { properties: { [state]: value } }, target });
  const approval = { properties: { [state]: { status: 'Approved' } } };
  await check([
    { path, body: {}, target: 'properties' },
    { path, body: { properties: [] }, target: 'properties' },
    { path, body: { properties: {} }, target: state },
    answer(null, state),
    answer('Approved', state),
    answer({}, 'status'),
    ...[1, '', 'Approved ', 'Granted', 'Disconnected', 'x'.repeat(100)].map((status) => answer({ status }, 'status')),
    answer({ status: 'Approved', description: 5 }, 'description'),
    answer({ status: 'Approved', description: 'x'.repeat(1001) }, 'description'),
    answer({ status: 'Approved', actionRequired: {} }, 'actionRequired'),
    { path: `${path}x`, body: approval },
    { path: `${connections}/a%2Fb`, body: approval },
    { method: 'PATCH', path, body: approval },
    { path: `${place.account('acmesales')}/privateLinkResources/blob`, body: { properties: {} } },
  ]);
});

test('wrong runtimes and linked services', async () => {
  const runtime = (properties: Json, target: string) => child('integrationRuntimes/wrong', properties, target);
  const service = (properties: Json, target: string) => child('linkedservices/wrong', properties, target);
  const network = (referenceName: string) => ({ type: 'ManagedVirtualNetworkReference', referenceName });
  const managed = { type: 'Managed' };
  const blob = { type: 'AzureBlobStorage' };
  const compute = (computeProperties: Json) => ({ ...managed, typeProperties: { computeProperties } });
  await check([
    runtime({}, 'properties.type'),
    runtime({ type: 'Airflow' }, 'properties.type'),
    runtime({ ...managed, managedVirtualNetwork: 'default' }, 'managedVirtualNetwork'),
    runtime({ ...managed, managedVirtualNetwork: { referenceName: 'default' } }, 'managedVirtualNetwork.type'),
    runtime({ ...managed, managedVirtualNetwork: network('no') }, 'managedVirtualNetwork.referenceName'),
    runtime(
      { ...managed, managedVirtualNetwork: network('default/managedPrivateEndpoints/sales') },
      'managedVirtualNetwork.referenceName',
    ),
    runtime({ type: 'SelfHosted', managedVirtualNetwork: network('default') }, 'managedVirtualNetwork'),
    runtime({ ...managed, typeProperties: [] }, 'typeProperties'),
    runtime(compute(1), 'computeProperties'),
    runtime(compute({ location: {} }), 'location'),
    service({}, 'properties.type'),
    service({ type: 5 }, 'properties.type'),
    service({ type: '' }, 'properties.type'),
    service({ ...blob, typeProperties: 'x' }, 'typeProperties'),
    service({ ...blob, typeProperties: { connectionString: 5 } }, 'connectionString'),
    service({ ...blob, typeProperties: { accountKey: { type: 'Plain' } } }, 'accountKey'),
    service({ ...blob, connectVia: 'sealed' }, 'connectVia'),
    service({ ...blob, connectVia: { type: 'x', referenceName: 'y' } }, 'connectVia.type'),
    service({ ...blob, connectVia: { type: 'IntegrationRuntimeReference', referenceName: '' } }, 'referenceName'),
    service({ ...blob, parameters: { p: {} } }, 'parameters.p.type'),
    service({ ...blob, annotations: 'x' }, 'annotations'),
    service({ type: 'AzureSqlDatabase', typeProperties: { password: '**********' } }, 'typeProperties.password'),
  ]);
});

test('wrong datasets and pipelines', async () => {
  const dataset = (properties: Json, target: string) => child('datasets/wrong', properties, target);
  const pipeline = (properties: Json, target: string) => child('pipelines/wrong', properties, target);
  const activities = (activity: Json, target: string) => pipeline({ activities: [activity] }, target);
  const ls = { type: 'LinkedServiceReference', referenceName: 'ls' };
  const binary = (location: Json) => ({ type: 'Binary', linkedServiceName: ls, typeProperties: { location } });
  const wait = { name: 'W', type: 'Wait', typeProperties: { waitTimeInSeconds: 1 } };
  const after = (activity: string, ...dependencyConditions: string[]) => ({
    ...wait,
    dependsOn: [{ activity, dependencyConditions }],
  });
  const reference = (referenceName: string) => ({ type: 'DatasetReference', referenceName });
  const copy = { name: 'C', type: 'Copy' };
  await check([
    dataset({ type: 'Binary' }, 'linkedServiceName'),
    dataset({ type: 'Binary', linkedServiceName: { type: 'LinkedServiceReference' } }, 'referenceName'),
    ...['ls/../ls', '__proto__', 'other', '../linkedservices/ls'].map((referenceName) =>
      dataset({ type: 'Orc', linkedServiceName: { ...ls, referenceName } }, 'referenceName'),
    ),
    dataset({ linkedServiceName: ls }, 'properties.type'),
    dataset({ type: 'Binary', linkedServiceName: ls }, 'typeProperties.location'),
    dataset(binary({}), 'location.type'),
    dataset(binary({ type: 'AzureBlobStorageLocation' }), 'location.container'),
    dataset(
      {
        ...binary({ type: 'X' }),
        type: 'DelimitedText',
        typeProperties: { location: { type: 'X' }, columnDelimiter: 5 },
      },
      'columnDelimiter',
    ),
    dataset({ type: 'Orc', linkedServiceName: ls, folder: 'x' }, 'folder'),
    pipeline({ activities: {} }, 'activities'),
    pipeline({ activities: [1] }, 'activities.0'),
    pipeline({ activities: Array.from({ length: 121 }, (_, index) => ({ ...wait, name: `W${index}` })) }, 'activities'),
    pipeline({ activities: [wait, { ...wait, name: 'w' }] }, 'activities[1].name'),
    pipeline({ concurrency: 0 }, 'concurrency'),
    pipeline({ parameters: { p: 'x' } }, 'parameters.p'),
    pipeline({ variables: { v: {} } }, 'variables.v.type'),
    activities({}, 'name'),
    activities({ name: 'W' }, 'type'),
    activities({ ...wait, name: 5 }, 'name'),
    activities({ ...wait, typeProperties: {} }, 'waitTimeInSeconds'),
    activities({ ...wait, typeProperties: { waitTimeInSeconds: -1 } }, 'waitTimeInSeconds'),
    activities({ ...wait, state: 'Asleep' }, 'state'),
    activities({ ...wait, dependsOn: 'x' }, 'dependsOn'),
    activities({ ...wait, dependsOn: [{ activity: 'x' }] }, 'dependencyConditions'),
    activities(after('W', 'Often'), 'dependencyConditions'),
    activities(after('X', 'Failed'), 'dependsOn[0].activity'),
    activities(after('W', 'Failed'), 'activities'),
    activities({ ...wait, policy: { retry: -1 } }, 'retry'),
    activities({ ...wait, policy: { retryIntervalInSeconds: 29 } }, 'retryIntervalInSeconds'),
    ...['8.00:00:00', 'soon', '0.00:00:00'].map((timeout) =>
      activities({ ...wait, policy: { timeout } }, 'policy.timeout'),
    ),
    activities({ ...copy, typeProperties: {} }, 'inputs'),
    activities({ ...copy, inputs: ['in'] }, 'inputs'),
    activities({ ...copy, inputs: [reference('in')] }, 'outputs'),
    activities(
      {
        ...copy,
        inputs: [reference('in')],
        outputs: [reference('out')],
        typeProperties: { source: { type: 'BinarySource' }, sink: { type: 'BinarySink' } },
      },
      'referenceName',
    ),
    activities(
      { name: 'E', type: 'ForEach', typeProperties: { activities: [{ type: 'Wait' }] } },
      'activities[0].name',
    ),
    { method: 'POST', path: `${place.factory}/queryPipelineRuns`, body: {}, target: 'lastUpdated' },
    {
      method: 'POST',
      path: `${place.factory}/queryPipelineRuns`,
      body: { lastUpdatedAfter: '2020-01-01', lastUpdatedBefore: '2030-01-01', filters: [{ operand: 'Color' }] },
      target: 'filters',
    },
  ]);
});
