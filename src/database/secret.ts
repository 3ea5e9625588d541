// Secrets at rest: AES-256-GCM under a key that lies outside the database, each value bound to the place it belongs to,
// so that a sealed value copied to another row does not open.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { Database, Tx } from './database.ts';
import { keyFile } from './key-file.ts';

const nonceBytes = 12;
const tagBytes = 16;
const keyBytes = 32;

/** What stands in a stored or shown body where a secret was. Sent back by a client, it means "as it was". */
export const secretMask = '**********';

/** Seals and opens values with one key. */
export type SecretKey = Buffer;

/** Reads the key from `file` (mode 0600), making it on first use. Lose the file and the secrets are lost. */
export const openSecretKey = (file: string): SecretKey => {
  const key = keyFile(file, () => randomBytes(keyBytes));
  if (key.length !== keyBytes) throw new Error(`${file} is not a key of ${keyBytes} bytes. Restore it from a backup.`);
  return key;
};

const place = (resourceKey: string, path: string) => Buffer.from(JSON.stringify([resourceKey, path]));

/** Seals a value for one place: the resource and the path in its body. */
export const sealSecret = (key: SecretKey, resourceKey: string, path: string, value: Json): Uint8Array => {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(place(resourceKey, path));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
};

/** Opens what `sealSecret` sealed for this place; throws for any other key, place or altered bytes. */
export const openSecret = (key: SecretKey, resourceKey: string, path: string, sealed: Uint8Array): Json => {
  const nonce = sealed.subarray(0, nonceBytes);
  const tag = sealed.subarray(nonceBytes, nonceBytes + tagBytes);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(place(resourceKey, path)).setAuthTag(tag);
  const text = Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()]);
  return JSON.parse(text.toString('utf8')) as Json;
};

/** Secret values by the dotted path where they stood (`properties.typeProperties.connectionString`). */
export type Secrets = ReadonlyMap<string, Json>;

/** True for a path whose value is a secret as a whole. `SecureString` values are secrets wherever they stand. */
export type IsSecretPath = (path: string) => boolean;

/** The path of property `name` of what stands at `path`; dots and backslashes in a name are escaped. */
export const pathBelow = (path: string, name: string): string => {
  const escaped = name.replace(/[\\.]/g, '\\$&');
  return path === '' ? escaped : `${path}.${escaped}`;
};

type Visit = (path: string, value: Json) => Json;

const walk = (value: Json, path: string, isSecretPath: IsSecretPath, visit: Visit): Json => {
  if (value !== null && path !== '' && isSecretPath(path) && !isJsonObject(value)) return visit(path, value);
  if (Array.isArray(value))
    return value.map((item, index) => walk(item, pathBelow(path, `${index}`), isSecretPath, visit));
  if (!isJsonObject(value)) return value;
  const isSecure = value.type === 'SecureString' && value.value !== undefined;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      const below = pathBelow(path, name);
      return [name, isSecure && name === 'value' ? visit(below, item) : walk(item, below, isSecretPath, visit)];
    }),
  );
};

/**
 * Splits a body: `body` with a mask in each secret's place, and the `secrets`. A mask that the client sent back is in
 * `kept`: its secret is to stay as it was.
 */
export const takeSecrets = (
  body: JsonObject,
  isSecretPath: IsSecretPath = () => false,
): { body: JsonObject; secrets: Map<string, Json>; kept: string[] } => {
  const secrets = new Map<string, Json>();
  const kept: string[] = [];
  const masked = walk(body, '', isSecretPath, (path, value) => {
    if (value === secretMask) kept.push(path);
    else secrets.set(path, value);
    return secretMask;
  });
  return { body: masked as JsonObject, secrets, kept };
};

/** The body with its secrets in place again. Only for a job that needs them. */
export const putBack = (body: JsonObject, secrets: Secrets): JsonObject =>
  walk(
    body,
    '',
    (path) => secrets.has(path),
    (path, value) => secrets.get(path) ?? value,
  ) as JsonObject;

/** Replaces the secrets of a resource by `secrets`, less those of `kept`, which stay. */
export const writeSecrets = async (
  tx: Tx,
  key: SecretKey,
  resourceKey: string,
  secrets: Secrets,
  kept: readonly string[] = [],
): Promise<void> => {
  let old = tx.deleteFrom('secret').where('resource_key', '=', resourceKey);
  if (kept.length > 0) old = old.where('path', 'not in', kept);
  await old.execute();
  for (const [path, value] of secrets)
    await tx
      .insertInto('secret')
      .values({ resource_key: resourceKey, path, sealed: sealSecret(key, resourceKey, path, value) })
      .execute();
};

/** The opened secrets of a resource. */
export const readSecrets = async (db: Database | Tx, key: SecretKey, resourceKey: string): Promise<Secrets> => {
  const rows = await db.selectFrom('secret').selectAll().where('resource_key', '=', resourceKey).execute();
  return new Map(rows.map((row) => [row.path, openSecret(key, resourceKey, row.path, row.sealed)]));
};
