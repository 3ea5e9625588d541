// Secrets on the wire: what a client may send, and what it sees. Pure.
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Deletion, SecretVersion, SecretWords } from './secret-file.ts';
import { VaultError } from './vault-error.ts';

/** What the ids and recovery words of a vault's secrets are made from. */
export type VaultWords = { host: string; retentionDays: number; purgeProtection: boolean };

const longestValue = 25_600;

const bad = (message: string) => new VaultError(400, 'BadParameter', message);

const secondsAt = (attributes: JsonObject, name: string, before: number | null): number | null => {
  const value = attributes[name];
  if (value === undefined) return before;
  if (value === null) return null;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw bad(`attributes.${name} must be a whole number of seconds since 1970.`);
  return value;
};

const tagsAt = (value: Json): Record<string, string> => {
  if (!isJsonObject(value) || Object.values(value).some((tag) => typeof tag !== 'string'))
    throw bad('tags must be an object of texts.');
  if (Object.keys(value).length > 15) throw bad('A secret has at most 15 tags.');
  return value as Record<string, string>;
};

const fresh: SecretWords = { contentType: null, tags: {}, enabled: true, notBefore: null, expires: null };

/** What a body says of a version, over what was said `before`. Errors: `BadParameter` naming the field. */
export const readWords = (body: JsonObject, before: SecretWords = fresh): SecretWords => {
  const { contentType, tags, attributes = {} } = body;
  if (!isJsonObject(attributes)) throw bad('attributes must be an object.');
  if (contentType !== undefined && contentType !== null && typeof contentType !== 'string')
    throw bad('contentType must be text.');
  const enabled = attributes.enabled ?? before.enabled;
  if (typeof enabled !== 'boolean') throw bad('attributes.enabled must be true or false.');
  return {
    contentType: contentType === undefined ? before.contentType : contentType,
    tags: tags === undefined || tags === null ? before.tags : tagsAt(tags),
    enabled,
    notBefore: secondsAt(attributes, 'nbf', before.notBefore),
    expires: secondsAt(attributes, 'exp', before.expires),
  };
};

/** The value in a body. Errors: `BadParameter`. */
export const readValue = ({ value }: JsonObject): string => {
  if (typeof value !== 'string') throw bad('value is required and must be text.');
  if (Buffer.byteLength(value) > longestValue) throw bad(`value must be at most ${longestValue} bytes.`);
  return value;
};

const idOf = ({ host }: VaultWords, place: string) => `https://${host}/${place}`;

const recoveryLevel = ({ retentionDays, purgeProtection }: VaultWords) =>
  `${retentionDays < 90 ? 'Customized' : ''}Recoverable${purgeProtection ? '' : '+Purgeable'}`;

const itemOf = (vault: VaultWords, secret: SecretVersion, id: string): JsonObject => ({
  id,
  ...(secret.contentType !== null && { contentType: secret.contentType }),
  attributes: {
    enabled: secret.enabled,
    ...(secret.notBefore !== null && { nbf: secret.notBefore }),
    ...(secret.expires !== null && { exp: secret.expires }),
    created: secret.created,
    updated: secret.updated,
    recoveryLevel: recoveryLevel(vault),
    recoverableDays: vault.retentionDays,
  },
  tags: secret.tags,
});

/** A secret in a list of secrets. */
export const secretItem = (vault: VaultWords, secret: SecretVersion): JsonObject =>
  itemOf(vault, secret, idOf(vault, `secrets/${secret.name}`));

/** One version: in a list of versions, or as the answer to a write or a read (with its value). */
export const versionItem = (vault: VaultWords, secret: SecretVersion, value?: string): JsonObject => ({
  ...(value !== undefined && { value }),
  ...itemOf(vault, secret, idOf(vault, `secrets/${secret.name}/${secret.version}`)),
});

/** What a deleted secret has beside what it had. */
export const deletionWords = (vault: VaultWords, deletion: Deletion): JsonObject => ({
  recoveryId: idOf(vault, `deletedsecrets/${deletion.name}`),
  deletedDate: deletion.deleted,
  scheduledPurgeDate: deletion.purge,
});
