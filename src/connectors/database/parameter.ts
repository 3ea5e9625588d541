// Parameters of statements and procedures as activities write them: a value, and the name of its type. Pure.
import { isJsonObject, type Json } from '../../base/json.ts';
import { countAt, type Properties, propertyError, textAt } from '../property.ts';
import { type ColumnType, columnTypeOf } from '../row/column-type.ts';
import { converterOf, Inconvertible, plainConversion } from '../row/convert.ts';
import type { Value } from '../row/record-batch.ts';
import type { Parameter } from './session.ts';

const guessed = (value: Json | undefined): ColumnType => {
  if (typeof value === 'boolean') return 'Boolean';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'Int64' : 'Double';
  return 'String';
};

const own = (value: Json | undefined): { type: ColumnType; value: Value } => {
  if (value === null || value === undefined) return { type: 'String', value: null };
  if (typeof value === 'object') return { type: 'String', value: JSON.stringify(value) };
  return typeof value === 'number' && guessed(value) === 'Int64'
    ? { type: 'Int64', value: BigInt(value) }
    : { type: guessed(value), value };
};

const typeAt = (from: Properties): ColumnType | undefined => {
  const name = textAt(from, 'type');
  if (name === undefined || name === '') return undefined;
  const type = /^date$/i.test(name) ? 'DateTime' : columnTypeOf(name);
  if (type) return type;
  throw propertyError(
    from,
    'type',
    `must be a type such as String, Int32, Int64, Decimal, DateTime; '${name}' is none`,
  );
};

/** Reads one parameter: `value`, `type`, and of scripts `direction` and `size`. */
export const readParameter = (name: string, from: Properties): Parameter => {
  const given = own(from.values.value);
  const type = typeAt(from) ?? given.type;
  const convert = converterOf(given.type, type, plainConversion);
  if (convert === null) throw propertyError(from, 'value', `cannot be made a ${type}`);
  const isOutput = /output$/i.test(textAt(from, 'direction') ?? 'Input');
  try {
    return {
      name: name.replace(/^@/, ''),
      type,
      value: convert ? convert(given.value) : given.value,
      isOutput,
      size: countAt(from, 'size', -1, 2 ** 31 - 1),
    };
  } catch (error) {
    if (error instanceof Inconvertible)
      throw propertyError(from, 'value', `cannot be made a ${type}: ${error.message}`);
    throw error;
  }
};

/** The arguments of a procedure as activities write them: `{ name: { value, type } }`, or just the values. */
export const readParameters = (from: Properties): Parameter[] =>
  Object.entries(from.values).map(([name, value]) =>
    readParameter(name, { values: isJsonObject(value) ? value : { value }, where: `${from.where}.${name}` }),
  );
