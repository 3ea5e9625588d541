import { errors, jwtVerify } from 'jose';
import { ServiceError } from '../../base/error.ts';
import type { Place } from './place.ts';
import type { SigningKey } from './signing-key.ts';

/** Reads the bearer token of a request: the object id that it stands for and until when (ms), or a 401 that says what is wrong. */
export type ReadBearer = (header: string | undefined, origin: string) => Promise<{ objectId: string; until: number }>;

/** Builds the reader of tokens that our own issuer signed. */
export const createBearer = (options: { key: SigningKey; tenantId: string; place: Place }): ReadBearer => {
  const { key, tenantId, place } = options;
  return async (header, origin) => {
    const refused = (code: string, message: string) =>
      new ServiceError(401, code, message, {
        headers: {
          'www-authenticate': `Bearer authorization_uri="${origin}/${tenantId}", error="invalid_token", error_description="${message.replaceAll('"', "'")}"`,
        },
      });
    if (header === undefined)
      throw refused('AuthenticationFailed', "Authentication failed. The 'Authorization' header is missing.");
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(header)?.[1];
    if (token === undefined)
      throw refused('InvalidAuthenticationToken', "The 'Authorization' header must be 'Bearer' and an access token.");
    try {
      const { payload } = await jwtVerify(token, key.publicKey, { algorithms: ['RS256'], clockTolerance: 5 });
      const audiences = [payload.aud ?? []].flat();
      if (!audiences.some(place.isAudience))
        throw refused(
          'InvalidAuthenticationTokenAudience',
          `The access token is for '${audiences.join(', ')}'. Ask for the scope '${origin}/.default'.`,
        );
      if (payload.tid !== tenantId)
        throw refused('InvalidAuthenticationTokenTenant', `The access token is not from the tenant '${tenantId}'.`);
      if (typeof payload.oid !== 'string')
        throw refused('InvalidAuthenticationToken', 'The access token names no principal.');
      return { objectId: payload.oid, until: (payload.exp ?? 0) * 1000 };
    } catch (error) {
      if (error instanceof ServiceError) throw error;
      if (error instanceof errors.JWTExpired)
        throw refused('ExpiredAuthenticationToken', 'The access token has expired. Ask for a new one.');
      throw refused('InvalidAuthenticationToken', 'The access token is invalid: it was not signed by this Postern.');
    }
  };
};
