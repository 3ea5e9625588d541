// What Parquet keeps less of than rows have: microseconds, one offset, a fixed number of decimal places. Pure.
import { type ConversionSettings, type Converter, lose, refuse } from '../../row/convert.ts';
import { inUtc } from '../../row/date-time.ts';
import type { Column } from '../../row/record-batch.ts';

/** Digits of a decimal column, in all and behind the point: what the column says, else Azure's own. */
export const decimalOf = ({ precision = 38, scale = Math.min(18, precision) }: Column) => ({ precision, scale });

/** The moment without the digit that is finer than a microsecond. */
const toMicroseconds = (clock: string, settings: ConversionSettings): string => {
  if (clock.charCodeAt(26) === 48) return clock;
  lose(settings, 'it is finer than a microsecond');
  return `${clock.slice(0, 26)}0`;
};

/** What makes values of a column such that the file keeps them exactly; undefined where all are. Errors: `Inconvertible`. */
export const fit = (column: Column, settings: ConversionSettings): Converter | undefined => {
  if (column.type === 'DateTime') return (value) => (value === null ? null : toMicroseconds(value as string, settings));
  if (column.type === 'DateTimeOffset')
    return (value) => {
      if (value === null) return null;
      const [clock, offset] = [String(value).slice(0, 27), String(value).slice(27)];
      if (offset !== '+00:00')
        lose(settings, 'the file keeps the instant, not its offset: a column of type String would keep it');
      const utc = inUtc({ clock, offset }) ?? refuse('its year is not from 0001 to 9999');
      return `${toMicroseconds(utc, settings)}+00:00`;
    };
  if (column.type === 'Decimal') {
    const { precision, scale } = decimalOf(column);
    return (value) => {
      if (value === null) return null;
      const text = value as string;
      const point = text.indexOf('.');
      const whole = (point < 0 ? text.length : point) - (text.startsWith('-') ? 1 : 0);
      if (whole > precision - scale && !/^-?0(\.|$)/.test(text))
        refuse(
          `it has more than ${precision - scale} digits before the point: give the mapping's sink another precision and scale`,
        );
      if (point < 0 || text.length - point - 1 <= scale) return text;
      lose(settings, `it has more than ${scale} decimal places: the mapping's sink may have another scale`);
      const cut = scale === 0 ? text.slice(0, point) : text.slice(0, point + 1 + scale).replace(/\.?0+$/, '');
      return /^-0?(\.0*)?$/.test(cut) ? '0' : cut;
    };
  }
  return undefined;
};
