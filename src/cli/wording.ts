// Paragraphs under a label, as wide as the terminal.
import { paint, tame } from './terminal.ts';

const labelWidth = 10;
const widest = 110;

/** Breaks text between words at `width` characters; a word that is longer stands alone. */
export const wrap = (text: string, width: number): string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((each) => each !== '')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
};

/** A dim label and its text beside it, with what somebody else wrote tamed. Empty where there is no text. */
export const labelled = (label: string, text: string): string => {
  if (text === '') return '';
  const width = Math.min(widest, process.stdout.columns ?? widest) - labelWidth - 2;
  return wrap(tame(text), Math.max(30, width))
    .map((line, index) => `  ${paint('dim', (index === 0 ? label : '').padEnd(labelWidth))}${line}`)
    .join('\n');
};

/** The mark of a verdict. */
export const mark = (isAllowed: boolean): string => (isAllowed ? paint('green', '✔') : paint('red', '✘'));
