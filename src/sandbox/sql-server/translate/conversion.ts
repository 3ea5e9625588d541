// Conversions between types, as SQL for the engine. What T-SQL refuses or would round differently is said here.
import { SqlError, unsupported } from '../sql-error.ts';
import { keptOffset } from '../type/moment.ts';
import {
  engineType,
  isApproximate,
  isBinary,
  isDateTime,
  isExact,
  isInteger,
  isMoment,
  isNational,
  isNumeric,
  isString,
  type SqlType,
  type SqlValue,
  spellType,
  typeOf,
} from '../type/sql-type.ts';
import { type Context, type Piece, quoteText, wholeText } from './context.ts';

const precedence = [
  'datetimeoffset',
  'datetime2',
  'datetime',
  'smalldatetime',
  'date',
  'time',
  'float',
  'real',
  'decimal',
  'money',
  'smallmoney',
  'bigint',
  'int',
  'smallint',
  'tinyint',
  'bit',
  'ntext',
  'text',
  'image',
  'uniqueidentifier',
  'nvarchar',
  'nchar',
  'varchar',
  'char',
  'varbinary',
  'binary',
];

const digitsOf = (type: SqlType): { precision: number; scale: number } => {
  const whole = { bit: 1, tinyint: 3, smallint: 5, int: 10, bigint: 19 }[type.name as 'int'];
  if (whole !== undefined) return { precision: whole, scale: 0 };
  if (type.name === 'money') return { precision: 19, scale: 4 };
  if (type.name === 'smallmoney') return { precision: 10, scale: 4 };
  return { precision: type.precision ?? 18, scale: type.scale ?? 0 };
};

/** A decimal of at most 38 digits: what is too much is taken from the scale, down to 6, as SQL Server does. */
const fitDecimal = (precision: number, scale: number): SqlType => {
  if (precision <= 38) return typeOf('decimal', { precision, scale });
  const kept = Math.max(Math.min(scale, 38 - (precision - scale)), Math.min(scale, 6));
  return typeOf('decimal', { precision: 38, scale: kept });
};

/** The type that values of two types become when they meet. */
export const unify = (one: SqlType | null, other: SqlType | null): SqlType | null => {
  if (!one || !other) return one ?? other;
  const [high, low] = precedence.indexOf(one.name) <= precedence.indexOf(other.name) ? [one, other] : [other, one];
  if (high.name === 'decimal' && (isExact(low) || isInteger(low))) {
    const [a, b] = [digitsOf(high), digitsOf(low)];
    const scale = Math.max(a.scale, b.scale);
    return fitDecimal(Math.max(a.precision - a.scale, b.precision - b.scale) + scale, scale);
  }
  if (high.length !== undefined && low.length !== undefined && isString(high) === isString(low)) {
    const length = high.length === 'max' || low.length === 'max' ? 'max' : Math.max(high.length, low.length);
    return { ...high, length };
  }
  if (high.scale !== undefined && low.scale !== undefined) return { ...high, scale: Math.max(high.scale, low.scale) };
  return high;
};

/** The type of an arithmetic operation between two numbers. */
export const arithmeticType = (operator: string, one: SqlType, other: SqlType): SqlType => {
  const high = unify(one, other)!;
  if (high.name !== 'decimal') return high;
  const [a, b] = [digitsOf(one), digitsOf(other)];
  if (operator === '*') return fitDecimal(a.precision + b.precision + 1, a.scale + b.scale);
  if (operator === '/') {
    const scale = Math.max(6, a.scale + b.precision + 1);
    return fitDecimal(a.precision - a.scale + b.scale + scale, scale);
  }
  const scale = Math.max(a.scale, b.scale);
  if (operator === '%') return fitDecimal(Math.min(a.precision - a.scale, b.precision - b.scale) + scale, scale);
  return fitDecimal(Math.max(a.precision - a.scale, b.precision - b.scale) + scale + 1, scale);
};

/** How a value of a type is written for the engine; `bind` is for what comes from outside. */
export const literalSql = (type: SqlType | null, value: SqlValue): string => {
  if (value === null) return type ? `CAST(NULL AS ${engineType(type)})` : 'NULL';
  if (typeof value === 'bigint') return value < 0n ? `(${value})` : String(value);
  if (Buffer.isBuffer(value)) return `unhex('${value.toString('hex')}')`;
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (typeof value === 'number') return `CAST('${value}' AS DOUBLE)`;
  if (type?.name === 'datetimeoffset') return quoteText(keptOffset(value));
  return isString(type) ? quoteText(value) : `CAST(${quoteText(value)} AS ${engineType(type!)})`;
};

const refuseTicks = (type: SqlType, value: string): void => {
  if (type.name !== 'datetime2' && type.name !== 'time') return;
  if (/\.\d{6}[1-9]$/.test(value)) throw lostTicks(value);
};

/** Says that a time is finer than the engine keeps. */
export const lostTicks = (value: string): SqlError =>
  new SqlError(
    40517,
    `The time '${value.slice(0, 40)}' has a seventh fractional digit, which is not supported by Postern's sandbox SQL server: it keeps microseconds. Round it to six digits.`,
  );

/** The text that stands for a value in the engine, whatever its type. */
export const engineText = (type: SqlType, value: Exclude<SqlValue, null>): string | Buffer => {
  if (Buffer.isBuffer(value)) return value;
  if (type.name === 'datetimeoffset') return keptOffset(String(value));
  refuseTicks(type, String(value));
  return wholeText(String(value));
};

/** A value that comes from outside of the text. It never becomes part of it. */
export const bindValue = (context: Context, type: SqlType, value: SqlValue): Piece => {
  if (!context.bound) throw unsupported('A variable in a definition');
  if (value === null) return { sql: `CAST(NULL AS ${engineType(type)})`, type };
  context.bound.push(engineText(type, value));
  const place = `$${context.bound.length}`;
  return { sql: isBinary(type) ? `${place}::BLOB` : `CAST(${place}::VARCHAR AS ${engineType(type)})`, type };
};

const stylesOut: Readonly<Record<number, string>> = {
  1: '%m/%d/%y',
  3: '%d/%m/%y',
  23: '%Y-%m-%d',
  101: '%m/%d/%Y',
  102: '%Y.%m.%d',
  103: '%d/%m/%Y',
  104: '%d.%m.%Y',
  105: '%d-%m-%Y',
  106: '%d %b %Y',
  107: '%b %d, %Y',
  108: '%H:%M:%S',
  110: '%m-%d-%Y',
  111: '%Y/%m/%d',
  112: '%Y%m%d',
  113: '%d %b %Y %H:%M:%S:%g',
  114: '%H:%M:%S:%g',
  120: '%Y-%m-%d %H:%M:%S',
};
const stylesIn: Readonly<Record<number, string>> = {
  101: '%m/%d/%Y',
  103: '%d/%m/%Y',
  104: '%d.%m.%Y',
  105: '%d-%m-%Y',
  110: '%m-%d-%Y',
  111: '%Y/%m/%d',
};

const fractionSql = (sql: string, scale: number): string =>
  scale === 0 ? `strftime(${sql}, '%H:%M:%S')` : `left(strftime(${sql}, '%H:%M:%S.%f') || '0', ${9 + scale})`;

const momentToText = (sql: string, from: SqlType, style: number | null): string => {
  if (from.name === 'datetimeoffset') return `__postern.shown_offset(${sql}, ${from.scale ?? 7})`;
  const scale = from.name === 'datetime' ? 3 : from.name === 'smalldatetime' ? 0 : (from.scale ?? 0);
  if (from.name === 'time') return fractionSql(`(DATE '2000-01-01' + ${sql})`, scale);
  if (style !== null && stylesOut[style]) return `strftime(${sql}, '${stylesOut[style]}')`;
  if (from.name === 'date') return `strftime(${sql}, '%Y-%m-%d')`;
  const isOld = from.name === 'datetime' || from.name === 'smalldatetime';
  if (style === 126 || style === 127) return `strftime(${sql}, '%Y-%m-%d') || 'T' || ${fractionSql(sql, scale)}`;
  if (style === 121 || style === 21 || style === 25 || (style === null && !isOld))
    return `strftime(${sql}, '%Y-%m-%d') || ' ' || ${fractionSql(sql, scale)}`;
  if (style !== null && style !== 0 && style !== 100) throw unsupported(`CONVERT with the style ${style}`);
  return `__postern.old_datetime(${sql})`;
};

const toText = (piece: Piece, to: SqlType, style: number | null): string => {
  const { sql, type: from } = piece;
  const text = (() => {
    if (from === null) return `CAST(${sql} AS VARCHAR)`;
    if (isString(from)) return sql;
    if (from.name === 'bit') return `CAST(CAST(${sql} AS INTEGER) AS VARCHAR)`;
    if (isMoment(from)) return momentToText(sql, from, style);
    if (from.name === 'uniqueidentifier') return `upper(CAST(${sql} AS VARCHAR))`;
    if (from.name === 'money' || from.name === 'smallmoney')
      return `CAST(CAST(${sql} AS DECIMAL(19,${style === 2 ? 4 : 2})) AS VARCHAR)`;
    if (isBinary(from)) {
      if (style === 1) return `('0x' || hex(${sql}))`;
      if (style === 2) return `hex(${sql})`;
      return `decode(${sql})`;
    }
    // The engine leaves out the zero where a type has no digits before the point.
    if (from.name === 'decimal' && from.precision === from.scale)
      return `regexp_replace(CAST(${sql} AS VARCHAR), '^(-?)\\.', '\\10.')`;
    return `CAST(${sql} AS VARCHAR)`;
  })();
  // One unit of UTF-16 is at most three bytes of UTF-8.
  const growth = isString(from) && isNational(from!) && !isNational(to) ? 3 : 1;
  const known = isString(from) && typeof from!.length === 'number' ? from!.length * growth : undefined;
  if (typeof to.length !== 'number' || (typeof known === 'number' && known <= to.length)) return text;
  return `__postern.${isNational(to) ? 'cut_units' : 'cut_text'}(${text}, ${to.length})`;
};

const toMoment = ({ sql, type: from }: Piece, to: SqlType, style: number | null): string => {
  const target = engineType(to);
  if (from?.name === to.name && to.name === 'datetimeoffset') return sql;
  if (to.name === 'datetimeoffset') {
    if (isString(from)) return `__postern.read_offset(${sql})`;
    return `__postern.at_zero(CAST(${sql} AS TIMESTAMP))`;
  }
  if (from?.name === 'datetimeoffset') {
    const local = `__postern.local_of(${sql})`;
    return to.name === 'datetime2' ? local : `CAST(${local} AS ${target})`;
  }
  if (isString(from)) {
    if (style !== null && stylesIn[style]) return `CAST(strptime(${sql}, '${stylesIn[style]}') AS ${target})`;
    return `__postern.read_${to.name === 'date' ? 'date' : to.name === 'time' ? 'time' : 'moment'}(${sql})`;
  }
  if (from?.name === 'date' && to.name === 'time') return "TIME '00:00:00'";
  if (from?.name === 'time' && to.name !== 'time') return `(DATE '1900-01-01' + ${sql})`;
  if (from && isNumeric(from)) {
    if (to.name !== 'datetime' && to.name !== 'smalldatetime') throw noConversion(from, to);
    return `(TIMESTAMP '1900-01-01' + to_milliseconds(CAST(${sql} * 86400000 AS DOUBLE)))`;
  }
  return `CAST(${sql} AS ${target})`;
};

const noConversion = (from: SqlType, to: SqlType): SqlError =>
  new SqlError(529, `Explicit conversion from data type ${from.name} to ${to.name} is not allowed.`);

const toNumber = ({ sql, type: from }: Piece, to: SqlType): string => {
  const target = engineType(to);
  if (isMoment(from)) {
    if (!isDateTime(from)) throw noConversion(from!, to);
    return `CAST(date_diff('ms', TIMESTAMP '1900-01-01', ${sql}) / 86400000.0 AS ${target})`;
  }
  if (isBinary(from)) throw unsupported(`A conversion from ${from!.name} to ${to.name}`);
  if (isString(from) && (to.name === 'money' || to.name === 'smallmoney'))
    return `CAST(replace(replace(trim(${sql}), ',', ''), '$', '') AS ${target})`;
  // A string that is no number of the type says so; a number that is not whole loses its fraction.
  if (isString(from)) return `CAST(trim(${sql}) AS ${target})`;
  if (isInteger(to) && to.name !== 'bit' && (isExact(from) || isApproximate(from)))
    return `CAST(trunc(${sql}) AS ${target})`;
  return `CAST(${sql} AS ${target})`;
};

/** A value as another type; `style` is that of CONVERT. */
export const convert = (piece: Piece, to: SqlType, style: number | null = null): Piece => {
  const { sql, type: from } = piece;
  if (from && spellType(from) === spellType(to)) return { sql, type: to };
  if (isString(to)) return { sql: toText(piece, to, style), type: to };
  if (isMoment(to)) return { sql: toMoment(piece, to, style), type: to };
  if (isNumeric(to)) return { sql: toNumber(piece, to), type: to };
  if (to.name === 'uniqueidentifier') return { sql: `CAST(${sql} AS UUID)`, type: to };
  if (from === null || isBinary(from)) {
    const cut =
      isBinary(from) && typeof to.length === 'number' && (from!.length === 'max' || Number(from!.length) > to.length);
    return { sql: cut ? `__postern.cut_bytes(${sql}, ${to.length})` : `CAST(${sql} AS BLOB)`, type: to };
  }
  if (isString(from) && style === 1) return { sql: `unhex(substr(${sql}, 3))`, type: to };
  if (isString(from) && style === 2) return { sql: `unhex(${sql})`, type: to };
  if (isString(from) && !isNational(from)) return { sql: `encode(${sql})`, type: to };
  throw unsupported(`A conversion from ${from.name} to ${to.name}`);
};

/** A value as another type, or nothing where it cannot be one. */
export const tryConvert = (piece: Piece, to: SqlType, style: number | null): Piece => {
  if (isString(piece.type) && isMoment(to) && style === null) {
    if (to.name === 'datetimeoffset') throw unsupported('TRY_CAST to datetimeoffset');
    return { sql: `CAST(__postern.try_moment(${piece.sql}) AS ${engineType(to)})`, type: to };
  }
  const { sql } = convert(piece, to, style);
  return { sql: sql.includes('__postern.') ? sql : `TRY(${sql})`, type: to };
};

/** What reads a value of the type that a column has, and refuses one that would be cut (2628). */
export const assign = (piece: Piece, column: { name: string; type: SqlType | null }, table: string): Piece => {
  const { type: to } = column;
  if (!to) return piece;
  const { type: from } = piece;
  if (isString(to) || isBinary(to)) {
    const isCutting =
      typeof to.length === 'number' &&
      !(from?.name === to.name && typeof from.length === 'number' && from.length <= to.length);
    const whole = convert(piece, { ...to, length: 'max' });
    const text = to.name === 'char' || to.name === 'nchar' ? `rtrim(${whole.sql}, ' ')` : whole.sql;
    if (!isCutting) return { sql: text, type: to };
    const measure = isBinary(to) ? 'fit_bytes' : isNational(to) ? 'fit_units' : 'fit_text';
    return {
      sql: `__postern.${measure}(${text}, ${to.length}, ${quoteText(table)}, ${quoteText(column.name)})`,
      type: to,
    };
  }
  return convert(piece, to);
};
