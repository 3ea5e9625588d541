// What stands in columns of a sink in place of null, where its settings say so. Pure.
import { propertyError } from '../../connectors/property.ts';
import type { ColumnType } from '../../connectors/row/column-type.ts';
import { type Converter, converterOf, Inconvertible, plainConversion, refuse } from '../../connectors/row/convert.ts';
import type { DefaultValue, Loading } from '../../connectors/row/loading.ts';
import type { Column, Value } from '../../connectors/row/record-batch.ts';

export type Fill = {
  /** What is done with null in a column of that name and type; undefined: nothing. */
  of(column: Column): Converter | undefined;
  /** Fails unless every column that has a default is among those that are written. */
  check(columns: readonly string[]): void;
};

/** What a column of each type begins with, in the form of that type. The others have no such value. */
const beginnings: Partial<Record<ColumnType, Exclude<Value, null>>> = {
  Boolean: false,
  Byte: 0,
  Int16: 0,
  Int32: 0,
  Int64: 0n,
  Single: 0,
  Double: 0,
  String: '',
  DateTime: '1900-01-01T00:00:00.0000000',
  DateTimeOffset: '1900-01-01T00:00:00.0000000+00:00',
};

const isAlike = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/** The value in another type's form; undefined where that does not have it. */
const converted = (value: Value, from: ColumnType, to: ColumnType, settings = plainConversion): Value | undefined => {
  const converter = converterOf(from, to, settings);
  if (converter === null) return undefined;
  try {
    return converter ? converter(value) : value;
  } catch (error) {
    if (error instanceof Inconvertible) return undefined;
    throw error;
  }
};

/** One and zero are the words of SQL for true and false. */
const inSql = { ...plainConversion, treatBooleanAsNumber: true };

const instead =
  (given: Value): Converter =>
  (value) =>
    value === null ? given : value;

/** The filling of a load into a table with these columns, as far as they are known. `isMissing`: null is what was missing in text. */
export const createFill = (
  { defaults, usesTypeDefaults }: Loading,
  there: readonly Column[],
  isMissing: boolean,
): Fill | undefined => {
  const usesBeginnings = usesTypeDefaults && isMissing;
  if (defaults.length === 0 && !usesBeginnings) return undefined;
  const typeIn = ({ name, type }: Column) =>
    (there.find((one) => one.name === name) ?? there.find((one) => isAlike(one.name, name)))?.type ?? type;
  const ownDefault = ({ value, given, column: name }: DefaultValue, column: Column): Converter => {
    const type = typeIn(column);
    // Bytes would be read as base64 here, and as what they are not in SQL.
    const own = type === 'Binary' ? undefined : converted(value, 'String', type, inSql);
    const result = own === undefined ? undefined : converted(own, type, column.type);
    if (result !== undefined) return instead(result);
    throw propertyError(given, 'defaultValue', `cannot be a value of the column '${name}', which is of type ${type}`);
  };
  const beginning = (column: Column): Converter => {
    const type = typeIn(column);
    const own = beginnings[type];
    const result = own === undefined ? undefined : converted(own, type, column.type);
    if (result !== undefined) return instead(result);
    return (value) =>
      value === null
        ? refuse(`it is missing, and a column of type ${type} has no default (polyBaseSettings.useTypeDefault)`)
        : value;
  };
  return {
    of: (column) => {
      const found = defaults.find((one) => isAlike(one.column, column.name));
      if (found) return ownDefault(found, column);
      return usesBeginnings ? beginning(column) : undefined;
    },
    check: (columns) => {
      for (const { column, given } of defaults) {
        if (there.length > 0 && !there.some(({ name }) => isAlike(name, column)))
          throw propertyError(
            given,
            'columnName',
            `names '${column}', which is no column of the table that can be written`,
          );
        if (!columns.some((name) => isAlike(name, column)))
          throw propertyError(
            given,
            'columnName',
            `names '${column}', to which no column of the source goes: map one to it, or add one by additionalColumns`,
          );
      }
    },
  };
};
