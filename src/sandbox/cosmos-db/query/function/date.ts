// Functions of dates, which are text in ISO 8601, in UTC, with seven digits of a second.
import type { QueryFunction } from '../function.ts';
import type { Value } from '../value.ts';

const ticksOf1970 = 621_355_968_000_000_000;

const written = (at: Date): string => `${at.toISOString().slice(0, -1)}0000Z`;

const dateOf = (value: Value): Date | undefined => {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{1,7})?Z?)?$/.test(value))
    return undefined;
  const at = new Date(value.includes('T') && !value.endsWith('Z') ? `${value}Z` : value);
  return Number.isNaN(at.getTime()) ? undefined : at;
};

const parts: Readonly<Record<string, (at: Date) => number>> = {
  year: (at) => at.getUTCFullYear(),
  yyyy: (at) => at.getUTCFullYear(),
  month: (at) => at.getUTCMonth() + 1,
  mm: (at) => at.getUTCMonth() + 1,
  day: (at) => at.getUTCDate(),
  dd: (at) => at.getUTCDate(),
  weekday: (at) => at.getUTCDay() + 1,
  hour: (at) => at.getUTCHours(),
  hh: (at) => at.getUTCHours(),
  minute: (at) => at.getUTCMinutes(),
  mi: (at) => at.getUTCMinutes(),
  second: (at) => at.getUTCSeconds(),
  ss: (at) => at.getUTCSeconds(),
  millisecond: (at) => at.getUTCMilliseconds(),
  ms: (at) => at.getUTCMilliseconds(),
};

export const dateFunctions: Readonly<Record<string, QueryFunction>> = {
  DATETIMEPART: {
    least: 2,
    most: 2,
    run: ([part, value]) => {
      const at = dateOf(value);
      const name = typeof part === 'string' ? part.toLowerCase() : '';
      return at && Object.hasOwn(parts, name) ? parts[name]!(at) : undefined;
    },
  },
  DATETIMETOTIMESTAMP: { least: 1, most: 1, run: ([value]) => dateOf(value)?.getTime() },
  GETCURRENTDATETIME: { least: 0, most: 0, run: () => written(new Date()) },
  GETCURRENTTICKS: { least: 0, most: 0, run: () => ticksOf1970 + Date.now() * 10_000 },
  GETCURRENTTIMESTAMP: { least: 0, most: 0, run: () => Date.now() },
  TIMESTAMPTODATETIME: {
    least: 1,
    most: 1,
    run: ([value]) => {
      const at = new Date(typeof value === 'number' ? value : Number.NaN);
      return Number.isNaN(at.getTime()) || Math.abs(at.getTime()) > 253_402_300_799_999 ? undefined : written(at);
    },
  },
};
