import type { Column } from './record-batch.ts';

/** Reads a decimal number of any length into its one form: no exponent, no needless zeros. Undefined where it is none. */
export const readDecimal = (text: string): string | undefined => {
  const found = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,4}))?$/i.exec(text.trim());
  if (!found || (found[2] === '' && !found[3])) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = found;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  const padded = point < 0 ? '0'.repeat(-point) + digits : digits.padEnd(point, '0');
  const at = Math.max(point, 0);
  const left = padded.slice(0, at).replace(/^0+/, '') || '0';
  const right = padded.slice(at).replace(/0+$/, '');
  const plain = right === '' ? left : `${left}.${right}`;
  return sign === '-' && plain !== '0' ? `-${plain}` : plain;
};

/** Digits of a decimal column, in all and behind the point: what the column says, else Azure's own. */
export const decimalOf = ({
  precision = 38,
  scale = Math.min(18, precision),
}: Pick<Column, 'precision' | 'scale'>) => ({ precision, scale });

/** How many digits of a decimal in its one form carry meaning. */
export const significantDigits = (decimal: string): number =>
  decimal
    .replace(/^-?0*\.?0*/, '')
    .replace('.', '')
    .replace(decimal.includes('.') ? '' : /0+$/, '').length;
