// The values of a query: JSON, and undefined for what is not there. How they compare, and which one text stands for each.
import type { Json } from '../../../base/json.ts';
import { badRequest } from '../cosmos-error.ts';

/** A value of a query. */
export type Value = Json | undefined;

const ranks = { undefined: 0, null: 1, boolean: 2, number: 3, string: 4, array: 5, object: 6 } as const;

/** The kind of a value, in the order in which the kinds are sorted. */
export type Kind = keyof typeof ranks;

/** The kind of a value. */
export const kindOf = (value: Value): Kind => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value as Kind;
};

/** One text for all that are equal: names in order, no spaces. Undefined has a text of its own. */
export const canonical = (value: Value): string => {
  if (value === undefined) return 'undefined';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
};

/** Whether two values are equal: whatever the order of names. */
export const equals = (one: Value, other: Value): boolean => {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  return canonical(one) === canonical(other);
};

/** -1, 0 or 1 for two values of any kinds, as ORDER BY sorts them. */
export const compare = (one: Value, other: Value): number => {
  const [left, right] = [kindOf(one), kindOf(other)];
  if (left !== right) return ranks[left] < ranks[right] ? -1 : 1;
  if (left === 'array' || left === 'object') return compareTexts(canonical(one), canonical(other));
  if (left === 'string') return compareTexts(String(one), String(other));
  return Number(one) === Number(other) || left === 'undefined' || left === 'null'
    ? 0
    : Number(one) < Number(other)
      ? -1
      : 1;
};

const compareTexts = (one: string, other: string): number => (one === other ? 0 : one < other ? -1 : 1);

/** Two values of one kind that has an order, or undefined: other pairs are neither less nor more. */
export const compareAlike = (one: Value, other: Value): number | undefined => {
  const kind = kindOf(one);
  if (kind !== kindOf(other) || kind === 'undefined' || kind === 'array' || kind === 'object') return undefined;
  return compare(one, other);
};

/** The property of an object or the item of an array; undefined where there is none. */
export const memberOf = (value: Value, name: Value): Value => {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return typeof name === 'number' ? value[name] : undefined;
  return typeof name === 'string' && Object.hasOwn(value, name) ? value[name] : undefined;
};

/** An object of these entries, less those that are undefined. */
export const objectOf = (entries: Iterable<readonly [string, Value]>): Json =>
  Object.fromEntries([...entries].filter((entry): entry is [string, Json] => entry[1] !== undefined));

const largestValue = 8 * 2 ** 20;

/** The value, if all that it holds is a few megabytes at most: a query can name one item many times over. */
export const small = <Made extends Value>(value: Made): Made => {
  let size = 0;
  const waiting: Value[] = [value];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    size += typeof one === 'string' ? one.length + 2 : 8;
    if (typeof one === 'object' && one !== null) {
      const parts = Object.values(one);
      size += parts.length;
      for (const part of parts) waiting.push(part);
    }
    if (size > largestValue) throw badRequest('A value that the query makes is larger than 8 MB.');
  }
  return value;
};
