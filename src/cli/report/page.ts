// The reachability report as one page: no scripts, nothing loaded from anywhere, and every word of others escaped.

import { nameIn, shortIds } from '../../base/show.ts';
import type { Reachability, ShownDecision, ShownNetwork, ShownProbe } from '../network-shape.ts';
import { html, type Markup, nothing } from './markup.ts';
import { reportStyle } from './style.ts';

type Cell = { content: Markup; kind: string };

const plain = (text: string): Cell => ({ content: html`${text}`, kind: '' });
const exact = (text: string): Cell => ({ content: html`${text}`, kind: 'exact' });
const judged = (isGood: boolean, text: string): Cell => ({
  content: html`${isGood ? '✔' : '✘'} ${text}`,
  kind: `mark ${isGood ? 'good' : 'bad'}`,
});

/** On a narrow screen each row is a card, its cells under their headings. */
const table = (headings: readonly string[], rows: readonly (readonly Cell[])[]): Markup => {
  const row = (cells: readonly Cell[]) =>
    html`<tr>${cells.map((cell, index) => html`<td class="${cell.kind}" data-label="${headings[index] ?? ''}">${cell.content}</td>`)}</tr>`;
  const head = headings.map((heading) => html`<th scope="col">${heading}</th>`);
  return html`<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${rows.map(row)}</tbody></table></div>`;
};

/** Sealed is not shut: what the rules do admit stands beside the verdict. */
const admitted = ({ networks }: Reachability): Markup => {
  const open = networks.filter(({ kind, egress }) => kind === 'public' || egress.mode !== 'None');
  return html`${open.map(({ title, says }) => html`<li><b>${title}</b>: ${says}</li>`)}<li>Endpoints that are Approved, listed below.</li>`;
};

const banner = (told: Reachability): Markup => {
  const { sealed, probes } = told;
  if (sealed === undefined || !probes)
    return html`<div class="banner warn"><strong>Not probed</strong><p>This report says what the rules let pass. It was not tried: run it with <code>--probe</code> to prove it.</p></div>`;
  const attempts = probes.reduce((sum, { attempts: count }) => sum + count, 0);
  const reasons = probes.flatMap(({ title, reasons: all }) => all.map((reason) => html`<p>${title}: ${reason}</p>`));
  return sealed
    ? html`<div class="banner good"><strong>✔ Sealed, but for what the rules admit</strong><p>${attempts} attempts were made from real workers. None got through that no rule admits, and the gateway recorded the workers trying. The rules admit:</p><ul>${admitted(told)}</ul></div>`
    : html`<div class="banner bad"><strong>✘ Not proved to be sealed</strong>${reasons}</div>`;
};

const endpoints = ({ endpoints: all }: ShownNetwork): Markup =>
  all.length === 0
    ? html`<p class="soft">No managed private endpoints.</p>`
    : table(
        ['Endpoint', 'State', 'Leads to', 'Sub-resource', "The owner's words"],
        all.map((one) => [
          plain(one.name),
          judged(one.state === 'Approved', one.state),
          exact(one.resourceId),
          plain(one.groupId),
          plain(one.description),
        ]),
      );

const matrix = (network: ShownNetwork, told: Reachability): Markup => {
  const cells = told.matrix.filter((cell) => cell.network === network.network);
  if (cells.length === 0) return html`<p class="soft">No runtime, or no target: nothing to tell.</p>`;
  return table(
    ['Runtime', 'Target', 'Verdict', 'Why, and who can change it'],
    cells.map((cell) => [
      plain(cell.runtime),
      { content: html`${cell.host}:${cell.port}`, kind: 'host' },
      judged(cell.verdict === 'allowed', cell.verdict === 'allowed' ? 'allowed' : cell.code),
      {
        content: html`${shortIds(cell.message)}${cell.remedy ? html`<p class="soft">${shortIds(cell.remedy)}</p>` : nothing}`,
        kind: 'text',
      },
    ]),
  );
};

const networkSection = (network: ShownNetwork, told: Reachability): Markup => html`
<h2>Network: ${network.title}</h2>
<dl><dt>Kind</dt><dd>${network.kind === 'managed' ? 'managed virtual network' : 'public network (runtimes without a managed network)'}</dd>
<dt>Public hosts</dt><dd>${network.says}</dd>
<dt>Key</dt><dd class="id">${network.network}</dd></dl>
${network.kind === 'managed' ? html`<h3>Private endpoints</h3>${endpoints(network)}` : nothing}
<h3>What may pass, by the rules</h3>
${matrix(network, told)}`;

const evidence = (probe: ShownProbe): Markup[] =>
  [...Map.groupBy(probe.evidence, ({ category }) => category)].map(([category, all]) => {
    const good = all.filter(({ outcome }) => outcome === 'as expected').length;
    const rows = all.map((one) => [
      exact(one.what),
      plain(one.expectedCode ? `${one.expected} (${one.expectedCode})` : one.expected),
      plain(one.detail ? `${one.seen} (${one.detail})` : one.seen),
      plain(one.gateway?.code ?? 'nothing: no one listens there'),
      judged(one.outcome === 'as expected', one.outcome),
    ]);
    const shown = table(['Tried', 'Expected', 'The worker saw', 'The gateway recorded', 'Result'], rows);
    const summary = html`<summary><b>${category}</b>: ${good} of ${all.length} as expected</summary>`;
    return good < all.length
      ? html`<details open>${summary}${shown}</details>`
      : html`<details>${summary}${shown}</details>`;
  });

const probeSection = (probe: ShownProbe): Markup => html`
<h2>Probes: ${probe.title}</h2>
<p>${probe.attempts} attempts from worker <code>${probe.worker}</code>, ${probe.asExpected} as expected, ${probe.leaks} leaks, ${probe.untried} not made. ${probe.agrees ? 'The gateway gave the same reasons as the rules throughout.' : 'The gateway and the rules did not agree throughout.'}</p>
${evidence(probe)}`;

const about = ({ connection }: ShownDecision): string =>
  connection
    ? `${nameIn(connection.endpoint)} to ${connection.groupId} of ${nameIn(connection.target)}`
    : 'egress policy';

const trail = (decisions: readonly ShownDecision[]): Markup =>
  decisions.length === 0
    ? html`<p class="soft">No decisions yet.</p>`
    : table(
        ['When (UTC)', 'Who', 'Decision', 'About', 'Words'],
        decisions.map((one) => [
          plain(one.at),
          plain(one.by.name),
          plain(one.to ? `${one.decision} → ${one.to}` : one.decision),
          plain(about(one)),
          { content: html`${shortIds(one.reason)}`, kind: 'text' },
        ]),
      );

const limits: readonly Markup[] = [
  html`An approved store is trusted with what is sent to it. If its owner is malicious, data that a pipeline copies there is theirs.`,
  html`Where public hosts are admitted, the TLS server name must be the name that was resolved, but what is said inside the encrypted connection is not seen: a host that serves several sites (domain fronting) can pass data on to another.`,
  html`The resolver gives no keys for an encrypted client hello. A worker that brings its own can hide the inner name from the gateway; the outer one must still be admitted.`,
  html`A probe tries what is listed here, at this time. It proves that these ways are closed, not that no other could be thought of. The kernel's isolation itself is taken as given.`,
];

/** The report as a page. */
export const reportPage = (told: Reachability, decisions: readonly ShownDecision[]): string => {
  const name = nameIn(told.factory);
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Reachability of ${name}</title><style>${{ markup: reportStyle }}</style></head><body>
<h1>What the factory ${name} can reach</h1>
<p class="soft">As of ${told.at} (UTC), by version ${told.snapshotVersion} of the rules in force.</p>
${banner(told)}
<dl><dt>Factory</dt><dd class="id">${told.factory}</dd>
<dt>Runtimes</dt><dd>${told.runtimes.map((one) => one.name).join(', ') || 'none'}</dd></dl>
<p>Activities run in workers whose network has no route to anywhere. Every connection ends at a gateway, which lets it pass only
by the rules; the verdicts below come from the same function that decides.</p>
${told.networks.map((network) => networkSection(network, told))}
${(told.probes ?? []).map(probeSection)}
<h2>Who decided what</h2>
${trail(decisions)}
<h2>What this does not prove</h2>
<ul>${limits.map((limit) => html`<li>${limit}</li>`)}</ul>
</body></html>
`;
  return page.markup;
};
