// From one column type to another, by Azure's rules. What cannot be said in the other type is refused; what only loses
// precision is refused too, unless it is allowed and then told. Pure but for that telling.
import type { ColumnType } from './column-type.ts';
import {
  type DateOrder,
  inUtc,
  type Moment,
  momentReader,
  orderedReader,
  readMoment,
  writeMoment,
} from './date-time.ts';
import { readDecimal, significantDigits } from './decimal.ts';
import type { Value } from './record-batch.ts';
import { readTimeSpan } from './time-span.ts';

export type ConversionSettings = {
  /** Called for each value that loses precision; undefined: such a value is refused. */
  onTruncation: (() => void) | undefined;
  treatBooleanAsNumber: boolean;
  /** Patterns of .NET; undefined: ISO 8601 is read, and `yyyy-MM-dd HH:mm:ss.fffffff` written. */
  dateTimeFormat: string | undefined;
  dateTimeOffsetFormat: string | undefined;
  /** The order of the numbers of a date where no pattern says it; undefined: ISO 8601. */
  dateOrder?: DateOrder | undefined;
};

/** What holds where nobody asked for anything else: what would lose precision is refused. */
export const plainConversion: ConversionSettings = {
  onTruncation: undefined,
  treatBooleanAsNumber: false,
  dateTimeFormat: undefined,
  dateTimeOffsetFormat: undefined,
};

export type Converter = (value: Value) => Value;

/** A value that the other type does not have. The message says why, never which value. */
export class Inconvertible extends Error {}

type Known = Exclude<Value, null>;
type Step = (value: Known) => Known;

/** Refuses a value. `why` completes "the value cannot be converted: ...". */
export const refuse = (why: string): never => {
  throw new Inconvertible(why);
};

const ranges = {
  Byte: [0n, 255n],
  Int16: [-32768n, 32767n],
  Int32: [-2147483648n, 2147483647n],
  Int64: [-9223372036854775808n, 9223372036854775807n],
} as const;
type IntegerType = keyof typeof ranges;
const isInteger = (type: ColumnType): type is IntegerType => type in ranges;
const isFloat = (type: ColumnType) => type === 'Single' || type === 'Double';
const isNumber = (type: ColumnType) => isInteger(type) || isFloat(type) || type === 'Decimal';
const isMoment = (type: ColumnType) => type === 'DateTime' || type === 'DateTimeOffset';

const defaultFormats = { DateTime: 'yyyy-MM-dd HH:mm:ss.fffffff', DateTimeOffset: 'yyyy-MM-dd HH:mm:ss.fffffff zzz' };
const formatOf = (type: 'DateTime' | 'DateTimeOffset', settings: ConversionSettings) =>
  type === 'DateTime' ? settings.dateTimeFormat : settings.dateTimeOffsetFormat;

/** Tells that a value loses precision, or refuses it where that is not allowed. */
export const lose = (settings: ConversionSettings, why: string): void => {
  if (!settings.onTruncation)
    refuse(`${why}; typeConversionSettings.allowDataTruncation in the translator would allow that`);
  settings.onTruncation?.();
};

const toInteger = (type: IntegerType, value: bigint): Known => {
  const [least, most] = ranges[type];
  if (value < least || value > most) refuse(`it is not between ${least} and ${most}`);
  return type === 'Int64' ? value : Number(value);
};

/** A number as text that is read as itself again: a zero keeps its sign. */
export const numberText = (value: Value): string => (Object.is(value, -0) ? '-0' : String(value));

/** All the digits of a whole number, the shortest that are read as itself of another. */
const digitsOf = (value: number): string => (Number.isInteger(value) ? String(BigInt(value)) : String(value));

/** A decimal in its one form, into any type of number. */
const numberOf = (type: ColumnType, settings: ConversionSettings): ((decimal: string) => Known) => {
  if (type === 'Decimal') return (decimal) => decimal;
  if (isInteger(type))
    return (decimal) => {
      const [whole, fraction] = decimal.split('.') as [string, string?];
      if (fraction !== undefined) lose(settings, 'it has decimal places');
      return toInteger(type, BigInt(whole));
    };
  return (decimal) => {
    const value = type === 'Single' ? Math.fround(Number(decimal)) : Number(decimal);
    if (!Number.isFinite(value)) refuse(`it is too large for ${type}`);
    const digits = significantDigits(decimal);
    // With up to 6 and 15 digits every decimal is kept; with more, one that the value itself is written as.
    if (digits > (type === 'Single' ? 6 : 15)) {
      const forms = [digitsOf(value), String(value), ...(digits <= 17 ? [value.toPrecision(digits)] : [])];
      if (!forms.some((form) => readDecimal(form) === decimal)) lose(settings, `it has more digits than ${type} keeps`);
    }
    return value;
  };
};

const special = new Map([
  ['nan', Number.NaN],
  ['infinity', Number.POSITIVE_INFINITY],
  ['-infinity', Number.NEGATIVE_INFINITY],
]);

const textToNumber = (type: ColumnType, settings: ConversionSettings): Step => {
  const make = numberOf(type, settings);
  return (value) => {
    const text = String(value).trim();
    const odd = isFloat(type) ? special.get(text.toLowerCase()) : undefined;
    if (odd !== undefined) return odd;
    if (isInteger(type)) {
      if (!/^[+-]?\d+$/.test(text)) refuse('it is not a whole number');
      return toInteger(type, BigInt(text.replace('+', '')));
    }
    const number = make(readDecimal(text) ?? refuse('it is not a number'));
    return number === 0 && text.startsWith('-') ? -0 : number;
  };
};

const numberToNumber = (from: ColumnType, to: ColumnType, settings: ConversionSettings): Step => {
  if (isInteger(from) && isInteger(to)) return (value) => toInteger(to, BigInt(value as number | bigint));
  const make = numberOf(to, settings);
  return (value) => {
    if (typeof value === 'number' && !Number.isFinite(value))
      return isFloat(to) ? value : refuse(`${to} has neither infinity nor "not a number"`);
    if (isFloat(from) && isFloat(to)) {
      const narrow = to === 'Single' ? Math.fround(value as number) : (value as number);
      if (!Number.isFinite(narrow)) refuse('it is too large for Single');
      if (narrow !== value) lose(settings, 'it has more digits than Single keeps');
      return narrow;
    }
    if (typeof value === 'bigint' && isFloat(to)) {
      const near = to === 'Single' ? Math.fround(Number(value)) : Number(value);
      if (BigInt(near) !== value) lose(settings, `it has more digits than ${to} keeps`);
      return near;
    }
    // A decimal of a database may end with zeros.
    return make(readDecimal(typeof value === 'number' ? digitsOf(value) : String(value))!);
  };
};

const textToMoment = (type: 'DateTime' | 'DateTimeOffset', settings: ConversionSettings): Step => {
  const format = formatOf(type, settings);
  const { dateOrder } = settings;
  const plain = dateOrder ? orderedReader(dateOrder) : readMoment;
  const read = format === undefined ? plain : momentReader(format);
  return (value) => {
    const moment: Moment =
      read(String(value)) ??
      refuse(
        format === undefined
          ? `it is no date and time in ${dateOrder ? `the order ${dateOrder}` : 'ISO 8601'}`
          : `it is not written as ${format}`,
      );
    if (!moment.isExact) lose(settings, 'it is finer than a hundred nanoseconds');
    if (type === 'DateTimeOffset') return moment.clock + (moment.offset ?? '+00:00');
    if (moment.offset !== undefined && moment.offset !== '+00:00') lose(settings, 'DateTime keeps no offset');
    return inUtc(moment) ?? refuse('its year is not from 0001 to 9999');
  };
};

const textToBoolean =
  (settings: ConversionSettings): Step =>
  (value) => {
    const text = String(value).trim().toLowerCase();
    if (text === 'true' || (settings.treatBooleanAsNumber && text === '1')) return true;
    if (text === 'false' || (settings.treatBooleanAsNumber && text === '0')) return false;
    return refuse('it is neither true nor false');
  };

const guidForm = /^[{(]?([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})[)}]?$/i;

const fromText = (to: ColumnType, settings: ConversionSettings): Step => {
  if (isNumber(to)) return textToNumber(to, settings);
  if (to === 'DateTime' || to === 'DateTimeOffset') return textToMoment(to, settings);
  if (to === 'Boolean') return textToBoolean(settings);
  if (to === 'Guid')
    return (value) => guidForm.exec(String(value).trim())?.[1]?.toLowerCase() ?? refuse('it is no GUID');
  if (to === 'TimeSpan') return (value) => readTimeSpan(String(value)) ?? refuse('it is no span of time');
  return (value) => {
    const bytes = Buffer.from(String(value), 'base64');
    return bytes.toString('base64') === value ? bytes : refuse('it is not base64');
  };
};

const toText = (from: ColumnType, settings: ConversionSettings): Step => {
  if (from === 'Boolean')
    return (value) => (settings.treatBooleanAsNumber ? (value ? '1' : '0') : value ? 'True' : 'False');
  // Nine digits are enough for a Single to be read as itself.
  if (from === 'Single')
    return (value) => (value === 0 ? numberText(value) : String(Number((value as number).toPrecision(9))));
  if (from === 'Double') return numberText;
  if (from === 'Binary') return (value) => Buffer.from(value as Uint8Array).toString('base64');
  if (from === 'DateTime' || from === 'DateTimeOffset') {
    const pattern = formatOf(from, settings) ?? defaultFormats[from];
    return (value) =>
      writeMoment({ clock: String(value).slice(0, 27), offset: String(value).slice(27) || undefined }, pattern);
  }
  return String;
};

const stepOf = (from: ColumnType, to: ColumnType, settings: ConversionSettings): Step | null => {
  if (from === 'String') return fromText(to, settings);
  if (to === 'String') return toText(from, settings);
  if (isNumber(from) && isNumber(to)) return numberToNumber(from, to, settings);
  if (from === 'Boolean' && isNumber(to)) return (value) => numberOf(to, settings)(value ? '1' : '0');
  if (isNumber(from) && to === 'Boolean')
    return (value) => {
      if (Number(value) !== 0 && Number(value) !== 1) lose(settings, 'it is neither 0 nor 1');
      return Number(value) !== 0;
    };
  if (from === 'DateTime' && to === 'DateTimeOffset') return (value) => `${value}+00:00`;
  if (isMoment(from) && to === 'DateTime')
    return (value) => {
      const [clock, offset] = [String(value).slice(0, 27), String(value).slice(27)];
      if (offset !== '+00:00') lose(settings, 'DateTime keeps no offset');
      return inUtc({ clock, offset }) ?? refuse('its year is not from 0001 to 9999');
    };
  return null;
};

/**
 * Makes what turns values of one type into another; undefined where nothing has to be done, null where Azure has no such
 * conversion. Null stays null. The converter's errors: `Inconvertible`.
 */
export const converterOf = (
  from: ColumnType,
  to: ColumnType,
  settings: ConversionSettings,
): Converter | undefined | null => {
  if (from === to) return undefined;
  const step = stepOf(from, to, settings);
  return step && ((value) => (value === null ? null : step(value)));
};
