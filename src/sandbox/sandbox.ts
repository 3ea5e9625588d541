// Stores that Postern starts for its user. `main.ts` starts one sandbox; providers ask it for stores.

/** A store that runs: loopback address and port by sub-resource (`blob`, `table`, ...). TLS with the store's host name. */
export type SandboxStore = { endpoints: Readonly<Record<string, { address: string; port: number }>> };

/** A storage account to run. Keys are base64, as Azure's. */
export type StorageAccountStore = { name: string; keys: readonly string[] };

export type Sandbox = {
  /** Starts the account's stores (or finds them running) and resolves once they accept connections. Idempotent. */
  ensureStorageAccount(account: StorageAccountStore): Promise<SandboxStore>;
  /** Stops the account's stores and removes their data. Idempotent. */
  removeStorageAccount(name: string): Promise<void>;
  /** Ends every store; data stays. */
  close(): Promise<void>;
};
