// What jobs need of the factory's identity: a token for each vault that they read secrets from.
import type { HostToken } from '../activities/job.ts';
import { isJsonObject, type Json } from '../base/json.ts';
import type { ResolvedLinkedService } from '../connectors/resolved.ts';

/** The managed identities of factories. */
export type FactoryIdentities = {
  /** Resolves where the factory can sign in. Errors: with the code `ManagedIdentityMissing`, and what to do. */
  require(factoryKey: string): Promise<void>;
  /** A token of a few minutes, good at the vault `host` and nowhere else. */
  tokenFor(factoryKey: string, host: string): Promise<HostToken>;
};

/** A Key Vault linked service that names no vault. */
export class VaultNameMissing extends Error {
  readonly code = 'UserErrorInvalidProperty';
}

/** The host of an `AzureKeyVault` linked service. A token is given for nothing that is not a vault. */
export const vaultHostOf = ({ name, typeProperties }: ResolvedLinkedService): string => {
  const url = URL.parse(String(typeProperties.baseUrl));
  if (url?.protocol === 'https:' && /^[a-z0-9-]+\.vault\.azure\.net$/.test(url.host)) return url.host;
  throw new VaultNameMissing(
    `Linked service '${name}', typeProperties.baseUrl must be the URL of a key vault, such as https://name.vault.azure.net/.`,
  );
};

/** True for a reference to a secret in a vault. */
export const isVaultSecret = (value: Json): boolean => isJsonObject(value) && value.type === 'AzureKeyVaultSecret';
