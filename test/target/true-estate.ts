// A whole Postern in a process of its own, furnished by its API: a factory with a managed network, a storage account that it
// reaches, and words for what the tests of targets ask of it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import tls from 'node:tls';
import { BlobServiceClient, type ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { isJsonObject, type JsonObject } from '../../src/base/json.ts';
import { propertiesOf, values } from '../../src/cli/identity.ts';
import { storeEndpoints, storeKey } from '../../src/cli/store.ts';
import { type CertificateAuthority, openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import { type RunningPostern, startPosternProcess } from '../postern.ts';

const adf = 'api-version=2018-06-01';
const storage = 'api-version=2025-08-01';

/** How an activity ended. */
export type Outcome = {
  status: string;
  output: JsonObject;
  error: { errorCode: string; message: string; details: { code: string; host?: string }[] };
};

export const reference = (type: string, referenceName: string, parameters?: JsonObject): JsonObject => ({
  type,
  referenceName,
  ...(parameters && { parameters }),
});

/** Starts it; stores on loopback may be attached. `account` names its storage account, which has the container `box`. */
export const openTrueEstate = async (account: string) => {
  // The authority of whoever runs the databases is not Postern's: the operator says that it is trusted.
  const folder = await mkdtemp(path.join(tmpdir(), 'postern-corporate-'));
  const authority: CertificateAuthority = await openCertificateAuthority(folder);
  const trust = ['--attachable', '127.0.0.0/8', '--trust', authority.caFile];
  const postern: RunningPostern = await startPosternProcess(undefined, trust);
  const { admin, connection } = postern;
  tls.setDefaultCACertificates([readFileSync(connection.caFile, 'utf8')]);
  const group = `/subscriptions/${connection.subscriptionId}/resourceGroups/targets`;
  const at = (provider: string) => `${group}/providers/${provider}`;
  const factory = at('Microsoft.DataFactory/factories/acme');
  const network = `${factory}/managedVirtualNetworks/default`;
  const accountId = at(`Microsoft.Storage/storageAccounts/${account}`);
  const put = (place: string, body: JsonObject) => admin.call('PUT', place, body);

  const decide = async (target: string, version: string, endpoint: string, status: string) => {
    const all = values(await admin.call('GET', `${target}/privateEndpointConnections?${version}`));
    const mine = all.find((one) => JSON.stringify(propertiesOf(one).privateEndpoint).includes(`.${endpoint}"`));
    assert.ok(mine, `no connection of ${endpoint}`);
    await put(`${mine.id}?${version}`, {
      properties: { privateLinkServiceConnectionState: { status, description: `${status} by the test` } },
    });
  };
  const request = (name: string, target: string, more: JsonObject) =>
    put(`${network}/managedPrivateEndpoints/${name}?${adf}`, {
      properties: { privateLinkResourceId: target, ...more },
    });
  const linkedService = (name: string, type: string, typeProperties: JsonObject) =>
    put(`${factory}/linkedservices/${name}?${adf}`, {
      properties: { type, connectVia: reference('IntegrationRuntimeReference', 'sealed'), typeProperties },
    });
  const dataset = (name: string, type: string, service: string, typeProperties: JsonObject, parameters?: string[]) =>
    put(`${factory}/datasets/${name}?${adf}`, {
      properties: {
        type,
        linkedServiceName: reference('LinkedServiceReference', service),
        typeProperties,
        ...(parameters && { parameters: Object.fromEntries(parameters.map((one) => [one, { type: 'String' }])) }),
      },
    });

  /** Runs a pipeline of one activity. */
  const run = async (activity: JsonObject): Promise<Outcome> => {
    await put(`${factory}/pipelines/p?${adf}`, { properties: { activities: [activity] } });
    const { runId } = await admin.call('POST', `${factory}/pipelines/p/createRun?${adf}`, {});
    for (;;) {
      const { status } = await admin.call('GET', `${factory}/pipelineruns/${runId}?${adf}`);
      if (['Succeeded', 'Failed', 'Cancelled'].includes(String(status))) break;
      await pause(20);
    }
    const asked = { lastUpdatedAfter: '2000-01-01T00:00:00Z', lastUpdatedBefore: '2100-01-01T00:00:00Z' };
    const found = await admin.call('POST', `${factory}/pipelineruns/${runId}/queryActivityruns?${adf}`, asked);
    const [one] = values(found);
    const error = isJsonObject(one?.error) ? one.error : {};
    return {
      status: String(one?.status),
      output: isJsonObject(one?.output) ? one.output : {},
      error: { details: [], ...error } as unknown as Outcome['error'],
    };
  };
  const succeeds = async (activity: JsonObject): Promise<JsonObject> => {
    const { status, output, error } = await run(activity);
    assert.equal(status, 'Succeeded', JSON.stringify(error));
    return output;
  };
  const fails = async (activity: JsonObject, errorCode: string, because?: string): Promise<Outcome['error']> => {
    const { status, error } = await run(activity);
    assert.equal(status, 'Failed');
    assert.equal(error.errorCode, errorCode, JSON.stringify(error));
    const codes = error.details.map(({ code }) => code);
    if (because !== undefined) assert.ok(codes.includes(because), `${because} is not among ${codes}: ${error.message}`);
    return error;
  };

  await put(`${group}?api-version=2021-04-01`, { location: 'westeurope' });
  await put(`${factory}?${adf}`, { location: 'westeurope' });
  await Promise.all([
    put(`${network}?${adf}`, { properties: {} }),
    put(`${accountId}?${storage}`, { location: 'westeurope', kind: 'StorageV2', sku: { name: 'Standard_LRS' } }),
  ]);
  await put(`${factory}/integrationRuntimes/sealed?${adf}`, {
    properties: {
      type: 'Managed',
      typeProperties: { computeProperties: { location: 'AutoResolve' } },
      managedVirtualNetwork: reference('ManagedVirtualNetworkReference', 'default'),
    },
  });
  await request('blobs', accountId, { groupId: 'blob' });
  await decide(accountId, storage, 'blobs', 'Approved');
  const key = await storeKey(admin, accountId);
  await linkedService('blobs', 'AzureBlobStorage', {
    connectionString: `DefaultEndpointsProtocol=https;AccountName=${account};AccountKey=${key};EndpointSuffix=core.windows.net`,
  });
  const { blob } = await storeEndpoints(admin, accountId);
  const box: ContainerClient = new BlobServiceClient(
    String(blob),
    new StorageSharedKeyCredential(account, key),
  ).getContainerClient('box');
  await box.create();
  await dataset(
    'csv',
    'DelimitedText',
    'blobs',
    {
      location: {
        type: 'AzureBlobStorageLocation',
        container: 'box',
        fileName: { value: '@dataset().fileName', type: 'Expression' },
      },
      columnDelimiter: ',',
      rowDelimiter: '\n',
      nullValue: 'NULL',
      firstRowAsHeader: true,
    },
    ['fileName'],
  );

  return {
    postern,
    admin,
    authority,
    group,
    factory,
    network,
    accountId,
    at,
    put,
    request,
    decide,
    linkedService,
    dataset,
    run,
    succeeds,
    fails,
    /** The text of a blob of the container, and a blob written there. */
    readText: async (name: string) => String(await box.getBlobClient(name).downloadToBuffer()),
    writeText: (name: string, text: string) => box.getBlockBlobClient(name).upload(text, Buffer.byteLength(text)),
    /** Where a sandbox store listens on this machine. */
    endpointOf: async (target: string): Promise<{ host: string; port: number }> => {
      const [first] = Object.values(await storeEndpoints(admin, target));
      const [, address = '', port = ''] = /([\d.]+)[:,](\d+)/.exec(String(first)) ?? [];
      return { host: address, port: Number(port) };
    },
    /** What the gateways saw of the network's flows to a host. */
    flowsTo: async (host: string) =>
      values(await admin.call('GET', `${network}/providers/Postern.Network/flows?api-version=2026-11-01`)).filter(
        (flow) => flow.host === host,
      ),
    close: async () => {
      await postern.discard();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

export type TrueEstate = Awaited<ReturnType<typeof openTrueEstate>>;

/** A copy between a blob of comma-separated values (`csv`) and a dataset of a database. */
export const csv = (fileName: string): JsonObject => reference('DatasetReference', 'csv', { fileName });
export const csvSource: JsonObject = {
  type: 'DelimitedTextSource',
  storeSettings: { type: 'AzureBlobStorageReadSettings' },
};
export const csvSink: JsonObject = {
  type: 'DelimitedTextSink',
  storeSettings: { type: 'AzureBlobStorageWriteSettings' },
  formatSettings: { type: 'DelimitedTextWriteSettings', fileExtension: '.csv' },
};
export const copyActivity = (
  input: JsonObject,
  source: JsonObject,
  output: JsonObject,
  sink: JsonObject,
  more: JsonObject = {},
): JsonObject => ({
  name: 'Copy',
  type: 'Copy',
  inputs: [input],
  outputs: [output],
  typeProperties: { source, sink, ...more },
});
