// What a measure is. Each is one file in `bench/measure/` and one line in `bench/registry.ts`.

/** One of the things a measure compares. Each call of `sample` is one round: one number, or many of one kind. */
export type Subject = { name: string; sample(): Promise<readonly number[]> };

/** A measure that is ready. The first subject is the baseline, measured in the same rounds as the others. */
export type Prepared = {
  subjects: readonly Subject[];
  /** What a reader of the figures must know of this run, such as a peer that is not installed. */
  note?: string;
  close(): Promise<void>;
};

/** A number that Postern promises of a subject: its median, or its ratio to the baseline or to another subject (`to`). */
export type Promised = { subject: string; to?: string } & (
  | { ratioAtLeast: number }
  | { ratioAtMost: number }
  | { medianAtMost: number }
);

export type Measure = {
  name: string;
  /** One sentence: what is timed, from when to when. */
  what: string;
  unit: 'ms' | 'MB/s' | 'rows/s' | 'files/s' | 'requests/s' | 'connections/s' | 'CPU s/GB' | 'CPU s' | 'MB';
  rounds: number;
  promises?: readonly Promised[];
  prepare(): Promise<Prepared>;
};
