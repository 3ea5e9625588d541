import type { Value } from '../record-batch.ts';
import type { DelimitedTextSettings } from './settings.ts';

type Settings = Pick<
  DelimitedTextSettings,
  'columnDelimiter' | 'rowDelimiter' | 'quoteChar' | 'escapeChar' | 'nullValue'
>;

/** A value that cannot be written in this format without being read as something else. */
export class UnwritableValue extends Error {}

const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

const textOf = (value: Exclude<Value, null>): string => {
  if (typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return String(value);
};

/** Makes the writer of rows as text, each with its row delimiter. Errors: `UnwritableValue`. */
export const createRowStringifier = (
  settings: Settings,
  quoteAll: boolean,
): ((rows: readonly (readonly Value[])[]) => string) => {
  const { columnDelimiter, quoteChar, escapeChar, nullValue } = settings;
  const rowDelimiter = settings.rowDelimiter ?? '\r\n';
  const special = new RegExp(
    [columnDelimiter, rowDelimiter, '\r', '\n', ...(quoteChar === '' ? [] : [quoteChar])].map(literal).join('|'),
  );
  const inQuotes =
    quoteChar === '' ? /(?!)/ : new RegExp([...new Set([quoteChar, escapeChar])].map(literal).join('|'), 'g');
  const hasToEscape = new RegExp(
    [columnDelimiter, rowDelimiter, '\r', '\n', escapeChar || columnDelimiter].map(literal).join('|'),
  );
  const outside = new RegExp(
    [columnDelimiter[0]!, rowDelimiter[0]!, '\r', '\n', escapeChar || columnDelimiter[0]!].map(literal).join('|'),
    'g',
  );

  const quoted = (text: string) =>
    `${quoteChar}${text.replace(inQuotes, `${escapeChar.replace('$', '$$$$')}$&`)}${quoteChar}`;
  const unquoted = (text: string) => {
    if (!hasToEscape.test(text)) return text;
    if (escapeChar === '')
      throw new UnwritableValue('a value holds a delimiter, and the sink has neither a quoteChar nor an escapeChar');
    return text.replace(outside, `${escapeChar.replace('$', '$$$$')}$&`);
  };
  const write =
    quoteChar === ''
      ? (value: Value) => unquoted(value === null ? nullValue : textOf(value))
      : (value: Value) => {
          const text = value === null ? nullValue : textOf(value);
          return quoteAll || special.test(text) ? quoted(text) : text;
        };

  return (rows) => {
    let text = '';
    for (const row of rows) {
      const first = row.length === 0 ? '' : write(row[0]!);
      // A row of one empty value would be an empty line, which is no row when it is read again.
      text += first === '' && row.length === 1 && quoteChar !== '' ? quoteChar + quoteChar : first;
      for (let at = 1; at < row.length; at += 1) text += columnDelimiter + write(row[at]!);
      text += rowDelimiter;
    }
    return text;
  };
};
