import { sqlConnector } from '../sql-server/family.ts';
import { readLoading } from './loading.ts';

/** A dedicated SQL pool of Synapse Analytics, formerly SQL Data Warehouse. */
export const azureSqlDw = sqlConnector({
  type: 'AzureSqlDW',
  summary:
    'Tables, queries and stored procedures of a dedicated SQL pool, by SQL login, service principal or the managed identity of the factory, over TLS.',
  dataset: 'AzureSqlDWTable',
  source: 'SqlDWSource',
  sink: 'SqlDWSink',
  readLoading,
});
