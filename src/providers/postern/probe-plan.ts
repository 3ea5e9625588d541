// What a probe of a network tries: everything that a program bent on leaving would try first, and each target, with what
// is expected of it. The expectation is the policy's own; what no rule admits must be closed.
import { randomBytes } from 'node:crypto';
import type { Attempt } from '../../activities/probe/attempt.ts';
import { compileSnapshot } from '../../network/policy/compiled-snapshot.ts';
import { explain } from '../../network/policy/explain.ts';
import type { Network, Snapshot } from '../../network/policy/model.ts';
import type { Target } from './matrix.ts';

/** What must come of an attempt: through by the policy, closed, or answered by the network's own resolver alone. */
export type Expectation = 'allowed' | 'closed' | 'answered inside';

/** One attempt, with what it is for a reader and the code that the policy gives (null: no code is asked of the gateway). */
export type Planned = {
  attempt: Attempt;
  category: string;
  what: string;
  expected: Expectation;
  code: string | null;
};

/** The control plane's and the host's own places: none may be reached. */
export type Inside = { address: string; port: number; what: string };

const otherPorts = [22, 80, 445, 1433, 8080, 8443, 9999];
/** So many targets are tried one by one, and of so many the neighbours too; a worker's refusals are recorded up to a rate. */
const mostTargets = 200;
const mostAccounts = 12;
const documentation = '192.0.2.10';

/** Plans the attempts for one network. `targets` are tried one by one, `inside` never answers. */
export const planProbes = (
  snapshot: Snapshot,
  network: Network,
  targets: readonly Target[],
  inside: readonly Inside[],
): Planned[] => {
  const compiled = compileSnapshot(snapshot);
  const planned = new Map<string, Planned>();
  const add = (category: string, what: string, attempt: Attempt, expected: Expectation, code: string | null = null) => {
    const key = JSON.stringify(attempt);
    const id = String(planned.size);
    if (!planned.has(key)) planned.set(key, { category, what, attempt: { ...attempt, id }, expected, code });
  };

  /** By a name or an address, as the policy judges it. What it would let out into the internet is not tried. */
  const byPolicy = (category: string, host: string, port: number, what = `${host}:${port}`) => {
    const { verdict } = explain(compiled, network.key, { host, port });
    if (verdict.allow && verdict.backend === null) return;
    const attempt: Attempt = { id: '', kind: 'connect', host, port, tls: port === 443 };
    add(category, what, attempt, verdict.allow ? 'allowed' : 'closed', verdict.code);
  };
  const shut = (category: string, host: string, port: number, what = `${host}:${port}`) =>
    add(category, what, { id: '', kind: 'connect', host, port, tls: port === 443 }, 'closed');
  const ask = (what: string, name: string, type: 'A' | 'AAAA' | 'TXT' | 'HTTPS', expected: Expectation) =>
    add('names', what, { id: '', kind: 'query', name, type }, expected);

  const random = randomBytes(12).toString('hex');
  for (const { host, port } of targets.slice(0, mostTargets)) byPolicy('targets', host, port);

  const accounts = new Set(targets.map(({ host }) => host));
  for (const host of [...accounts].slice(0, mostAccounts)) {
    const [name = '', ...rest] = host.split('.');
    for (const neighbour of [`${name}0`, `${name}-secondary`, `postern${random.slice(0, 8)}`])
      byPolicy('neighbours', [neighbour, ...rest].join('.'), 443);
    for (const service of ['blob', 'dfs', 'table', 'queue', 'file', 'web']) {
      const sibling = [name, service, ...rest.slice(1)].join('.');
      if (rest.slice(1).join('.') === 'core.windows.net' && !accounts.has(sibling))
        byPolicy('neighbours', sibling, 443);
    }
    for (const port of otherPorts) byPolicy('ports', host, port);
  }
  for (const port of otherPorts)
    byPolicy('ports', `postern-${random}.example.com`, port, `a public host on port ${port}`);

  for (const port of [443, 80, 22]) byPolicy('addresses', documentation, port);
  byPolicy('addresses', '10.0.0.1', 443);
  byPolicy('addresses', '198.18.77.77', 443, 'an address that was given for no name, 198.18.77.77:443');
  for (const address of ['::1', '2001:db8::10', 'fe80::1', '::ffff:192.0.2.10', 'fd00:ec2::254'])
    byPolicy('IPv6', address, 443, `[${address}]:443`);
  for (const port of [22, 443, 2375, 5432]) byPolicy('loopback', '127.0.0.1', port);
  shut('loopback', 'localhost', 443);
  for (const { address, port, what } of inside) shut('control plane', address, port, `${what}, ${address}:${port}`);
  byPolicy('metadata', '169.254.169.254', 80);
  byPolicy('metadata', '168.63.129.16', 80);
  byPolicy('metadata', '168.63.129.16', 32526);
  shut('metadata', 'metadata.google.internal', 80);

  const datagram = (address: string, port: number, what: string) =>
    add('UDP', what, { id: '', kind: 'datagram', address, port }, 'closed');
  datagram(documentation, 443, `QUIC to ${documentation}:443`);
  datagram(documentation, 123, `NTP to ${documentation}:123`);
  datagram('169.254.169.254', 53, 'the metadata address, port 53');
  datagram('127.0.0.1', 514, 'syslog on loopback');
  const own: Attempt = { id: '', kind: 'query', name: `${random}.example.com`, type: 'A', server: documentation };
  add('UDP', `a resolver of its own choice, ${documentation}:53`, own, 'closed');

  // Names could carry data out; so nobody outside is asked for any. What answers is the network's own resolver.
  ask('a random name, as one that carries data', `${random}.exfiltration.example.com`, 'A', 'answered inside');
  ask('a text record', `${random}.example.com`, 'TXT', 'closed');
  ask('an IPv6 address', 'example.com', 'AAAA', 'closed');
  ask('keys for an encrypted client hello', 'example.com', 'HTTPS', 'closed');
  ask('a name with a NUL', `acme\u0000.${random}.example.com`, 'A', 'closed');
  ask('a label of 64 characters', `${'a'.repeat(64)}.example.com`, 'A', 'closed');
  ask('a name below .internal', 'metadata.google.internal', 'A', 'closed');
  return [...planned.values()];
};
