import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Line, Verdict } from './run.ts';

/** The machine and the moment, without which no figure means anything. */
export type Circumstances = { at: string; node: string; kernel: string; cpu: string; memory: string; load: string };

/** As they are now. */
export const circumstances = (): Circumstances => ({
  at: new Date().toISOString(),
  node: process.version,
  kernel: release(),
  cpu: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
  memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  load: loadavg()[0]!.toFixed(1),
});

const figure = (value: number | null): string => {
  if (value === null) return '';
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
};

/** A Markdown table whose columns stand under each other, so that it reads in a terminal too. Numbers stand right. */
const draw = (heads: readonly string[], rows: readonly (readonly string[])[], numbers: readonly string[]): string => {
  const widths = heads.map((head, at) => Math.max(3, head.length, ...rows.map((row) => row[at]!.length)));
  const isNumber = heads.map((head) => numbers.includes(head));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => (isNumber[at] ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!))).join(' | ')} |`;
  const rule = widths.map((width, at) => (isNumber[at] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [line(heads), line(rule), ...rows.map(line)].join('\n');
};

/** The figures. */
export const figures = (lines: readonly Line[]): string => {
  const heads = ['measure', 'subject', 'median', 'p10', 'p90', 'p99', 'unit', 'ratio', 'samples'];
  const rows = lines.map((one) => [
    one.measure,
    one.subject,
    ...[one.median, one.p10, one.p90, one.p99].map(figure),
    one.unit,
    figure(one.ratio),
    String(one.samples),
  ]);
  return draw(heads, rows, ['median', 'p10', 'p90', 'p99', 'ratio', 'samples']);
};

/** What was promised and what came of it. */
export const promises = (verdicts: readonly Verdict[]): string => {
  const word = ({ kept }: Verdict): string => (kept === null ? 'not compared' : kept ? 'kept' : 'missed');
  const rows = verdicts.map((one) => [one.measure, one.promise, figure(one.measured), word(one)]);
  return draw(['measure', 'promise', 'measured', 'verdict'], rows, ['measured']);
};

/** Writes `latest.json` and `latest.md` into `folder`. */
export const writeResult = async (
  folder: string,
  where: Circumstances,
  lines: readonly Line[],
  verdicts: readonly Verdict[],
  notes: readonly string[],
): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'latest.json'), `${JSON.stringify({ ...where, lines, verdicts, notes }, null, 2)}\n`);
  const facts = `${where.at}, ${where.cpu}, ${where.memory}, Linux ${where.kernel}, Node ${where.node}, load ${where.load} before.`;
  const listed = notes.map((note) => `- ${note}\n`).join('');
  await writeFile(
    join(folder, 'latest.md'),
    `${facts}\n\n${figures(lines)}\n\n${promises(verdicts)}\n${listed === '' ? '' : `\n${listed}`}`,
  );
};
