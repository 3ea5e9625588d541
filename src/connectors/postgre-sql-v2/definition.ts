import type { ConnectorDefinition } from '../definition.ts';
import { count, group, secret, text } from '../property-schema.ts';

/** PostgreSQL by Azure's newer name for servers that are not Azure's own: the same client, as a source only, as there. */
export const postgreSqlV2: ConnectorDefinition = {
  type: 'PostgreSqlV2',
  summary: 'Tables and queries of a PostgreSQL server of your own, by user name and password, over TLS.',
  typeProperties: group({ server: text, port: count, database: text, username: text, password: secret }, [
    'server',
    'database',
    'username',
  ]),
  tables: {
    dataset: 'PostgreSqlV2Table',
    datasetSchema: group({ schema: text, table: text }),
    source: 'PostgreSqlV2Source',
    sink: null,
    open: () => import('../azure-postgre-sql/open.ts'),
  },
  look: () => import('../azure-postgre-sql/open.ts'),
  statements: { open: () => import('../azure-postgre-sql/open.ts') },
};
