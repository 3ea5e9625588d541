import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Caller } from '../resource-type.ts';
import type { SigningKey } from './signing-key.ts';

/** What an access token is for. `host` binds it to one host of that audience; without it all of them take it. */
export type TokenWish = { audience: string; origin: string; lifetimeSeconds: number; host?: string };

/** Signs an access token that stands for a principal. */
export type Sign = (caller: Pick<Caller, 'objectId' | 'applicationId'>, wish: TokenWish) => Promise<string>;

/** The signer of one tenant. */
export const createSign =
  (key: SigningKey, tenantId: string): Sign =>
  (caller, { audience, origin, lifetimeSeconds, host }) => {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      oid: caller.objectId,
      sub: caller.objectId,
      appid: caller.applicationId,
      tid: tenantId,
      idtyp: 'app',
      ver: '1.0',
      ...(host !== undefined && { postern_host: host }),
    };
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.id })
      .setIssuer(`${origin}/${tenantId}/v2.0`)
      .setAudience(audience)
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + lifetimeSeconds)
      .setJti(randomUUID())
      .sign(key.privateKey);
  };
