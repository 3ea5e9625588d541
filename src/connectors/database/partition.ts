// How a table or a query is divided into ranges of one column, as a source's `partitionSettings` say. Pure.
import { ActivityError } from '../../base/error.ts';
import { choiceAt, groupAt, type Properties, propertyError, textAt } from '../property.ts';
import type { ColumnType } from '../row/column-type.ts';
import { inUtc, readMoment } from '../row/date-time.ts';
import type { Value } from '../row/record-batch.ts';
import { namesAt } from './name-list.ts';
import type { Dialect } from './session.ts';

/** Whole numbers, or microseconds since 1970; `zoned` are those of a column that knows a zone. */
export type Scale = 'integer' | 'moment' | 'zoned';

/** What a range is of, and from where to where its values are divided. */
export type Range = { column: string; scale: Scale; lowest: bigint; highest: bigint };

type Bound = { scale: Scale; value: bigint };

/** What a source says of parts. `at` is where it says so, for messages. */
export type Partitioning = {
  option: 'PhysicalPartitionsOfTable' | 'DynamicRange';
  at: Properties;
  /** Undefined: a column that leads a key or an index. */
  column: string | undefined;
  lower: Bound | undefined;
  upper: Bound | undefined;
  /** Physical partitions; none named: all. */
  names: readonly string[];
};

const integers: readonly ColumnType[] = ['Byte', 'Int16', 'Int32', 'Int64'];

/** The scale of a column's values; undefined where they cannot be divided. */
export const scaleOf = (type: ColumnType): Scale | undefined => {
  if (integers.includes(type)) return 'integer';
  return type === 'DateTime' ? 'moment' : type === 'DateTimeOffset' ? 'zoned' : undefined;
};

const readPoint = (text: string): Bound | undefined => {
  if (/^[+-]?\d{1,19}$/.test(text.trim())) return { scale: 'integer', value: BigInt(text.trim().replace('+', '')) };
  const moment = readMoment(text);
  const clock = moment && inUtc(moment);
  if (clock === undefined) return undefined;
  const value = BigInt(Date.parse(`${clock.slice(0, 23)}Z`)) * 1000n + BigInt(clock.slice(23, 26));
  return { scale: moment?.offset === undefined ? 'moment' : 'zoned', value };
};

/** A value of the column as a point of its scale. */
export const pointOf = (value: Value): bigint | undefined => readPoint(String(value))?.value;

const boundAt = (from: Properties, name: string): Bound | undefined => {
  const value = from.values[name];
  const text = typeof value === 'number' ? String(value) : textAt(from, name) || undefined;
  if (text === undefined) return undefined;
  const bound = readPoint(text);
  if (bound) return bound;
  throw propertyError(from, name, 'must be a whole number, or a date and time such as 2026-01-31T08:00:00');
};

/** Reads `partitionOption` and `partitionSettings`; undefined where the source is read as one. */
export const readPartitioning = (settings: Properties): Partitioning | undefined => {
  const option = choiceAt(settings, 'partitionOption', ['None', 'PhysicalPartitionsOfTable', 'DynamicRange']) ?? 'None';
  if (option === 'None') return undefined;
  const at = groupAt(settings, 'partitionSettings');
  const [lower, upper] = [boundAt(at, 'partitionLowerBound'), boundAt(at, 'partitionUpperBound')];
  if (lower && upper && (lower.scale === 'integer') !== (upper.scale === 'integer'))
    throw propertyError(at, 'partitionUpperBound', 'must be of the kind of partitionLowerBound: numbers or dates');
  if (lower && upper && lower.value > upper.value)
    throw propertyError(at, 'partitionUpperBound', 'must not be less than partitionLowerBound');
  const column = textAt(at, 'partitionColumnName') || undefined;
  return { option, at, column, lower, upper, names: namesAt(at, 'partitionNames') };
};

/** What the given bounds alone say of a range, where both are given; the column must be named. */
export const givenRange = (column: string, { lower, upper }: Partitioning): Range | undefined => {
  if (!lower || !upper) return undefined;
  return {
    column,
    scale: lower.scale === 'zoned' ? 'zoned' : upper.scale,
    lowest: lower.value,
    highest: upper.value,
  };
};

/** A range from what was found in the column, which a bound that is given comes before. */
export const foundRange = (found: Range, { at, lower, upper }: Partitioning): Range => {
  for (const [name, bound] of [
    ['partitionLowerBound', lower],
    ['partitionUpperBound', upper],
  ] as const)
    if (bound && (bound.scale === 'integer') !== (found.scale === 'integer'))
      throw propertyError(
        at,
        name,
        `must be ${found.scale === 'integer' ? 'a whole number' : 'a date'}, as the column ${found.column} is`,
      );
  return { ...found, lowest: lower?.value ?? found.lowest, highest: upper?.value ?? found.highest };
};

/** Points within the range that end its parts but the last: rising, fewer where it holds fewer values. */
const evenCuts = (lowest: bigint, highest: bigint, parts: number): bigint[] => {
  const size = highest - lowest + 1n;
  const cuts = Array.from(
    { length: Math.max(0, parts - 1) },
    (_, at) => lowest - 1n + (BigInt(at + 1) * size) / BigInt(parts),
  );
  return cuts.filter((cut, at) => cut >= lowest && cut < highest && cut !== cuts[at - 1]);
};

const literalOf = ({ moment }: Dialect, scale: Scale, point: bigint): string => {
  if (scale === 'integer') return String(point);
  const below = ((point % 1000n) + 1000n) % 1000n;
  const clock = new Date(Number((point - below) / 1000n)).toISOString().slice(0, 23);
  return moment(`${clock}${String(below).padStart(3, '0')}`, scale === 'zoned');
};

/**
 * Conditions that each row meets exactly one of, whatever it has in the column. As in Azure, bounds that are given decide
 * where parts begin and end, and what is beyond them makes two parts of its own.
 */
export const conditionsOf = (dialect: Dialect, range: Range, parts: number, isGiven: boolean): string[] => {
  const { column, scale, lowest, highest } = range;
  const name = dialect.quote(column);
  const inner = isGiven && parts > 2 ? evenCuts(lowest + 1n, highest, parts - 2) : evenCuts(lowest, highest, parts);
  // A bound may be beyond all that is there, and so beyond the other one.
  const ends = isGiven && parts > 2 ? [...inner, ...new Set([lowest, highest])] : inner;
  const cuts = ends.sort((one, other) => (one < other ? -1 : 1)).map((cut) => literalOf(dialect, scale, cut));
  if (cuts.length === 0) return ['(1 = 1)'];
  return [
    `(${name} <= ${cuts[0]} OR ${name} IS NULL)`,
    ...cuts.slice(1).map((cut, at) => `(${name} > ${cuts[at]} AND ${name} <= ${cut})`),
    `(${name} > ${cuts.at(-1)})`,
  ];
};

/** Ranges with both ends in them, side by side, from the lowest to the highest. */
export const closedRanges = (dialect: Dialect, range: Range, parts: number): { lowest: string; highest: string }[] => {
  const cuts = evenCuts(range.lowest, range.highest, parts);
  const literal = (point: bigint) => literalOf(dialect, range.scale, point);
  return [...cuts, range.highest].map((end, at) => ({
    lowest: literal(at === 0 ? range.lowest : cuts[at - 1]! + 1n),
    highest: literal(end),
  }));
};

/** What stands in the places of a query. */
export type Filling = { condition?: string; column?: string; lowest?: string; highest?: string; table?: string };

const place =
  /\?A?df(DynamicRangePartitionCondition|RangePartition(?:ColumnName|Upbound|Lowbound)|TabularPartitionName)\b/gi;
const wordOf: Readonly<Record<string, keyof Filling>> = {
  dynamicrangepartitioncondition: 'condition',
  rangepartitioncolumnname: 'column',
  rangepartitionlowbound: 'lowest',
  rangepartitionupbound: 'highest',
  tabularpartitionname: 'table',
};

/** The places that a query has. */
export const placesOf = (query: string): ReadonlySet<keyof Filling> =>
  new Set([...query.matchAll(place)].map(([, word]) => wordOf[word!.toLowerCase()]!));

/** The query with its places filled in; one that nothing is known for stays. */
export const fillPlaces = (query: string, filling: Filling): string =>
  query.replace(place, (all, word: string) => filling[wordOf[word.toLowerCase()]!] ?? all);

/** The failure of a source whose column for parts is not found. */
export const noColumn = ({ code }: Dialect, words: string): ActivityError =>
  new ActivityError(
    `${code}ParallelFailedToDetectPartitionColumn`,
    `Failed to detect the partition column: ${words} Name a column of whole numbers or dates in partitionSettings.partitionColumnName, or set partitionOption to None.`,
  );

/** The failure of a query around which no other can be put, to ask for the lowest and highest value. */
export const noRange = ({ code }: Dialect, { message, details }: ActivityError): ActivityError =>
  new ActivityError(
    `${code}ParallelFailedToDetectPartitionColumn`,
    `The lowest and highest value of the partition column cannot be asked for: ${message} Give both partitionLowerBound and partitionUpperBound, and the query is only read.`,
    { details },
  );
