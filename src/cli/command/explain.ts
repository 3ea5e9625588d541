import { askNetwork, findPlace, oneNetworkOf, parseHostPort, type WhereOptions } from '../network.ts';
import type { Explained } from '../network-shape.ts';
import { asAdministrator } from '../session.ts';
import { paint, say, tame } from '../terminal.ts';
import { labelled, mark } from '../wording.ts';

const namesLine = ({ resolver }: Explained): string => {
  const { answer, chain, address } = resolver;
  if (answer === 'notAsked') return 'an address: the resolver is not asked';
  if (answer === 'NXDOMAIN' || answer === 'REFUSED') return `the resolver refuses the name (${answer})`;
  if (answer === 'publicName')
    return 'a public name: the worker is given a synthetic address, and nobody outside is asked';
  const [first] = chain;
  return [...(first ? [first.name, ...chain.map(({ alias }) => alias)] : []), address].join(' → ');
};

/** What `explain` prints of an answer. */
export const explainLines = (told: Explained, asked: { host: string; port: number }): string => {
  const isAllowed = told.verdict === 'allowed';
  const { endpoint, probe, rule } = told;
  const seen =
    probe &&
    `${probe.seen}${probe.detail ? ` (${probe.detail})` : ''}; the gateway recorded ${probe.gateway?.code ?? 'nothing'}`;
  return [
    `${mark(isAllowed)} ${paint('bold', tame(`${asked.host}:${asked.port}`))}  ${paint(isAllowed ? 'green' : 'red', told.code)}`,
    '',
    labelled(isAllowed ? 'by' : 'why', told.message),
    labelled('remedy', told.remedy),
    labelled('rule', `${rule.name}: ${rule.says}`),
    labelled('names', namesLine(told)),
    labelled(
      'endpoint',
      endpoint
        ? `${endpoint.name} is ${endpoint.state}${endpoint.description ? `: "${endpoint.description}"` : ''}`
        : '',
    ),
    labelled('probe', seen ?? ''),
    probe
      ? `  ${''.padEnd(10)}${probe.agrees ? paint('green', 'what happened agrees') : paint('red', 'what happened does not agree')}`
      : '',
  ]
    .filter((line, index) => line !== '' || index === 1)
    .join('\n');
};

/** Says what would happen to a connection and why. With `probe` also what did happen; exit status 1 where both differ. */
export const run = (
  options: WhereOptions & { data?: string; json?: boolean; probe?: boolean },
  rest: string[],
): Promise<void> =>
  asAdministrator(options.data, async (client) => {
    const asked = parseHostPort(rest[0]);
    const place = await oneNetworkOf(client, await findPlace(client, options));
    const query: Record<string, string> = options.probe ? { probe: 'true' } : {};
    const told = (await askNetwork(client, 'POST', place, 'explain', query, asked)) as unknown as Explained;
    say(options.json ? JSON.stringify(told, null, 2) : explainLines(told, asked));
    if (told.probe?.agrees === false) process.exitCode = 1;
  });
