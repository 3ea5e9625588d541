// The nine kinds of target that a managed private endpoint leads to, each with what a factory needs to write rows into it.
import type { Json, JsonObject } from '../../base/json.ts';

/** What the tour writes into: ids of stores, and how each is opened. */
export type Estate = {
  sales: string;
  lake: string;
  sqlServer: string;
  synapse: string;
  cosmos: string;
  vault: string;
  linkService: string;
  salesKey: string;
  lakeKey: string;
  cosmosKey: string;
  sql: { user: string; password: string; database: string };
  /** Where the Private Link Service is reached, and what its certificate is for. */
  service: { host: string; port: number; certificateName: string };
};

/** One endpoint to request: `groupId`, or host names where the target has no sub-resources. */
type Request = { name: string; target: string; groupId?: string; fqdns?: string[] };

/** A kind of target: its endpoints, the api-version of its connections, and linked service, dataset and sink for one copy. */
export type Target = {
  title: string;
  version: string;
  endpoints: readonly Request[];
  linkedServices: readonly { name: string; type: string; typeProperties: JsonObject }[];
  dataset: { type: string; linkedService: string; typeProperties: JsonObject };
  sink: JsonObject;
  translator?: JsonObject;
};

/** Columns of the films. */
const columns = ['movie', 'title', 'genres', 'year', 'Rating', 'Synopsis'];

const secure = (value: string): JsonObject => ({ type: 'SecureString', value });
const accountString = (name: string, key: string) =>
  `DefaultEndpointsProtocol=https;AccountName=${name};AccountKey=${key};EndpointSuffix=core.windows.net`;

/** A linked service to the blobs, tables or shares of an account. */
export const accountService = (type: string, name: string, key: string, more: JsonObject = {}) => ({
  type,
  typeProperties: { connectionString: accountString(name, key), ...more },
});

/** The connection string of the account that the vault keeps as a secret. */
export const vaultSecret = (estate: Estate): string => accountString('toursales', estate.salesKey);

/** Delimited text with a header, at a location. */
export const csv = (linkedService: string, location: JsonObject): Target['dataset'] => ({
  type: 'DelimitedText',
  linkedService,
  typeProperties: { location, columnDelimiter: ',', quoteChar: '"', escapeChar: '\\', firstRowAsHeader: true },
});

const fileSink = (store: string): JsonObject => ({
  type: 'DelimitedTextSink',
  storeSettings: { type: `${store}WriteSettings` },
  formatSettings: { type: 'DelimitedTextWriteSettings', fileExtension: '.csv' },
});
const inOutput = (fileName: string): JsonObject => ({
  type: 'AzureBlobStorageLocation',
  container: 'output',
  fileName,
});
const sqlSink = (type: string): JsonObject => ({ type, tableOption: 'autoCreate' });
const table: Json = { schema: 'dbo', table: 'films' };

/** All nine, in the order of the tour. The films are in the linked service `sales`, which the first one makes. */
export const targets = (estate: Estate): Target[] => {
  const { sql, service } = estate;
  const login = (server: string, database: string): JsonObject => ({
    server,
    database,
    authenticationType: 'SQL',
    userName: sql.user,
    password: secure(sql.password),
  });
  const storage = 'api-version=2025-08-01';
  return [
    {
      title: 'Blob storage',
      version: storage,
      endpoints: [{ name: 'blob', target: estate.sales, groupId: 'blob' }],
      linkedServices: [{ name: 'sales', ...accountService('AzureBlobStorage', 'toursales', estate.salesKey) }],
      dataset: csv('sales', inOutput('films.csv')),
      sink: fileSink('AzureBlobStorage'),
    },
    {
      title: 'Table storage',
      version: storage,
      endpoints: [{ name: 'table', target: estate.sales, groupId: 'table' }],
      linkedServices: [{ name: 'tables', ...accountService('AzureTableStorage', 'toursales', estate.salesKey) }],
      dataset: { type: 'AzureTable', linkedService: 'tables', typeProperties: { tableName: 'films' } },
      sink: {
        type: 'AzureTableSink',
        azureTableDefaultPartitionKeyValue: 'films',
        azureTableRowKeyName: 'movie',
        azureTableInsertType: 'replace',
      },
    },
    {
      title: 'Data Lake Gen2',
      version: storage,
      // Its clients ask both hosts.
      endpoints: [
        { name: 'lake-dfs', target: estate.lake, groupId: 'dfs' },
        { name: 'lake-blob', target: estate.lake, groupId: 'blob' },
      ],
      linkedServices: [
        {
          name: 'lake',
          type: 'AzureBlobFS',
          typeProperties: { url: 'https://tourlake.dfs.core.windows.net', accountKey: secure(estate.lakeKey) },
        },
      ],
      dataset: csv('lake', {
        type: 'AzureBlobFSLocation',
        fileSystem: 'output',
        folderPath: '2026',
        fileName: 'films.csv',
      }),
      sink: fileSink('AzureBlobFS'),
    },
    {
      title: 'Azure Files',
      version: storage,
      endpoints: [{ name: 'file', target: estate.sales, groupId: 'file' }],
      linkedServices: [
        {
          name: 'files',
          ...accountService('AzureFileStorage', 'toursales', estate.salesKey, { fileShare: 'output' }),
        },
      ],
      dataset: csv('files', { type: 'AzureFileStorageLocation', folderPath: '2026', fileName: 'films.csv' }),
      sink: fileSink('AzureFileStorage'),
    },
    {
      title: 'SQL Database',
      version: 'api-version=2021-11-01',
      endpoints: [{ name: 'sql', target: estate.sqlServer, groupId: 'sqlServer' }],
      linkedServices: [
        { name: 'sql', type: 'AzureSqlDatabase', typeProperties: login('toursql.database.windows.net', sql.database) },
      ],
      dataset: { type: 'AzureSqlTable', linkedService: 'sql', typeProperties: table },
      sink: sqlSink('AzureSqlSink'),
    },
    {
      title: 'SQL Data Warehouse',
      version: 'api-version=2021-06-01',
      endpoints: [{ name: 'warehouse', target: estate.synapse, groupId: 'Sql' }],
      linkedServices: [
        {
          name: 'warehouse',
          type: 'AzureSqlDW',
          typeProperties: login('tourdw.sql.azuresynapse.net', sql.database),
        },
      ],
      dataset: { type: 'AzureSqlDWTable', linkedService: 'warehouse', typeProperties: table },
      sink: sqlSink('SqlDWSink'),
    },
    {
      title: 'Cosmos DB',
      version: 'api-version=2025-10-15',
      endpoints: [{ name: 'cosmos', target: estate.cosmos, groupId: 'Sql' }],
      linkedServices: [
        {
          name: 'cosmos',
          type: 'CosmosDb',
          typeProperties: {
            connectionString: 'AccountEndpoint=https://tourdocs.documents.azure.com:443/;Database=shop',
            accountKey: secure(estate.cosmosKey),
          },
        },
      ],
      dataset: {
        type: 'CosmosDbSqlApiCollection',
        linkedService: 'cosmos',
        typeProperties: { collectionName: 'films' },
      },
      sink: { type: 'CosmosDbSqlApiSink', writeBehavior: 'upsert' },
      translator: {
        type: 'TabularTranslator',
        mappings: columns.map((name) => ({ source: { name }, sink: { name: name === 'movie' ? 'id' : name } })),
      },
    },
    {
      title: 'Key Vault',
      version: 'api-version=2023-07-01',
      endpoints: [{ name: 'vault', target: estate.vault, groupId: 'vault' }],
      linkedServices: [
        { name: 'vault', type: 'AzureKeyVault', typeProperties: { baseUrl: 'https://tour-keys.vault.azure.net/' } },
        {
          name: 'by-secret',
          type: 'AzureBlobStorage',
          typeProperties: {
            connectionString: {
              type: 'AzureKeyVaultSecret',
              store: { type: 'LinkedServiceReference', referenceName: 'vault' },
              secretName: 'sales',
            },
          },
        },
      ],
      dataset: csv('by-secret', inOutput('by-secret.csv')),
      sink: fileSink('AzureBlobStorage'),
    },
    {
      title: 'Private Link Service',
      version: 'api-version=2025-05-01',
      endpoints: [{ name: 'service', target: estate.linkService, fqdns: [service.host] }],
      linkedServices: [
        {
          name: 'service',
          type: 'SqlServer',
          typeProperties: {
            connectionString: `Server=${service.host},${service.port};Database=${sql.database};User ID=${sql.user};Encrypt=True;HostNameInCertificate=${service.certificateName}`,
            password: secure(sql.password),
          },
        },
      ],
      dataset: { type: 'SqlServerTable', linkedService: 'service', typeProperties: table },
      sink: sqlSink('SqlServerSink'),
    },
  ];
};
