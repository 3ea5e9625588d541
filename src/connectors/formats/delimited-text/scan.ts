// The same rows as of `parse.ts`, found in bytes: no value becomes a string of its own, which is most of what reading costs
// where they only pass through. For UTF-8 with delimiters and marks of one ASCII character, which most files have.
import { isUtf8 } from 'node:buffer';
import type { TextBlock } from '../../row/record-batch.ts';
import { BadRow, createUnescape, maxRowLength } from './parse.ts';
import type { DelimitedTextSettings } from './settings.ts';

/** A row has more values than the table has columns. `row` counts from 1 and includes a header. */
export class WideRow extends Error {
  readonly row: number;

  constructor(row: number) {
    super('a row is too wide');
    this.row = row;
  }
}

/** The bytes are not UTF-8. */
export class NotUtf8 extends Error {}

const isAscii = (text: string) => text.length === 1 && text.charCodeAt(0) < 128;

/** Whether text of these settings can be read so. */
export const isScannable = ({
  columnDelimiter,
  rowDelimiter,
  quoteChar,
  escapeChar,
  encoding,
}: DelimitedTextSettings): boolean =>
  encoding.name === 'utf-8' &&
  isAscii(columnDelimiter) &&
  (rowDelimiter === undefined || isAscii(rowDelimiter)) &&
  (quoteChar === '' ? escapeChar === '' : isAscii(quoteChar) && isAscii(escapeChar));

/** Errors of both readings: `BadRow`, `WideRow`, `NotUtf8`. */
export type RowScanner = {
  /** Takes the next bytes of the file; they are not kept. */
  add(bytes: Buffer): void;
  /** The first row, once it is whole; it is left where it is unless it is a header. */
  first(last: boolean, isHeader: boolean): string[] | undefined;
  /** All rows that are whole, each as wide as the table. They are good until the next bytes are added. */
  take(last: boolean, width: number): TextBlock;
};

const carriageReturn = 13;
const lineFeed = 10;
const more = -1;
const mark = [0xef, 0xbb, 0xbf];

/** Makes the scanner. The settings must be scannable. */
export const createRowScanner = (settings: DelimitedTextSettings, skipLineCount = 0): RowScanner => {
  const { columnDelimiter, rowDelimiter, quoteChar, escapeChar, nullValue } = settings;
  const column = columnDelimiter.charCodeAt(0);
  const rowEnd = rowDelimiter?.charCodeAt(0) ?? lineFeed;
  const quote = quoteChar === '' ? -1 : quoteChar.charCodeAt(0);
  const escapesInQuotes = quote >= 0 && escapeChar !== quoteChar;
  const escapeCode = escapesInQuotes ? escapeChar.charCodeAt(0) : -1;
  const unescaped = createUnescape(settings);
  const nullBytes = Buffer.from(nullValue);

  /** What is not taken yet lies at the front of one memory, which grows where a row needs that. */
  let memory = Buffer.alloc(0);
  let text = memory;
  let start = 0;
  let row = 0;
  let skip = skipLineCount;
  let isBegun = false;
  let worthTrying = 0;

  let starts = new Uint32Array(4096);
  let ends = new Uint32Array(4096);
  let kinds = new Uint8Array(4096);
  let count = 0;

  const textOf = (field: number): string => {
    const value = text.toString('utf8', starts[field], ends[field]);
    return kinds[field] === 2 ? unescaped(value) : value;
  };
  const isNull = (from: number, to: number): boolean => {
    if (to - from !== nullBytes.length) return false;
    for (let at = 0; at < nullBytes.length; at += 1) if (text[from + at] !== nullBytes[at]) return false;
    return true;
  };
  /** Names are text, whatever they say. */
  let hasNulls = true;
  const addField = (from: number, to: number, isMarked: boolean) => {
    if (count === starts.length) {
      const grown = [new Uint32Array(count * 2), new Uint32Array(count * 2), new Uint8Array(count * 2)] as const;
      grown[0].set(starts);
      grown[1].set(ends);
      grown[2].set(kinds);
      [starts, ends, kinds] = grown;
    }
    starts[count] = from;
    ends[count] = to;
    kinds[count] = isMarked ? 2 : 0;
    if (hasNulls && (isMarked ? textOf(count) === nullValue : isNull(from, to))) kinds[count] = 1;
    count += 1;
  };

  /** Length of the row delimiter at `at`, 0 if there is none, `more` if that cannot be told yet. */
  const rowDelimiterAt = (at: number, last: boolean): number => {
    const code = text[at];
    if (rowDelimiter !== undefined) return code === rowEnd ? 1 : 0;
    if (code === lineFeed) return 1;
    if (code !== carriageReturn) return 0;
    if (at + 1 === text.length) return last ? 1 : more;
    return text[at + 1] === lineFeed ? 2 : 1;
  };

  let isMarked = false;
  /** Where the quoted value that begins at `from` ends (its closing quote), or `more`. Tells whether it holds marks. */
  const closingQuote = (from: number): number => {
    isMarked = false;
    for (let at = from; at < text.length; at += 1) {
      const code = text[at];
      if (code === escapeCode) isMarked = true;
      if (code !== quote) continue;
      if (isMarked && escapesInQuotes) {
        let escapes = 0;
        while (at - 1 - escapes >= from && text[at - 1 - escapes] === escapeCode) escapes += 1;
        if (escapes % 2 === 1) continue;
      }
      // A doubled quote is taken for one whatever the escape character is: nothing else could follow a closing quote.
      if (text[at + 1] !== quote) return at;
      isMarked = true;
      at += 1;
    }
    return more;
  };

  /** Leaves out a line at `start`; false where it is not whole. */
  const skipLine = (last: boolean): boolean => {
    let [at, end] = [start, 0];
    while (at < text.length && end === 0) {
      end = rowDelimiterAt(at, last);
      if (end === 0) at += 1;
    }
    if (end === more || (at === text.length && !last)) return false;
    if (at > start) skip -= 1;
    start = at + end;
    return true;
  };

  /** Adds the fields of the row at `start` and gives where it ends, its delimiter included; `more` where it is not whole. */
  const scanRow = (last: boolean): number => {
    const bytes = text;
    const { length } = bytes;
    const before = count;
    let at = start;
    for (;;) {
      let end = 0;
      if (quote >= 0 && text[at] === quote) {
        const close = closingQuote(at + 1);
        // The character after the quote tells whether it closes the value.
        if (close === more || (close + 1 >= length && !last)) {
          if (last) throw new BadRow(row + 1, 'a quote is opened and never closed');
          break;
        }
        addField(at + 1, close, isMarked);
        at = close + 1;
        if (at < length && text[at] !== column) {
          end = rowDelimiterAt(at, last);
          if (end === more) break;
          if (end === 0) throw new BadRow(row + 1, 'text follows a closing quote');
        }
      } else {
        const from = at;
        for (; at < length; at += 1) {
          const code = bytes[at];
          if (code === column) break;
          if (code !== rowEnd && code !== carriageReturn) continue;
          end = rowDelimiterAt(at, last);
          if (end !== 0) break;
        }
        if (end === more) break;
        addField(from, at, false);
      }
      if (at >= length && !last) break;
      if (end > 0 || at >= length) return at + end;
      at += 1;
    }
    count = before;
    return more;
  };

  /** The next row that is one, from `start` on; false where there is none. */
  const nextRow = (last: boolean): boolean => {
    if (!last && text.length - start < worthTrying) return false;
    while (start < text.length) {
      if (skip > 0) {
        if (!skipLine(last)) return false;
        continue;
      }
      const before = count;
      const isQuoted = text[start] === quote;
      const next = scanRow(last);
      // A long row is looked at again once there is twice as much of it.
      worthTrying = next === more ? (text.length - start) * 2 : 0;
      if (next === more) return false;
      const isBlank = count === before + 1 && !isQuoted && starts[before] === ends[before];
      start = next;
      if (isBlank) {
        count = before;
        continue;
      }
      row += 1;
      return true;
    }
    return false;
  };

  const demandUtf8 = (from: number, to: number) => {
    if (!isUtf8(text.subarray(from, to))) throw new NotUtf8();
  };

  return {
    add: (bytes) => {
      const rest = text.length - start;
      if (rest > maxRowLength && text.toString('utf8', start).length > maxRowLength)
        throw new BadRow(row + 1, `it is longer than ${maxRowLength} characters (is a quote never closed?)`);
      const length = rest + bytes.length;
      const into = memory.length < length ? Buffer.allocUnsafeSlow(length * 2) : memory;
      text.copy(into, 0, start);
      bytes.copy(into, rest);
      memory = into;
      text = memory.subarray(0, length);
      start = 0;
      if (isBegun) return;
      const isMark = mark.every((byte, at) => at >= text.length || text[at] === byte);
      isBegun = !isMark || text.length >= mark.length;
      if (isBegun && isMark) start = mark.length;
    },
    first: (last, isHeader) => {
      count = 0;
      const [from, skipBefore] = [start, skip];
      hasNulls = false;
      const isWhole = nextRow(last);
      hasNulls = true;
      if (!isWhole) return undefined;
      demandUtf8(from, start);
      const values = Array.from({ length: count }, (_, field) => textOf(field));
      if (isHeader) return values;
      [start, skip] = [from, skipBefore];
      row -= 1;
      return values;
    },
    take: (last, width) => {
      count = 0;
      const from = start;
      let rows = 0;
      while (nextRow(last)) {
        rows += 1;
        const wanted = rows * width;
        if (count > wanted) throw new WideRow(row);
        while (count < wanted) {
          addField(0, 0, false);
          kinds[count - 1] = 1;
        }
      }
      demandUtf8(from, last ? text.length : start);
      return { bytes: text, starts, ends, kinds, textOf, rows, width };
    },
  };
};
