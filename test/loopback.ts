// The one place where this process is told whom to trust and which names lead to its own stores. Stages that are open
// together each say theirs, and take it back in any order.
import dns from 'node:dns';
import { readFileSync } from 'node:fs';
import tls from 'node:tls';

/** What a stage brings: the file of its authority's certificate, and which names are its own. */
export type Ways = { caFile?: string; leads(host: string): boolean };

type Known = { authorities: readonly string[]; leads(host: string): boolean };

const known = new Set<Known>();
const systemLookup = dns.lookup;
const systemAuthorities = tls.getCACertificates('default');

const lookup = (host: string, options: object, answer: (...answers: unknown[]) => void) =>
  host === '127.0.0.1' || [...known].some(({ leads }) => leads(host))
    ? systemLookup('127.0.0.1', options, answer as never)
    : answer(Object.assign(new Error(`no name ${host}`), { code: 'ENOTFOUND' }));

const apply = (): void => {
  const isNone = known.size === 0;
  tls.setDefaultCACertificates(isNone ? systemAuthorities : [...known].flatMap(({ authorities }) => authorities));
  dns.lookup = isNone ? systemLookup : (lookup as typeof dns.lookup);
};

/**
 * Leads names to loopback, and trusts an authority, until what it returns is called. Meanwhile no other name has an
 * address and nobody else is trusted, but for what other stages say.
 */
export const leadToLoopback = ({ caFile, leads }: Ways): (() => void) => {
  const mine = { authorities: caFile === undefined ? [] : [readFileSync(caFile, 'utf8')], leads };
  known.add(mine);
  apply();
  return () => {
    known.delete(mine);
    apply();
  };
};
