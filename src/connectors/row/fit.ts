// What several places keep less of than rows have: values that they have no word for, and values that lose something there.
// Each is refused, or, where only precision goes, told. Pure but for that telling. Errors: `Inconvertible`.
import { type ConversionSettings, type Converter, lose, refuse } from './convert.ts';
import { inUtc } from './date-time.ts';
import type { Value } from './record-batch.ts';

/** `keeper` is the place in the words of messages: `JSON`, `the file`. */
type Fitting = (keeper: string, settings: ConversionSettings) => Converter;

/** One after the other; undefined where there is nothing to do. */
export const chained = (steps: readonly (Converter | undefined)[]): Converter | undefined => {
  const [first, ...rest] = steps.filter((step) => step !== undefined);
  return first && rest.reduce((one, next) => (value) => next(one(value)), first);
};

/** Of a number: not infinite, and a number. */
export const finite: Fitting = (keeper) => (value) =>
  typeof value === 'number' && !Number.isFinite(value)
    ? refuse(`it is infinite or not a number, which ${keeper} does not have: a column of type String would keep it`)
    : value;

/** Of a number: a zero loses its sign. */
export const unsignedZero: Fitting = (keeper, settings) => (value) => {
  if (!Object.is(value, -0)) return value;
  lose(settings, `it is a zero with a sign, which ${keeper} does not keep`);
  return 0;
};

/** Of text: whole characters, no half of a pair. */
export const wellFormed: Fitting = (keeper) => (value) =>
  typeof value === 'string' && !value.isWellFormed()
    ? refuse(`it holds half a character (a lone surrogate), which ${keeper} does not have`)
    : value;

const utcOf = (value: Value): { utc: string; offset: string } => {
  const [clock, offset] = [String(value).slice(0, 27), String(value).slice(27)];
  return { utc: inUtc({ clock, offset }) ?? refuse('its year in UTC is not from 0001 to 9999'), offset };
};

/** Of a moment with an offset: in UTC too it has a year. */
export const inTime: Fitting = () => (value) => {
  if (value !== null) utcOf(value);
  return value;
};

/** Of a moment with an offset: the instant, in UTC. */
export const instant: Fitting = (keeper, settings) => (value) => {
  if (value === null) return null;
  const { utc, offset } = utcOf(value);
  if (offset !== '+00:00')
    lose(settings, `${keeper} keeps the instant, not its offset: a column of type String would keep it`);
  return `${utc}+00:00`;
};

/** Of a decimal: at most so many digits before the point. */
export const digitsBefore = (most: number, wayOut = ''): Converter => {
  const tooLong = new RegExp(`^-?0*[1-9]\\d{${most},}`);
  return (value: Value) =>
    typeof value === 'string' && tooLong.test(value)
      ? refuse(`it has more than ${most} digits before the point${wayOut}`)
      : value;
};
