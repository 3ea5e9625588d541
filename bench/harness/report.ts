import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Line } from './run.ts';

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

const heads = ['measure', 'subject', 'median', 'p10', 'p90', 'p99', 'unit', 'ratio', 'promise', ''];

const figure = (value: number | null): string => {
  if (value === null) return '';
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
};

const cells = (line: Line): string[] => [
  line.measure,
  line.subject,
  figure(line.median),
  figure(line.p10),
  figure(line.p90),
  figure(line.p99),
  line.unit,
  line.ratio === null ? '' : line.ratio.toFixed(2),
  line.promise ?? '',
  line.kept === null ? '' : line.kept ? 'kept' : 'MISSED',
];

/** The lines as a Markdown table whose columns stand under each other, so that it reads in a terminal too. */
export const table = (lines: readonly Line[]): string => {
  const rows = lines.map(cells);
  const widths = heads.map((head, column) => Math.max(head.length, 3, ...rows.map((row) => row[column]!.length)));
  const isNumber = (column: number): boolean => [2, 3, 4, 5, 7].includes(column);
  const draw = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => (isNumber(at) ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!))).join(' | ')} |`;
  const rule = `| ${widths.map((width, at) => (isNumber(at) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))).join(' | ')} |`;
  return [draw(heads), rule, ...rows.map(draw)].join('\n');
};

/** Writes `latest.json` and `latest.md` into `folder`. */
export const writeResult = async (
  folder: string,
  where: Circumstances,
  lines: readonly Line[],
  notes: readonly string[],
): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'latest.json'), `${JSON.stringify({ ...where, lines, notes }, null, 2)}\n`);
  const facts = `${where.at}, ${where.cpu}, ${where.memory}, Linux ${where.kernel}, Node ${where.node}, load ${where.load} before.`;
  const listed = notes.map((note) => `- ${note}\n`).join('');
  await writeFile(join(folder, 'latest.md'), `${facts}\n\n${table(lines)}\n${listed === '' ? '' : `\n${listed}`}`);
};
