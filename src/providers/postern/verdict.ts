// From what was tried to a verdict. A probe that saw nothing proves nothing: the verdict is `sealed` only where every
// attempt came back, none got through that should not, the resolver answered, and the gateway saw the worker try.
import type { Sight } from '../../activities/probe/attempt.ts';
import type { JsonObject } from '../../base/json.ts';
import { normalAddress } from '../../network/policy/ip-address.ts';
import type { FlowRecord } from '../../network/policy/model.ts';
import { isThrough, type ProbeResult } from './probe.ts';
import type { Planned } from './probe-plan.ts';

/** How an attempt compares with its expectation. `shut`: it was to pass and did not, which leaks nothing. */
export type Outcome = 'as expected' | 'leak' | 'shut' | 'untried' | 'other reason';

/** One line of the evidence. */
export type Evidence = {
  category: string;
  what: string;
  expected: string;
  expectedCode: string | null;
  seen: string;
  detail: string;
  /** What the gateway recorded of it; null: nothing reached the gateway, for nothing listens there. */
  gateway: { verdict: string; code: string; message: string } | null;
  outcome: Outcome;
};

const canonical = (host: string) => host.toLowerCase().replace(/\.$/, '');

const recordOf = ({ attempt }: Planned, records: readonly FlowRecord[]): FlowRecord | undefined => {
  if (attempt.kind === 'connect') {
    const wanted = normalAddress(attempt.host);
    return records.find(
      ({ host, address, port }) =>
        port === attempt.port && (host === canonical(attempt.host) || (host === null && address === wanted)),
    );
  }
  if (attempt.kind === 'query') {
    const shown = JSON.stringify(attempt.name).slice(1, -1);
    return records.find(({ host, port }) => port === 53 && host === shown);
  }
  return undefined;
};

const isSynthetic = (address: string) => /^198\.1[89]\./.test(address);

const outcomeOf = (planned: Planned, sight: Sight | undefined, record: FlowRecord | undefined): Outcome => {
  if (!sight || sight.seen === 'failed') return 'untried';
  const { expected, code } = planned;
  if (expected === 'answered inside')
    return sight.seen === 'resolved' && isSynthetic(sight.detail)
      ? 'as expected'
      : sight.seen === 'resolved'
        ? 'leak'
        : 'shut';
  const isOut = isThrough(sight) || sight.seen === 'resolved';
  if (expected === 'closed' && (isOut || record?.verdict === 'allowed')) return 'leak';
  if (expected === 'allowed' && !isOut) return 'shut';
  return record && code !== null && record.code !== code ? 'other reason' : 'as expected';
};

/** What was tried, expected, seen, and recorded. */
export const evidenceOf = (plan: readonly Planned[], { sights, records }: ProbeResult): Evidence[] =>
  plan.map((planned) => {
    const sight = sights.get(planned.attempt.id);
    const record = recordOf(planned, records);
    return {
      category: planned.category,
      what: planned.what,
      expected: planned.expected,
      expectedCode: planned.code,
      seen: sight?.seen ?? 'nothing was said',
      detail: sight?.detail ?? '',
      gateway: record ? { verdict: record.verdict, code: record.code, message: record.message } : null,
      outcome: outcomeOf(planned, sight, record),
    };
  });

/** The verdict on a network, with the reasons against it. `agrees`: probes and policy also gave the same codes throughout. */
export const verdictOf = (evidence: readonly Evidence[]): JsonObject => {
  const count = (outcome: Outcome) => evidence.filter((one) => one.outcome === outcome).length;
  const leaks = count('leak');
  const untried = count('untried');
  const isSeen = evidence.some(({ gateway }) => gateway?.verdict === 'denied');
  const isResolving = evidence.some(
    ({ expected, outcome }) => expected === 'answered inside' && outcome === 'as expected',
  );
  const reasons = [
    ...(leaks > 0 ? [`${leaks} attempts got through that no rule admits.`] : []),
    ...(untried > 0 ? [`${untried} attempts were not made, so nothing is known of them.`] : []),
    ...(isSeen ? [] : ['The gateway recorded no refusal, so it is not proved that the worker tried at all.']),
    ...(isResolving ? [] : ["The network's resolver did not answer, so names were not tried."]),
  ];
  const differing = count('other reason') + count('shut');
  return {
    sealed: reasons.length === 0,
    reasons,
    agrees: reasons.length === 0 && differing === 0,
    attempts: evidence.length,
    asExpected: count('as expected'),
    leaks,
    untried,
    shutThoughAllowed: count('shut'),
    otherReason: count('other reason'),
  };
};
