// What would happen: the same rules as for a live flow, without a packet.

import { isIP } from 'node:net';
import type { CompiledSnapshot } from './compiled-snapshot.ts';
import { decide } from './decide.ts';
import { normalAddress } from './ip-address.ts';
import type { Flow, Verdict } from './model.ts';
import { type Resolution, resolve } from './resolve.ts';

/** What was asked of the resolver, what it said, and the verdict on the connection that would follow. */
export type Explanation = { resolution: Resolution | null; flow: Flow; verdict: Verdict };

/**
 * Explains a connection from a worker of `network` to `host` (a name, or an address literal) at `port`. A name that does not
 * resolve is judged as an address that was given for none.
 */
export const explain = (
  snapshot: CompiledSnapshot,
  network: string,
  question: { host: string; port: number },
): Explanation => {
  const isAddress = isIP(question.host) !== 0;
  const resolution = isAddress ? null : resolve(snapshot, network, question.host);
  const named = resolution !== null && (resolution.kind === 'endpoint' || resolution.kind === 'public');
  const flow: Flow = {
    network,
    address: isAddress
      ? normalAddress(question.host)
      : resolution?.kind === 'endpoint'
        ? resolution.address
        : question.host,
    port: question.port,
    protocol: 'tcp',
    host: named ? resolution.host : null,
  };
  return { resolution, flow, verdict: decide(snapshot, flow) };
};
