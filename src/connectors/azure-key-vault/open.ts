// Secrets of a vault, by the official client. It sees only the real host name: the worker's network makes it work.
import { SecretClient } from '@azure/keyvault-secrets';
import { ActivityError } from '../../base/error.ts';
import { givenToken } from '../access.ts';
import { textOptions } from '../http.ts';
import { withRetry } from '../retry.ts';
import { type SecretPlace, troubleOf, vaultFailure } from './failure.ts';

/** A vault, by the official client, with a token that was given for it. Nothing is sent yet. */
export const openVault = (baseUrl: string, access: { token: string; expiresAt: string }): SecretClient =>
  // One try: `withRetry` knows better than the client which failures are worth another.
  new SecretClient(baseUrl, givenToken(access), { retryOptions: { maxRetries: 0 }, ...textOptions() });

/** Reads the value of a secret with a token that was given for its vault. Throws an `ActivityError`. */
export const readVaultSecret = async (
  place: SecretPlace,
  access: { token: string; expiresAt: string },
  signal: AbortSignal,
): Promise<string> => {
  const { baseUrl, name, version } = place;
  const client = openVault(baseUrl, access);
  const options = { abortSignal: signal, ...(version !== undefined && { version }) };
  try {
    const { value } = await withRetry(() => client.getSecret(name, options), troubleOf, signal);
    if (value !== undefined) return value;
  } catch (error) {
    signal.throwIfAborted();
    throw vaultFailure(error, place);
  }
  throw new ActivityError('AzureKeyVaultFailed', `The secret ${name} of ${baseUrl} has no value.`);
};
