// Columns of Parquet, as DuckDB has them, and those of rows: which is which, and how a value stands in each.
import {
  type DECIMAL,
  type DuckDBBlobValue,
  type DuckDBDecimalValue,
  type DuckDBTimestampNanosecondsValue,
  type DuckDBTimestampTZValue,
  type DuckDBTimestampValue,
  type DuckDBTimeValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from '@duckdb/node-api';
import { Inconvertible, numberText } from '../../row/convert.ts';
import { decimalOf, readDecimal } from '../../row/decimal.ts';
import type { Column, Value } from '../../row/record-batch.ts';

const asIs = (name: string) => name;
type Known = Exclude<Value, null>;

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

/**
 * How a column is written: DuckDB is given text, which it reads many times faster than it takes values one by one. `type` is
 * that of the text's column, `select` what makes the Parquet column of it. Values fit by then: `fit.ts`.
 */
export type ColumnWriter = { type: string; toText(value: Known): string; select(name: string): string };

/** A text in the quotes of DuckDB's format. */
export const quoted = (value: Known): string => {
  const text = value as string;
  return text.includes('"') ? `"${text.replaceAll('"', '""')}"` : `"${text}"`;
};

/** DuckDB reads a whole number a hundred times faster than a decimal that is as long: it gets the digits, then their point. */
const longDecimal = (precision: number, scale: number): ColumnWriter => {
  const unit = `CAST('${scale === 0 ? '1' : `0.${'1'.padStart(scale, '0')}`}' AS DECIMAL(${Math.max(1, scale)}, ${scale}))`;
  return {
    type: 'HUGEINT',
    toText: (value) => {
      const [whole, fraction = ''] = (value as string).split('.') as [string, string?];
      return whole + fraction.padEnd(scale, '0');
    },
    select: (name) => `CAST(CAST(${name} AS DECIMAL(38, 0)) * ${unit} AS DECIMAL(${precision}, ${scale}))`,
  };
};

/** How a column of these rows is written. */
export const columnWriter = (column: Column): ColumnWriter => {
  const as = (type: string, toText: (value: Known) => string = String): ColumnWriter => ({
    type,
    toText,
    select: asIs,
  });
  switch (column.type) {
    case 'Boolean':
      return as('BOOLEAN');
    case 'Byte':
      return as('UTINYINT');
    case 'Int16':
      return as('SMALLINT');
    case 'Int32':
      return as('INTEGER');
    case 'Int64':
      return as('BIGINT');
    case 'Single':
      return as('FLOAT', numberText);
    case 'Double':
      return as('DOUBLE', numberText);
    case 'Guid':
      return as('UUID');
    case 'Decimal': {
      const { precision, scale } = decimalOf(column);
      return precision > 18 ? longDecimal(precision, scale) : as(`DECIMAL(${precision}, ${scale})`);
    }
    case 'DateTime':
      return as('TIMESTAMP', (value) => (value as string).slice(0, 26));
    case 'DateTimeOffset':
      return as('TIMESTAMPTZ', (value) => `${(value as string).slice(0, 26)}+00:00`);
    case 'Binary':
      return {
        type: 'VARCHAR',
        toText: (value) => `"${Buffer.from(value as Uint8Array).toString('base64')}"`,
        select: (name) => `from_base64(${name})`,
      };
    default:
      return as('VARCHAR', quoted);
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
