import { writeFile } from 'node:fs/promises';
import { nameIn, shortIds } from '../../base/show.ts';
import { CommandError } from '../command-error.ts';
import { askNetwork, findPlace, type WhereOptions } from '../network.ts';
import type { Reachability, ShownCell, ShownDecision, ShownNetwork, ShownProbe } from '../network-shape.ts';
import { reportPage } from '../report/page.ts';
import { asAdministrator } from '../session.ts';
import { paint, say, table, tame } from '../terminal.ts';
import { labelled, mark } from '../wording.ts';

/** Short enough for a column: the code without what the mark says already. */
const cellText = ({ verdict, code }: ShownCell) =>
  verdict === 'allowed' ? paint('green', '✔ allowed') : paint('red', `✘ ${code}`);

const reasonLines = (cells: readonly ShownCell[]): string[] => {
  const denied = Map.groupBy(
    cells.filter(({ verdict }) => verdict === 'denied'),
    ({ code }) => code,
  );
  return [...denied].flatMap(([code, all]) => [
    '',
    `  ${paint('red', code)} ${paint('dim', `(${all.length})`)}`,
    labelled('why', shortIds(all[0]!.message)),
    labelled('remedy', shortIds(all[0]!.remedy)),
  ]);
};

const networkLines = (network: ShownNetwork, { runtimes, matrix }: Reachability): string[] => {
  const names = runtimes.filter((one) => one.network === network.network).map(({ name }) => name);
  const cells = matrix.filter((cell) => cell.network === network.network);
  const rows = [...Map.groupBy(cells, ({ host, port }) => `${host}:${port}`)].map(([target, row]) => [
    tame(target),
    ...names.map((name) => row.find(({ runtime }) => runtime === name)).map((cell) => (cell ? cellText(cell) : '')),
  ]);
  return [
    '',
    `${paint('bold', tame(network.title))} ${paint('dim', network.kind)}`,
    labelled('public', network.says),
    ...(names.length === 0 ? [labelled('runtimes', 'none: nothing runs in this network')] : []),
    ...(rows.length > 0 && names.length > 0 ? ['', table(['target', ...names.map(tame)], rows)] : []),
    ...reasonLines(cells),
  ];
};

const probeLines = (probe: ShownProbe): string[] => {
  const groups = [...Map.groupBy(probe.evidence, ({ category }) => category)];
  const bad = probe.evidence.filter(({ outcome }) => outcome !== 'as expected');
  return [
    '',
    `${mark(probe.sealed)} ${paint(probe.sealed ? 'green' : 'red', probe.sealed ? 'sealed' : 'NOT SEALED')}: ${tame(probe.title)}, but for what the rules admit; ${probe.attempts} attempts from ${probe.worker}`,
    ...probe.reasons.map((reason) => labelled('', reason)),
    table(
      ['tried', 'attempts', 'as expected'],
      groups.map(([category, all]) => [
        category,
        String(all.length),
        String(all.filter(({ outcome }) => outcome === 'as expected').length),
      ]),
      [1, 2],
    ),
    ...bad.map((one) =>
      paint(
        one.outcome === 'leak' ? 'red' : 'yellow',
        tame(
          `  ${one.outcome}: ${one.what}: expected ${one.expectedCode ?? one.expected}, saw ${one.seen} ${one.detail}`,
        ),
      ),
    ),
  ];
};

/** What `reachability` prints. */
export const reachabilityLines = (told: Reachability): string =>
  [
    `${paint('bold', nameIn(told.factory))} ${paint('dim', `as of ${told.at}`)}`,
    ...told.networks.flatMap((network) => networkLines(network, told)),
    ...(told.probes ?? []).flatMap(probeLines),
  ].join('\n');

const save = async (file: string, told: Reachability, decisions: readonly ShownDecision[]) => {
  const isPage = file.toLowerCase().endsWith('.html');
  const text = isPage ? reportPage(told, decisions) : `${JSON.stringify({ ...told, decisions }, null, 2)}\n`;
  await writeFile(file, text).catch((error: Error) => {
    throw new CommandError(`--output ${file}: ${error.message}. Choose a file that you may write.`, { cause: error });
  });
};

/** Shows what a factory's runtimes may reach, proves it with `probe`, and saves a report. Exit status 1 where a network is not sealed. */
export const run = (
  options: WhereOptions & { data?: string; json?: boolean; probe?: boolean; output?: string },
): Promise<void> =>
  asAdministrator(options.data, async (client) => {
    const { output } = options;
    if (output !== undefined && !/\.(html|json)$/i.test(output))
      throw new CommandError(`--output ${output}: a report is saved as .html or .json.`, { status: 2 });
    const place = await findPlace(client, options);
    const told = (await (options.probe
      ? askNetwork(client, 'POST', place, 'reachability', { probe: 'true' })
      : askNetwork(client, 'GET', place, 'reachability'))) as unknown as Reachability;
    if (output !== undefined) {
      const { value } = await askNetwork(client, 'GET', place, 'decisions', { top: '1000' });
      await save(output, told, value as unknown as ShownDecision[]);
    }
    say(options.json ? JSON.stringify(told, null, 2) : reachabilityLines(told));
    if (output !== undefined && !options.json) say(`\nSaved ${output}`);
    if (told.sealed === false) process.exitCode = 1;
  });
