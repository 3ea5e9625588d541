import { sqlConnector } from '../sql-server/family.ts';

/** Azure SQL Database. */
export const azureSqlDatabase = sqlConnector({
  type: 'AzureSqlDatabase',
  summary:
    'Tables, queries and stored procedures of an Azure SQL Database, by SQL login, service principal or the managed identity of the factory, over TLS.',
  dataset: 'AzureSqlTable',
  source: 'AzureSqlSource',
  sink: 'AzureSqlSink',
});
