import { duration } from '../../base/show.ts';
import { type DoctorReport, doctor } from '../../network/namespace/doctor.ts';
import { paint, say, table, tame } from '../terminal.ts';

/** The steps of a report as a table, and what to change where one failed. */
export const doctorLines = (report: DoctorReport): string => {
  const rows = report.steps.map(({ name, ok, detail, ms }) => [
    ok ? paint('green', '✔') : paint('red', '✘'),
    name,
    tame(detail),
    duration(ms),
  ]);
  const verdict = report.able
    ? paint('green', 'This machine can seal a network.')
    : paint('red', 'This machine cannot seal a network, so Postern does not run on it as it is.');
  const remedy = report.remedy ? `\n\nWhat to change:\n${report.remedy}` : '';
  return `${table(['', 'step', 'result', 'time'], rows, [3])}\n\n${verdict}${remedy}`;
};

/** Seals a network once and tells how each step went. Exit status 1 where the machine cannot. */
export const run = async (options: { json?: boolean }): Promise<void> => {
  const report = await doctor();
  say(options.json ? JSON.stringify(report, null, 2) : doctorLines(report));
  if (!report.able) process.exitCode = 1;
};
