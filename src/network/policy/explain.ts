// What would happen: the same rules as for a live flow, without a packet.

import { isIP } from 'node:net';
import type { CompiledSnapshot } from './compiled-snapshot.ts';
import { decide } from './decide.ts';
import { canonicalHost } from './host-name.ts';
import { normalAddress } from './ip-address.ts';
import type { Flow, Verdict } from './model.ts';
import { denyName } from './reason.ts';
import { type Resolution, resolve } from './resolve.ts';
import { type Rule, ruleOf } from './rule.ts';

/** What was asked of the resolver, what it said, the verdict on the connection that would follow, and the rule behind it. */
export type Explanation = { resolution: Resolution | null; flow: Flow; verdict: Verdict; rule: Rule };

const longestShownName = 253;

/** A name that a worker asked for, as records show it: what is no text is escaped. */
export const shownName = (name: string): string => JSON.stringify(name.slice(0, longestShownName)).slice(1, -1);

/**
 * Explains a connection from a worker of `network` to `host` (a name, or an address literal) at `port`. A name that does not
 * resolve is refused by the resolver, as it refuses the worker's question: no connection would follow. `serverName` is the one
 * that its TLS would begin with, null for none; where it is left out, the right one.
 */
export const explain = (
  snapshot: CompiledSnapshot,
  network: string,
  question: { host: string; port: number; serverName?: string | null },
): Explanation => {
  const { port, serverName } = question;
  const flowTo = (address: string, host: string | null): Flow => ({
    network,
    address,
    port,
    protocol: 'tcp',
    host,
    ...(serverName !== undefined && { serverName: serverName && (canonicalHost(serverName) ?? serverName) }),
  });
  const judged = (resolution: Resolution | null, flow: Flow): Explanation => {
    const verdict = decide(snapshot, flow);
    return { resolution, flow, verdict, rule: ruleOf(verdict) };
  };
  if (isIP(question.host) !== 0) return judged(null, flowTo(normalAddress(question.host), null));
  const resolution = resolve(snapshot, network, question.host);
  if (resolution.kind === 'endpoint') return judged(resolution, flowTo(resolution.address, resolution.host));
  // The address of a public name is chosen by the gateway of each worker, and judged by its name alone.
  if (resolution.kind === 'public') return judged(resolution, flowTo(resolution.host, resolution.host));
  const flow: Flow = { ...flowTo(question.host, shownName(question.host)), protocol: 'udp', port: 53 };
  const verdict = denyName(flow, resolution.kind);
  return { resolution, flow, verdict, rule: ruleOf(verdict, true) };
};
