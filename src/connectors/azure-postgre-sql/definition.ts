import type { ConnectorDefinition } from '../definition.ts';
import { count, group, secret, text } from '../property-schema.ts';

/** Azure Database for PostgreSQL, and any PostgreSQL behind a Private Link Service. */
export const azurePostgreSql: ConnectorDefinition = {
  type: 'AzurePostgreSql',
  summary: 'Tables and queries of a PostgreSQL database, by user name and password, over TLS.',
  typeProperties: group({
    connectionString: secret,
    server: text,
    port: count,
    database: text,
    username: text,
    password: secret,
  }),
  tables: {
    dataset: 'AzurePostgreSqlTable',
    datasetSchema: group({ schema: text, table: text, tableName: text }),
    source: 'AzurePostgreSqlSource',
    sink: 'AzurePostgreSqlSink',
    open: () => import('./open.ts'),
  },
  look: () => import('./open.ts'),
  statements: { open: () => import('./open.ts') },
};
