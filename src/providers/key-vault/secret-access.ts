// Who may do what with the secrets of a vault: by its access policies, or by roles where it uses those. Pure.
import { type Grant, isDataGranted } from '../../arm/authorization/grant.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { type SecretPermission, secretPermissions } from '../../sandbox/sandbox.ts';
import { propertiesOf } from './vault-body.ts';

const below = 'Microsoft.KeyVault/vaults/secrets';

const dataActions: Readonly<Record<SecretPermission, string>> = {
  get: `${below}/getSecret/action`,
  list: `${below}/readMetadata/action`,
  set: `${below}/setSecret/action`,
  delete: `${below}/delete`,
  recover: `${below}/recover/action`,
  purge: `${below}/purge/action`,
};

const byPolicies = (body: JsonObject, objectId: string): SecretPermission[] => {
  const { accessPolicies } = propertiesOf(body);
  const policies = (Array.isArray(accessPolicies) ? accessPolicies : [])
    .filter(isJsonObject)
    .filter((policy) => String(policy.objectId).toLowerCase() === objectId.toLowerCase());
  const words = policies.flatMap(({ permissions }) => {
    const secrets = isJsonObject(permissions) ? permissions.secrets : [];
    return Array.isArray(secrets) ? secrets.map((word) => String(word).toLowerCase()) : [];
  });
  return secretPermissions.filter((permission) => words.includes(permission) || words.includes('all'));
};

/** The permissions of a principal that holds the roles `held`, at a vault. */
export const secretAccess = (
  vault: { key: string; body: JsonObject },
  objectId: string,
  held: readonly Grant[],
): SecretPermission[] =>
  propertiesOf(vault.body).enableRbacAuthorization === true
    ? secretPermissions.filter((permission) => isDataGranted(held, dataActions[permission], vault.key))
    : byPolicies(vault.body, objectId);
