import type { ConnectorDefinition } from '../definition.ts';
import { group, secret, text } from '../property-schema.ts';

/** Azure Files. */
export const azureFile: ConnectorDefinition = {
  type: 'AzureFileStorage',
  summary:
    'Files in a share of Azure Files, by account key, shared access signature, service principal or the managed identity of the factory.',
  typeProperties: group({
    connectionString: secret,
    accountKey: secret,
    sasUri: secret,
    sasToken: secret,
    serviceEndpoint: text,
    servicePrincipalId: text,
    servicePrincipalKey: secret,
    tenant: text,
    fileShare: text,
    host: text,
    userId: secret,
    password: secret,
  }),
  files: {
    location: 'AzureFileStorageLocation',
    locationSchema: group({ folderPath: text, fileName: text }),
    readSettings: 'AzureFileStorageReadSettings',
    writeSettings: 'AzureFileStorageWriteSettings',
    open: () => import('./open.ts'),
  },
  look: () => import('./look.ts'),
};
