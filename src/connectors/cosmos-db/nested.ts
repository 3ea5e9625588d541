// Columns whose text is JSON: the dataset's schema says so, with the types that JSON itself has. Pure.
import { isJsonObject, type Json } from '../../base/json.ts';
import { type Properties, textAt } from '../property.ts';
import { readDecimal, significantDigits } from '../row/decimal.ts';

const ownTypes: Readonly<Record<string, string>> = { object: 'String', array: 'String', number: 'Double' };

const typeIn = (column: Properties) => textAt(column, 'type')?.toLowerCase() ?? '';

/** The schema in the words of rows: what JSON calls an object or an array is a String that holds it. */
export const rowSchema = (schema: readonly Properties[]): Properties[] =>
  schema.map((column) => {
    const own = typeIn(column);
    return Object.hasOwn(ownTypes, own) ? { ...column, values: { ...column.values, type: ownTypes[own]! } } : column;
  });

/** The columns that the schema says are objects or arrays. */
export const nestedColumns = (schema: readonly Properties[]): ReadonlySet<string> =>
  new Set(
    schema
      .filter((column) => ['object', 'array'].includes(typeIn(column)))
      .map((column) => textAt(column, 'name') ?? ''),
  );

const deepest = 100;

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((part) => isDeeper(part, levels - 1)));

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;

/** Reads the JSON of a nested value. Throws what `refuse` makes of a text that is none, or that a document does not hold. */
export const readNested = (text: string, refuse: (why: string) => Error): Json => {
  const keepDigits: Reviver = (_, value, { source }) => {
    if (typeof value !== 'number' || source === undefined) return value;
    const written = readDecimal(source);
    const kept = Number.isFinite(value) ? readDecimal(String(value)) : undefined;
    if (kept === undefined || (written !== kept && significantDigits(written ?? '') > 15))
      throw refuse('holds a number that has more digits than a document keeps');
    return value;
  };
  let value: unknown;
  try {
    value = (JSON.parse as (text: string, reviver: Reviver) => unknown)(text, keepDigits);
  } catch (error) {
    throw error instanceof SyntaxError || error instanceof RangeError
      ? refuse('is no JSON, as the schema says it is')
      : error;
  }
  if (!isJsonObject(value) && !Array.isArray(value))
    throw refuse('is JSON, but no object and no array as the schema says');
  if (isDeeper(value, deepest)) throw refuse(`is nested deeper than ${deepest} levels`);
  return value as Json;
};
