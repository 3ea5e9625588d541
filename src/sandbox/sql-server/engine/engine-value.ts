// Values between the engine's objects and SQL Server's.
import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBType,
  DuckDBTypeId,
  DuckDBUUIDValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import { SqlError } from '../sql-error.ts';
import { dateDays, dateText, momentText, readMoment, shownOffset, timeText, timeTicks } from '../type/moment.ts';
import { isMoment, type SqlType, type SqlValue, typeOf } from '../type/sql-type.ts';
import { decimalText, decimalUnits } from '../wire/value.ts';

const dayMicros = 86_400_000_000n;

const momentOf = (micros: bigint): string => {
  const days = micros / dayMicros - (micros % dayMicros < 0n ? 1n : 0n);
  return momentText({ days: Number(days), ticks: (micros - days * dayMicros) * 10n });
};

const plain = (value: DuckDBValue): SqlValue => {
  if (value instanceof DuckDBDecimalValue) return decimalText(value.value, value.scale);
  if (value instanceof DuckDBTimestampValue) return momentOf(value.micros);
  if (value instanceof DuckDBDateValue) return dateText(value.days);
  if (value instanceof DuckDBTimeValue) return timeText(value.micros * 10n);
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes);
  if (value instanceof DuckDBUUIDValue) return value.toString().toUpperCase();
  if (value === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof value)) return value as SqlValue;
  return String(value);
};

const ranges: Readonly<Record<string, [bigint, bigint]>> = {
  tinyint: [0n, 255n],
  smallint: [-32_768n, 32_767n],
  int: [-2_147_483_648n, 2_147_483_647n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
};

const overflow = (type: SqlType): SqlError =>
  new SqlError(8115, `Arithmetic overflow error converting expression to data type ${type.name}.`);

const whole = (value: SqlValue, type: SqlType): bigint => {
  const number = typeof value === 'bigint' ? value : BigInt(Math.trunc(Number(value)));
  const [least, most] = ranges[type.name]!;
  if (number < least || number > most) throw overflow(type);
  return number;
};

/** Decimal text rounded to a scale, half away from zero. */
const rounded = (text: string, scale: number): string => {
  const fraction = text.split('.')[1]?.length ?? 0;
  if (fraction <= scale) return decimalText(decimalUnits(text, scale), scale);
  const step = 10n ** BigInt(fraction - scale);
  const units = decimalUnits(text, fraction);
  const half = (units < 0n ? -step : step) / 2n;
  return decimalText((units + half) / step, scale);
};

const exact = (value: SqlValue, precision: number, scale: number, type: SqlType): string => {
  const text =
    typeof value === 'number'
      ? value.toFixed(Math.min(scale, 20))
      : typeof value === 'boolean'
        ? value
          ? '1'
          : '0'
        : String(value);
  const fit = rounded(text, scale);
  if (fit.replace(/[-.]/g, '').replace(/^0+/, '').length > precision) throw overflow(type);
  return fit;
};

/** A value of the engine as one of `type`, which it has or nearly has. */
export const fromEngine = (given: DuckDBValue, type: SqlType): SqlValue => {
  const value = plain(given);
  if (value === null) return null;
  switch (type.name) {
    case 'bit':
      return typeof value === 'boolean' ? value : Number(value) !== 0;
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
      return whole(value, type);
    case 'decimal':
      return exact(value, type.precision ?? 18, type.scale ?? 0, type);
    case 'money':
      return exact(value, 19, 4, type);
    case 'smallmoney':
      return exact(value, 10, 4, type);
    case 'real':
    case 'float':
      return Number(value);
    case 'datetimeoffset':
      return typeof value === 'string' && value.includes('Z') ? shownOffset(value) : String(value);
    case 'date':
      return String(value).slice(0, 10);
    case 'time':
      return typeof value === 'string' && value.includes(' ') ? value.slice(11) : String(value);
    case 'binary':
    case 'varbinary':
    case 'image':
      return Buffer.isBuffer(value) ? value : Buffer.from(String(value));
    default:
      return isMoment(type) && String(value).length === 10
        ? `${String(value)} 00:00:00.0000000`
        : Buffer.isBuffer(value)
          ? value.toString('utf8')
          : String(value);
  }
};

/** The type that the engine's own type would be in SQL Server. */
export const typeFromEngine = (type: DuckDBType): SqlType => {
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return typeOf('bit');
    case DuckDBTypeId.UTINYINT:
      return typeOf('tinyint');
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
      return typeOf('smallint');
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.USMALLINT:
    case DuckDBTypeId.SQLNULL:
      return typeOf('int');
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.UINTEGER:
      return typeOf('bigint');
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UBIGINT:
      return typeOf('decimal', { precision: 38, scale: 0 });
    case DuckDBTypeId.DECIMAL: {
      const { width, scale } = type as DuckDBType & { width: number; scale: number };
      return typeOf('decimal', { precision: width, scale });
    }
    case DuckDBTypeId.FLOAT:
      return typeOf('real');
    case DuckDBTypeId.DOUBLE:
      return typeOf('float');
    case DuckDBTypeId.DATE:
      return typeOf('date');
    case DuckDBTypeId.TIME:
      return typeOf('time', { scale: 7 });
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
      return typeOf('datetime2', { scale: 7 });
    case DuckDBTypeId.BLOB:
      return typeOf('varbinary', { length: 'max' });
    case DuckDBTypeId.UUID:
      return typeOf('uniqueidentifier');
    default:
      return typeOf('nvarchar', { length: 'max' });
  }
};

/** A value as the engine's own object, for appending to a column of the type's engine type. */
export const toEngine = (
  value: SqlValue,
  type: SqlType,
  text: (value: Exclude<SqlValue, null>) => string | Buffer,
): DuckDBValue => {
  if (value === null) return null;
  switch (type.name) {
    case 'bit':
      return value as boolean;
    case 'tinyint':
    case 'smallint':
    case 'int':
      return Number(value);
    case 'bigint':
      return value as bigint;
    case 'real':
    case 'float':
      return Number(value);
    case 'decimal':
      return new DuckDBDecimalValue(
        decimalUnits(String(value), type.scale ?? 0),
        type.precision ?? 18,
        type.scale ?? 0,
      );
    case 'money':
      return new DuckDBDecimalValue(decimalUnits(String(value), 4), 19, 4);
    case 'smallmoney':
      return new DuckDBDecimalValue(decimalUnits(String(value), 4), 10, 4);
    case 'date':
      return new DuckDBDateValue(dateDays(String(value)));
    case 'time':
      return new DuckDBTimeValue(timeTicks(String(text(value))) / 10n);
    case 'smalldatetime':
    case 'datetime':
    case 'datetime2': {
      const { days, ticks } = readMoment(String(text(value)));
      return new DuckDBTimestampValue(BigInt(days) * dayMicros + ticks / 10n);
    }
    case 'binary':
    case 'varbinary':
    case 'image':
      return new DuckDBBlobValue(value as Buffer);
    case 'uniqueidentifier':
      return DuckDBUUIDValue.fromUint128(BigInt(`0x${String(value).replaceAll('-', '')}`));
    default:
      return text(value) as string;
  }
};
