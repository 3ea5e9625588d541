// Reading the properties of linked services, datasets and activities, once expressions are replaced. A property of the
// wrong kind ends in a failure that names it, what it must be, and what was found.
import { ActivityError } from '../base/error.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';

/** Properties with the words that lead to them, for messages: `Linked service 'Blob', typeProperties`. */
export type Properties = { readonly values: JsonObject; readonly where: string };

const shown = (value: Json): string =>
  typeof value === 'string' ? 'other text' : Array.isArray(value) ? 'a list' : typeof value;

/** The failure of one property: what it must be, in words that complete "must be ...". Never shows the value itself. */
export const propertyError = (from: Properties, name: string, rule: string): ActivityError =>
  new ActivityError('UserErrorInvalidProperty', `${from.where}.${name} ${rule}.`);

const isAbsent = (value: Json | undefined): value is null | undefined => value === undefined || value === null;

/** Text, or undefined where the property is absent. */
export const textAt = (from: Properties, name: string): string | undefined => {
  const value = from.values[name];
  if (isAbsent(value)) return undefined;
  if (typeof value !== 'string') throw propertyError(from, name, `must be text, not ${shown(value)}`);
  return value;
};

/** One of the given words, in any case, as it is written in the list. */
export const choiceAt = <Word extends string>(
  from: Properties,
  name: string,
  words: readonly Word[],
): Word | undefined => {
  const value = textAt(from, name);
  if (value === undefined) return undefined;
  const found = words.find((word) => word.toLowerCase() === value.toLowerCase());
  if (found === undefined)
    throw propertyError(from, name, `must be one of ${words.join(', ')}; '${value}' is not supported`);
  return found;
};

/** A boolean; `True` and `false` as text are taken too, as Azure does. */
export const flagAt = (from: Properties, name: string): boolean | undefined => {
  const value = from.values[name];
  if (isAbsent(value)) return undefined;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string' && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  throw propertyError(from, name, `must be true or false, not ${shown(value)}`);
};

/** A whole number within the limits; digits as text are taken too, as Azure does. */
export const countAt = (from: Properties, name: string, least: number, most: number): number | undefined => {
  const value = from.values[name];
  if (isAbsent(value)) return undefined;
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < least || number > most)
    throw propertyError(from, name, `must be a whole number from ${least} to ${most}`);
  return number;
};

/** An instant in ISO 8601. */
export const instantAt = (from: Properties, name: string): Date | undefined => {
  const value = textAt(from, name);
  if (value === undefined || value === '') return undefined;
  // Azure's times without a zone are UTC.
  const date = new Date(/(Z|[+-]\d\d:?\d\d)$/i.test(value) || !value.includes('T') ? value : `${value}Z`);
  if (Number.isNaN(date.getTime()))
    throw propertyError(from, name, 'must be a date and time such as 2026-01-31T08:00:00Z');
  return date;
};

/** A group of properties; an absent one is empty. */
export const groupAt = (from: Properties, name: string): Properties => {
  const value = from.values[name];
  const where = `${from.where}.${name}`;
  if (isAbsent(value)) return { values: {}, where };
  if (!isJsonObject(value)) throw propertyError(from, name, `must be an object, not ${shown(value)}`);
  return { values: value, where };
};

/** A list of objects, each with its place in the list. */
export const groupsAt = (from: Properties, name: string): Properties[] | undefined => {
  const value = from.values[name];
  if (isAbsent(value)) return undefined;
  if (!Array.isArray(value)) throw propertyError(from, name, `must be a list, not ${shown(value)}`);
  return value.map((item, index) => {
    if (!isJsonObject(item)) throw propertyError(from, `${name}[${index}]`, 'must be an object');
    return { values: item, where: `${from.where}.${name}[${index}]` };
  });
};

/** A secret: text, or a `SecureString`. What a Key Vault holds was fetched before. */
export const secretAt = (from: Properties, name: string): string | undefined => {
  const value = from.values[name];
  if (isAbsent(value)) return undefined;
  if (typeof value === 'string') return value;
  if (isJsonObject(value) && typeof value.value === 'string' && value.type !== 'Expression') return value.value;
  if (isJsonObject(value) && value.type === 'AzureKeyVaultSecret')
    throw propertyError(
      from,
      name,
      'refers to a Key Vault secret, which works in linked services only; use a SecureString here',
    );
  throw propertyError(from, name, 'must be text or a SecureString');
};

/** Refuses properties that would change what happens and that are not supported, unless they are off. */
export const refuseAt = (from: Properties, names: readonly string[]): void => {
  for (const name of names) {
    const value = from.values[name];
    if (isAbsent(value) || value === false || value === '' || (Array.isArray(value) && value.length === 0)) continue;
    throw propertyError(from, name, 'is not supported; remove it');
  }
};
