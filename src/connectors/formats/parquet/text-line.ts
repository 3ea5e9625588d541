// Values that lie in memory as text, as lines of the format that DuckDB reads: from bytes to bytes. Pure.
import type { TextBlock } from '../../row/record-batch.ts';
import { quoted } from './column.ts';

const [comma, quote, nullMark, lineFeed, space] = [44, 34, 78, 10, 32];

/** Which bytes a value may have without quotes, which are read faster so: all that mean nothing in the format. */
const plain = Uint8Array.from({ length: 256 }, (_, code) =>
  code < space || code === quote || code === comma || code === 127 ? 0 : 1,
);

/** The most bytes that the line of a row takes. */
export const mostLineBytes = ({ starts, ends, width }: TextBlock, row: number): number => {
  let most = width * 3 + 1;
  // A value that is written otherwise is not longer than what lies there.
  for (let field = row * width; field < (row + 1) * width; field += 1) most += (ends[field]! - starts[field]!) * 2;
  return most;
};

/** Writes the line of a row into `out` from `from` on, where there is room for it; gives where it ends. */
export const writeLine = (text: TextBlock, row: number, out: Buffer, from: number): number => {
  const { bytes, starts, ends, kinds, width } = text;
  const first = row * width;
  let used = from;
  for (let field = first; field < first + width; field += 1) {
    if (field > first) out[used++] = comma;
    const kind = kinds[field];
    if (kind === 1) {
      out[used++] = nullMark;
      continue;
    }
    if (kind === 2) {
      used += out.write(quoted(text.textOf(field)), used);
      continue;
    }
    const [start, end] = [starts[field]!, ends[field]!];
    const before = used;
    let at = start;
    while (at < end && plain[bytes[at]!] === 1) out[used++] = bytes[at++]!;
    // What could be taken for null, for nothing, or lose its spaces stands in quotes too.
    if (
      at === end &&
      end > start &&
      bytes[start] !== space &&
      bytes[end - 1] !== space &&
      !(end - start === 1 && bytes[start] === nullMark)
    )
      continue;
    used = before;
    out[used++] = quote;
    for (at = start; at < end; at += 1) {
      const code = bytes[at]!;
      out[used++] = code;
      if (code === quote) out[used++] = quote;
    }
    out[used++] = quote;
  }
  out[used++] = lineFeed;
  return used;
};
