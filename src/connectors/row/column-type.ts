// The types between stores: Azure's interim types. A store's own types are turned into these by its adapter.
import { type Properties, propertyError, textAt } from '../property.ts';

/**
 * Types of columns, and how their values stand in a batch. Text keeps what a number or a `Date` of JavaScript cannot:
 * `Decimal` all its digits, `DateTime` (`yyyy-MM-ddTHH:mm:ss.fffffff`, UTC where a store knows a zone),
 * `DateTimeOffset` (the same with `+hh:mm`) and `TimeSpan` (`[-][d.]hh:mm:ss.fffffff`) their hundred nanoseconds.
 * `Int64` is a bigint, `Binary` bytes, `Guid` lower-case text; smaller numbers are numbers.
 */
export const columnTypes = [
  'Boolean',
  'Byte',
  'Int16',
  'Int32',
  'Int64',
  'Single',
  'Double',
  'Decimal',
  'String',
  'Guid',
  'DateTime',
  'DateTimeOffset',
  'TimeSpan',
  'Binary',
] as const;

export type ColumnType = (typeof columnTypes)[number];

const byName = new Map<string, ColumnType>([
  ...columnTypes.map((type) => [type.toLowerCase(), type] as const),
  ['byte[]', 'Binary'],
  ['bytearray', 'Binary'],
  ['bool', 'Boolean'],
  ['float', 'Double'],
  ['short', 'Int16'],
  ['int', 'Int32'],
  ['integer', 'Int32'],
  ['long', 'Int64'],
]);

/** The type of that name, in any case, also as .NET (`System.`) or a table store (`Edm.`) writes it. */
export const columnTypeOf = (name: string): ColumnType | undefined =>
  byName.get(name.toLowerCase().replace(/^(system|edm)\./, ''));

/** The type that a property names; undefined where it is absent. Fails for a name that is none. */
export const columnTypeAt = (from: Properties, name: string): ColumnType | undefined => {
  const text = textAt(from, name);
  if (text === undefined || text === '') return undefined;
  const type = columnTypeOf(text);
  if (!type) throw propertyError(from, name, `must be one of ${columnTypes.join(', ')}; '${text}' is none of them`);
  return type;
};
