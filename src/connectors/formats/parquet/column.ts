// Columns of Parquet, as DuckDB has them, and those of rows: which is which, and how a value stands in each.
import {
  BIGINT,
  BLOB,
  BOOLEAN,
  blobValue,
  DECIMAL,
  DOUBLE,
  type DuckDBBlobValue,
  DuckDBDecimalValue,
  type DuckDBTimestampNanosecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBTimeValue,
  type DuckDBType,
  DuckDBTypeId,
  DuckDBUUIDValue,
  type DuckDBValue,
  FLOAT,
  INTEGER,
  SMALLINT,
  TIMESTAMP,
  TIMESTAMPTZ,
  UTINYINT,
  UUID,
  VARCHAR,
} from '@duckdb/node-api';
import { Inconvertible } from '../../row/convert.ts';
import { readDecimal } from '../../row/decimal.ts';
import type { Column, Value } from '../../row/record-batch.ts';
import { decimalOf } from './fit.ts';

type Known = Exclude<Value, null>;

/** How a column is written: its type there, and each value. Values fit by then: `fit.ts`. */
export type ColumnWriter = { type: DuckDBType; toDuck(value: Known): DuckDBValue };

const secondsBefore = new Map<string, bigint>();
/** Seconds since 1970 at the beginning of a day, `yyyy-MM-dd`. Days repeat. */
const daySeconds = (day: string): bigint => {
  const known = secondsBefore.get(day);
  if (known !== undefined) return known;
  if (secondsBefore.size >= 10_000) secondsBefore.clear();
  const seconds = BigInt(Date.parse(`${day}T00:00:00Z`) / 1000);
  secondsBefore.set(day, seconds);
  return seconds;
};
const two = (text: string, at: number) => (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48;

/** A clock, `yyyy-MM-ddTHH:mm:ss.fffffff`, as microseconds since 1970. */
const microseconds = (clock: string): bigint => {
  const seconds = two(clock, 11) * 3600 + two(clock, 14) * 60 + two(clock, 17);
  return daySeconds(clock.slice(0, 10)) * 1_000_000n + BigInt(seconds * 1_000_000 + Number(clock.slice(20, 26)));
};

const microsecondsPerDay = 86_400_000_000n;
const nanosecondsPerDay = microsecondsPerDay * 1000n;
const floorDivide = (value: bigint, by: bigint) => value / by - (value % by < 0n ? 1n : 0n);

/** The other way round. `hundreds` is the digit for hundreds of nanoseconds. Errors: `Inconvertible`. */
const clockOf = (micros: bigint, hundreds = '0'): string => {
  const day = floorDivide(micros, microsecondsPerDay);
  const date = new Date(Number(day) * 86_400_000);
  const year = date.getUTCFullYear();
  if (Number.isNaN(year) || year < 1 || year > 9999) throw new Inconvertible('its year is not from 0001 to 9999');
  const rest = micros - day * microsecondsPerDay;
  return `${date.toISOString().slice(0, 10)}T${timeOf(rest)}${hundreds}`;
};

/** Nanoseconds since 1970 as a clock. Errors: `Inconvertible`. */
const clockOfNanos = (nanos: bigint): string => {
  const micros = floorDivide(nanos, 1000n);
  const rest = Number(nanos - micros * 1000n);
  if (rest % 100 !== 0) throw new Inconvertible('it is finer than a hundred nanoseconds');
  return clockOf(micros, String(rest / 100));
};

/** Microseconds of a day as `HH:mm:ss.ffffff`. */
const timeOf = (micros: bigint): string => {
  const [seconds, fraction] = [Number(micros / 1_000_000n), String(micros % 1_000_000n).padStart(6, '0')];
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${parts.map((part) => String(part).padStart(2, '0')).join(':')}.${fraction}`;
};

const scaledOf = (decimal: string, scale: number): bigint => {
  const [whole, fraction = ''] = decimal.split('.') as [string, string?];
  return BigInt(whole + fraction.padEnd(scale, '0'));
};

/** How a column of these rows is written. */
export const columnWriter = (column: Column): ColumnWriter => {
  const same = (type: DuckDBType): ColumnWriter => ({ type, toDuck: (value) => value as DuckDBValue });
  switch (column.type) {
    case 'Boolean':
      return same(BOOLEAN);
    case 'Byte':
      return same(UTINYINT);
    case 'Int16':
      return same(SMALLINT);
    case 'Int32':
      return same(INTEGER);
    case 'Int64':
      return same(BIGINT);
    case 'Single':
      return same(FLOAT);
    case 'Double':
      return same(DOUBLE);
    case 'Binary':
      return { type: BLOB, toDuck: (value) => blobValue(value as Uint8Array) };
    case 'Guid':
      return {
        type: UUID,
        toDuck: (value) => DuckDBUUIDValue.fromUint128(BigInt(`0x${String(value).replaceAll('-', '')}`)),
      };
    case 'Decimal': {
      const { precision, scale } = decimalOf(column);
      return {
        type: DECIMAL(precision, scale),
        toDuck: (value) => new DuckDBDecimalValue(scaledOf(String(value), scale), precision, scale),
      };
    }
    case 'DateTime':
      return { type: TIMESTAMP, toDuck: (value) => new DuckDBTimestampValue(microseconds(String(value))) };
    case 'DateTimeOffset':
      return { type: TIMESTAMPTZ, toDuck: (value) => new DuckDBTimestampTZValue(microseconds(String(value))) };
    default:
      return same(VARCHAR);
  }
};

/** How a column of a file is read: what is selected, of which type it is then, and each value. Errors: `Inconvertible`. */
export type ColumnReader = {
  select(name: string): string;
  /** How long a value is, in SQL, where that is not known beforehand. */
  size?: (value: string) => string;
  column: Omit<Column, 'name'>;
  fromDuck(value: Exclude<DuckDBValue, null>): Value;
};

const asIs = (name: string) => name;
const as = (type: string) => (name: string) => `CAST(${name} AS ${type})`;
const same = (value: DuckDBValue) => value as Value;
const plain = (type: Column['type'], select = asIs): ColumnReader => ({
  select,
  ...(type === 'String' && { size: (value) => `strlen(${value})` }),
  column: { type },
  fromDuck: same,
});

/** How a column of the old timestamps is read: nanoseconds of the day and the Julian day, as bytes. */
export const int96Reader: ColumnReader = {
  select: asIs,
  column: { type: 'DateTime' },
  fromDuck: (value) => {
    const { bytes } = value as DuckDBBlobValue;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return clockOfNanos((BigInt(view.getInt32(8, true)) - 2_440_588n) * nanosecondsPerDay + view.getBigInt64(0, true));
  },
};

/** How a column of that type of DuckDB's is read. */
export const columnReader = (type: DuckDBType): ColumnReader => {
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return plain('Boolean');
    case DuckDBTypeId.UTINYINT:
      return plain('Byte');
    case DuckDBTypeId.TINYINT:
      return plain('Int16', as('SMALLINT'));
    case DuckDBTypeId.SMALLINT:
      return plain('Int16');
    case DuckDBTypeId.USMALLINT:
      return plain('Int32', as('INTEGER'));
    case DuckDBTypeId.INTEGER:
      return plain('Int32');
    case DuckDBTypeId.UINTEGER:
      return plain('Int64', as('BIGINT'));
    case DuckDBTypeId.BIGINT:
      return plain('Int64');
    case DuckDBTypeId.UBIGINT:
      return { select: asIs, column: { type: 'Decimal', precision: 20, scale: 0 }, fromDuck: String };
    case DuckDBTypeId.FLOAT:
      return plain('Single');
    case DuckDBTypeId.DOUBLE:
      return plain('Double');
    case DuckDBTypeId.DECIMAL: {
      const { width, scale } = type as ReturnType<typeof DECIMAL>;
      return {
        select: asIs,
        column: { type: 'Decimal', precision: width, scale },
        fromDuck: (value) => readDecimal((value as DuckDBDecimalValue).toString())!,
      };
    }
    case DuckDBTypeId.BLOB:
      // The bytes are DuckDB's own, for as long as the chunk is.
      return {
        select: asIs,
        size: (value) => `octet_length(${value})`,
        column: { type: 'Binary' },
        fromDuck: (value) => Buffer.from((value as DuckDBBlobValue).bytes),
      };
    case DuckDBTypeId.UUID:
      return plain('Guid', as('VARCHAR'));
    case DuckDBTypeId.DATE:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP:
      return {
        select: as('TIMESTAMP'),
        column: { type: 'DateTime' },
        fromDuck: (value) => clockOf((value as DuckDBTimestampValue).micros),
      };
    case DuckDBTypeId.TIMESTAMP_NS:
      return {
        select: asIs,
        column: { type: 'DateTime' },
        fromDuck: (value) => clockOfNanos((value as DuckDBTimestampNanosecondsValue).nanos),
      };
    case DuckDBTypeId.TIMESTAMP_TZ:
      return {
        select: asIs,
        column: { type: 'DateTimeOffset' },
        fromDuck: (value) => `${clockOf((value as DuckDBTimestampTZValue).micros)}+00:00`,
      };
    case DuckDBTypeId.TIME:
      return {
        select: asIs,
        column: { type: 'TimeSpan' },
        fromDuck: (value) => {
          const { micros } = value as DuckDBTimeValue;
          return `${micros === microsecondsPerDay ? '1.00:00:00.000000' : timeOf(micros)}0`;
        },
      };
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.STRUCT:
    case DuckDBTypeId.MAP:
    case DuckDBTypeId.ARRAY:
    case DuckDBTypeId.UNION:
    case DuckDBTypeId.VARIANT:
      return plain('String', (name) => `CAST(to_json(${name}) AS VARCHAR)`);
    default:
      return plain('String', as('VARCHAR'));
  }
};
