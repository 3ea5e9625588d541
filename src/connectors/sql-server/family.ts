// What SQL Server, Azure SQL Database and dedicated SQL pools have in common as connectors: one client, one language, three
// sets of Azure's names.
import type { ConnectorDefinition, TableCapability } from '../definition.ts';
import { count, flag, group, secret, text } from '../property-schema.ts';

/** A connector of the family; `dataset`, `source` and `sink` are Azure's names for it. */
export const sqlConnector = (names: {
  type: string;
  summary: string;
  dataset: string;
  source: string;
  sink: string;
  readLoading?: NonNullable<TableCapability['readLoading']>;
}): ConnectorDefinition => ({
  type: names.type,
  summary: names.summary,
  typeProperties: group({
    connectionString: secret,
    server: text,
    database: text,
    authenticationType: text,
    userName: text,
    password: secret,
    servicePrincipalId: text,
    servicePrincipalKey: secret,
    servicePrincipalCredential: secret,
    servicePrincipalCredentialType: text,
    tenant: text,
    azureCloudType: text,
    encrypt: flag,
    trustServerCertificate: flag,
    connectTimeout: count,
  }),
  tables: {
    dataset: names.dataset,
    datasetSchema: group({ schema: text, table: text, tableName: text }),
    source: names.source,
    sink: names.sink,
    ...(names.readLoading && { readLoading: names.readLoading }),
    open: () => import('./open.ts'),
  },
  look: () => import('./open.ts'),
  statements: { open: () => import('./open.ts') },
});
