import { setTimeout as delay } from 'node:timers/promises';
import { bytes, duration, shortIds } from '../../base/show.ts';
import type { Client } from '../client.ts';
import { CommandError } from '../command-error.ts';
import { askNetwork, findPlace, type WhereOptions } from '../network.ts';
import type { ShownFlow } from '../network-shape.ts';
import { asAdministrator } from '../session.ts';
import { paint, say, tame } from '../terminal.ts';
import { mark } from '../wording.ts';

const everyMs = 500;
/** A flow's end can be told a little after it: what ended this long before the last look is looked at again. */
const overlapMs = 5000;
/** A flow that lives is shown again this often, with what it has moved by then. */
const againMs = 5000;
const hostWidth = 46;

const cut = (text: string, width: number) =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);

const total = (flow: ShownFlow): number => flow.bytesSent + flow.bytesReceived;

/** What `flows` prints of one flow: a line, and below a refusal its reason and remedy. */
export const flowLines = (flow: ShownFlow): string => {
  const isAllowed = flow.verdict === 'allowed';
  const where = cut(tame(`${flow.host ?? flow.address}:${flow.port}`), hostWidth);
  const count = total(flow) > 0 ? `↑ ${bytes(flow.bytesSent)} ↓ ${bytes(flow.bytesReceived)}` : '';
  const moved =
    flow.endedAt === null
      ? `${paint('cyan', 'live')} ${count}`.trim()
      : count && `${count} ${duration(flow.durationMs ?? 0)}`;
  const ended = flow.end === 'cut' || flow.end === 'failed' ? paint('yellow', flow.end) : '';
  const audited = flow.audited ? paint('yellow', `audit: ${flow.audited}`) : '';
  const who = paint('dim', flow.activityName === null ? flow.worker : tame(flow.activityName));
  const code = paint(isAllowed ? 'green' : 'red', cut(flow.code, 24));
  const line = [flow.at.slice(11, 23), mark(isAllowed), where, code, moved, ended, audited, who]
    .filter((part) => part !== '')
    .join('  ');
  if (isAllowed) return line;
  const under = (text: string) => `\n${' '.repeat(17)}${paint('dim', tame(shortIds(text)))}`;
  return `${line}${under(flow.message)}${flow.remedy ? under(`→ ${flow.remedy}`) : ''}`;
};

const read = async (client: Client, place: string, query: Record<string, string>): Promise<ShownFlow[]> => {
  const { value } = await askNetwork(client, 'GET', place, 'flows', query);
  // The API tells the newest first; a person reads the newest last.
  return (value as unknown as ShownFlow[]).reverse();
};

type Shown = { endedAt: string | null; bytes: number; asked: number };

/** Whether a flow is worth a line again: it ended, or it lives and has moved something for a while. */
const isNews = (flow: ShownFlow, shown: Shown | undefined, asked: number): boolean =>
  shown === undefined ||
  shown.endedAt !== flow.endedAt ||
  (flow.endedAt === null && total(flow) !== shown.bytes && asked - shown.asked >= againMs);

const follow = async (client: Client, place: string, top: string, show: (flow: ShownFlow) => void) => {
  const shown = new Map<string, Shown>();
  let query: Record<string, string> = { top };
  for (;;) {
    const asked = Date.now();
    const flows = await read(client, place, query);
    for (const flow of flows) {
      if (!isNews(flow, shown.get(flow.id), asked)) continue;
      shown.set(flow.id, { endedAt: flow.endedAt, bytes: total(flow), asked });
      show(flow);
    }
    // What can come again is in the answer: nothing else need be remembered.
    const again = new Set(flows.map(({ id }) => id));
    for (const id of shown.keys()) if (!again.has(id)) shown.delete(id);
    query = { top: '1000', since: new Date(asked - overlapMs).toISOString() };
    await delay(everyMs);
  }
};

/** Shows the latest flows, oldest first; with `follow` each new one as it is decided, now and then while it moves, and when it ends. */
export const run = (
  options: WhereOptions & { data?: string; json?: boolean; follow?: boolean; top?: string },
): Promise<void> =>
  asAdministrator(options.data, async (client) => {
    const top = options.top ?? '50';
    if (!/^\d{1,4}$/.test(top))
      throw new CommandError(`--top ${top}: write a whole number, at most 1000.`, { status: 2 });
    const place = await findPlace(client, options);
    if (options.follow)
      return follow(client, place, top, (flow) => say(options.json ? JSON.stringify(flow) : flowLines(flow)));
    const flows = await read(client, place, { top });
    if (options.json) return say(JSON.stringify(flows, null, 2));
    if (flows.length === 0) return say('No flows yet. They are kept from the start of Postern on, the latest 20,000.');
    for (const flow of flows) say(flowLines(flow));
  });
