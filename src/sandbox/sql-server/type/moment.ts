// Days and times between SQL Server's wire, its text and the engine. All in the proleptic Gregorian calendar, exact.

const dayMs = 86_400_000;
const ticksPerSecond = 10_000_000n;
/** 100 ns ticks in a day. */
export const ticksPerDay = 86_400n * ticksPerSecond;
/** Days from 0001-01-01 to 1970-01-01. */
export const daysToEpoch = 719_162;
/** Days from 1900-01-01 to 1970-01-01. */
export const daysFrom1900 = 25_567;
/** The last day that SQL Server knows, 9999-12-31, from 0001-01-01. */
export const lastDay = 3_652_058;

const pad = (value: number | bigint, width: number): string => String(value).padStart(width, '0');

/** `2024-02-29` from days since 1970-01-01. */
export const dateText = (days: number): string => {
  const day = new Date(days * dayMs);
  return `${pad(day.getUTCFullYear(), 4)}-${pad(day.getUTCMonth() + 1, 2)}-${pad(day.getUTCDate(), 2)}`;
};

/** Days since 1970-01-01 of `2024-02-29`; NaN where it is none. */
export const dateDays = (text: string): number => {
  const found = /^(\d{4})-(\d\d)-(\d\d)/.exec(text);
  if (!found) return Number.NaN;
  const day = new Date(0);
  day.setUTCFullYear(Number(found[1]), Number(found[2]) - 1, Number(found[3]));
  return Math.round(day.getTime() / dayMs);
};

/** `12:30:00.1234567` from ticks since midnight. */
export const timeText = (ticks: bigint): string => {
  const seconds = Number(ticks / ticksPerSecond);
  return `${pad(Math.floor(seconds / 3600), 2)}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}.${pad(ticks % ticksPerSecond, 7)}`;
};

/** Ticks since midnight of the time within a text; midnight where it has none. */
export const timeTicks = (text: string): bigint => {
  const found = /(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?/.exec(text);
  if (!found) return 0n;
  const seconds = Number(found[1]) * 3600 + Number(found[2]) * 60 + Number(found[3] ?? 0);
  return BigInt(seconds) * ticksPerSecond + BigInt((found[4] ?? '').padEnd(7, '0'));
};

/** A day (since 1970-01-01) and the ticks of its time. */
export type Moment = { days: number; ticks: bigint };

export const momentText = ({ days, ticks }: Moment): string => `${dateText(days)} ${timeText(ticks)}`;
export const readMoment = (text: string): Moment => ({ days: dateDays(text), ticks: timeTicks(text) });

/** The moment that lies `minutes` later. */
export const laterBy = ({ days, ticks }: Moment, minutes: number): Moment => {
  const sum = ticks + BigInt(minutes) * 60n * ticksPerSecond;
  const shift = sum < 0n ? -1 : sum >= ticksPerDay ? 1 : 0;
  return { days: days + shift, ticks: sum - BigInt(shift) * ticksPerDay };
};

/** Rounds ticks to `scale` fractional digits; it may come to a whole day. */
export const roundTicks = (ticks: bigint, scale: number): bigint => {
  const step = 10n ** BigInt(7 - scale);
  return ((ticks + step / 2n) / step) * step;
};

/** A moment rounded to `scale` fractional digits, at most the end of time. */
export const roundMoment = ({ days, ticks }: Moment, scale: number): Moment => {
  const rounded = roundTicks(ticks, scale);
  if (rounded < ticksPerDay) return { days, ticks: rounded };
  if (days + daysToEpoch >= lastDay) return { days, ticks: ticksPerDay - 10n ** BigInt(7 - scale) };
  return { days: days + 1, ticks: 0n };
};

const offsetText = (minutes: number): string =>
  `${minutes < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(minutes) / 60), 2)}:${pad(Math.abs(minutes) % 60, 2)}`;

/** Minutes east of Greenwich at the end of a text, 0 where it names none. */
export const offsetMinutes = (text: string): number => {
  const found = /([+-])(\d\d):(\d\d)$/.exec(text.trim());
  return found ? (found[1] === '-' ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3])) : 0;
};

/** A datetimeoffset as people read it, from its instant in UTC: `2024-02-29 14:30:00.1234567 +02:00`. */
export const offsetMoment = (utc: Moment, minutes: number): string =>
  `${momentText(laterBy(utc, minutes))} ${offsetText(minutes)}`;

/** How the engine keeps a datetimeoffset: its instant in UTC first, so that text sorts as instants do. */
export const keptOffset = (text: string): string => {
  const minutes = offsetMinutes(text);
  return `${momentText(laterBy(readMoment(text), -minutes))}Z${offsetText(minutes)}`;
};

/** Turns what the engine keeps of a datetimeoffset into its text. */
export const shownOffset = (kept: string): string => {
  const [utc = '', offset = '+00:00'] = kept.split('Z');
  return offsetMoment(readMoment(utc), offsetMinutes(offset));
};
