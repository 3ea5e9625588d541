import type { Value } from '../../row/record-batch.ts';
import { UnwritableValue } from '../encoding.ts';
import type { DelimitedTextSettings } from './settings.ts';

type Settings = Pick<
  DelimitedTextSettings,
  'columnDelimiter' | 'rowDelimiter' | 'quoteChar' | 'escapeChar' | 'nullValue'
>;

// Columns are text by the time that they come here.
const textOf = (value: Exclude<Value, null>): string => (typeof value === 'string' ? value : String(value));

/** Makes the writer of rows as text, each with its row delimiter. Errors: `UnwritableValue`. */
export const createRowStringifier = (
  settings: Settings,
  quoteAll: boolean,
): ((rows: readonly (readonly Value[])[]) => string) => {
  const { columnDelimiter, quoteChar, escapeChar, nullValue } = settings;
  const rowDelimiter = settings.rowDelimiter ?? '\r\n';
  // Also a part of a delimiter of several characters: at a value's end it could be taken for the delimiter's beginning.
  const isNeeded = (characters: string) =>
    new RegExp(`[${RegExp.escape(columnDelimiter + rowDelimiter + characters)}]`);
  const special = isNeeded(`\r\n${quoteChar}`);
  const inQuotes = new RegExp(`[${RegExp.escape(quoteChar + escapeChar) || '\\r'}]`, 'g');
  const hasToEscape = isNeeded(`\r\n${escapeChar}`);
  const outside = new RegExp(`[${RegExp.escape(`${columnDelimiter[0]}${rowDelimiter[0]}\r\n${escapeChar}`)}]`, 'g');

  const escaped = `${escapeChar.replace('$', '$$$$')}$&`;
  const quoted = (text: string) =>
    text.includes(quoteChar) || text.includes(escapeChar)
      ? quoteChar + text.replace(inQuotes, escaped) + quoteChar
      : quoteChar + text + quoteChar;
  const unquoted = (text: string) => {
    if (!hasToEscape.test(text)) return text;
    if (escapeChar === '')
      throw new UnwritableValue('it holds a delimiter, and the sink has neither a quoteChar nor an escapeChar');
    return text.replace(outside, escaped);
  };
  const known = (value: Exclude<Value, null>): string => {
    const text = textOf(value);
    // Where nothing stands for null, as it does unless told otherwise, empty text is null, as in Azure.
    if (text === nullValue && text !== '')
      throw new UnwritableValue("it is the text that stands for null: give the sink's dataset another nullValue");
    return text;
  };
  const write =
    quoteChar === ''
      ? (value: Value) => unquoted(value === null ? nullValue : known(value))
      : (value: Value) => {
          const text = value === null ? nullValue : known(value);
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
