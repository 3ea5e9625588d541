// An issuer of tokens by itself, for stores that trust it, and the tokens that none of them may take.
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

const keys = await generateKeyPair('RS256');
const others = await generateKeyPair('RS256');

/** The tenant of its tokens. */
export const tenantId = '10000000-0000-4000-8000-000000000001';

/** Its public key, as stores get it. */
export const publicKey: Record<string, unknown> = { ...(await exportJWK(keys.publicKey)) };

/** What a token says. `life` is in seconds, of 300 unless told otherwise; `isForged` has another key sign it. */
export type Claims = {
  oid?: string | undefined;
  aud?: string | string[];
  tid?: string;
  postern_host?: string;
  life?: number;
  isForged?: boolean;
};

/** Signs a token. */
export const tokenFor = ({ isForged = false, life = 300, aud = '', ...more }: Claims): Promise<string> =>
  new SignJWT({ oid: 'owner', appid: 'app', tid: tenantId, ...more })
    .setProtectedHeader({ alg: 'RS256' })
    .setAudience(aud)
    .setExpirationTime(Math.floor(Date.now() / 1000) + life)
    .sign((isForged ? others : keys).privateKey);

/** Tokens for `aud` that a store at another host than `elsewhere` must refuse, by what is wrong with each. */
export const wrongTokens = async (aud: string, elsewhere: string): Promise<[fault: string, token: string][]> => {
  const wrong: Record<string, Claims> = {
    forged: { isForged: true },
    expired: { life: -60 },
    'for vaults': { aud: 'https://vault.azure.net' },
    'for the control plane': { aud: 'https://management.azure.com' },
    'for storage': { aud: 'https://storage.azure.com' },
    'of another tenant': { tid: '20000000-0000-4000-8000-000000000002' },
    'for another host': { postern_host: elsewhere },
    'of nobody': { oid: undefined },
    'of a principal that is gone': { oid: 'gone' },
  };
  const claims = { oid: 'owner', tid: tenantId, aud, exp: 9_999_999_999 };
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = `${encoded({ alg: 'none' })}.${encoded(claims)}.`;
  const made = Object.entries(wrong).map(async ([fault, one]) => [fault, await tokenFor({ aud, ...one })] as const);
  return [
    ...(await Promise.all(made)),
    ['unsigned', unsigned],
    ['signed with noise', `${unsigned}AA`],
    ['no token', 'x'],
  ].map(([fault, token]) => [fault!, token!]);
};
