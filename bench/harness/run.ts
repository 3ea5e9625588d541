import type { Measure, Prepared, Promised, Subject } from './measure.ts';
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
};

/** A promise and what was measured of it; `kept` is null where what it compares with was not there. */
export type Verdict = { measure: string; promise: string; measured: number | null; kept: boolean | null };

/** What came of a measure. */
export type Result = { lines: Line[]; verdicts: Verdict[]; note: string | null };

type Rounds = ReadonlyMap<string, readonly (readonly number[])[]>;

/** Runs a measure: one round unrecorded, then `rounds`, every subject once a round in turn, so that a slow spell of the machine meets all of them. */
export const runMeasure = async (measure: Measure, rounds: number): Promise<Result> => {
  const prepared = await measure.prepare();
  try {
    const taken = new Map<string, (readonly number[])[]>(prepared.subjects.map(({ name }) => [name, []]));
    for (let round = -1; round < rounds; round++)
      for (const subject of inTurn(prepared, round)) {
        const numbers = await subject.sample();
        if (round >= 0) taken.get(subject.name)?.push(numbers);
      }
    const [baseline] = prepared.subjects;
    return {
      lines: prepared.subjects.map(({ name }) => lineOf(measure, name, taken, baseline!.name)),
      verdicts: (measure.promises ?? []).map((promised) => judge(measure, promised, taken, baseline!.name)),
      note: prepared.note ?? null,
    };
  } finally {
    await prepared.close();
  }
};

// Every other round in the opposite order: what follows a heavy subject must not always be the same one.
const inTurn = ({ subjects }: Prepared, round: number): readonly Subject[] =>
  round % 2 === 0 ? subjects : subjects.toReversed();

/** The median of the ratios of the medians of each round; null where one of the two was not measured. */
const ratioOf = (taken: Rounds, subject: string, to: string): number | null => {
  const [above, below] = [taken.get(subject), taken.get(to)];
  if (!above || !below) return null;
  return median(above.map((numbers, round) => median(numbers) / median(below[round] ?? [])));
};

const lineOf = (measure: Measure, subject: string, taken: Rounds, baseline: string): Line => {
  const all = taken.get(subject)!.flat();
  return {
    measure: measure.name,
    subject,
    unit: measure.unit,
    samples: all.length,
    median: median(all),
    p10: quantile(all, 0.1),
    p90: quantile(all, 0.9),
    p99: all.length >= 100 ? quantile(all, 0.99) : null,
    ratio: subject === baseline ? null : ratioOf(taken, subject, baseline),
  };
};

const judge = (measure: Measure, promised: Promised, taken: Rounds, baseline: string): Verdict => {
  const { subject, to = baseline } = promised;
  if ('medianAtMost' in promised) {
    const measured = median(taken.get(subject)?.flat() ?? []);
    const promise = `${subject}: median at most ${promised.medianAtMost} ${measure.unit}`;
    return { measure: measure.name, promise, measured, kept: measured <= promised.medianAtMost };
  }
  const measured = ratioOf(taken, subject, to);
  const isLeast = 'ratioAtLeast' in promised;
  const bound = isLeast ? promised.ratioAtLeast : promised.ratioAtMost;
  const promise = `${subject}: at ${isLeast ? 'least' : 'most'} ${bound} of ${to}`;
  const kept = measured === null ? null : isLeast ? measured >= bound : measured <= bound;
  return { measure: measure.name, promise, measured, kept };
};
