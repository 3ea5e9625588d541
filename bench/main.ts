// `npm run bench [-- name ... --rounds N]`: measures what Postern promises about speed, each against a baseline in the
// same rounds, prints a table and writes it to `bench/result/`. How to read it: docs/bench.md.

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../src/base/error.ts';
import type { Measure } from './harness/measure.ts';
import { circumstances, figures, promises, writeResult } from './harness/report.ts';
import { type Line, runMeasure, type Verdict } from './harness/run.ts';
import { measures } from './registry.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' }, list: { type: 'boolean' } },
});
const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** Whether what was asked for by name means a measure: `copy` is also `copy-small`. */
const means = (asked: string) => (measure: Measure) => measure.name === asked || measure.name.startsWith(`${asked}-`);

const unknown = positionals.filter((name) => !measures.some(means(name)));
if (values.list || unknown.length > 0) {
  for (const name of unknown) print(`There is no measure '${name}'. These are:`);
  for (const { name, what } of measures) print(`${name.padEnd(20)} ${what}`);
  process.exitCode = unknown.length > 0 ? 2 : 0;
} else {
  const where = circumstances();
  const lines: Line[] = [];
  const verdicts: Verdict[] = [];
  const notes: string[] = [];
  const chosen = measures.filter(
    (measure) => positionals.length === 0 || positionals.some((name) => means(name)(measure)),
  );
  for (const measure of chosen) {
    process.stderr.write(`${measure.name}: ${measure.what}\n`);
    try {
      const done = await runMeasure(measure, Number(values.rounds ?? measure.rounds));
      lines.push(...done.lines);
      verdicts.push(...done.verdicts);
      if (done.note) notes.push(`${measure.name}: ${done.note}`);
    } catch (error) {
      notes.push(`${measure.name}: not measured: ${messageOf(error)}`);
      process.exitCode = 1;
    }
  }
  print(`\n${figures(lines)}`);
  if (verdicts.length > 0) print(`\n${promises(verdicts)}`);
  for (const note of notes) print(`- ${note}`);
  await writeResult(join(import.meta.dirname, 'result'), where, lines, verdicts, notes);
}
