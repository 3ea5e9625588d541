import type { Measure, Prepared, Subject } from './measure.ts';
import { median, quantile } from './statistics.ts';

/** One line of the result. `ratio` is to the baseline of the same measure: the median over the rounds, each round by itself. */
export type Line = {
  measure: string;
  subject: string;
  unit: Measure['unit'];
  samples: number;
  median: number;
  p10: number;
  p90: number;
  /** Null below a hundred samples. */
  p99: number | null;
  ratio: number | null;
  /** Null where nothing is promised of this subject. */
  kept: boolean | null;
  promise: string | null;
};

/** Runs a measure: one round unrecorded, then `rounds`, every subject once a round in turn, so that a slow spell of the machine meets all of them. */
export const runMeasure = async (measure: Measure, rounds: number): Promise<{ lines: Line[]; note: string | null }> => {
  const prepared = await measure.prepare();
  try {
    const taken = new Map<Subject, (readonly number[])[]>(prepared.subjects.map((subject) => [subject, []]));
    for (let round = -1; round < rounds; round++)
      for (const subject of inTurn(prepared, round)) {
        const numbers = await subject.sample();
        if (round >= 0) taken.get(subject)?.push(numbers);
      }
    const base = taken.get(prepared.subjects[0]!)!.map(median);
    const lines = prepared.subjects.map((subject) => lineOf(measure, subject, taken.get(subject)!, base));
    return { lines, note: prepared.note ?? null };
  } finally {
    await prepared.close();
  }
};

// Every other round in the opposite order: what follows a heavy subject must not always be the same one.
const inTurn = ({ subjects }: Prepared, round: number): readonly Subject[] =>
  round % 2 === 0 ? subjects : subjects.toReversed();

const lineOf = (
  measure: Measure,
  subject: Subject,
  rounds: readonly (readonly number[])[],
  base: readonly number[],
): Line => {
  const all = rounds.flat();
  const ratios = rounds.map((numbers, round) => median(numbers) / (base[round] ?? Number.NaN));
  const isBase = rounds.every((numbers, round) => median(numbers) === base[round]);
  const ratio = isBase ? null : median(ratios);
  const promised = measure.promises?.find((one) => one.subject === subject.name);
  let kept: boolean | null = null;
  let promise: string | null = null;
  if (promised && 'medianAtMost' in promised) {
    kept = median(all) <= promised.medianAtMost;
    promise = `at most ${promised.medianAtMost} ${measure.unit}`;
  } else if (promised && ratio !== null) {
    kept = 'ratioAtLeast' in promised ? ratio >= promised.ratioAtLeast : ratio <= promised.ratioAtMost;
    promise = 'ratioAtLeast' in promised ? `ratio ≥ ${promised.ratioAtLeast}` : `ratio ≤ ${promised.ratioAtMost}`;
  }
  return {
    measure: measure.name,
    subject: subject.name,
    unit: measure.unit,
    samples: all.length,
    median: median(all),
    p10: quantile(all, 0.1),
    p90: quantile(all, 0.9),
    p99: all.length >= 100 ? quantile(all, 0.99) : null,
    ratio,
    kept,
    promise,
  };
};
