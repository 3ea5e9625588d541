// What jobs need of identities: a token for each vault that they read secrets from, and for each store whose linked
// service asks as an identity. The worker gets the token and never what it was given for.
import { isJsonObject, type Json } from '../base/json.ts';
import { type Access, accessProperty, type ResolvedLinkedService } from '../connectors/resolved.ts';
import { isGiven, type SignInKind, signInPlaceOf } from '../connectors/sign-in.ts';

/** A service principal as a linked service names it, its secret in clear. */
export type ServicePrincipal = { linkedService: string; id: string; secret: string; tenant: string };

/** For what a token is wanted: one host, and as whom: the factory itself unless a service principal is given. */
export type TokenUse = { kind: 'vault' | SignInKind; host: string; servicePrincipal?: ServicePrincipal };

/** The identities that jobs of factories use. */
export type FactoryIdentities = {
  /** Resolves where whoever is meant can sign in. Errors: with a code such as `ManagedIdentityMissing`, and what to do. */
  require(factoryKey: string, use: TokenUse): Promise<void>;
  /** A token that is good at the host of `use` and nowhere else. Errors: those of `require`. */
  tokenFor(factoryKey: string, use: TokenUse): Promise<Access>;
};

/** A linked service whose identity cannot be read from it. */
export class IdentityInvalid extends Error {
  readonly code = 'UserErrorInvalidProperty';
}

const invalid = ({ name }: ResolvedLinkedService, property: string, rule: string) =>
  new IdentityInvalid(`Linked service '${name}', typeProperties.${property} ${rule}.`);

/** The host of an `AzureKeyVault` linked service. A token is given for nothing that is not a vault. */
export const vaultHostOf = (service: ResolvedLinkedService): string => {
  const url = URL.parse(String(service.typeProperties.baseUrl));
  if (url?.protocol === 'https:' && /^[a-z0-9-]+\.vault\.azure\.net$/.test(url.host)) return url.host;
  throw invalid(service, 'baseUrl', 'must be the URL of a key vault, such as https://name.vault.azure.net/');
};

/** True for a reference to a secret in a vault. */
export const isVaultSecret = (value: Json): boolean => isJsonObject(value) && value.type === 'AzureKeyVaultSecret';

const principalNames = ['servicePrincipalId', 'servicePrincipalKey', 'servicePrincipalCredential', 'tenant'];

const textOf = (service: ResolvedLinkedService, property: string): string => {
  const value = service.typeProperties[property];
  const text = isJsonObject(value) && value.type === 'SecureString' ? value.value : value;
  if (isJsonObject(text) && isVaultSecret(text))
    throw invalid(
      service,
      property,
      'cannot come from a key vault: it is the control plane that signs in, and no vault is open to it. Write it as a SecureString, or use the managed identity of the factory',
    );
  if (typeof text !== 'string' || text === '')
    throw invalid(service, property, 'must be given, as text, for a service principal');
  return text;
};

const principalOf = (service: ResolvedLinkedService): ServicePrincipal => {
  const { servicePrincipalCredentialType: kind, servicePrincipalKey, azureCloudType: cloud } = service.typeProperties;
  if (isGiven(cloud) && String(cloud).toLowerCase() !== 'azurepublic')
    throw invalid(service, 'azureCloudType', 'must be AzurePublic: there is no other cloud here');
  if (isGiven(kind) && String(kind).toLowerCase() !== 'serviceprincipalkey')
    throw invalid(service, 'servicePrincipalCredentialType', 'must be ServicePrincipalKey: there are no certificates');
  return {
    linkedService: service.name,
    id: textOf(service, 'servicePrincipalId'),
    secret: textOf(service, isGiven(servicePrincipalKey) ? 'servicePrincipalKey' : 'servicePrincipalCredential'),
    tenant: textOf(service, 'tenant'),
  };
};

/** What a linked service needs a token for; null where it brings another credential, or is of no such store. */
export const tokenUseOf = (service: ResolvedLinkedService): TokenUse | null => {
  const place = signInPlaceOf(service);
  if (!place) return null;
  const { kind, property, host, example } = place;
  const { authenticationType, credential } = service.typeProperties;
  const asked = isGiven(authenticationType) ? String(authenticationType).toLowerCase() : '';
  if (isGiven(credential) || asked === 'userassignedmanagedidentity')
    throw invalid(
      service,
      isGiven(credential) ? 'credential' : 'authenticationType',
      "asks for an identity of its own, which is not there; without it the factory's system-assigned identity is used",
    );
  if (host === null)
    throw invalid(
      service,
      property,
      `must be ${example} where an identity signs in, and no secret of a vault; a token is made for no other host`,
    );
  const isFactory = asked === 'msi' || asked === 'systemassignedmanagedidentity';
  const names = principalNames.some((each) => isGiven(service.typeProperties[each]));
  const isPrincipal = asked === 'serviceprincipal' || (!isFactory && names);
  return { kind, host, ...(isPrincipal && { servicePrincipal: principalOf(service) }) };
};

/** The linked service as a worker may see it: without the secret of a principal, and with no access but what is given. */
export const withAccess = (service: ResolvedLinkedService, access?: Access): ResolvedLinkedService => {
  const { servicePrincipalKey: _, servicePrincipalCredential: __, ...kept } = service.typeProperties;
  const { [accessProperty]: ___, ...typeProperties } = kept;
  return { ...service, typeProperties: { ...typeProperties, ...(access && { [accessProperty]: access }) } };
};
