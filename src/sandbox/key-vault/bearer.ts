import { type Bearer, createBearer, type TokenFault, TokenRefused } from '../access-token.ts';
import { VaultError } from './vault-error.ts';

/** What tokens for a vault must be for. */
export const vaultAudience = 'https://vault.azure.net';

/** Reads the bearer of an `Authorization` header, or throws a `VaultError` 401 that says what is wrong with it. */
export type ReadVaultBearer = (header: string | undefined) => Promise<Bearer>;

const refuse = (message: string) => new VaultError(401, 'Unauthorized', message);

const wordsOf = (fault: TokenFault, tenantId: string): string => {
  switch (fault.kind) {
    case 'form':
      return "The 'Authorization' header must be 'Bearer' and an access token.";
    case 'audience':
      return `AKV10022: Invalid audience. Expected ${vaultAudience}, found: ${fault.found}. Ask for the scope '${vaultAudience}/.default'.`;
    case 'tenant':
      return `AKV10032: Invalid issuer. The token is not from the tenant '${tenantId}'.`;
    case 'host':
      return `The token is for the vault '${fault.found}' only.`;
    case 'principal':
      return 'The token names no principal.';
    case 'expired':
      return 'The token has expired. Ask for a new one.';
    case 'signature':
      return 'The token is invalid: it was not signed by the issuer that this vault trusts.';
  }
};

/** Builds the reader for one vault host: tokens that the key signed, for vaults, of the tenant, not expired. */
export const createVaultBearer = (trust: {
  key: Readonly<Record<string, unknown>>;
  tenantId: string;
  host: string;
}): ReadVaultBearer => {
  const { key, tenantId, host } = trust;
  const read = createBearer({ key, tenantId, audiences: [vaultAudience], hosts: [host] });
  return async (header) => {
    if (header === undefined) throw refuse('AKV10000: Request is missing a Bearer or PoP token.');
    try {
      return await read(header);
    } catch (error) {
      throw error instanceof TokenRefused ? refuse(wordsOf(error.fault, tenantId)) : error;
    }
  };
};
