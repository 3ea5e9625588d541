// TYPE_INFO: how the wire says what type a column or parameter has.
import { unsupported } from '../sql-error.ts';
import { isNational, type SqlType, typeOf } from '../type/sql-type.ts';
import type { BufferReader } from './buffer-reader.ts';
import { ProtocolError } from './packet.ts';
import { collation } from './token.ts';

/** Bytes after the length of a type that holds fixed-width values. */
const widths: Partial<Record<SqlType['name'], [code: number, width: number]>> = {
  bit: [0x68, 1],
  tinyint: [0x26, 1],
  smallint: [0x26, 2],
  int: [0x26, 4],
  bigint: [0x26, 8],
  real: [0x6d, 4],
  float: [0x6d, 8],
  smallmoney: [0x6e, 4],
  money: [0x6e, 8],
  smalldatetime: [0x6f, 4],
  datetime: [0x6f, 8],
  uniqueidentifier: [0x24, 16],
};
const scaled: Partial<Record<SqlType['name'], number>> = { time: 0x29, datetime2: 0x2a, datetimeoffset: 0x2b };
const lengthy: Partial<Record<SqlType['name'], number>> = {
  char: 0xaf,
  varchar: 0xa7,
  text: 0xa7,
  nchar: 0xef,
  nvarchar: 0xe7,
  ntext: 0xe7,
  binary: 0xad,
  varbinary: 0xa5,
  image: 0xa5,
};

/** Marks a value that comes in parts, of any length. */
export const partly = 0xffff;

/** Bytes of a precision's decimal, with its sign. */
export const decimalBytes = (precision: number): number =>
  precision <= 9 ? 5 : precision <= 19 ? 9 : precision <= 28 ? 13 : 17;

/** The most bytes that a value of a lengthy type has, or `partly`. */
export const widthOf = (type: SqlType): number => {
  const { name, length = 'max' } = type;
  if (length === 'max' || name === 'text' || name === 'ntext' || name === 'image') return partly;
  return isNational(type) ? length * 2 : length;
};

/** A type as TYPE_INFO. */
export const encodeType = (type: SqlType): Buffer => {
  const fixed = widths[type.name];
  if (fixed) return Buffer.from(fixed);
  const code = scaled[type.name];
  if (code !== undefined) return Buffer.from([code, type.scale ?? 7]);
  if (type.name === 'date') return Buffer.from([0x28]);
  if (type.name === 'decimal')
    return Buffer.from([0x6a, decimalBytes(type.precision ?? 18), type.precision ?? 18, type.scale ?? 0]);
  const head = Buffer.alloc(3);
  head[0] = lengthy[type.name]!;
  head.writeUInt16LE(widthOf(type), 1);
  return head[0] === 0xa5 || head[0] === 0xad ? head : Buffer.concat([head, collation]);
};

/** A type that was read, and what its values need beside it: `code` is the wire's own. */
export type WireType = { code: number; type: SqlType; width: number; isUtf8: boolean };

const fixedTypes: Readonly<Record<number, SqlType['name']>> = {
  48: 'tinyint',
  50: 'bit',
  52: 'smallint',
  56: 'int',
  58: 'smalldatetime',
  59: 'real',
  60: 'money',
  61: 'datetime',
  62: 'float',
  122: 'smallmoney',
  127: 'bigint',
};

const byWidth = (code: number, width: number): SqlType['name'] => {
  const name = {
    38: { 1: 'tinyint', 2: 'smallint', 4: 'int', 8: 'bigint' },
    104: { 1: 'bit' },
    109: { 4: 'real', 8: 'float' },
    110: { 4: 'smallmoney', 8: 'money' },
    111: { 4: 'smalldatetime', 8: 'datetime' },
    36: { 16: 'uniqueidentifier' },
  }[code]?.[width as 1];
  if (name === undefined) throw new ProtocolError(`No type ${code} has values of ${width} bytes.`);
  return name as SqlType['name'];
};

const lengthyTypes: Readonly<Record<number, SqlType['name']>> = {
  165: 'varbinary',
  167: 'varchar',
  173: 'binary',
  175: 'char',
  231: 'nvarchar',
  239: 'nchar',
};
const longTypes: Readonly<Record<number, SqlType['name']>> = { 34: 'image', 35: 'text', 99: 'ntext' };
const refusedTypes: Readonly<Record<number, string>> = {
  98: 'The type sql_variant',
  240: 'A CLR type',
  241: 'The type xml',
  243: 'A table-valued parameter',
};

const readCollation = (reader: BufferReader): boolean => (reader.bytes(5).readUInt16LE(2) & 0x0400) !== 0;

/** Reads TYPE_INFO; refuses the types that this server does not know by name. */
export const readType = (reader: BufferReader): WireType => {
  const code = reader.uint8();
  const plain = (type: SqlType, width = 0): WireType => ({ code, type, width, isUtf8: true });
  if (code === 0x1f) return plain(typeOf('int'));
  if (fixedTypes[code]) return plain(typeOf(fixedTypes[code]));
  if ([36, 38, 104, 109, 110, 111].includes(code)) return plain(typeOf(byWidth(code, reader.uint8())));
  if (code === 0x28) return plain(typeOf('date'));
  if (code === 0x29 || code === 0x2a || code === 0x2b) {
    const scale = reader.uint8();
    if (scale > 7) throw new ProtocolError(`A time has no ${scale} digits.`);
    return plain(typeOf((['time', 'datetime2', 'datetimeoffset'] as const)[code - 0x29]!, { scale }));
  }
  if ([0x37, 0x3f, 0x6a, 0x6c].includes(code)) {
    reader.uint8();
    const precision = reader.uint8();
    const scale = reader.uint8();
    if (precision < 1 || precision > 38 || scale > precision) throw new ProtocolError('A decimal has no such digits.');
    return plain(typeOf('decimal', { precision, scale }));
  }
  const name = lengthyTypes[code];
  if (name !== undefined) {
    const width = reader.uint16();
    const isUtf8 = name.endsWith('char') ? readCollation(reader) : true;
    const length = width === partly ? 'max' : Math.max(1, name.startsWith('n') ? width >> 1 : width);
    return { code, type: typeOf(name, { length }), width, isUtf8 };
  }
  const long = longTypes[code];
  if (long !== undefined) {
    const width = reader.uint32();
    const isUtf8 = long === 'image' ? true : readCollation(reader);
    return { code, type: typeOf(long), width, isUtf8 };
  }
  if (refusedTypes[code] !== undefined) throw unsupported(refusedTypes[code]);
  throw new ProtocolError(`The type ${code} is not known.`);
};
