// Values on the wire, both ways. Exact: what a type can hold arrives as it was sent.
import iconv from 'iconv-lite';
import { SqlError } from '../sql-error.ts';
import {
  dateDays,
  dateText,
  daysFrom1900,
  daysToEpoch,
  lastDay,
  laterBy,
  type Moment,
  momentText,
  offsetMinutes,
  offsetMoment,
  readMoment,
  roundMoment,
  roundTicks,
  ticksPerDay,
  timeText,
  timeTicks,
} from '../type/moment.ts';
import { isNational, isPadded, type SqlType, type SqlValue } from '../type/sql-type.ts';
import type { BufferReader } from './buffer-reader.ts';
import { ProtocolError } from './packet.ts';
import { decimalBytes, partly, type WireType, widthOf } from './type-info.ts';

const little = (value: bigint, bytes: number): Buffer => {
  const buffer = Buffer.alloc(bytes);
  for (let at = 0, rest = value; at < bytes; at++, rest >>= 8n) buffer[at] = Number(rest & 0xffn);
  return buffer;
};
const unsigned = (bytes: Buffer): bigint => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

/** Decimal text as a whole number of units of 10^-scale. */
export const decimalUnits = (text: string, scale: number): bigint => {
  const [whole = '', fraction = ''] = text.replace(/^[+-]/, '').split('.');
  const units = BigInt(whole + fraction.padEnd(scale, '0').slice(0, scale));
  return text.startsWith('-') ? -units : units;
};

/** Decimal text of units of 10^-scale. */
export const decimalText = (units: bigint, scale: number): string => {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return units < 0n ? `-${text}` : text;
};

/** `guid` as its sixteen bytes: the first three groups are little-endian. */
const guidOrder = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] as const;
const guidBytes = (text: string): Buffer => {
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex');
  return Buffer.from(guidOrder.map((at) => bytes[at] ?? 0));
};
/** A uniqueidentifier's text from its sixteen bytes. */
const guidText = (bytes: Buffer): string => {
  const hex = Buffer.from(guidOrder.map((at) => bytes[at]!))
    .toString('hex')
    .toUpperCase();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

const timeBytes = (scale: number): number => (scale <= 2 ? 3 : scale <= 4 ? 4 : 5);
const encodeTicks = (ticks: bigint, scale: number): Buffer =>
  little(ticks / 10n ** BigInt(7 - scale), timeBytes(scale));
const encodeDay = (days: number): Buffer => little(BigInt(days + daysToEpoch), 3);
const encodeMoment = (moment: Moment, scale: number): Buffer => {
  const { days, ticks } = roundMoment(moment, scale);
  return Buffer.concat([encodeTicks(ticks, scale), encodeDay(days)]);
};

const encodeDatetime = (text: string): Buffer => {
  let { days, ticks } = readMoment(text);
  let thirds = (ticks * 300n + 5_000_000n) / 10_000_000n;
  if (thirds >= 86_400n * 300n) [days, thirds] = [days + 1, 0n];
  ticks = thirds;
  const buffer = Buffer.alloc(8);
  buffer.writeInt32LE(days + daysFrom1900, 0);
  buffer.writeUInt32LE(Number(ticks), 4);
  return buffer;
};
const encodeSmallDatetime = (text: string): Buffer => {
  const { days, ticks } = readMoment(text);
  const minutes = Number((ticks + 300_000_000n) / 600_000_000n);
  const buffer = Buffer.alloc(4);
  buffer.writeUInt16LE(days + daysFrom1900 + Math.floor(minutes / 1440), 0);
  buffer.writeUInt16LE(minutes % 1440, 2);
  return buffer;
};

const encodeFixed = (type: SqlType, value: Exclude<SqlValue, null>): Buffer => {
  const text = String(value);
  switch (type.name) {
    case 'bit':
      return Buffer.from([value ? 1 : 0]);
    case 'tinyint':
      return little(BigInt(text), 1);
    case 'smallint':
      return little(BigInt(text), 2);
    case 'int':
      return little(BigInt(text), 4);
    case 'bigint':
      return little(BigInt(text), 8);
    case 'decimal': {
      const units = decimalUnits(text, type.scale ?? 0);
      const size = decimalBytes(type.precision ?? 18) - 1;
      return Buffer.concat([Buffer.from([units < 0n ? 0 : 1]), little(units < 0n ? -units : units, size)]);
    }
    case 'money': {
      const units = BigInt.asUintN(64, decimalUnits(text, 4));
      return Buffer.concat([little(units >> 32n, 4), little(units & 0xffffffffn, 4)]);
    }
    case 'smallmoney':
      return little(BigInt.asUintN(32, decimalUnits(text, 4)), 4);
    case 'real': {
      const buffer = Buffer.alloc(4);
      buffer.writeFloatLE(Number(value));
      return buffer;
    }
    case 'float': {
      const buffer = Buffer.alloc(8);
      buffer.writeDoubleLE(Number(value));
      return buffer;
    }
    case 'date':
      return encodeDay(dateDays(text));
    case 'time': {
      const scale = type.scale ?? 7;
      return encodeTicks(roundTicks(timeTicks(text), scale) % ticksPerDay, scale);
    }
    case 'datetime':
      return encodeDatetime(text);
    case 'smalldatetime':
      return encodeSmallDatetime(text);
    case 'datetime2':
      return encodeMoment(readMoment(text), type.scale ?? 7);
    case 'datetimeoffset': {
      const minutes = offsetMinutes(text);
      const offset = Buffer.alloc(2);
      offset.writeInt16LE(minutes);
      return Buffer.concat([encodeMoment(laterBy(readMoment(text), -minutes), type.scale ?? 7), offset]);
    }
    default:
      return guidBytes(text);
  }
};

/** Bytes of a value that has a length of its own. */
const encodeLengthy = (type: SqlType, value: Exclude<SqlValue, null>): Buffer => {
  const { length } = type;
  if (Buffer.isBuffer(value)) {
    const isShort = type.name === 'binary' && typeof length === 'number' && value.length < length;
    return isShort ? Buffer.concat([value, Buffer.alloc(length - value.length)]) : value;
  }
  const text = isPadded(type) && typeof length === 'number' ? String(value).padEnd(length) : String(value);
  return Buffer.from(text, isNational(type) ? 'utf16le' : 'utf8');
};

const nullPart = Buffer.alloc(8, 0xff);

/** A value as a row holds it; 8152 where it is longer than its type. */
export const encodeValue = (type: SqlType, value: SqlValue): Buffer => {
  const isLengthy = /char|text|binary|image/.test(type.name);
  if (!isLengthy) {
    if (value === null) return Buffer.from([0]);
    const bytes = encodeFixed(type, value);
    return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  }
  const width = widthOf(type);
  if (width !== partly) {
    if (value === null) return Buffer.from([0xff, 0xff]);
    const bytes = encodeLengthy(type, value);
    if (bytes.length > width)
      throw new SqlError(
        8152,
        `String or binary data would be truncated: ${bytes.length} bytes, where the result has ${width}.`,
      );
    const head = Buffer.alloc(2);
    head.writeUInt16LE(bytes.length);
    return Buffer.concat([head, bytes]);
  }
  if (value === null) return nullPart;
  const bytes = encodeLengthy(type, value);
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(bytes.length), 0);
  head.writeUInt32LE(bytes.length, 8);
  const end = Buffer.alloc(4);
  return bytes.length === 0 ? Buffer.concat([head.subarray(0, 8), end]) : Buffer.concat([head, bytes, end]);
};

const readDay = (bytes: Buffer): number => {
  const day = Number(unsigned(bytes));
  if (day > lastDay) throw new ProtocolError('A date is after 9999-12-31.');
  return day - daysToEpoch;
};
const readTicks = (bytes: Buffer, scale: number): bigint => {
  const ticks = unsigned(bytes) * 10n ** BigInt(7 - scale);
  if (ticks >= ticksPerDay) throw new ProtocolError('A time is after the end of its day.');
  return ticks;
};
const readMomentBytes = (bytes: Buffer, scale: number): Moment => ({
  ticks: readTicks(bytes.subarray(0, bytes.length - 3), scale),
  days: readDay(bytes.subarray(bytes.length - 3)),
});

const readDatetime = (bytes: Buffer): string => {
  const thirds = BigInt(bytes.readUInt32LE(4));
  // Thirds of a hundredth show as .000, .003 and .007.
  const ms = (thirds * 10n + 1n) / 3n;
  return momentText({ days: bytes.readInt32LE(0) - daysFrom1900, ticks: ms * 10_000n });
};

const readSized = (type: SqlType, bytes: Buffer): SqlValue => {
  const scale = type.scale ?? 0;
  const want = (width: number) => {
    if (bytes.length !== width) throw new ProtocolError(`A ${type.name} has ${bytes.length} bytes.`);
  };
  switch (type.name) {
    case 'bit':
      want(1);
      return bytes[0] !== 0;
    case 'tinyint':
      want(1);
      return BigInt(bytes[0]!);
    case 'smallint':
    case 'int':
    case 'bigint':
      return BigInt.asIntN(bytes.length * 8, unsigned(bytes));
    case 'decimal': {
      if (bytes.length < 2) throw new ProtocolError('A decimal has no digits.');
      const units = unsigned(bytes.subarray(1));
      if (units >= 10n ** BigInt(type.precision ?? 18))
        throw new ProtocolError('A decimal has more digits than its type.');
      return decimalText(bytes[0] === 0 ? -units : units, scale);
    }
    case 'money':
      want(8);
      return decimalText(BigInt.asIntN(64, (unsigned(bytes.subarray(0, 4)) << 32n) | unsigned(bytes.subarray(4))), 4);
    case 'smallmoney':
      want(4);
      return decimalText(BigInt(bytes.readInt32LE()), 4);
    case 'real':
      want(4);
      return bytes.readFloatLE();
    case 'float':
      want(8);
      return bytes.readDoubleLE();
    case 'date':
      want(3);
      return dateText(readDay(bytes));
    case 'time':
      want(timeBytes(scale));
      return timeText(readTicks(bytes, scale));
    case 'datetime':
      want(8);
      return readDatetime(bytes);
    case 'smalldatetime':
      want(4);
      return momentText({
        days: bytes.readUInt16LE(0) - daysFrom1900,
        ticks: BigInt(bytes.readUInt16LE(2)) * 600_000_000n,
      });
    case 'datetime2':
      want(timeBytes(scale) + 3);
      return momentText(readMomentBytes(bytes, scale));
    case 'datetimeoffset':
      want(timeBytes(scale) + 5);
      return offsetMoment(
        readMomentBytes(bytes.subarray(0, bytes.length - 2), scale),
        bytes.readInt16LE(bytes.length - 2),
      );
    default:
      want(16);
      return guidText(bytes);
  }
};

const fixedWidths: Readonly<Record<number, number>> = {
  48: 1,
  50: 1,
  52: 2,
  56: 4,
  58: 4,
  59: 4,
  60: 8,
  61: 8,
  62: 8,
  122: 4,
  127: 8,
};

const textOf = ({ type, isUtf8 }: WireType, bytes: Buffer): string => {
  if (isNational(type)) return bytes.toString('utf16le');
  return isUtf8 ? bytes.toString('utf8') : iconv.decode(bytes, 'win1252');
};
const lengthyValue = (wire: WireType, bytes: Buffer): SqlValue =>
  /binary|image/.test(wire.type.name) ? Buffer.from(bytes) : textOf(wire, bytes);

const readParts = (wire: WireType, reader: BufferReader): SqlValue => {
  if (reader.uint64() === 0xffff_ffff_ffff_ffffn) return null;
  const parts: Buffer[] = [];
  for (let length = reader.uint32(); length > 0; length = reader.uint32()) parts.push(reader.bytes(length));
  return lengthyValue(wire, Buffer.concat(parts));
};

/** Reads a value of a type. */
export const readValue = (wire: WireType, reader: BufferReader): SqlValue => {
  const { code, type, width } = wire;
  if (code === 0x1f) return null;
  const fixed = fixedWidths[code];
  if (fixed !== undefined) return readSized(type, reader.bytes(fixed));
  if (code === 34 || code === 35 || code === 99) {
    const pointer = reader.uint8();
    if (pointer === 0) return null;
    reader.bytes(pointer + 8);
    return lengthyValue(wire, reader.bytes(reader.int32()));
  }
  if (code >= 165 && /char|binary/.test(type.name)) {
    if (width === partly) return readParts(wire, reader);
    const length = reader.uint16();
    return length === 0xffff ? null : lengthyValue(wire, reader.bytes(length));
  }
  const length = reader.uint8();
  return length === 0 ? null : readSized(type, reader.bytes(length));
};
