import type { ConnectorDefinition } from '../definition.ts';
import { group, secret, text } from '../property-schema.ts';

/** Azure Blob Storage. */
export const azureBlob: ConnectorDefinition = {
  type: 'AzureBlobStorage',
  summary:
    'Blobs in the containers of a storage account, by account key, shared access signature, service principal, the managed identity of the factory, or anonymously.',
  typeProperties: group({
    connectionString: secret,
    accountKey: secret,
    serviceEndpoint: secret,
    sasUri: secret,
    sasToken: secret,
    containerUri: secret,
    authenticationType: text,
    servicePrincipalId: text,
    servicePrincipalKey: secret,
    tenant: text,
    accountKind: text,
  }),
  files: {
    location: 'AzureBlobStorageLocation',
    root: 'container',
    locationSchema: group({ container: text, folderPath: text, fileName: text }, ['container']),
    readSettings: 'AzureBlobStorageReadSettings',
    writeSettings: 'AzureBlobStorageWriteSettings',
    open: () => import('./open.ts'),
  },
  look: () => import('./look.ts'),
};
