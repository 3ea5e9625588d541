// Two storage accounts on loopback under their real host names, with TLS, and Copy jobs between them.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BlobServiceClient, BlobServiceClient as Service, StorageSharedKeyCredential } from '@azure/storage-blob';
import { run } from '../../src/activities/copy/run.ts';
import type { ActivityJob } from '../../src/activities/job.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { createLog } from '../../src/base/log.ts';
import type { ResolvedDataset, ResolvedLinkedService } from '../../src/connectors/resolved.ts';
import { openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { leadToLoopback } from '../loopback.ts';

export type Account = {
  name: string;
  key: string;
  endpoint: string;
  service: BlobServiceClient;
  /** The table endpoint. */
  tables: string;
};

/** Starts two accounts. Names of storage and Cosmos DB accounts lead to loopback from then on, in this process. */
export const openStage = async () => {
  const root = await mkdtemp(join(tmpdir(), 'postern-copy-'));
  const authority = await openCertificateAuthority(join(root, 'ca'));
  const sandbox = await startSandbox({
    folder: join(root, 'stores'),
    authority,
    log: createLog({ level: 'silent' }),
    processes: 1,
  });
  const leave = leadToLoopback({
    caFile: authority.caFile,
    leads: (host) => /\.(core\.windows\.net|documents\.azure\.com)$/.test(host),
  });

  const open = async (name: string): Promise<Account> => {
    const key = randomBytes(64).toString('base64');
    const { endpoints } = await sandbox.ensureStorageAccount({ name, keys: [key] });
    const endpoint = `https://${name}.blob.core.windows.net:${endpoints.blob!.port}`;
    return {
      name,
      key,
      endpoint,
      service: new Service(endpoint, new StorageSharedKeyCredential(name, key)),
      tables: `https://${name}.table.core.windows.net:${endpoints.table!.port}`,
    };
  };
  const [source, sink] = await Promise.all([open('acmesource'), open('acmesink')]);
  return {
    source,
    sink,
    caFile: authority.caFile,
    sandbox,
    authority,
    close: async () => {
      leave();
      await sandbox.close();
      await rm(root, { recursive: true, force: true });
    },
  };
};

/** A linked service with the account's key. */
export const linkedService = (account: Account): ResolvedLinkedService => ({
  name: account.name,
  type: 'AzureBlobStorage',
  typeProperties: {
    connectionString: `DefaultEndpointsProtocol=https;AccountName=${account.name};AccountKey=${account.key};BlobEndpoint=${account.endpoint}`,
  },
});

export const dataset = (
  type: string,
  service: ResolvedLinkedService,
  location: JsonObject,
  more: JsonObject = {},
): ResolvedDataset => ({
  name: `${type}At${service.name}`,
  type,
  typeProperties: { location: { type: 'AzureBlobStorageLocation', ...location }, ...more },
  linkedService: service,
});

/** What a Copy is made of, beside its two datasets. */
export type CopyParts = {
  read?: JsonObject;
  write?: JsonObject;
  readFormat?: JsonObject;
  writeFormat?: JsonObject;
  more?: JsonObject;
};

export const copyJob = (input: ResolvedDataset, output: ResolvedDataset, parts: CopyParts = {}): ActivityJob => ({
  jobId: 'job-1',
  type: 'Copy',
  name: 'Copy1',
  typeProperties: {
    source: {
      type: `${input.type}Source`,
      storeSettings: { type: 'AzureBlobStorageReadSettings', recursive: true, ...parts.read },
      ...(parts.readFormat && { formatSettings: { type: `${input.type}ReadSettings`, ...parts.readFormat } }),
    },
    sink: {
      type: `${output.type}Sink`,
      storeSettings: { type: 'AzureBlobStorageWriteSettings', ...parts.write },
      ...(parts.writeFormat && { formatSettings: { type: `${output.type}WriteSettings`, ...parts.writeFormat } }),
    },
    ...parts.more,
  },
  inputs: [input],
  outputs: [output],
  linkedService: null,
  effectiveIntegrationRuntime: 'sealed (West Europe)',
});

/** Runs a job in this process. */
export const runJob = (job: ActivityJob, signal: AbortSignal = new AbortController().signal) =>
  run(job, { signal, progress: () => {} });

/** Writes blobs, by path, into a container that is made for them. */
export const fill = async (account: Account, container: string, blobs: Record<string, Buffer | string>) => {
  const client = account.service.getContainerClient(container);
  await client.createIfNotExists();
  for (const [path, content] of Object.entries(blobs))
    await client.getBlockBlobClient(path).uploadData(Buffer.from(content));
};

/** Every blob of a container, by path. */
export const contentOf = async (account: Account, container: string): Promise<Record<string, Buffer>> => {
  const client = account.service.getContainerClient(container);
  const blobs: Record<string, Buffer> = {};
  for await (const { name } of client.listBlobsFlat())
    blobs[name] = await client.getBlobClient(name).downloadToBuffer();
  return blobs;
};
