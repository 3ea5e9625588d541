import type { ConnectorDefinition } from '../definition.ts';
import { group, secret, text } from '../property-schema.ts';

/** Azure Data Lake Storage Gen2. */
export const azureBlobFs: ConnectorDefinition = {
  type: 'AzureBlobFS',
  summary:
    'Files in the file systems of Azure Data Lake Storage Gen2, by account key or shared access signature. Needs the endpoints dfs and blob.',
  typeProperties: group({ url: secret, accountKey: secret, sasUri: secret, sasToken: secret }),
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
