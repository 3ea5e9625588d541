// What a process that serves key vaults is told, and what it asks.
import type { IssuedCertificate } from '../certificate-authority.ts';
import type { SecretPermission } from '../sandbox.ts';

/** A vault to serve. `folder` exists; `sealKey` is base64. */
export type VaultOrder = {
  name: string;
  folder: string;
  certificate: IssuedCertificate;
  ports: { vault: number };
  sealKey: string;
  retentionDays: number;
  purgeProtection: boolean;
  /** Who signs tokens (a JSON Web Key), and of which tenant they must be. */
  key: Readonly<Record<string, unknown>>;
  tenantId: string;
};

/** Asked for each request: what the bearer of a token may do. `objectId` is null for a request without one. */
export type VaultQuestion = { vault: string; objectId: string | null };

/** `permissions` is null where there is no such principal; `authority` is where tokens come from. */
export type VaultAnswer = { authority: string; permissions: readonly SecretPermission[] | null };
