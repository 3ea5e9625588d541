// PostgreSQL's own types and their values as text, both ways. Its text is exact, which numbers and dates of JavaScript are not. Pure.
import { ActivityError } from '../../base/error.ts';
import type { TableColumn } from '../database/session.ts';
import type { ColumnType } from '../row/column-type.ts';
import { numberText } from '../row/convert.ts';
import { readMoment } from '../row/date-time.ts';
import type { Value } from '../row/record-batch.ts';
import { readTimeSpan } from '../row/time-span.ts';

type OwnType = { name: string; type: ColumnType; keeps?: 'day' | number };

const own = (name: string, type: ColumnType, keeps?: 'day' | number): OwnType => ({
  name,
  type,
  ...(keeps !== undefined && { keeps }),
});

/** By object id, which is the same in every database. What is not here is text: JSON, arrays, enumerations, intervals. */
const byId = new Map<number, OwnType>([
  [16, own('boolean', 'Boolean')],
  [17, own('bytea', 'Binary')],
  [20, own('bigint', 'Int64')],
  [21, own('smallint', 'Int16')],
  [23, own('integer', 'Int32')],
  [26, own('oid', 'Int64')],
  [700, own('real', 'Single')],
  [701, own('double precision', 'Double')],
  [1082, own('date', 'DateTime', 'day')],
  [1083, own('time', 'TimeSpan', 6)],
  [1114, own('timestamp', 'DateTime', 6)],
  [1184, own('timestamp with time zone', 'DateTimeOffset', 6)],
  [1700, own('numeric', 'Decimal')],
  [2950, own('uuid', 'Guid')],
]);

/** The interim type of a type of PostgreSQL. */
export const ownTypeOf = (id: number): OwnType => byId.get(id) ?? own('text', 'String');

/** What a type that says so itself keeps: digits and places of `numeric(10,2)`, digits of a second of `timestamp(3) ...`. */
export const keptPlaces = (native: string): Pick<TableColumn, 'keeps' | 'precision'> => {
  const [, digits, places, finest] = /^(?:numeric\((\d+),(-?\d+)\)|(?:timestamp|time)\((\d)\))/.exec(native) ?? [];
  if (finest !== undefined) return { keeps: Number(finest) };
  if (places === undefined) return {};
  const keeps = Math.max(0, Number(places));
  return { keeps, precision: Number(digits) - Number(places) + keeps };
};

/** The type of a column that is made for values of an interim type. */
export const typeFor: Readonly<Record<ColumnType, string>> = {
  Boolean: 'boolean',
  Byte: 'smallint',
  Int16: 'smallint',
  Int32: 'integer',
  Int64: 'bigint',
  Single: 'real',
  Double: 'double precision',
  Decimal: 'numeric',
  String: 'text',
  Guid: 'uuid',
  DateTime: 'timestamp',
  DateTimeOffset: 'timestamp with time zone',
  TimeSpan: 'time',
  Binary: 'bytea',
};

const odd = (column: string, text: string, type: string) =>
  new ActivityError(
    'AzurePostgreSqlValueNotSupported',
    `Column '${column}' holds the ${type} '${text.slice(0, 60)}', which has no place in the years 0001 to 9999 or is no number. Cast the column to text in the query, or leave such rows out.`,
  );

/** Makes the reader of a column's texts. */
export const readerOf = (column: string, id: number): ((text: string | null) => Value) => {
  const { name, type } = ownTypeOf(id);
  const read = (text: string): Value => {
    switch (type) {
      case 'Boolean':
        return text === 't';
      case 'Int16':
      case 'Int32':
      case 'Double':
        return Number(text);
      case 'Single':
        return Math.fround(Number(text));
      case 'Int64':
        return BigInt(text);
      case 'Decimal':
        if (/^-?[\d.]+$/.test(text)) return text;
        throw odd(column, text, name);
      case 'Binary':
        return Buffer.from(text.slice(2), 'hex');
      case 'TimeSpan':
        // The end of a day is a time to PostgreSQL.
        return text === '24:00:00' ? '1.00:00:00.0000000' : (readTimeSpan(text) ?? text);
      case 'DateTime':
      case 'DateTimeOffset': {
        // The session is in UTC: the zone of every text is `+00`.
        const moment = readMoment(text.replace(/\+00$/, ''));
        if (!moment) throw odd(column, text, name);
        return type === 'DateTime' ? moment.clock : `${moment.clock}+00:00`;
      }
      default:
        return text;
    }
  };
  return (text) => (text === null ? null : read(text));
};

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A value as a field of `COPY ... FROM STDIN`. */
export const copyField = (value: Value): string => {
  if (value === null) return '\\N';
  if (value instanceof Uint8Array) return `\\\\x${Buffer.from(value).toString('hex')}`;
  return typeof value === 'string'
    ? value.replace(/[\\\n\r\t]/g, (character) => escapes[character]!)
    : numberText(value);
};
