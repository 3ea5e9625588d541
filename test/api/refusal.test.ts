// What is refused, and how: the code, the field, and where it is documented the text.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isJsonObject, type Json, type JsonObject } from '../../src/base/json.ts';
import { type Estate, factoryVersion, furnish, openEstate, storageVersion } from './estate.ts';

let estate: Estate;
let place: Awaited<ReturnType<typeof furnish>>;

before(async () => {
  estate = await openEstate();
  place = await furnish(estate, 'acme', ['acmesales']);
});
after(() => estate.discard());

type Refusal = { status: number; code: string; target: string; message: string };

const send = async (method: string, path: string, body?: Json): Promise<Refusal> => {
  const version = path.includes('Microsoft.Storage') ? storageVersion : factoryVersion;
  const reply = await estate.admin.send(method, path.includes('?') ? path : `${path}?${version}`, body);
  const error = isJsonObject(reply.body.error) ? reply.body.error : {};
  return {
    status: reply.status,
    code: String(error.code),
    target: String(error.target),
    message: String(error.message),
  };
};
const brief = ({ status, code, target }: Refusal) => [status, code, target];
const put = (path: string, body: Json) => send('PUT', `${place.factory}/${path}`, body);
const endpointBody = (properties: JsonObject): JsonObject => ({
  properties: { privateLinkResourceId: place.account('acmesales'), groupId: 'blob', ...properties },
});
const endpoint = (name: string, properties: JsonObject = {}) =>
  put(`managedVirtualNetworks/default/managedPrivateEndpoints/${name}`, endpointBody(properties));
const invalid = (kind: string, name: string, reason: string) =>
  `Invalid resource request. Resource type: '${kind}', Resource name: '${name}' 'Error: ${reason}'`;

test('a managed network has the documented errors, and stays', async () => {
  const bare = await put('managedVirtualNetworks/default', {});
  assert.deepEqual(brief(bare), [400, 'InvalidResourceRequest', 'properties']);
  assert.equal(bare.message, invalid('ManagedVirtualNetwork', 'default', 'Invalid payload'));
  assert.deepEqual(brief(await put('managedVirtualNetworks/second', { properties: {} })), [
    400,
    'InvalidResourceName',
    'name',
  ]);
  const removed = await send('DELETE', place.network);
  assert.deepEqual([removed.status, removed.code], [405, 'MethodNotAllowed']);
  assert.equal((await send('GET', place.network)).status, 200);
});

test('an endpoint that cannot be made says which field is wrong', async () => {
  assert.equal((await endpoint('sales')).status, 200);
  const twice = await endpoint('other');
  assert.deepEqual([twice.status, twice.code], [400, 'InvalidResourceRequest']);
  assert.equal(
    twice.message,
    invalid('ManagedPrivateEndpoint', 'other', 'A managed private endpoint to the data source already exist.'),
  );
  const link = 'properties.privateLinkResourceId';
  const service = `${place.group}/providers/Microsoft.Network/privateLinkServices/pls`;
  const cases: [JsonObject, string, RegExp][] = [
    [{ privateLinkResourceId: place.account('acmenone') }, link, /does not exist/],
    [{ groupId: 'blobs' }, 'properties.groupId', /'blobs' is not supported.*blob, table/],
    [{ groupId: null }, 'properties.groupId', /groupId is required/],
    [{ groupId: 'table', fqdns: ['a.example'] }, 'properties.fqdns', /must be left out/],
    [
      { privateLinkResourceId: service, groupId: null },
      'properties.fqdns',
      /Invalid payload received\. FQDN needs to be specified for the private endpoint targeting Private Link Service/,
    ],
    [{ privateLinkResourceId: service, fqdns: ['a.example'] }, 'properties.groupId', /must be left out/],
    [{ privateLinkResourceId: service, groupId: null, fqdns: ['a.example'] }, link, /does not exist/],
    [{ privateLinkResourceId: place.factory }, link, /cannot be the target.*Microsoft.Storage\/storageAccounts/],
    [{ privateLinkResourceId: `${place.account('acmesales')}/blobServices/default` }, link, /cannot be the target/],
    [{ privateLinkResourceId: place.group }, link, /cannot be the target/],
  ];
  for (const [properties, target, message] of cases) {
    const refusal = await endpoint('wrong', properties);
    assert.deepEqual(brief(refusal), [400, 'InvalidResourceRequest', target], refusal.message);
    assert.match(refusal.message, message);
  }
  assert.deepEqual(brief(await endpoint('sales', { groupId: 'table' })), [
    400,
    'InvalidResourceRequest',
    'properties.groupId',
  ]);
  assert.equal((await endpoint('sales', { groupId: 'BLOB' })).status, 200, 'the same in another spelling');
  const path = `${place.network}/managedPrivateEndpoints`;
  assert.deepEqual(brief(await send('GET', `${path}/nobody`)).slice(0, 2), [404, 'ResourceNotFound']);
  assert.equal((await send('DELETE', `${path}/nobody`)).status, 204);
});

test('there are no endpoints without a managed network, nor to a first-generation account', async () => {
  const bare = `${place.group}/providers/Microsoft.DataFactory/factories/bare`;
  await estate.admin.call('PUT', `${bare}?${factoryVersion}`, { location: 'westeurope' });
  const orphan = await send(
    'PUT',
    `${bare}/managedVirtualNetworks/default/managedPrivateEndpoints/x1`,
    endpointBody({}),
  );
  assert.deepEqual([orphan.status, orphan.code], [404, 'ParentResourceNotFound']);
  const runtime = await send('PUT', `${bare}/integrationRuntimes/sealed`, {
    properties: {
      type: 'Managed',
      managedVirtualNetwork: { type: 'ManagedVirtualNetworkReference', referenceName: 'default' },
    },
  });
  assert.deepEqual(brief(runtime), [400, 'InvalidResourceRequest', 'properties.managedVirtualNetwork.referenceName']);
  assert.match(runtime.message, /only available after the managed virtual network of this data factory is enabled/);
  await estate.admin.call('PUT', `${place.account('acmeold')}?${storageVersion}`, {
    location: 'westeurope',
    kind: 'Storage',
    sku: { name: 'Standard_LRS' },
    tags: { 'postern-backend': '127.0.0.1:9996' },
  });
  const old = await endpoint('old', { privateLinkResourceId: place.account('acmeold') });
  assert.match(old.message, /general-purpose v1/);
});

const runtimeBody = (properties: JsonObject, compute: JsonObject = {}): JsonObject => ({
  properties: { type: 'Managed', typeProperties: { computeProperties: compute }, ...properties },
});
const inNetwork = { managedVirtualNetwork: { type: 'ManagedVirtualNetworkReference', referenceName: 'default' } };

test('a runtime stays in its region, its network and its ranges', async () => {
  const runtime = (name: string, body: JsonObject) => put(`integrationRuntimes/${name}`, body);
  const compute = 'properties.typeProperties.computeProperties';
  const region = await runtime('sealed', runtimeBody(inNetwork, { location: 'North Europe' }));
  assert.deepEqual(brief(region), [400, 'InvalidResourceRequest', `${compute}.location`]);
  assert.match(region.message, /region of its factory, 'westeurope'/);
  assert.equal((await runtime('sealed', runtimeBody(inNetwork, { location: 'West Europe' }))).status, 200);
  assert.equal((await runtime('open', runtimeBody({}, { location: 'North Europe' }))).status, 200);
  const out = await runtime('sealed', runtimeBody({}));
  assert.deepEqual(brief(out), [400, 'InvalidResourceRequest', 'properties.managedVirtualNetwork']);
  assert.match(out.message, /cannot move between networks/);
  assert.equal((await runtime('open', runtimeBody(inNetwork))).code, 'InvalidResourceRequest');
  assert.equal((await runtime('open', { properties: { type: 'SelfHosted' } })).target, 'properties.type');
  assert.deepEqual(
    brief(await runtime('AutoResolveIntegrationRuntime', runtimeBody({}, { copyComputeScaleProperties: {} }))),
    [400, 'InvalidResourceRequest', `${compute}.copyComputeScaleProperties`],
  );
  const ranges: [JsonObject, string][] = [
    [{ dataFlowProperties: { coreCount: 9 } }, 'dataFlowProperties.coreCount'],
    [{ dataFlowProperties: { computeType: 'Huge' } }, 'dataFlowProperties.computeType'],
    [{ dataFlowProperties: { timeToLive: -1 } }, 'dataFlowProperties.timeToLive'],
    [{ dataFlowProperties: { timeToLive: 241 } }, 'dataFlowProperties.timeToLive'],
    [{ copyComputeScaleProperties: { dataIntegrationUnit: 6 } }, 'copyComputeScaleProperties.dataIntegrationUnit'],
    [{ copyComputeScaleProperties: { dataIntegrationUnit: 260 } }, 'copyComputeScaleProperties.dataIntegrationUnit'],
    [{ copyComputeScaleProperties: { timeToLive: 4 } }, 'copyComputeScaleProperties.timeToLive'],
    [
      { pipelineExternalComputeScaleProperties: { numberOfPipelineNodes: 11 } },
      'pipelineExternalComputeScaleProperties.numberOfPipelineNodes',
    ],
  ];
  for (const [properties, field] of ranges)
    assert.deepEqual(brief(await runtime('ranges', runtimeBody(inNetwork, properties))), [
      400,
      'InvalidRequestContent',
      `${compute}.${field}`,
    ]);
});

const service = (connectVia?: string): JsonObject => ({
  properties: {
    type: 'AzureBlobStorage',
    ...(connectVia && { connectVia: { type: 'IntegrationRuntimeReference', referenceName: connectVia } }),
    typeProperties: { connectionString: 'AccountName=acmesales' },
  },
});
const dataset = (linkedService: string): JsonObject => ({
  properties: {
    type: 'Binary',
    linkedServiceName: { type: 'LinkedServiceReference', referenceName: linkedService },
    typeProperties: { location: { type: 'AzureBlobStorageLocation', container: 'c' } },
  },
});
const copy = (from: string, to: string, more: JsonObject = {}): JsonObject => ({
  name: 'Copy',
  type: 'Copy',
  inputs: [{ type: 'DatasetReference', referenceName: from }],
  outputs: [{ type: 'DatasetReference', referenceName: to }],
  typeProperties: { source: { type: 'BinarySource' }, sink: { type: 'BinarySink' } },
  ...more,
});
const pipeline = (...activities: Json[]): JsonObject => ({ properties: { activities } });

test('what is named must exist, what is used stays, and a copy runs in one network', async () => {
  await put('integrationRuntimes/sealed', runtimeBody(inNetwork));
  assert.deepEqual(brief(await put('linkedservices/a', service('nowhere'))), [
    400,
    'BadRequest',
    'properties.connectVia.referenceName',
  ]);
  for (const [name, runtime] of [
    ['inside', 'sealed'],
    ['outside', 'AutoResolveIntegrationRuntime'],
    ['plain', undefined],
  ] as const)
    assert.equal((await put(`linkedservices/${name}`, service(runtime))).status, 200, name);
  const missing = await put('datasets/d', dataset('nobody'));
  assert.deepEqual(brief(missing), [400, 'BadRequest', 'properties.linkedServiceName.referenceName']);
  assert.match(missing.message, /^The document creation or update failed because of invalid reference 'nobody'\./);
  for (const name of ['inside', 'outside', 'plain']) await put(`datasets/${name}`, dataset(name));
  assert.equal((await put('pipelines/p', pipeline(copy('outside', 'plain')))).status, 200);
  const mixed = await put('pipelines/p', pipeline(copy('inside', 'outside')));
  assert.deepEqual(brief(mixed), [400, 'BadRequest', 'properties.activities[0]']);
  assert.match(mixed.message, /runs in one network/);
  const nested = pipeline({ name: 'Each', type: 'ForEach', typeProperties: { activities: [copy('plain', 'inside')] } });
  assert.equal((await put('pipelines/p', nested)).target, 'properties.activities[0].typeProperties.activities[0]');

  // The linked service moves into the network after the pipeline was written: the run is refused.
  await put('linkedservices/outside', service('sealed'));
  const run = await send('POST', `${place.factory}/pipelines/p/createRun`, {});
  assert.deepEqual([run.status, run.code], [400, 'BadRequest']);
  assert.match(run.message, /runs in one network/);
  const used = await send('DELETE', `${place.factory}/linkedservices/plain`);
  assert.deepEqual([used.status, used.code], [400, 'BadRequest']);
  assert.match(used.message, /^The document cannot be deleted since it is referenced by plain\./);
  assert.match((await send('DELETE', `${place.factory}/integrationRuntimes/sealed`)).message, /referenced by inside/);
});

test('a factory does not lose the sealed default runtime that a linked service relies on', async () => {
  const runtime = `${place.factory}/integrationRuntimes/AutoResolveIntegrationRuntime`;
  assert.equal((await send('PUT', runtime, runtimeBody(inNetwork))).status, 200);
  assert.equal((await put('linkedservices/relying', service())).status, 200);
  await put('linkedservices/outside', service('sealed'));
  const relied = await send('DELETE', runtime);
  assert.deepEqual([relied.status, relied.code], [400, 'BadRequest']);
  assert.match(relied.message, /names no runtime and so runs in this one/);
});

test('a factory goes with all that is in it, referenced or not', async () => {
  const doomed = `${place.group}/providers/Microsoft.DataFactory/factories/doomed`;
  const write = (path: string, body: Json) => send('PUT', `${doomed}${path}`, body);
  await write('', { location: 'westeurope' });
  await write('/managedVirtualNetworks/default', { properties: {} });
  await write('/managedVirtualNetworks/default/managedPrivateEndpoints/sales', endpointBody({ groupId: 'queue' }));
  await write('/linkedservices/plain', service());
  await write('/datasets/plain', dataset('plain'));
  const list = async () => {
    const body = await estate.admin.call(
      'GET',
      `${place.account('acmesales')}/privateEndpointConnections?${storageVersion}`,
    );
    return (body.value as JsonObject[]).length;
  };
  const before = await list();
  assert.equal((await send('DELETE', doomed)).status, 200);
  assert.equal(await list(), before - 1);
  assert.equal(
    estate.snapshots.at(-1)?.networks.some(({ key }) => key.includes('/doomed/')),
    false,
  );
});

test('operations of Azure that are not served answer 404 or 405 with a code', async () => {
  const cases: [string, string, number][] = [
    ['DELETE', 'managedVirtualNetworks/default', 405],
    ['GET', 'dataflows/x', 404],
    ['PUT', 'triggers/x', 404],
    ['POST', 'triggers/x/start', 404],
    ['GET', 'credentials', 404],
    ['POST', 'integrationRuntimes/sealed/start', 404],
    ['POST', 'integrationRuntimes/sealed/listAuthKeys', 404],
    ['GET', 'integrationRuntimes/sealed/getStatus', 405],
    ['PATCH', 'integrationRuntimes/sealed', 405],
    ['POST', 'getDataPlaneAccess', 404],
    ['POST', 'createDataFlowDebugSession', 404],
    ['GET', 'privateEndPointConnections', 404],
    ['GET', 'queryPipelineRuns', 405],
    ['POST', 'pipelines', 405],
  ];
  for (const [method, path, status] of cases) {
    const refusal = await send(
      method,
      `${place.factory}/${path}`,
      method === 'GET' || method === 'DELETE' ? undefined : {},
    );
    assert.equal(refusal.status, status, `${method} ${path}: ${refusal.message}`);
    assert.match(refusal.code, /^(MethodNotAllowed|InvalidResourceType|ResourceNotFound)$/, path);
    assert.notEqual(refusal.message, 'undefined');
  }
});

test('stores are attached only by address, in the listed ranges, and for good', async () => {
  const account = (tags: JsonObject, name = 'acmetagged') =>
    send('PUT', place.account(name), {
      location: 'westeurope',
      kind: 'StorageV2',
      sku: { name: 'Standard_LRS' },
      tags,
    });
  const refused: [JsonObject, number, string, string][] = [
    [{ 'postern-backend': '10.0.0.1:443' }, 403, 'AddressNotAttachable', 'tags.postern-backend'],
    [{ 'postern-backend': '169.254.169.254:80' }, 403, 'AddressNotAttachable', 'tags.postern-backend'],
    [{ 'postern-backend': '[::1]:443' }, 403, 'AddressNotAttachable', 'tags.postern-backend'],
    [{ 'postern-backend': '[::ffff:10.0.0.1]:443' }, 403, 'AddressNotAttachable', 'tags.postern-backend'],
    [{ 'postern-backend': 'localhost:443' }, 400, 'InvalidTag', 'tags.postern-backend'],
    [{ 'Postern-Backend': '127.0.0.1' }, 400, 'InvalidTag', 'tags.Postern-Backend'],
    [{ 'postern-backend-bucket': '127.0.0.1:1' }, 400, 'InvalidTag', 'tags.postern-backend-bucket'],
  ];
  for (const [tags, ...expected] of refused) assert.deepEqual(brief(await account(tags)), expected);
  assert.equal((await account({ 'postern-backend': '127.0.0.1:9990' })).status, 200);
  assert.deepEqual(brief(await account({})), [409, 'Conflict', 'tags']);
  assert.deepEqual(brief(await account({ 'postern-backend': '127.0.0.1:9991' })), [409, 'Conflict', 'tags']);
  assert.equal((await account({ 'postern-backend': '127.0.0.1:9990', more: 'x' })).status, 200);
  const patched = await send('PATCH', place.account('acmetagged'), { tags: {} });
  assert.deepEqual(brief(patched), [409, 'Conflict', 'tags']);
  for (const action of ['listKeys', 'regenerateKey'])
    assert.deepEqual(
      (await send('POST', `${place.account('acmetagged')}/${action}`, { keyName: 'key1' })).code,
      'Conflict',
    );
});
