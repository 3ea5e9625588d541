// The OpenID Connect issuer: discovery, keys, and tokens for client credentials. Errors have the shape and numbers of
// Microsoft Entra, which client libraries read.

import { randomUUID } from 'node:crypto';
import { withoutSlashes } from '../../base/text.ts';
import type { Place } from './place.ts';
import { createSign } from './sign.ts';
import type { SignIn } from './sign-in.ts';
import type { SigningKey } from './signing-key.ts';

const lifetimeSeconds = 3600;
/** What tokens may be for beside this front door: clients ask for the first two, sandbox stores take the others. */
const otherAudiences = [
  'https://graph.microsoft.com',
  'https://graph.windows.net',
  'https://vault.azure.net',
  'https://storage.azure.com',
  'https://database.windows.net',
  'https://cosmos.azure.com',
];
const accountAudience =
  /^https:\/\/([a-z0-9]{3,24}\.(blob|dfs|file|table)\.core\.windows\.net|[a-z0-9-]{3,44}\.documents\.azure\.com)$/;

const isOther = (audience: string) => otherAudiences.includes(audience) || accountAudience.test(audience);

/** A reply of the issuer. */
export type TokenReply = { status: number; body: Record<string, unknown>; headers?: Record<string, string> };

/** One request to the issuer, below its tenant. */
export type TokenAsk = {
  method: string;
  /** Path segments after the tenant. */
  segments: readonly string[];
  tenant: string;
  origin: string;
  body: Buffer | undefined;
};

/** Answers what is asked of the issuer; null where the path is not one of its own. */
export type Issuer = (ask: TokenAsk) => Promise<TokenReply | null>;

const failure = (
  status: number,
  error: string,
  number: number,
  text: string,
  headers: Record<string, string> = {},
): TokenReply => {
  const traceId = randomUUID();
  const timestamp = new Date().toISOString().replace('T', ' ').slice(0, 19);
  return {
    status,
    headers,
    body: {
      error,
      error_description: `AADSTS${number}: ${text} Trace ID: ${traceId} Correlation ID: ${traceId} Timestamp: ${timestamp}Z`,
      error_codes: [number],
      timestamp: `${timestamp}Z`,
      trace_id: traceId,
      correlation_id: traceId,
    },
  };
};

const audienceOf = (form: URLSearchParams) => {
  const scope = form.get('scope') ?? form.get('resource') ?? '';
  return scope.split(' ')[0]!.replace(/\/\.default$/, '');
};

const discovery = (origin: string, tenant: string) => ({
  issuer: `${origin}/${tenant}/v2.0`,
  authorization_endpoint: `${origin}/${tenant}/oauth2/v2.0/authorize`,
  token_endpoint: `${origin}/${tenant}/oauth2/v2.0/token`,
  jwks_uri: `${origin}/${tenant}/discovery/v2.0/keys`,
  token_endpoint_auth_methods_supported: ['client_secret_post'],
  grant_types_supported: ['client_credentials'],
  response_types_supported: ['token'],
  response_modes_supported: ['query'],
  subject_types_supported: ['pairwise'],
  id_token_signing_alg_values_supported: ['RS256'],
  scopes_supported: ['openid'],
  claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'nbf', 'oid', 'appid', 'tid'],
});

/** Builds the issuer of one tenant. */
export const createIssuer = (options: { signIn: SignIn; key: SigningKey; tenantId: string; place: Place }): Issuer => {
  const { signIn, key, tenantId, place } = options;
  const sign = createSign(key, tenantId);

  const issue = async (form: URLSearchParams, origin: string): Promise<TokenReply> => {
    const grant = form.get('grant_type');
    if (grant !== 'client_credentials')
      return failure(
        400,
        grant ? 'unsupported_grant_type' : 'invalid_request',
        grant ? 70003 : 900144,
        grant
          ? `The grant type '${grant}' is not supported. Use 'client_credentials'.`
          : "The request body must contain the parameter 'grant_type'.",
      );
    const clientId = form.get('client_id') ?? '';
    const secret = form.get('client_secret') ?? '';
    for (const [name, value] of [
      ['client_id', clientId],
      ['client_secret', secret],
    ])
      if (value === '')
        return failure(400, 'invalid_request', 900144, `The request body must contain the parameter '${name}'.`);
    const audience = audienceOf(form);
    if (!place.isAudience(audience) && !isOther(withoutSlashes(audience)))
      return failure(
        400,
        'invalid_scope',
        500011,
        `The resource '${audience}' was not found. Ask for '${origin}/.default', 'https://management.azure.com/.default', 'https://vault.azure.net/.default', 'https://storage.azure.com/.default', 'https://database.windows.net/.default' or 'https://cosmos.azure.com/.default'.`,
      );
    const signedIn = await signIn(clientId, secret);
    if ('waitSeconds' in signedIn) {
      const seconds = `${signedIn.waitSeconds}`;
      const text = `Too many sign-ins for '${clientId}'. Wait ${seconds} s.`;
      return failure(429, 'temporarily_unavailable', 90055, text, { 'retry-after': seconds });
    }
    if (!signedIn.caller)
      return failure(
        401,
        'invalid_client',
        7000215,
        `Invalid client secret provided, or no application '${clientId}' exists.`,
      );
    const token = await sign(signedIn.caller, { audience, origin, lifetimeSeconds });
    const life = { expires_in: lifetimeSeconds - 1, ext_expires_in: lifetimeSeconds - 1 };
    return { status: 200, body: { token_type: 'Bearer', ...life, access_token: token } };
  };

  return async ({ method, segments, tenant, origin, body }) => {
    const place = segments.join('/').toLowerCase();
    const isDiscovery =
      place === 'v2.0/.well-known/openid-configuration' || place === '.well-known/openid-configuration';
    const isKeys = place === 'discovery/v2.0/keys' || place === 'discovery/keys';
    const isToken = place === 'oauth2/v2.0/token' || place === 'oauth2/token';
    if (!isDiscovery && !isKeys && !isToken) return null;
    if (tenant.toLowerCase() !== tenantId.toLowerCase())
      return failure(400, 'invalid_tenant', 90002, `Tenant '${tenant}' not found. This Postern is '${tenantId}'.`);
    const wanted = isToken ? 'POST' : 'GET';
    if (method !== wanted)
      return failure(405, 'invalid_request', 900561, `The endpoint only accepts ${wanted} requests.`, {
        allow: wanted,
      });
    if (isDiscovery) return { status: 200, body: discovery(origin, tenantId) };
    if (isKeys) return { status: 200, body: { keys: [key.jwk] } };
    return issue(new URLSearchParams(body?.toString('utf8') ?? ''), origin);
  };
};
