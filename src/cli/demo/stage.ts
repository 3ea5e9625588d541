// The demo's stage: numbered acts that a person watches, each of which must end as announced.

import type { JsonObject } from '../../base/json.ts';
import { bytes, duration } from '../../base/show.ts';
import { bar, type LiveLine, liveLine, paint, say, table } from '../terminal.ts';

/** What an act came to: a line for the screen, whether that is how it should have gone, and cells for the summary. */
export type Outcome = { as: boolean; line: string; more?: readonly string[]; cells?: readonly string[] };

/** Plays acts one after the other and remembers how each went. */
export type Stage = {
  act(title: string, who: string, play: (line: LiveLine) => Promise<Outcome>): Promise<void>;
  /** Prints the summary; true if every act went as it should. */
  close(): boolean;
};

/** A text as lines of at most the terminal's width, indented. */
const indented = (text: string, columns = Math.min(process.stdout.columns ?? 120, 120) - 6): string => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && `${line} ${word}`.length > columns) {
      lines.push(line);
      line = '  ';
    }
    line = line.trim() === '' ? line + word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => `    ${one}`).join('\n');
};

/** A copy under way, as one line. `total` is what the source holds, bytes. */
export const copyProgress = (output: JsonObject, total: number): string => {
  const done = Number(output.dataWritten ?? output.dataRead ?? 0);
  return `copying ${bar(done / total)} ${bytes(done)} of ${bytes(total)}`;
};

/** A stage on standard output. `columns` are the headings of the cells that acts give for the summary, all numbers. */
export const openStage = (columns: readonly string[] = []): Stage => {
  const rows: string[][] = [];
  let failed = false;
  return {
    act: async (title, who, play) => {
      const line = liveLine();
      line.show(title);
      const started = performance.now();
      let outcome: Outcome;
      try {
        outcome = await play(line);
      } catch (error) {
        outcome = { as: false, line: `stopped: ${(error as Error).message}` };
      }
      const took = duration(performance.now() - started);
      const mark = outcome.as ? paint('green', '✔') : paint('red', '✘');
      line.end(`${mark} ${paint('bold', title)}  ${paint('dim', `${who}, ${took}`)}`);
      say(`    ${outcome.line}`);
      for (const more of outcome.more ?? []) say(indented(more));
      rows.push([
        outcome.as ? paint('green', 'as it should') : paint('red', 'WRONG'),
        title,
        ...columns.map((_, at) => outcome.cells?.[at] ?? ''),
        took,
      ]);
      failed ||= !outcome.as;
      if (!outcome.as) throw new Error(`The demo went wrong at: ${title}`);
    },
    close: () => {
      say();
      say(
        table(
          ['', 'step', ...columns, 'time'],
          rows,
          [...columns.keys(), columns.length].map((at) => at + 2),
        ),
      );
      return !failed;
    },
  };
};
