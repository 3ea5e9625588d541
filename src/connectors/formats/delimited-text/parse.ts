// Text into rows, a piece at a time. Our own because the escape character of Azure's format differs from its quote, the
// delimiters are free, and the libraries that can do that read 14 MB/s where a copy wants 100.
import type { DelimitedTextSettings } from './settings.ts';

/** What is wrong with a row. `row` counts from 1 and includes a header. */
export class BadRow extends Error {
  readonly row: number;

  constructor(row: number, why: string) {
    super(why);
    this.row = row;
  }
}

type Settings = Pick<DelimitedTextSettings, 'columnDelimiter' | 'rowDelimiter' | 'quoteChar' | 'escapeChar'>;

/** The longest row, in characters: what keeps a quote that is never closed from filling the memory. */
export const maxRowLength = 16 * 1024 * 1024;

const carriageReturn = 13;
const lineFeed = 10;
const more = -1;

/** `push` gives the rows that `text` completes; at the `last` piece also an unfinished one. Empty lines are no rows. */
export type RowParser = { push(text: string, last: boolean): string[][] };

/** Makes what turns the text between two quotes into the value. */
export const createUnescape = ({ quoteChar, escapeChar }: Pick<Settings, 'quoteChar' | 'escapeChar'>) => {
  const escapesInQuotes = escapeChar !== quoteChar;
  // Both are taken for one: a doubled quote, and an escaped quote or escape.
  const pairs = new RegExp(
    escapesInQuotes
      ? `${RegExp.escape(escapeChar)}([${RegExp.escape(quoteChar + escapeChar)}])|(${RegExp.escape(quoteChar)}){2}`
      : RegExp.escape(quoteChar + quoteChar),
    'g',
  );
  const one = escapesInQuotes ? (_: string, escaped: string | undefined) => escaped ?? quoteChar : () => quoteChar;
  return (value: string): string =>
    value.includes(quoteChar) || (escapesInQuotes && value.includes(escapeChar)) ? value.replace(pairs, one) : value;
};

export const createRowParser = (settings: Settings, skipLineCount = 0): RowParser => {
  const { columnDelimiter, rowDelimiter, quoteChar, escapeChar } = settings;
  const column = columnDelimiter.charCodeAt(0);
  const rowEnd = rowDelimiter?.charCodeAt(0) ?? lineFeed;
  const quote = quoteChar === '' ? -1 : quoteChar.charCodeAt(0);
  // Outside of quotes the escape character means something only where there are no quotes at all.
  const plainEscape = quoteChar === '' && escapeChar !== '' ? escapeChar.charCodeAt(0) : -1;
  const escapesInQuotes = escapeChar !== quoteChar;
  const escapeCode = escapeChar.charCodeAt(0);
  const longestDelimiter = Math.max(columnDelimiter.length, rowDelimiter?.length ?? 2);

  // Where a plain value may end or needs a closer look.
  const stops = new Uint8Array(128);
  for (const code of [column, rowEnd, carriageReturn, plainEscape]) if (code >= 0 && code < 128) stops[code] = 1;
  const stopsBeyond = Math.max(column, rowEnd, plainEscape) >= 128 ? 1 : 0;

  let rest = '';
  /** So much of what is left has been looked at, and is one unfinished row. */
  let seen = 0;
  let row = 0;
  let skip = skipLineCount;

  /** Length of the row delimiter at `at`, 0 if there is none, `more` if that cannot be told yet. */
  const rowDelimiterAt = (text: string, at: number, last: boolean): number => {
    const code = text.charCodeAt(at);
    if (rowDelimiter !== undefined)
      return code === rowEnd && text.startsWith(rowDelimiter, at) ? rowDelimiter.length : 0;
    if (code === lineFeed) return 1;
    if (code !== carriageReturn) return 0;
    if (at + 1 === text.length) return last ? 1 : more;
    return text.charCodeAt(at + 1) === lineFeed ? 2 : 1;
  };

  const isColumnDelimiterAt = (text: string, at: number) =>
    text.charCodeAt(at) === column && (columnDelimiter.length === 1 || text.startsWith(columnDelimiter, at));

  /** Where the quoted value that begins after `start` ends (its closing quote), or `more`. */
  const closingQuote = (text: string, start: number): number => {
    for (let from = start; ; ) {
      const at = text.indexOf(quoteChar, from);
      if (at < 0) return more;
      if (escapesInQuotes) {
        let escapes = 0;
        while (at - 1 - escapes >= start && text.charCodeAt(at - 1 - escapes) === escapeCode) escapes += 1;
        if (escapes % 2 === 1) {
          from = at + 1;
          continue;
        }
      }
      // A doubled quote is taken for one whatever the escape character is: nothing else could follow a closing quote.
      if (text.charCodeAt(at + 1) !== quote) return at;
      from = at + 2;
    }
  };

  const unescapeQuoted = createUnescape(settings);

  const isEscapable = (code: number) =>
    code === column || code === plainEscape || code === rowEnd || code === carriageReturn || code === lineFeed;

  const unescapePlain = (value: string): string => {
    let plain = '';
    for (let at = 0; at < value.length; at += 1) {
      if (value.charCodeAt(at) === plainEscape && isEscapable(value.charCodeAt(at + 1))) at += 1;
      plain += value[at];
    }
    return plain;
  };

  const push = (piece: string, last: boolean): string[][] => {
    const text = rest === '' ? piece : rest + piece;
    const length = text.length;
    // A row of many pieces is looked at again when it may have doubled: at each piece, that would take the square of its length.
    if (!last && length < Math.min(2 * seen, maxRowLength)) {
      rest = text;
      return [];
    }
    const rows: string[][] = [];
    let start = 0;
    let at = 0;

    readRows: while (start < length) {
      at = start;
      if (skip > 0) {
        let end = 0;
        while (at < length && end === 0) {
          end = rowDelimiterAt(text, at, last);
          if (end === 0) at += 1;
        }
        if (end === more || (at === length && !last)) break;
        if (at > start) skip -= 1;
        start = at + end;
        continue;
      }
      const fields: string[] = [];
      let end = 0;
      let isBlank = true;
      for (;;) {
        let value: string;
        if (quote >= 0 && text.charCodeAt(at) === quote) {
          const close = closingQuote(text, at + 1);
          // The character after the quote tells whether it closes the value.
          if (close === more || (close + 1 >= length && !last)) {
            if (last) throw new BadRow(row + 1, 'a quote is opened and never closed');
            break readRows;
          }
          value = unescapeQuoted(text.slice(at + 1, close));
          at = close + 1;
          isBlank = false;
          if (at < length && !isColumnDelimiterAt(text, at)) {
            end = rowDelimiterAt(text, at, last);
            // A delimiter of several characters may be cut by the end of this piece.
            if (end === more || (end === 0 && !last && length - at < longestDelimiter)) break readRows;
            if (end === 0) throw new BadRow(row + 1, 'text follows a closing quote');
          }
        } else {
          const from = at;
          let escaped = false;
          for (; at < length; at += 1) {
            const code = text.charCodeAt(at);
            if ((code < 128 ? stops[code] : stopsBeyond) === 0) continue;
            if (code === column) {
              if (columnDelimiter.length === 1 || text.startsWith(columnDelimiter, at)) break;
            } else if (code === rowEnd || code === carriageReturn) {
              end = rowDelimiterAt(text, at, last);
              if (end !== 0) break;
            } else if (code === plainEscape && isEscapable(text.charCodeAt(at + 1))) {
              escaped = true;
              at += 1;
            }
          }
          if (end === more) break readRows;
          value = text.slice(from, Math.min(at, length));
          if (escaped) value = unescapePlain(value);
        }
        if (at >= length && !last) break readRows;
        fields.push(value);
        if (end > 0 || at >= length) break;
        at += columnDelimiter.length;
      }
      start = Math.min(at, length) + end;
      if (fields.length === 1 && isBlank && fields[0] === '') continue;
      row += 1;
      rows.push(fields);
    }
    rest = start >= length ? '' : text.slice(start);
    seen = rest.length;
    if (rest.length > maxRowLength)
      throw new BadRow(row + 1, `it is longer than ${maxRowLength} characters (is a quote never closed?)`);
    return rows;
  };
  return { push };
};
