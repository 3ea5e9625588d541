// The types of SQL Server as the client describes them, and values both ways. The client keeps decimals as numbers of
// JavaScript and forgets offsets; what would be lost by that goes as text instead, or is refused. Pure.
import { ActivityError } from '../../base/error.ts';
import type { TableColumn } from '../database/session.ts';
import type { ColumnType } from '../row/column-type.ts';
import { decimalOf } from '../row/decimal.ts';
import type { Column, Value } from '../row/record-batch.ts';

/** A column as the client describes it, as far as it matters here. */
export type Described = {
  colName: string;
  type: { name: string };
  flags?: number;
  precision?: number | undefined;
  scale?: number | undefined;
  dataLength?: number | undefined;
  collation?: { codepage?: string | undefined } | undefined;
};

/** A decimal of so many digits is itself as a number of JavaScript. */
const exactDigits = 15;
const unlimited = 0xffff;

const sized = (name: string, dataLength: number | undefined, bytesEach = 1): string =>
  dataLength === undefined || dataLength >= unlimited ? `${name}(max)` : `${name}(${dataLength / bytesEach})`;

type Known = Pick<TableColumn, 'type' | 'native' | 'keeps' | 'asText' | 'precision' | 'encoding'>;

const plain = (type: ColumnType, native: string, more: Partial<Known> = {}): Known => ({ type, native, ...more });

const byLength = (length: number | undefined, names: Readonly<Record<number, Known>>, otherwise: Known): Known =>
  names[length ?? 0] ?? otherwise;

/** The interim type of a column, and its type in SQL. */
export const knownType = ({ type: { name }, precision = 18, scale = 0, dataLength, collation }: Described): Known => {
  const encoded = collation?.codepage === undefined ? {} : { encoding: collation.codepage };
  switch (name) {
    case 'Bit':
    case 'BitN':
      return plain('Boolean', 'bit');
    case 'TinyInt':
      return plain('Byte', 'tinyint');
    case 'SmallInt':
      return plain('Int16', 'smallint');
    case 'Int':
      return plain('Int32', 'int');
    case 'BigInt':
      return plain('Int64', 'bigint');
    case 'IntN':
      return byLength(
        dataLength,
        { 1: plain('Byte', 'tinyint'), 2: plain('Int16', 'smallint'), 4: plain('Int32', 'int') },
        plain('Int64', 'bigint'),
      );
    case 'Real':
      return plain('Single', 'real');
    case 'Float':
      return plain('Double', 'float');
    case 'FloatN':
      return byLength(dataLength, { 4: plain('Single', 'real') }, plain('Double', 'float'));
    case 'Decimal':
    case 'DecimalN':
    case 'Numeric':
    case 'NumericN':
      return plain('Decimal', `decimal(${precision},${scale})`, {
        keeps: scale,
        precision,
        ...(precision > exactDigits && { asText: true as const }),
      });
    case 'SmallMoney':
      return plain('Decimal', 'smallmoney', { keeps: 4, asText: true });
    case 'Money':
      return plain('Decimal', 'money', { keeps: 4, asText: true });
    case 'MoneyN':
      return plain('Decimal', dataLength === 4 ? 'smallmoney' : 'money', { keeps: 4, asText: true });
    case 'SmallDateTime':
      return plain('DateTime', 'smalldatetime', { keeps: 'minute' });
    case 'DateTime':
      return plain('DateTime', 'datetime', { keeps: 'tick' });
    case 'DateTimeN':
      return dataLength === 4
        ? plain('DateTime', 'smalldatetime', { keeps: 'minute' })
        : plain('DateTime', 'datetime', { keeps: 'tick' });
    case 'Date':
      return plain('DateTime', 'date', { keeps: 'day' });
    case 'DateTime2':
      return plain('DateTime', `datetime2(${scale})`, { keeps: scale });
    case 'DateTimeOffset':
      return plain('DateTimeOffset', `datetimeoffset(${scale})`, { keeps: scale });
    case 'Time':
      return plain('TimeSpan', `time(${scale})`, { keeps: scale });
    case 'UniqueIdentifier':
      return plain('Guid', 'uniqueidentifier');
    case 'Binary':
      return plain('Binary', sized('binary', dataLength));
    case 'VarBinary':
      return plain('Binary', sized('varbinary', dataLength));
    case 'Image':
      return plain('Binary', 'image');
    case 'UDT':
      return plain('Binary', 'varbinary(max)');
    case 'Char':
      return plain('String', sized('char', dataLength), encoded);
    case 'VarChar':
      return plain('String', sized('varchar', dataLength), encoded);
    case 'NChar':
      return plain('String', sized('nchar', dataLength, 2));
    case 'NVarChar':
      return plain('String', sized('nvarchar', dataLength, 2));
    case 'Text':
      return plain('String', 'text', { asText: true, ...encoded });
    case 'NText':
      return plain('String', 'ntext', { asText: true });
    case 'Xml':
      return plain('String', 'xml', { asText: true });
    default:
      return plain('String', 'sql_variant', { asText: true });
  }
};

/** Flags of a described column. */
const nullable = 0x01;
const unknownNullable = 0x8000;
const identity = 0x10;
const computed = 0x20;

/** The longest value of a column whose type has a length; of text in a code page only where that is known. */
const lengthOf = ({ type: { name }, dataLength, collation }: Described): number | undefined => {
  if (dataLength === undefined || dataLength >= unlimited) return undefined;
  if (/^N(Var)?Char$/.test(name)) return dataLength / 2;
  if (/^(Var)?Binary$/.test(name) || (/^(Var)?Char$/.test(name) && collation?.codepage !== undefined))
    return dataLength;
  return undefined;
};

/** A described column as one of a table. */
export const tableColumn = (described: Described): TableColumn => ({
  name: described.colName,
  ...knownType(described),
  ...(lengthOf(described) !== undefined && { length: lengthOf(described)! }),
  ...(described.flags !== undefined && !(described.flags & (nullable | unknownNullable)) && { isRequired: true }),
  ...((described.flags ?? 0) & (identity | computed) ? { isGenerated: true as const } : {}),
});

/** How a column is selected so that its value comes whole: as text, where the client would cut it. */
export const selected = (quoted: string, { type, native, asText }: TableColumn): string | undefined => {
  if (native === 'money' || native === 'smallmoney') return `CONVERT(varchar(30), ${quoted}, 2)`;
  if (type === 'Decimal' && asText) return `CONVERT(varchar(42), ${quoted})`;
  if (type === 'DateTimeOffset') return `CONVERT(varchar(34), ${quoted}, 121)`;
  return undefined;
};

const typeFor: Readonly<Record<ColumnType, string>> = {
  Boolean: 'bit',
  Byte: 'tinyint',
  Int16: 'smallint',
  Int32: 'int',
  Int64: 'bigint',
  Single: 'real',
  Double: 'float',
  Decimal: 'decimal',
  String: 'nvarchar(max)',
  Guid: 'uniqueidentifier',
  DateTime: 'datetime2(7)',
  DateTimeOffset: 'datetimeoffset(7)',
  TimeSpan: 'time(7)',
  Binary: 'varbinary(max)',
};

/** The type of a column that is made for the values of another. */
export const madeType = (column: Column): string => {
  const { precision, scale } = decimalOf(column);
  return column.type === 'Decimal' ? `decimal(${precision},${scale})` : typeFor[column.type];
};

type Moment = Date & { nanosecondsDelta?: number };

const clockOf = (moment: Moment): string => {
  const finest = Math.round((moment.nanosecondsDelta ?? 0) * 1e7);
  return `${moment.toISOString().slice(0, -1)}${String(finest).padStart(4, '0')}`;
};

const lossy = (column: string, what: string, way: string) =>
  new ActivityError(
    'SqlPrecisionWouldBeLost',
    `Column '${column}' of the query holds ${what}, which the client of SQL Server would round. ${way}`,
  );

/** All digits of a decimal that the client has made a number of; refuses one that may have been rounded. */
const decimalText = (column: string, value: number, scale: number): string => {
  if (Math.abs(value) * 10 ** scale < 2 ** 52) return value.toFixed(scale);
  throw lossy(
    column,
    'a number of more than 15 digits',
    `Select it as text, CONVERT(varchar(42), ...), or read the table without a query: then every digit comes.`,
  );
};

const variantText = (value: unknown): string => {
  if (value instanceof Date) return clockOf(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : String(value);
};

/** Makes the reader of a column's values. `type` is what a value that was selected as text is. */
export const readerOf = (described: Described, type?: ColumnType): ((value: unknown) => Value) => {
  const known = knownType(described);
  const { colName, scale = 4 } = described;
  const read = (value: unknown): Value => {
    if (type === 'DateTimeOffset') return readOffset(String(value));
    if (type !== undefined) return String(value);
    switch (known.type) {
      case 'Int64':
        return BigInt(value as string);
      case 'Decimal':
        return decimalText(colName, value as number, known.native.endsWith('money') ? 4 : scale);
      case 'DateTime':
        return clockOf(value as Moment);
      case 'DateTimeOffset':
        return `${clockOf(value as Moment)}+00:00`;
      case 'TimeSpan':
        return clockOf(value as Moment).slice(11);
      case 'Guid':
        return String(value).toLowerCase();
      case 'String':
        return known.native === 'sql_variant' ? variantText(value) : String(value);
      default:
        return value as Value;
    }
  };
  return (value) => (value === null || value === undefined ? null : read(value));
};

/** `yyyy-MM-dd HH:mm:ss.fffffff +hh:mm` in the one form. */
const readOffset = (text: string): string => {
  const [, day, time, fraction = '', offset] =
    /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d+))? ?([+-]\d\d:\d\d)$/.exec(text.trim()) ?? [];
  return day === undefined ? text : `${day}T${time}.${fraction.padEnd(7, '0')}${offset}`;
};

/** The client reads `nanosecondDelta` of what it writes, and `getTimezoneOffset` of a `datetimeoffset`. */
const momentOf = (clock: string, offset = '+00:00'): Date => {
  const minutes = (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6))) * (offset.startsWith('-') ? -1 : 1);
  const moment = new Date(Date.parse(`${clock.slice(0, 23)}Z`) - minutes * 60_000);
  return Object.assign(moment, {
    nanosecondDelta: Number(clock.slice(23, 27)) / 1e7,
    getTimezoneOffset: () => -minutes,
  });
};

/** Makes what turns values of an interim type into those that the client writes. */
export const writerOf = (type: ColumnType): ((value: Value) => unknown) => {
  const write = (value: Exclude<Value, null>): unknown => {
    switch (type) {
      case 'Decimal':
        return Number(value);
      case 'DateTime':
        return momentOf(String(value));
      case 'DateTimeOffset':
        return momentOf(String(value).slice(0, 27), String(value).slice(27));
      case 'TimeSpan':
        return momentOf(`1970-01-01T${value}`);
      case 'Binary':
        return Buffer.from(value as Uint8Array);
      default:
        return value;
    }
  };
  return (value) => (value === null ? null : write(value));
};
