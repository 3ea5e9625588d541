// What Parquet keeps less of than rows have: microseconds, one offset, a fixed number of decimal places. Pure.
import { type ConversionSettings, type Converter, lose } from '../../row/convert.ts';
import { decimalOf } from '../../row/decimal.ts';
import { chained, digitsBefore, instant } from '../../row/fit.ts';
import type { Column } from '../../row/record-batch.ts';

/** The moment without the digit that is finer than a microsecond. */
const toMicroseconds =
  (settings: ConversionSettings): Converter =>
  (value) => {
    if (value === null) return null;
    const moment = value as string;
    if (moment.charCodeAt(26) === 48) return moment;
    lose(settings, 'it is finer than a microsecond');
    return `${moment.slice(0, 26)}0${moment.slice(27)}`;
  };

/** The decimal without the places that are too many. */
const toScale =
  (scale: number, settings: ConversionSettings): Converter =>
  (value) => {
    if (value === null) return null;
    const text = value as string;
    const point = text.indexOf('.');
    if (point < 0 || text.length - point - 1 <= scale) return text;
    if (/[1-9]/.test(text.slice(point + 1 + scale)))
      lose(settings, `it has more than ${scale} decimal places: the mapping's sink may have another scale`);
    const cut = scale === 0 ? text.slice(0, point) : text.slice(0, point + 1 + scale).replace(/\.?0+$/, '');
    return /^-0?(\.0*)?$/.test(cut) ? '0' : cut;
  };

/** What makes values of a column such that the file keeps them exactly; undefined where all are. Errors: `Inconvertible`. */
export const fit = (column: Column, settings: ConversionSettings): Converter | undefined => {
  if (column.type === 'DateTime') return toMicroseconds(settings);
  if (column.type === 'DateTimeOffset') return chained([instant('the file', settings), toMicroseconds(settings)]);
  if (column.type !== 'Decimal') return undefined;
  const { precision, scale } = decimalOf(column);
  const wayOut = ": give the mapping's sink another precision and scale";
  return chained([digitsBefore(precision - scale, wayOut), toScale(scale, settings)]);
};
