// A target that holds files, with a sealed factory beside it, for the tests of each such target: the store that is
// tested, and the blobs of another account that files are copied from and to.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { activities } from '../../src/activities/registry.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { createLog } from '../../src/base/log.ts';
import type { Endpoint } from '../../src/network/policy/model.ts';
import { openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { sampleEndpoint, sampleNetwork } from '../network/sample.ts';
import { startForWorkers } from '../network/start-sealed.ts';
import { type Factory, openFactory } from '../stand-in/factory.ts';

type State = Endpoint['state'];

const reference = (type: string, referenceName: string, parameters: JsonObject = {}) => ({
  type,
  referenceName,
  parameters,
});

/** A dataset of the factory with its one parameter. */
export const at = (dataset: string, file: string, folder = ''): JsonObject =>
  reference('DatasetReference', dataset, { file, folder });

/** The account of the target, and its key. */
export const account = 'acmelake';
export const key = randomBytes(64).toString('base64');

/** Starts it all. `settings` are the types of the target's source and sink. */
export const openFileTarget = async (settings: { read: string; write: string }) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'postern-target-'));
  const authority = await openCertificateAuthority(path.join(folder, 'ca'));
  const log = createLog({ level: 'silent' });
  tls.setDefaultCACertificates([readFileSync(authority.caFile, 'utf8')]);
  const sandbox = await startSandbox({ folder: path.join(folder, 'stores'), authority, log, processes: 1 });
  const [store, blobs] = await Promise.all([
    sandbox.ensureStorageAccount({ name: account, keys: [key], isHierarchical: true }),
    sandbox.ensureStorageAccount({ name: 'acmeblobs', keys: [key] }),
  ]);
  const network = await startForWorkers(folder, authority.caFile);
  const factory: Factory = await openFactory({ sealed: network, activityTypes: activities.map(({ type }) => type) });
  await factory.furnish();
  const url = (of: typeof store, name: string, listener: string) =>
    `https://127.0.0.1:${of.endpoints[listener]!.port}/${name}`;
  const service = new BlobServiceClient(
    url(blobs, 'acmeblobs', 'blob'),
    new StorageSharedKeyCredential('acmeblobs', key),
  );
  const landing = service.getContainerClient('landing');
  await landing.create();

  const linkedService = (name: string, type: string, typeProperties: JsonObject) =>
    factory.put('linkedservices', name, {
      type,
      connectVia: reference('IntegrationRuntimeReference', 'sealed'),
      typeProperties,
    });
  await linkedService('blobs', 'AzureBlobStorage', {
    connectionString: `DefaultEndpointsProtocol=https;AccountName=acmeblobs;AccountKey=${key};EndpointSuffix=core.windows.net`,
  });
  const dataset = (name: string, type: string, service: string, location: JsonObject) =>
    factory.put('datasets', name, {
      type,
      linkedServiceName: reference('LinkedServiceReference', service),
      parameters: { file: { type: 'String' }, folder: { type: 'String' } },
      typeProperties: {
        location: {
          ...location,
          folderPath: { value: '@dataset().folder', type: 'Expression' },
          fileName: { value: '@dataset().file', type: 'Expression' },
        },
        ...(type === 'DelimitedText' && { columnDelimiter: ',', firstRowAsHeader: true }),
      },
    });
  const blobLocation = { type: 'AzureBlobStorageLocation', container: 'landing' };
  await dataset('blobBytes', 'Binary', 'blobs', blobLocation);
  await dataset('blobRows', 'DelimitedText', 'blobs', blobLocation);

  let version = 0;
  /** Sets the endpoints of the target by sub-resource; that of the blobs is always approved. */
  const approve = (states: Readonly<Record<string, State>>) => {
    version += 1;
    const endpoint = (name: string, groupId: string, state: State, index: number, of: typeof store) =>
      sampleEndpoint({
        id: `${name}-${groupId}`,
        address: `10.0.0.${10 + index}`,
        groupId,
        state,
        names: [
          {
            host: `${name}.${groupId}.core.windows.net`,
            privateLinkName: `${name}.privatelink.${groupId}.core.windows.net`,
          },
        ],
        backend: of.endpoints[groupId]!,
      });
    const endpoints = [
      endpoint('acmeblobs', 'blob', 'Approved', 0, blobs),
      ...Object.entries(states).map(([groupId, state], index) => endpoint(account, groupId, state, index + 1, store)),
    ];
    return network.apply({ version, networks: [sampleNetwork({ endpoints })], stores: [] });
  };

  const read = { blob: 'AzureBlobStorageReadSettings', target: settings.read };
  const write = { blob: 'AzureBlobStorageWriteSettings', target: settings.write };
  const side = (dataset: JsonObject) => (String(dataset.referenceName).startsWith('blob') ? 'blob' : 'target');
  const kind = (dataset: JsonObject) => (String(dataset.referenceName).endsWith('Rows') ? 'DelimitedText' : 'Binary');
  const copy = (from: JsonObject, to: JsonObject): JsonObject => ({
    name: 'Copy',
    type: 'Copy',
    policy: { timeout: '0.00:01:00' },
    inputs: [from],
    outputs: [to],
    typeProperties: {
      source: { type: `${kind(from)}Source`, storeSettings: { type: read[side(from)], recursive: true } },
      sink: { type: `${kind(to)}Sink`, storeSettings: { type: write[side(to)], blockSizeInMB: 1 } },
    },
  });
  const lookup = (dataset: JsonObject): JsonObject => ({
    name: 'Look',
    type: 'Lookup',
    typeProperties: {
      source: { type: 'DelimitedTextSource', storeSettings: { type: settings.read } },
      dataset,
      firstRowOnly: false,
    },
  });
  const metadata = (dataset: JsonObject, ...fieldList: string[]): JsonObject => ({
    name: 'Tell',
    type: 'GetMetadata',
    typeProperties: { dataset, fieldList, storeSettings: { type: settings.read } },
  });
  const remove = (dataset: JsonObject): JsonObject => ({
    name: 'Remove',
    type: 'Delete',
    typeProperties: { dataset, storeSettings: { type: settings.read, recursive: true } },
  });

  /** Runs one activity, which must succeed, and gives its output. */
  const succeed = async (activity: JsonObject): Promise<JsonObject> => {
    const run = await factory.run([activity]);
    assert.equal(run.status, 'Succeeded', JSON.stringify(run.activities[0]?.error));
    return run.activities[0]!.output as JsonObject;
  };
  /** Runs one activity, which must fail, and gives its error. */
  const fail = async (activity: JsonObject) => {
    const run = await factory.run([activity]);
    assert.equal(run.status, 'Failed');
    const { errorCode, message, details } = run.activities[0]!.error;
    return { errorCode, message: String(message), details: details as { code: string; host?: string }[] };
  };

  return {
    landing,
    url: (listener: string) => url(store, account, listener),
    linkedService,
    dataset,
    approve,
    activities: { copy, lookup, metadata, remove },
    succeed,
    fail,
    close: async () => {
      await factory.close();
      await network.close();
      await sandbox.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** What `openFileTarget` opens. */
export type FileTarget = Awaited<ReturnType<typeof openFileTarget>>;
