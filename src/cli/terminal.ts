// How the command speaks: colours where a terminal takes them, tables, and a line that lives while work goes on.
import { stripVTControlCharacters, styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** `text` in a style, plain where standard output is not a terminal or NO_COLOR is set. */
export const paint = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout });

/** Prints a line (or an empty one). */
export const say = (text = ''): void => void process.stdout.write(`${text}\n`);

/** What a terminal shows of a text that somebody else wrote: no control characters. */
export const tame = (text: string): string =>
  stripVTControlCharacters(text).replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');

const width = (text: string) => [...stripVTControlCharacters(text)].length;

/** Rows under headings, columns as wide as their widest cell; `right` names the columns that hold numbers. */
export const table = (
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string => {
  const widths = headings.map((heading, column) =>
    Math.max(width(heading), ...rows.map((row) => width(row[column] ?? ''))),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => {
        const gap = ' '.repeat(Math.max(0, widths[column]! - width(cell)));
        return right.includes(column) ? gap + cell : cell + gap;
      })
      .join('  ')
      .trimEnd();
  return [paint('dim', line(headings)), ...rows.map(line)].join('\n');
};

/** A bar of `cells` characters, filled by `part` (0 to 1). */
export const bar = (part: number, cells = 24): string => {
  const full = Math.round(Math.min(1, Math.max(0, part)) * cells);
  return `${paint('green', '━'.repeat(full))}${paint('dim', '━'.repeat(cells - full))}`;
};

/** A line that is rewritten while work goes on; on a plain output nothing is shown until it ends. */
export type LiveLine = { show(text: string): void; end(text?: string): void };

/** Starts a live line at the cursor. Text is cut to the width of the terminal. */
export const liveLine = (): LiveLine => {
  const live = process.stdout.isTTY === true;
  const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
  let frame = 0;
  let current = '';
  const draw = () => {
    const columns = (process.stdout.columns ?? 80) - 4;
    const shown =
      width(current) > columns ? [...stripVTControlCharacters(current)].slice(0, columns).join('') : current;
    process.stdout.write(`\r\u001b[2K${paint('cyan', frames[frame++ % frames.length]!)} ${shown}`);
  };
  const timer = live ? setInterval(draw, 80) : undefined;
  timer?.unref();
  return {
    show: (text) => {
      current = text;
      if (live) draw();
    },
    end: (text) => {
      clearInterval(timer);
      if (live) process.stdout.write('\r\u001b[2K');
      if (text !== undefined) say(text);
    },
  };
};
