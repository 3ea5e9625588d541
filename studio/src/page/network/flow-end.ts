// How a flow ended, in words: by itself, by a decision, by a store that could not be dialled, or before it began. Pure.
import { shortIds } from '../../../../src/base/show.ts';
import type { Flow } from '../../api/shape.ts';

/** `cut`: it went on until a decision changed. `refused`: it was never let out. */
export type FlowEnd = 'live' | 'closed' | 'cut' | 'failed' | 'refused';

/** How a flow ended. */
export const endOf = ({ verdict, endedAt, end }: Pick<Flow, 'verdict' | 'endedAt' | 'end'>): FlowEnd => {
  if (endedAt === null) return 'live';
  if (end === 'cut' || end === 'failed') return end;
  return verdict === 'denied' ? 'refused' : 'closed';
};

/** The word for a list. */
export const endWord: Readonly<Record<FlowEnd, string>> = {
  live: 'Live',
  closed: 'Closed',
  cut: 'Cut',
  failed: 'Failed',
  refused: 'Refused',
};

/** The sentence for one flow. */
export const endSays: Readonly<Record<FlowEnd, string>> = {
  live: 'It goes on',
  closed: 'It ended by itself',
  cut: 'It was cut, for a decision changed',
  failed: 'The store could not be dialled',
  refused: 'It was refused: not a byte went out',
};

/** Why it ended so, in the policy's words; empty where it ended by itself or goes on. */
export const endReason = (flow: Pick<Flow, 'verdict' | 'endedAt' | 'end' | 'message'>): string =>
  ['cut', 'failed', 'refused'].includes(endOf(flow)) ? shortIds(flow.message) : '';
