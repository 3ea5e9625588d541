import type { ConnectorDefinition } from '../definition.ts';
import { group, secret, text } from '../property-schema.ts';

/** Azure Cosmos DB for NoSQL. */
export const cosmosDb: ConnectorDefinition = {
  type: 'CosmosDb',
  summary:
    'Containers of a Cosmos DB account with the API for NoSQL, by account key, service principal or the managed identity of the factory.',
  typeProperties: group({
    connectionString: secret,
    accountEndpoint: text,
    database: text,
    accountKey: secret,
    servicePrincipalId: text,
    servicePrincipalKey: secret,
    servicePrincipalCredential: secret,
    servicePrincipalCredentialType: text,
    tenant: text,
    azureCloudType: text,
  }),
  tables: {
    dataset: 'CosmosDbSqlApiCollection',
    datasetSchema: group({ collectionName: text }, ['collectionName']),
    source: 'CosmosDbSqlApiSource',
    sink: 'CosmosDbSqlApiSink',
    open: async () => ({ ...(await import('./read.ts')), ...(await import('./write.ts')) }),
  },
  look: () => import('./look.ts'),
};
