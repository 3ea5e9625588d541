import type { ConnectorDefinition } from '../definition.ts';
import { group, secret, text } from '../property-schema.ts';

/** Azure Table Storage. */
export const azureTable: ConnectorDefinition = {
  type: 'AzureTableStorage',
  summary:
    'Tables of a storage account, by account key, shared access signature, service principal or the managed identity of the factory.',
  typeProperties: group({
    connectionString: secret,
    accountKey: secret,
    serviceEndpoint: secret,
    sasUri: secret,
    sasToken: secret,
    servicePrincipalId: text,
    servicePrincipalKey: secret,
    tenant: text,
  }),
  tables: {
    dataset: 'AzureTable',
    datasetSchema: group({ tableName: text }, ['tableName']),
    source: 'AzureTableSource',
    sink: 'AzureTableSink',
    open: async () => ({ ...(await import('./read.ts')), ...(await import('./write.ts')) }),
  },
  look: () => import('./look.ts'),
};
