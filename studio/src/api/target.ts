// What an endpoint may be asked for, as the tiles of the form: Azure's words, and the sub-resource behind each.
import { zoneNames, zoneOf } from '../../../src/network/policy/zone.ts';
import { typeOf } from './id.ts';

/** One tile. `groupId` is '' for a private link service, which has none. */
export type TargetTile = { key: string; title: string; type: string; groupId: string; says: string };

const storage = 'Microsoft.Storage/storageAccounts';

/** The tiles, in the order of Azure's own form. */
export const targetTiles: readonly TargetTile[] = [
  { key: 'blob', title: 'Blob Storage', type: storage, groupId: 'blob', says: 'Files in containers' },
  { key: 'table', title: 'Table Storage', type: storage, groupId: 'table', says: 'Entities in tables' },
  { key: 'file', title: 'File Storage', type: storage, groupId: 'file', says: 'Files in shares' },
  { key: 'dfs', title: 'Data Lake Storage', type: storage, groupId: 'dfs', says: 'Files in file systems' },
  {
    key: 'sql',
    title: 'SQL Database',
    type: 'Microsoft.Sql/servers',
    groupId: 'sqlServer',
    says: 'Tables of a SQL server',
  },
  {
    key: 'warehouse',
    title: 'SQL Data Warehouse',
    type: 'Microsoft.Synapse/workspaces',
    groupId: 'Sql',
    says: 'A dedicated SQL pool',
  },
  {
    key: 'cosmos',
    title: 'Cosmos DB',
    type: 'Microsoft.DocumentDB/databaseAccounts',
    groupId: 'Sql',
    says: 'Items in containers',
  },
  { key: 'vault', title: 'Key Vault', type: 'Microsoft.KeyVault/vaults', groupId: 'vault', says: 'Secrets' },
  {
    key: 'service',
    title: 'Private Link Service',
    type: 'Microsoft.Network/privateLinkServices',
    groupId: '',
    says: 'Your own service',
  },
];

/** The host name that an endpoint to a resource answers for; null where names are the requester's to give. */
export const hostOf = (resourceId: string, groupId: string): string | null => {
  const zone = zoneOf(typeOf(resourceId), groupId);
  return zone ? zoneNames(zone, resourceId.slice(resourceId.lastIndexOf('/') + 1)).host : null;
};

/** The name of a sub-resource for people. */
export const groupTitle = (resourceId: string, groupId: string): string =>
  targetTiles.find(
    (tile) =>
      tile.groupId.toLowerCase() === groupId.toLowerCase() &&
      tile.type.toLowerCase() === typeOf(resourceId).toLowerCase(),
  )?.title ?? groupId;
