// What a process that serves key vaults is told.
import type { IssuedCertificate } from '../certificate-authority.ts';

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
