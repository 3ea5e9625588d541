// JSON values as columns: of which type a column is, and how a value becomes one of that type. Pure.
import type { ColumnType } from '../../row/column-type.ts';
import { type Converter, converterOf, Inconvertible, numberText, plainConversion } from '../../row/convert.ts';
import { readDecimal } from '../../row/decimal.ts';
import type { Value } from '../../row/record-batch.ts';
import { isExactNumber, type JsonValue } from './parse.ts';
import type { JsonPath } from './path.ts';

const writtenNumber = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'number' ? numberText(value) : isExactNumber(value) ? value.rawJSON : undefined;

/** What stands at the end of the path; undefined where nothing does. */
export const valueAt = (root: JsonValue, item: JsonValue, { fromRoot, steps }: JsonPath): JsonValue | undefined => {
  let value: JsonValue | undefined = fromRoot ? root : item;
  for (const step of steps) {
    if (typeof value !== 'object' || value === null || isExactNumber(value)) return undefined;
    // A list has its items only, an object its own properties only.
    if (Array.isArray(value) !== (typeof step === 'number') || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, JsonValue>)[step];
  }
  return value;
};

const fits = (decimal: string, type: ColumnType): boolean => {
  try {
    converterOf('Decimal', type, plainConversion)!(decimal);
    return true;
  } catch (error) {
    if (error instanceof Inconvertible) return false;
    throw error;
  }
};

const typeOf = (value: JsonValue | undefined): ColumnType | undefined => {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return 'Boolean';
  const number = writtenNumber(value);
  if (number === undefined) return 'String';
  const decimal = readDecimal(number);
  if (decimal === undefined) return 'String';
  // No other type has a zero with a sign.
  if (decimal === '0' && number.startsWith('-')) return 'Double';
  if (!decimal.includes('.') && fits(decimal, 'Int64')) return 'Int64';
  return fits(decimal, 'Double') ? 'Double' : 'Decimal';
};

const numbers: readonly ColumnType[] = ['Int64', 'Double', 'Decimal'];

/** The narrowest type that all the values have: numbers one that loses no digit of any, else text. Text where all are null. */
export const commonType = (values: readonly (JsonValue | undefined)[]): ColumnType => {
  let common: ColumnType | undefined;
  for (const value of values) {
    const type = typeOf(value);
    if (type === undefined || type === common) continue;
    if (common === undefined) common = type;
    else if (numbers.includes(type) && numbers.includes(common))
      common = numbers[Math.max(numbers.indexOf(type), numbers.indexOf(common))]!;
    else return 'String';
  }
  if (common !== 'Double') return common ?? 'String';
  const holdsAll = values.every((value) => {
    const number = writtenNumber(value);
    return number === undefined || fits(readDecimal(number)!, 'Double');
  });
  return holdsAll ? 'Double' : 'Decimal';
};

/** Whether values of that type are read from JSON as such; others come as text, to be converted. */
export const isOwnType = (type: ColumnType): boolean =>
  !['Guid', 'DateTime', 'DateTimeOffset', 'TimeSpan', 'Binary'].includes(type);

/** Makes what turns JSON values into those of a column. What is nested becomes its JSON text. Errors: `Inconvertible`. */
export const columnReader = (type: ColumnType): ((value: JsonValue | undefined) => Value) => {
  const from = (own: ColumnType): Converter => {
    const converter = converterOf(own, type, plainConversion);
    if (converter === null) throw new Inconvertible(`it is ${own}`);
    return converter ?? ((value) => value);
  };
  const isFloat = type === 'Single' || type === 'Double';
  const [fromText, fromBoolean] = [from('String'), from('Boolean')];
  const fromNumber = isFloat ? fromText : from('Decimal');
  return (value) => {
    if (value === undefined || value === null) return null;
    if (typeof value === 'string') return fromText(value);
    if (typeof value === 'boolean') return fromBoolean(value);
    const number = writtenNumber(value);
    if (number === undefined) return fromText(JSON.stringify(value));
    if (type === 'String') return number;
    if (typeof value === 'number' && type === 'Double') return value;
    return fromNumber(isFloat ? number : (readDecimal(number) ?? number));
  };
};
