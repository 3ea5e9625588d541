import { errors, importJWK, type JWK, jwtVerify } from 'jose';
import { VaultError } from './vault-error.ts';

/** What tokens for a vault must be for. */
export const vaultAudience = 'https://vault.azure.net';

/** Whom a token stands for. */
export type Bearer = { objectId: string; applicationId: string };

/** Reads the bearer of an `Authorization` header, or throws a `VaultError` 401 that says what is wrong with it. */
export type ReadVaultBearer = (header: string | undefined) => Promise<Bearer>;

const refuse = (message: string) => new VaultError(401, 'Unauthorized', message);

/** Builds the reader for one vault host: tokens that the key signed, for vaults, of the tenant, not expired. */
export const createVaultBearer = (trust: {
  key: Readonly<Record<string, unknown>>;
  tenantId: string;
  host: string;
}): ReadVaultBearer => {
  const key = importJWK(trust.key as JWK, 'RS256');
  return async (header) => {
    if (header === undefined) throw refuse('AKV10000: Request is missing a Bearer or PoP token.');
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(header)?.[1];
    if (token === undefined) throw refuse("The 'Authorization' header must be 'Bearer' and an access token.");
    try {
      const { payload } = await jwtVerify(token, await key, { algorithms: ['RS256'], clockTolerance: 5 });
      const audiences = [payload.aud ?? []].flat().map((one) => one.replace(/\/+$/, ''));
      if (!audiences.includes(vaultAudience))
        throw refuse(
          `AKV10022: Invalid audience. Expected ${vaultAudience}, found: ${audiences.join(', ')}. Ask for the scope '${vaultAudience}/.default'.`,
        );
      if (payload.tid !== trust.tenantId)
        throw refuse(`AKV10032: Invalid issuer. The token is not from the tenant '${trust.tenantId}'.`);
      // A token that a worker carries opens one vault and no other.
      if (payload.postern_host !== undefined && payload.postern_host !== trust.host)
        throw refuse(`The token is for the vault '${String(payload.postern_host)}' only.`);
      if (typeof payload.oid !== 'string') throw refuse('The token names no principal.');
      return { objectId: payload.oid, applicationId: String(payload.appid ?? '') };
    } catch (error) {
      if (error instanceof VaultError) throw error;
      if (error instanceof errors.JWTExpired) throw refuse('The token has expired. Ask for a new one.');
      throw refuse('The token is invalid: it was not signed by the issuer that this vault trusts.');
    }
  };
};
