// Every store over HTTP behind a proxy of faults: how it is read and written by its connector, and what its owner sees.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { SecretClient } from '@azure/keyvault-secrets';
import { DataLakeServiceClient, StorageSharedKeyCredential as LakeKey } from '@azure/storage-file-datalake';
import { StorageSharedKeyCredential as ShareKey, ShareServiceClient } from '@azure/storage-file-share';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { JsonObject } from '../../src/base/json.ts';
import { openFileStore as openBlob } from '../../src/connectors/azure-blob/open.ts';
import { openFileStore as openLake } from '../../src/connectors/azure-blob-fs/open.ts';
import { openFileStore as openShare } from '../../src/connectors/azure-file/open.ts';
import { readVaultSecret } from '../../src/connectors/azure-key-vault/open.ts';
import * as azureTableRead from '../../src/connectors/azure-table/read.ts';
import * as azureTableWrite from '../../src/connectors/azure-table/write.ts';
import * as cosmosRead from '../../src/connectors/cosmos-db/read.ts';
import * as cosmosWrite from '../../src/connectors/cosmos-db/write.ts';
import type { FileStoreModule, TableAddress } from '../../src/connectors/definition.ts';
import type { RowSink, RowSource } from '../../src/connectors/row/row-store.ts';
import { openCosmos } from '../copy/cosmos.ts';
import { openStage } from '../copy/stage.ts';
import { tableClient } from '../copy/table.ts';
import { leadToLoopback } from '../loopback.ts';
import { type HttpProxy, startHttpProxy } from './http-proxy.ts';

/** Which requests belong to a step of a store's protocol. */
type Picks = (request: IncomingMessage) => boolean;

/** A store behind its proxy. */
export type Subject = {
  name: string;
  proxy: HttpProxy;
  /** What its failures are called. */
  errorCode: string;
  read: { picks: Picks; run(signal: AbortSignal): Promise<string>; holds: string };
  /** Each step of a write that may fail; after the last of them what was written is to be seen. Absent where nobody writes. */
  write?: { steps: Record<string, Picks>; run(name: string, signal: AbortSignal): Promise<void> };
  /** The names of what its owner sees. */
  visible(): Promise<string[]>;
};

const properties = (values: JsonObject) => ({ values, where: 'here' });
const query = ({ url }: IncomingMessage) => new URLSearchParams(url?.split('?')[1]);
const isGet: Picks = ({ method }) => method === 'GET';
const text = 'what the store holds\n'.repeat(200);

const fileSubject = async (
  given: Pick<Subject, 'name' | 'proxy' | 'errorCode' | 'visible'> & {
    steps: Record<string, Picks>;
    open: FileStoreModule['openFileStore'];
    service: JsonObject;
    location: JsonObject;
  },
): Promise<Subject> => {
  const { steps, open, service, location, ...rest } = given;
  const store = open(properties(service), properties(location), { digests: true });
  await store.put('kept', Buffer.from(text), new AbortController().signal);
  return {
    ...rest,
    read: {
      picks: isGet,
      holds: text,
      run: async (signal) => {
        const file = (await store.find('kept', signal))!;
        const into = Buffer.alloc(file.size);
        await store.read(file, 0, into, signal);
        return into.toString();
      },
    },
    write: {
      steps,
      run: async (name, signal) => {
        const staged = store.begin(name, 1000);
        try {
          await staged.stage(0, Buffer.alloc(1000, 'a'), signal);
          await staged.commit(1, signal);
        } catch (error) {
          await staged.discard();
          throw error;
        }
      },
    },
  };
};

const rowSubject = (
  given: Omit<Subject, 'read' | 'write'> & {
    source: () => RowSource;
    sink: () => RowSink;
    key: string;
    picks: Picks;
    steps: Record<string, Picks>;
  },
): Subject => {
  const { source, sink, key, picks, steps, ...rest } = given;
  return {
    ...rest,
    read: {
      picks,
      holds: text,
      run: async (signal) => {
        let found = '';
        for await (const { rows } of source().read([{ name: 'text', type: 'String' }], signal))
          for (const [value] of rows) if (value !== null) found += value;
        return found;
      },
    },
    write: {
      steps,
      run: async (name, signal) => {
        const columns = [key, 'city'].map((column) => ({ name: column, type: 'String' as const }));
        const writing = sink().begin(columns);
        try {
          await writing.write({ columns, rows: [[name, 'x']] }, signal);
        } finally {
          await writing.end(signal);
        }
      },
    },
  };
};

const tenantId = '10000000-0000-4000-8000-000000000001';

/** Starts all the stores, and a proxy before each. Their names lead to loopback in this process. */
export const openHttpStores = async () => {
  const stage = await openStage();
  const leave = leadToLoopback({ leads: (host) => host.endsWith('.vault.azure.net') });
  const { sandbox, authority, source } = stage;
  const key = randomBytes(64).toString('base64');
  const { endpoints } = await sandbox.ensureStorageAccount({ name: 'acme', keys: [key], isHierarchical: true });
  const proxy = async (host: string, port: number) => startHttpProxy(await authority.issue([host]), port);
  const portOf = (url: string) => Number(new URL(url).port);

  const blobProxy = await proxy('acmesource.blob.core.windows.net', portOf(source.endpoint));
  const box = source.service.getContainerClient('box');
  await box.create();
  const names = async (items: AsyncIterable<{ name?: string; rowKey?: string }>) => {
    const found: string[] = [];
    for await (const { name, rowKey } of items) found.push((name ?? rowKey)!);
    return found;
  };
  const blob = await fileSubject({
    name: 'azure-blob',
    proxy: blobProxy,
    errorCode: 'AzureBlobOperationFailed',
    open: openBlob,
    service: {
      connectionString: `AccountName=${source.name};AccountKey=${source.key};BlobEndpoint=https://acmesource.blob.core.windows.net:${blobProxy.port}`,
    },
    location: { container: 'box' },
    steps: {
      stage: (request) => query(request).get('comp') === 'block',
      commit: (request) => query(request).get('comp') === 'blocklist',
    },
    visible: () => names(box.listBlobsFlat()),
  });

  const lakeProxy = await proxy('127.0.0.1', endpoints.lake!.port);
  const fileSystem = new DataLakeServiceClient(
    `https://127.0.0.1:${endpoints.lake!.port}/acme`,
    new LakeKey('acme', key),
  ).getFileSystemClient('box');
  await fileSystem.create();
  const lake = await fileSubject({
    name: 'azure-blob-fs',
    proxy: lakeProxy,
    errorCode: 'ADLSGen2OperationFailed',
    open: openLake,
    service: {
      connectionString: `AccountName=acme;AccountKey=${key};DfsEndpoint=https://127.0.0.1:${lakeProxy.port}/acme`,
    },
    location: { fileSystem: 'box' },
    steps: {
      create: (request) => query(request).get('resource') === 'file',
      stage: (request) => query(request).get('action') === 'append',
      flush: (request) => query(request).get('action') === 'flush',
      commit: ({ headers }) => headers['x-ms-rename-source'] !== undefined,
    },
    visible: () => names(fileSystem.listPaths()),
  });

  const fileProxy = await proxy('127.0.0.1', endpoints.file!.port);
  const share = new ShareServiceClient(
    `https://127.0.0.1:${endpoints.file!.port}/acme`,
    new ShareKey('acme', key),
  ).getShareClient('box');
  await share.create();
  const file = await fileSubject({
    name: 'azure-file',
    proxy: fileProxy,
    errorCode: 'AzureFileOperationFailed',
    open: openShare,
    service: {
      connectionString: `AccountName=acme;AccountKey=${key};FileEndpoint=https://127.0.0.1:${fileProxy.port}/acme`,
      fileShare: 'box',
    },
    location: {},
    steps: {
      create: ({ headers }) => headers['x-ms-type'] === 'file',
      stage: (request) => query(request).get('comp') === 'range',
      commit: (request) => query(request).get('comp') === 'rename',
    },
    visible: () => names(share.rootDirectoryClient.listFilesAndDirectories()),
  });

  const tableProxy = await proxy('acmesource.table.core.windows.net', portOf(source.tables));
  const films = tableClient(source, 'films');
  await films.createTable();
  await films.createEntity({ partitionKey: 'p', rowKey: 'kept', text });
  const tableAddress: TableAddress = {
    linkedService: properties({
      connectionString: `AccountName=${source.name};AccountKey=${source.key};TableEndpoint=https://acmesource.table.core.windows.net:${tableProxy.port}`,
    }),
    dataset: properties({ tableName: 'films' }),
    schema: [],
  };
  const table = rowSubject({
    name: 'azure-table',
    proxy: tableProxy,
    errorCode: 'AzureTableOperationFailed',
    source: () => azureTableRead.openRowSource(tableAddress, properties({})),
    sink: () =>
      azureTableWrite.openRowSink(
        tableAddress,
        properties({ azureTableRowKeyName: 'key', azureTableDefaultPartitionKeyValue: 'p' }),
      ),
    key: 'key',
    picks: isGet,
    steps: { transaction: ({ method }) => method === 'POST' },
    visible: () => names(films.listEntities()),
  });

  const cosmos = await openCosmos(stage);
  const cosmosProxy = await proxy('acmedocs.documents.azure.com', portOf(cosmos.endpoint));
  const documents = async (name: string, writeBehavior: string) => {
    const container = await cosmos.container(name);
    await container.items.create({ id: 'kept', city: 'x', text });
    const address: TableAddress = {
      linkedService: properties({
        connectionString: `AccountEndpoint=https://acmedocs.documents.azure.com:${cosmosProxy.port}/;AccountKey=${cosmos.key};Database=shop;`,
      }),
      dataset: properties({ collectionName: name }),
      schema: [],
    };
    return rowSubject({
      name: `cosmos-db, ${writeBehavior}`,
      proxy: cosmosProxy,
      errorCode: 'CosmosDbSqlApiOperationFailed',
      source: () => cosmosRead.openRowSource(address, properties({})),
      sink: () => cosmosWrite.openRowSink(address, properties({ writeBehavior })),
      key: 'id',
      picks: ({ headers }) => headers['x-ms-documentdb-isquery'] !== undefined,
      steps: { bulk: ({ headers }) => headers['x-ms-cosmos-is-batch-request'] !== undefined },
      visible: async () => (await container.items.readAll().fetchAll()).resources.map(({ id }) => String(id)),
    });
  };

  const keys = await generateKeyPair('RS256');
  const token = await new SignJWT({ oid: 'factory', tid: tenantId })
    .setProtectedHeader({ alg: 'RS256' })
    .setAudience('https://vault.azure.net')
    .setExpirationTime('10m')
    .sign(keys.privateKey);
  const vaultStore = await sandbox.ensureKeyVault({
    name: 'acmekeys',
    sealKey: randomBytes(32),
    retentionDays: 90,
    purgeProtection: false,
    gate: {
      tenantId,
      key: { ...(await exportJWK(keys.publicKey)) },
      authority: () => 'https://localhost',
      permissionsOf: async () => ['get', 'set'],
    },
  });
  const vaultPort = vaultStore.endpoints.vault!.port;
  const access = { token, expiresAt: new Date(Date.now() + 600_000).toISOString() };
  await new SecretClient(`https://acmekeys.vault.azure.net:${vaultPort}`, {
    getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 600_000 }),
  }).setSecret('kept', text);
  const vaultProxy = await proxy('acmekeys.vault.azure.net', vaultPort);
  const vault: Subject = {
    name: 'azure-key-vault',
    proxy: vaultProxy,
    errorCode: 'AzureKeyVaultUnreachable',
    read: {
      picks: ({ headers }) => headers.authorization !== undefined,
      holds: text,
      run: (signal) =>
        readVaultSecret(
          { baseUrl: `https://acmekeys.vault.azure.net:${vaultProxy.port}`, name: 'kept', version: undefined },
          access,
          signal,
        ),
    },
    visible: async () => ['kept'],
  };

  const proxies = [blobProxy, lakeProxy, fileProxy, tableProxy, cosmosProxy, vaultProxy];
  return {
    subjects: [
      blob,
      lake,
      file,
      table,
      await documents('upserted', 'upsert'),
      await documents('inserted', 'insert'),
      vault,
    ] as const,
    close: async () => {
      cosmos.close();
      await Promise.all(proxies.map((each) => each.close()));
      leave();
      await stage.close();
    },
  };
};
