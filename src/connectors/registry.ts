import { azureBlob } from './azure-blob/definition.ts';
import { azureBlobFs } from './azure-blob-fs/definition.ts';
import { azureFile } from './azure-file/definition.ts';
import { azureKeyVault } from './azure-key-vault/definition.ts';
import { azurePostgreSql } from './azure-postgre-sql/definition.ts';
import { azureSqlDatabase } from './azure-sql-database/definition.ts';
import { azureSqlDw } from './azure-sql-dw/definition.ts';
import { azureTable } from './azure-table/definition.ts';
import { cosmosDb } from './cosmos-db/definition.ts';
import type { ConnectorDefinition } from './definition.ts';
import { helloWorld } from './hello-world/definition.ts';
import { postgreSqlV2 } from './postgre-sql-v2/definition.ts';
import { sqlServer } from './sql-server/definition.ts';

/** Every kind of store, in order of reading. */
export const connectors: readonly ConnectorDefinition[] = [
  azureBlob,
  azureBlobFs,
  azureFile,
  azureTable,
  cosmosDb,
  azureSqlDatabase,
  sqlServer,
  azureSqlDw,
  azurePostgreSql,
  postgreSqlV2,
  azureKeyVault,
  helloWorld,
];
