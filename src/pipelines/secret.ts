import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type Json } from '../base/json.ts';
import type { Database } from '../database/database.ts';
import { readResource } from '../database/resource.ts';
import { putBack, readSecrets, type SecretKey, type Secrets, secretMask } from '../database/secret.ts';
import { literal, namesValue } from '../expressions/evaluate.ts';
import type { Part } from './definition.ts';

/** A part whose secrets cannot be used any more. */
export class SecretUnavailable extends Error {
  readonly code = 'SecretUnavailable';
}

/** True where a secret was taken out of a value. */
export const holdsMask = (value: Json): boolean =>
  value === secretMask || (typeof value === 'object' && value !== null && Object.values(value).some(holdsMask));

const withoutCredential = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(withoutCredential);
  if (!isJsonObject(value)) return value;
  const { encryptedCredential: _, ...kept } = value;
  return Object.fromEntries(Object.entries(kept).map(([name, item]) => [name, withoutCredential(item)]));
};

/** A secret is its own text, unless it names a value of the run: passwords may well begin with @. */
const asWritten = (path: string, value: Json): Json =>
  typeof value !== 'string' || namesValue(value) || isDefault.test(path) ? value : literal(value);

/** Defaults of parameters are values already. */
const isDefault = /\.defaultValue$/;

const asWrittenAll = (secrets: Secrets) =>
  new Map([...secrets].map(([path, value]) => [path, asWritten(path, value)] as const));

/**
 * A part with its secrets in clear, ready to be evaluated. They are today's, so a rotated key is the one that works;
 * but they are used only with what they were stored for, so a part that changed meanwhile is refused.
 * Errors: `SecretUnavailable`.
 */
export const withSecrets = async (db: Database, key: SecretKey, part: Part): Promise<Part> => {
  if (part.secrets) return { ...part, body: putBack(part.body, asWrittenAll(part.secrets)) };
  const secrets = await readSecrets(db, key, part.key);
  if (secrets.size === 0) {
    if (holdsMask(part.body.properties ?? null))
      throw new SecretUnavailable(`A secret of ${part.name} is no longer stored. Write it again and start a new run.`);
    return part;
  }
  const current = await readResource(db, part.key);
  if (!current || !isDeepStrictEqual(withoutCredential(current.body), withoutCredential(part.body)))
    throw new SecretUnavailable(
      `${part.name} was changed or deleted after this run began, so its secrets are not used for it. Start a new run.`,
    );
  return { ...part, body: putBack(part.body, asWrittenAll(secrets)) };
};
