import type { ConnectorDefinition } from '../definition.ts';
import { group, secret, text } from '../property-schema.ts';

/** Azure Data Lake Storage Gen2. */
export const azureBlobFs: ConnectorDefinition = {
  type: 'AzureBlobFS',
  summary:
    'Files in the file systems of Azure Data Lake Storage Gen2, by account key, shared access signature, service principal or the managed identity of the factory. Needs the endpoints dfs and blob.',
  typeProperties: group({
    url: secret,
    accountKey: secret,
    sasUri: secret,
    sasToken: secret,
    servicePrincipalId: text,
    servicePrincipalKey: secret,
    servicePrincipalCredential: secret,
    servicePrincipalCredentialType: text,
    tenant: text,
  }),
  files: {
    location: 'AzureBlobFSLocation',
    root: 'fileSystem',
    locationSchema: group({ fileSystem: text, folderPath: text, fileName: text }, ['fileSystem']),
    readSettings: 'AzureBlobFSReadSettings',
    writeSettings: 'AzureBlobFSWriteSettings',
    open: () => import('./open.ts'),
  },
  look: () => import('./look.ts'),
};
