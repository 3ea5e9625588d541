// Stores that Postern starts for its user. `main.ts` starts one sandbox; providers ask it for stores.
import type { TableClient, TableServiceClient } from '@azure/data-tables';
import type { BlobServiceClient } from '@azure/storage-blob';
import type { ShareServiceClient } from '@azure/storage-file-share';
import type { JsonObject } from '../base/json.ts';

/**
 * A store that runs: loopback address and port by sub-resource (`blob`, `table`, ...). TLS with the store's host name. A
 * storage account has a `lake` beside them: `dfs` and `blob` at one port, for clients on this machine.
 */
export type SandboxStore = { endpoints: Readonly<Record<string, { address: string; port: number }>> };

/** Who is let into a store by a token. Tokens are checked against `key`; what their bearer may do is asked anew for each request. */
export type TokenGate<Permission> = {
  tenantId: string;
  /** The public key of the token issuer, as a JSON Web Key. */
  key: Readonly<Record<string, unknown>>;
  /** Where the issuer is, for challenges: `https://host:port`. */
  authority(): string;
  /** What a principal may do; null where there is no such principal. */
  permissionsOf(objectId: string): Promise<readonly Permission[] | null>;
};

/** What principals may do in a storage account: what follows `Microsoft.Storage/storageAccounts/` in Azure's permissions. */
export const storagePermissions = [
  'blobServices/containers/read',
  'blobServices/containers/write',
  'blobServices/containers/delete',
  'blobServices/containers/blobs/read',
  'blobServices/containers/blobs/write',
  'blobServices/containers/blobs/delete',
  'blobServices/containers/blobs/modifyPermissions/action',
  'tableServices/tables/read',
  'tableServices/tables/write',
  'tableServices/tables/delete',
  'tableServices/tables/entities/read',
  'tableServices/tables/entities/write',
  'tableServices/tables/entities/delete',
  'fileServices/shares/read',
  'fileServices/shares/write',
  'fileServices/shares/delete',
  'fileServices/fileshares/files/read',
  'fileServices/fileshares/files/write',
  'fileServices/fileshares/files/delete',
] as const;
export type StoragePermission = (typeof storagePermissions)[number];

/**
 * A storage account to run. Keys are base64, as Azure's. With a hierarchical namespace it has folders; it stays as it was
 * made, also in whether it has a gate. Without one it takes no tokens.
 */
export type StorageAccountStore = {
  name: string;
  keys: readonly string[];
  isHierarchical?: boolean;
  gate?: TokenGate<StoragePermission>;
};

/** Azure's own clients of a storage account that runs, with its key. They try once. */
export type StorageOwner = {
  blobs(): Promise<BlobServiceClient>;
  shares(): Promise<ShareServiceClient>;
  tables(): Promise<TableServiceClient>;
  table(name: string): Promise<TableClient>;
};

/** What principals may do with the secrets of a vault, in the words of its access policies. */
export const secretPermissions = ['get', 'list', 'set', 'delete', 'recover', 'purge'] as const;
export type SecretPermission = (typeof secretPermissions)[number];

/** Who is let into a vault. */
export type VaultGate = TokenGate<SecretPermission>;

/** A key vault to run. `sealKey` (32 bytes) seals its secrets at rest and is not kept with them. */
export type KeyVaultStore = {
  name: string;
  sealKey: Uint8Array;
  retentionDays: number;
  purgeProtection: boolean;
  gate: VaultGate;
};

/** What principals may do in a Cosmos DB account: what follows `Microsoft.DocumentDB/databaseAccounts/` in Azure's data actions. */
export const cosmosActions = [
  'readMetadata',
  'sqlDatabases/containers/executeQuery',
  'sqlDatabases/containers/readChangeFeed',
  'sqlDatabases/containers/items/create',
  'sqlDatabases/containers/items/read',
  'sqlDatabases/containers/items/replace',
  'sqlDatabases/containers/items/upsert',
  'sqlDatabases/containers/items/delete',
] as const;
export type CosmosAction = (typeof cosmosActions)[number];

/** What a principal may do in a part of an account: the segments of its path (`dbs`, `shop`), none for all of it. */
export type CosmosGrant = { scope: readonly string[]; actions: readonly CosmosAction[] };

/**
 * A Cosmos DB account to run. Keys are base64, as Azure's; the read-only ones may only read. Without a gate it takes no
 * tokens.
 */
export type CosmosAccountStore = {
  name: string;
  keys: { writing: readonly string[]; reading: readonly string[] };
  /** Whether its keys are closed, and tokens alone open it. */
  takesTokensOnly?: boolean;
  gate?: TokenGate<CosmosGrant>;
  /** The region that the account names as its own. */
  location: string;
};

/** A request to a Cosmos DB account that runs, by the segments of its path (`dbs`, `shop`). */
export type CosmosAsk = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  segments: readonly string[];
  body?: JsonObject;
  headers?: Readonly<Record<string, string>>;
};
export type CosmosReply = { status: number; body: JsonObject };

/** What a principal may do at a SQL server as a whole: everything, as its Microsoft Entra administrator. */
export type SqlPermission = 'administer';

/** A SQL server to run, by the host name that its clients know. `passwordHash` is `hashPassword`'s. */
export type SqlServerStore = {
  host: string;
  login: string;
  passwordHash: string;
  /** Whether the login is closed, and tokens alone open the server. */
  takesTokensOnly: boolean;
  gate: TokenGate<SqlPermission>;
  /** All that it has beside `master`; what it had before and has no longer is removed. */
  databases: readonly string[];
  /** Which of the databases are data warehouses. */
  warehouses: readonly string[];
};

export type Sandbox = {
  /** Starts the account's stores (or finds them running) and resolves once they accept connections. Idempotent. */
  ensureStorageAccount(account: StorageAccountStore): Promise<SandboxStore>;
  /** Opens an account as its owner; null where it does not run. */
  openStorageAccount(name: string): StorageOwner | null;
  /** Stops the account's stores and removes their data. Idempotent. */
  removeStorageAccount(name: string): Promise<void>;
  /** Starts the vault, or gives a running one its settings, and resolves once it accepts connections. Idempotent. */
  ensureKeyVault(vault: KeyVaultStore): Promise<SandboxStore>;
  /** Stops the vault and removes its secrets for good. Idempotent. */
  removeKeyVault(name: string): Promise<void>;
  /** Starts the account, or gives a running one its keys, and resolves once it accepts connections. Idempotent. */
  ensureCosmosAccount(account: CosmosAccountStore): Promise<SandboxStore>;
  /** Asks a running account as its owner. Rejects where it does not run or does not answer. */
  askCosmosAccount(name: string, ask: CosmosAsk): Promise<CosmosReply>;
  /** Stops the account and removes its data. Idempotent. */
  removeCosmosAccount(name: string): Promise<void>;
  /** Starts the server, or gives a running one its login and databases, and resolves once it accepts connections. Idempotent. */
  ensureSqlServer(server: SqlServerStore): Promise<SandboxStore>;
  /** Stops the server and removes its databases. Idempotent. */
  removeSqlServer(host: string): Promise<void>;
  /** Ends every store; data stays. */
  close(): Promise<void>;
};
