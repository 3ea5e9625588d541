// Azurite as a library: the parts of it that Postern uses, with their types, and without its telemetry.

import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { BlobChanges } from '../data-lake/keep-folders.ts';
import type { StorageError } from '../storage-account/storage-error.ts';
import { patchBatchBody, patchBatchPath } from './batch.ts';
import { type Authenticator, patchAuthentication } from './bearer.ts';
import { patchBlockChecksum } from './block-checksum.ts';
import { patchCopySource } from './copy-source.ts';
import type { BlobDocuments, Documents, ExtentStore } from './document.ts';
import type { LokiDatabase } from './durable-document.ts';
import type { AzuriteService } from './message.ts';

const require = createRequire(import.meta.url);

/** Where a server of Azurite keeps its accounts. */
export type AccountDataStore = { accounts: Record<string, AzuriteAccount>; refresh: () => void };

/** One of Azurite's servers, before or after its start. */
export type AzuriteServer = {
  httpServer: Server;
  metadataStore: { db: LokiDatabase };
  extentStore?: ExtentStore;
  extentMetadataStore?: { db: LokiDatabase };
  accountDataStore: AccountDataStore;
  start(): Promise<void>;
  close(): Promise<void>;
  /** Ends what `start` began before it listened. */
  afterClose(): Promise<void>;
};

/** An account as Azurite keeps it. */
export type AzuriteAccount = { name: string; key1: Buffer; key2?: Buffer | undefined };

type Configuration = {
  hasCert: () => number;
  getCert: () => { key: string; cert: string };
};

type Arguments = readonly unknown[];

/** What decides about a server of one sub-resource of one account. */
export type ServerSettings = {
  service: AzuriteService;
  port: number;
  /** A file that exists once there is something to load; Azurite looks whether it is there. */
  databaseFile: string;
  extentFolder: string;
  certificate: { key: string; cert: string };
};

/** Loads Azurite (0.4 s) and returns what makes its servers. */
export const loadAzurite = (): ((settings: ServerSettings) => AzuriteServer) => {
  // Telemetry is off. Its module, left out, can send nothing; and it is three quarters of Azurite's start-up time.
  const telemetry = require.resolve('applicationinsights', { paths: [require.resolve('azurite/package.json')] });
  require.cache[telemetry] = { id: telemetry, filename: telemetry, loaded: true, exports: {} } as NodeJS.Module;
  const load = (path: string) => require(`azurite/dist/src/${path}`);
  load('common/Telemetry').AzuriteTelemetryClient.init('', false, undefined);
  patchBlockChecksum(load('blob/utils/utils'));
  const authenticatorOf = (path: string) => load(path).default.prototype as Authenticator;
  patchAuthentication(authenticatorOf('blob/authentication/BlobSharedKeyAuthenticator'), {
    service: 'blob',
    operations: load('blob/generated/artifacts/operation').Operation,
    errorOf: ({ status, code, message }, { contextId }) =>
      new (load('blob/errors/StorageError').default)(status, code, message, contextId),
  });
  // The first of a table's authenticators, so that none of the others sees a token.
  patchAuthentication(authenticatorOf('table/authentication/TableSharedKeyLiteAuthenticator'), {
    service: 'table',
    operations: load('table/generated/artifacts/operation').Operation,
    errorOf: ({ status, code, message }, context) =>
      new (load('table/errors/StorageError').default)(status, code, message, context.contextID, undefined, context),
  });
  const { extractStoragePartsFromPath } = load('blob/middlewares/blobStorageContext.middleware');
  patchCopySource(load('blob/handlers/BlobHandler').default.prototype, azuriteError, extractStoragePartsFromPath);
  patchBatchPath(load('table/batch/BatchSerialization').BatchSerialization.prototype);
  patchBatchBody(load('table/batch/TableBatchSerialization').TableBatchSerialization.prototype);
  // Its handlers take rules for browsers that name no headers, as Azure does; only the reader of tables refuses them.
  const { allowedHeaders, exposedHeaders } = load('table/generated/artifacts/mappers').CorsRule.type.modelProperties;
  for (const headers of [allowedHeaders, exposedHeaders]) headers.required = false;

  const configure = (name: string, args: Arguments): Configuration => new (load(name).default)(...args);
  const serve = (name: string, configuration: Configuration): AzuriteServer => new (load(name).default)(configuration);
  for (const [service, name] of Object.entries(serverNames)) load(`${service}/${name}`);

  return ({ service, port, databaseFile, extentFolder, certificate }) => {
    const extents = [{ locationId: 'Default', locationPath: extentFolder, maxConcurrency: 16 }];
    // Longer than any client keeps an idle connection, so that the client is the one who closes.
    const keepAliveSeconds = 125;
    // After the keep-alive: access log, its stream, debug log, its file, (loose), skip the API version check.
    const argumentsOf: Record<AzuriteService, Arguments> = {
      blob: [keepAliveSeconds, databaseFile, databaseFile, extents, false, undefined, false, undefined, false, true],
      queue: [keepAliveSeconds, databaseFile, databaseFile, extents, false, undefined, false, undefined, false, true],
      table: [keepAliveSeconds, databaseFile, false, false, undefined, undefined, false, true],
    };
    const configuration = configure(`${service}/${serverNames[service].replace('Server', 'Configuration')}`, [
      '127.0.0.1',
      port,
      ...argumentsOf[service],
    ]);
    // Azurite reads certificates from files; ours come with the order.
    configuration.hasCert = () => 1;
    configuration.getCert = () => certificate;
    return serve(`${service}/${serverNames[service]}`, configuration);
  };
};

const serverNames: Record<AzuriteService, string> = { blob: 'BlobServer', queue: 'QueueServer', table: 'TableServer' };

/** What a started server of blobs holds, for the other face of the same data. */
export const blobDocumentsOf = (server: AzuriteServer): BlobDocuments => {
  const { db } = server.metadataStore;
  const collection = <Document>(name: string) =>
    (db as unknown as { getCollection(name: string): Documents<Document> }).getCollection(name);
  return {
    containers: collection('$CONTAINERS_COLLECTION$'),
    blobs: collection('$BLOBS_COLLECTION$'),
    blocks: collection('$BLOCKS_COLLECTION$'),
    extents: server.extentStore!,
  };
};

/** Where a server of blobs makes and deletes them. */
export const blobChangesOf = (server: AzuriteServer): BlobChanges => server.metadataStore as unknown as BlobChanges;

/** An error as Azurite answers it. */
export const azuriteError = ({ status, code, message }: StorageError, requestId: string): Error =>
  new (require('azurite/dist/src/blob/errors/StorageError').default)(status, code, message, requestId);
