// The kinds of store that endpoints may lead to. Pure.
import { isSameId } from './id.ts';

/** A kind of store: its type, and what it is called. */
export type StoreKind = { type: string; title: string };

/** Every kind that Azure lets an endpoint lead to and the Studio knows. What this Postern serves is asked of it. */
export const storeKinds: readonly StoreKind[] = [
  { type: 'Microsoft.Storage/storageAccounts', title: 'Storage account' },
  { type: 'Microsoft.Sql/servers', title: 'SQL server' },
  { type: 'Microsoft.Synapse/workspaces', title: 'Synapse workspace' },
  { type: 'Microsoft.DocumentDB/databaseAccounts', title: 'Cosmos DB account' },
  { type: 'Microsoft.KeyVault/vaults', title: 'Key vault' },
  { type: 'Microsoft.Network/privateLinkServices', title: 'Private link service' },
];

/** The kind of a store by its type; undefined for what is no store. */
export const storeKindOf = (type: string): StoreKind | undefined =>
  storeKinds.find((kind) => isSameId(kind.type, type));
