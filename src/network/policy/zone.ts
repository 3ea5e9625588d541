// Azure's table of private link zones: which sub-resources (group ids) a target type offers, the public names and the
// privatelink names of each, and the ports it serves. Facts from Azure's private endpoint DNS documentation.

/** One sub-resource of one target type. */
export type Zone = {
  resourceType: string;
  /** Spelled as Azure prints it; compared without regard to case. */
  groupId: string;
  publicSuffix: string;
  privateSuffix: string;
  /** What stands between the resource's name and the suffix: `-secondary`, `-ondemand`. */
  tail: string;
  ports: readonly number[];
};

const zone = (
  resourceType: string,
  groupId: string,
  publicSuffix: string,
  more: { privateSuffix?: string; tail?: string; ports?: readonly number[] } = {},
): Zone => ({
  resourceType,
  groupId,
  publicSuffix,
  privateSuffix: more.privateSuffix ?? `privatelink.${publicSuffix}`,
  tail: more.tail ?? '',
  ports: more.ports ?? [443],
});

const storage = 'Microsoft.Storage/storageAccounts';
const synapse = 'Microsoft.Synapse/workspaces';
const cosmos = 'Microsoft.DocumentDB/databaseAccounts';

/** Every sub-resource that a private endpoint can reach by a name that follows from the resource's own. */
export const zones: readonly Zone[] = [
  zone(storage, 'blob', 'blob.core.windows.net'),
  zone(storage, 'blob_secondary', 'blob.core.windows.net', { tail: '-secondary' }),
  zone(storage, 'table', 'table.core.windows.net'),
  zone(storage, 'table_secondary', 'table.core.windows.net', { tail: '-secondary' }),
  zone(storage, 'queue', 'queue.core.windows.net'),
  zone(storage, 'queue_secondary', 'queue.core.windows.net', { tail: '-secondary' }),
  zone(storage, 'file', 'file.core.windows.net', { ports: [443, 445] }),
  zone(storage, 'web', 'web.core.windows.net'),
  zone(storage, 'web_secondary', 'web.core.windows.net', { tail: '-secondary' }),
  zone(storage, 'dfs', 'dfs.core.windows.net'),
  zone(storage, 'dfs_secondary', 'dfs.core.windows.net', { tail: '-secondary' }),
  zone('Microsoft.Sql/servers', 'sqlServer', 'database.windows.net', { ports: [1433] }),
  zone(synapse, 'Sql', 'sql.azuresynapse.net', { ports: [1433] }),
  zone(synapse, 'SqlOnDemand', 'sql.azuresynapse.net', { tail: '-ondemand', ports: [1433] }),
  zone(synapse, 'Dev', 'dev.azuresynapse.net'),
  zone(cosmos, 'Sql', 'documents.azure.com'),
  zone(cosmos, 'MongoDB', 'mongo.cosmos.azure.com', { ports: [10255] }),
  zone(cosmos, 'Cassandra', 'cassandra.cosmos.azure.com', { ports: [10350] }),
  zone(cosmos, 'Gremlin', 'gremlin.cosmos.azure.com'),
  zone(cosmos, 'Table', 'table.cosmos.azure.com'),
  zone('Microsoft.KeyVault/vaults', 'vault', 'vault.azure.net', { privateSuffix: 'privatelink.vaultcore.azure.net' }),
  zone('Microsoft.DBforPostgreSQL/servers', 'postgresqlServer', 'postgres.database.azure.com', { ports: [5432] }),
  zone('Microsoft.DBforPostgreSQL/flexibleServers', 'postgresqlServer', 'postgres.database.azure.com', {
    ports: [5432, 6432],
  }),
  zone('Microsoft.DBforMySQL/servers', 'mysqlServer', 'mysql.database.azure.com', { ports: [3306] }),
  zone('Microsoft.DBforMySQL/flexibleServers', 'mysqlServer', 'mysql.database.azure.com', { ports: [3306] }),
  zone('Microsoft.DBforMariaDB/servers', 'mariadbServer', 'mariadb.database.azure.com', { ports: [3306] }),
  zone('Microsoft.Search/searchServices', 'searchService', 'search.windows.net'),
  zone('Microsoft.Web/sites', 'sites', 'azurewebsites.net'),
  zone('Microsoft.Databricks/workspaces', 'databricks_ui_api', 'azuredatabricks.net'),
];

const byKey = new Map(zones.map((each) => [`${each.resourceType}|${each.groupId}`.toLowerCase(), each]));

/** The sub-resource `groupId` of `resourceType` (`Microsoft.Storage/storageAccounts`), in any case; undefined where Azure has none. */
export const zoneOf = (resourceType: string, groupId: string): Zone | undefined =>
  byKey.get(`${resourceType}|${groupId}`.toLowerCase());

/** Every sub-resource of a target type, in the table's order. */
export const zonesOf = (resourceType: string): readonly Zone[] =>
  zones.filter((each) => each.resourceType.toLowerCase() === resourceType.toLowerCase());

/** The public host of a resource's sub-resource, and its name in the privatelink zone. */
export const zoneNames = (each: Zone, resourceName: string): { host: string; privateLinkName: string } => {
  const first = `${resourceName.toLowerCase()}${each.tail}`;
  return { host: `${first}.${each.publicSuffix}`, privateLinkName: `${first}.${each.privateSuffix}` };
};

const storageHost =
  /(^|\.)((blob|dfs|table|queue|file|web)\.core\.(windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)|storage\.azure\.net|azuredatalakestore\.net|(dfs|blob)\.fabric\.microsoft\.com)$/;

/** Whether a canonical host is one of a storage account or a data lake, in whatever cloud: never reached but by an endpoint. */
export const isStorageHost = (host: string): boolean => storageHost.test(host);
