// What a process that serves Cosmos DB accounts is told.
import type { Trust } from '../access-token.ts';
import type { IssuedCertificate } from '../certificate-authority.ts';

/** The keys of an account: base64, as Azure's. The read-only ones may only read; closed ones are no keys. */
export type AccountKeys = { writing: readonly string[]; reading: readonly string[]; areClosed: boolean };

/** An account to serve. `folder` exists; `location` is what its documents name. */
export type CosmosOrder = {
  name: string;
  folder: string;
  certificate: IssuedCertificate;
  ports: { Sql: number };
  keys: AccountKeys;
  /** Whose tokens it takes, if any. */
  trust: Trust | null;
  location: string;
};
