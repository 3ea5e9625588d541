// What the client threw, as a failure that says what to change. Pure.
import { ActivityError, messageOf } from '../../base/error.ts';
import { adviceOnCertificate } from '../certificate.ts';
import { wayCode } from '../http.ts';
import type { Trouble } from '../retry.ts';

/** The secret that was asked for; a name of '' means the list of them all. */
export type SecretPlace = { baseUrl: string; name: string; version: string | undefined };

type Thrown = {
  statusCode?: number;
  code?: string;
  details?: { error?: { innerError?: { code?: string } } };
};

/** How a failed call is best treated. */
export const troubleOf = (error: unknown): Trouble => {
  const { statusCode, code, name } = error as Thrown & { name?: string };
  if (statusCode === undefined) return name === 'RestError' && !adviceOnCertificate(code) ? 'refused' : 'final';
  return [408, 429, 500, 502, 503, 504].includes(statusCode) ? 'busy' : 'final';
};

const judge = (error: Thrown): readonly [errorCode: string, remedy: string] => {
  const { statusCode } = error;
  if (statusCode === undefined)
    return [
      'AzureKeyVaultUnreachable',
      adviceOnCertificate(error.code) ?? 'The worker could not connect to the vault: see the details for why.',
    ];
  if (statusCode === 401)
    return [
      'AzureKeyVaultUnauthorized',
      "The vault did not accept the token of the factory's managed identity: it may have expired while the job waited, or the identity is gone. Run the activity again; write the factory with its identity if that does not help.",
    ];
  if (statusCode === 403 && error.details?.error?.innerError?.code === 'SecretDisabled')
    return ['AzureKeyVaultSecretDisabled', 'Enable this version of the secret, or name another one in secretVersion.'];
  if (statusCode === 403)
    return [
      'AzureKeyVaultForbidden',
      "Let the factory's managed identity get and list secrets: an access policy of the vault, or the role Key Vault Secrets User.",
    ];
  if (statusCode === 404)
    return ['AzureKeyVaultSecretNotFound', 'Set the secret in the vault, or correct secretName or secretVersion.'];
  return ['AzureKeyVaultFailed', `The vault answered ${statusCode}.`];
};

/** The failure that a person sees for `error`. */
export const vaultFailure = (error: unknown, { baseUrl, name, version }: SecretPlace): unknown => {
  if (!(error instanceof Error) || error instanceof ActivityError || error.name === 'AbortError') return error;
  const thrown = error as Thrown;
  const [errorCode, remedy] = judge(thrown);
  const words = messageOf(error).replace(/\s+/g, ' ').slice(0, 500);
  const code = (wayCode(thrown.code) ?? 'Unknown').replace(/[^\w.-]/g, '').slice(0, 100) || 'Unknown';
  const what =
    name === ''
      ? 'Failed to list the secrets of key vault'
      : `Failed to get the secret from key vault, secretName: ${name}, secretVersion: ${version ?? ''}`;
  return new ActivityError(errorCode, `${what}, vaultBaseUrl: ${baseUrl}. ${remedy}`, {
    details: [{ code, message: words, host: URL.parse(baseUrl)?.hostname ?? baseUrl }],
    cause: error,
  });
};
