// Access tokens as stores check them, each in its own words: the signature of our issuer, the time, the audience, the
// tenant, and the host that a worker's token is bound to.

import { errors, importJWK, type JWK, jwtVerify } from 'jose';
import { withoutSlashes } from '../base/text.ts';

/** Whom a token stands for. */
export type Bearer = { objectId: string; applicationId: string };

/** What is wrong with a token. */
export type TokenFault =
  | { kind: 'form' | 'expired' | 'signature' | 'principal' }
  | { kind: 'audience' | 'host'; found: string }
  | { kind: 'tenant' };

/** Thrown where a token is refused. */
export class TokenRefused extends Error {
  readonly fault: TokenFault;

  constructor(fault: TokenFault) {
    super(fault.kind);
    this.fault = fault;
  }
}

/** Whose tokens are taken: signed with `key` (a JSON Web Key), of the tenant. */
export type Trust = { key: Readonly<Record<string, unknown>>; tenantId: string };

/** What tokens must be for, in lower case and without a slash at the end, and the hosts at which bound ones are good. */
export type TokenPlace = { audiences: readonly string[]; hosts: readonly string[] };

/** Reads whom a token, or an `Authorization` header with one, stands for. Throws `TokenRefused`. */
export type ReadBearer = (text: string) => Promise<Bearer>;

/** Builds the reader of tokens. */
export const createTokenReader = (trust: Trust & TokenPlace): ReadBearer => {
  const key = importJWK(trust.key as JWK, 'RS256');
  // Where there is no key, nothing is let in; each request is told so.
  key.catch(() => {});
  return async (token) => {
    if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) throw new TokenRefused({ kind: 'form' });
    try {
      const { payload } = await jwtVerify(token, await key, {
        algorithms: ['RS256'],
        clockTolerance: 5,
        requiredClaims: ['exp'],
      });
      const found = [payload.aud ?? []].flat().map((one) => withoutSlashes(one));
      if (!found.some((one) => trust.audiences.includes(one.toLowerCase())))
        throw new TokenRefused({ kind: 'audience', found: found.join(', ') });
      if (payload.tid !== trust.tenantId) throw new TokenRefused({ kind: 'tenant' });
      // A token that a worker carries opens one store and no other.
      const { postern_host: host, oid } = payload;
      if (host !== undefined && !trust.hosts.includes(String(host)))
        throw new TokenRefused({ kind: 'host', found: String(host) });
      if (typeof oid !== 'string') throw new TokenRefused({ kind: 'principal' });
      return { objectId: oid, applicationId: String(payload.appid ?? '') };
    } catch (error) {
      if (error instanceof TokenRefused) throw error;
      throw new TokenRefused({ kind: error instanceof errors.JWTExpired ? 'expired' : 'signature' });
    }
  };
};

/** Builds the reader of `Authorization` headers. */
export const createBearer = (trust: Trust & TokenPlace): ReadBearer => {
  const read = createTokenReader(trust);
  return async (header) => read(/^Bearer (.+)$/i.exec(header)?.[1] ?? '');
};
