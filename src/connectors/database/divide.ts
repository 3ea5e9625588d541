// Reads a table or a query in parts: finds out of what, and makes a statement of each.
import { ActivityError } from '../../base/error.ts';
import { type Properties, propertyError } from '../property.ts';
import type { Value } from '../row/record-batch.ts';
import {
  closedRanges,
  conditionsOf,
  fillPlaces,
  foundRange,
  givenRange,
  noColumn,
  noRange,
  type Partitioning,
  placesOf,
  pointOf,
  type Range,
  scaleOf,
} from './partition.ts';
import { type Dialect, quoted, type Session, shownTable, type TableName } from './session.ts';

/** What is read: a query in the property of that name of the settings, or else the table. */
export type Readable = {
  settings: Properties;
  property: string;
  query: string | undefined;
  table: TableName | undefined;
};

/** One part. `condition`: what its rows of the table meet; `from`: the physical partition that they are in. */
export type Part = { query: string } | { condition: string } | { from: TableName };

const rowsOf = async (session: Session, text: string, signal: AbortSignal) => {
  const rows: Value[][] = [];
  let types: readonly { type: Parameters<typeof scaleOf>[0] }[] = [];
  for await (const batch of session.rows({ text }, signal)) {
    types = batch.columns;
    rows.push(...batch.rows);
  }
  return { types, rows };
};

/** The column that parts are made by: the one that is named, else the first that leads a key or an index and can be divided. */
const columnOf = async (
  session: Session,
  dialect: Dialect,
  { table, query }: Readable,
  column: string | undefined,
  signal: AbortSignal,
): Promise<string> => {
  if (query !== undefined && column !== undefined) return column;
  if (!table || (query !== undefined && !placesOf(query).has('table'))) throw noColumn(dialect, 'a query has no keys.');
  const there = (await session.columnsOf(table, signal)) ?? [];
  if (column !== undefined) {
    const own =
      there.find(({ name }) => name === column) ??
      there.find(({ name }) => name.toLowerCase() === column.toLowerCase());
    if (own && scaleOf(own.type)) return own.name;
    throw noColumn(
      dialect,
      own
        ? `the column '${own.name}' of the table ${shownTable(table)} is ${own.native}.`
        : `the table ${shownTable(table)} has no column '${column}'.`,
    );
  }
  const { rows } = await rowsOf(session, dialect.keys(table), signal);
  const found = rows
    .map(([name]) => there.find((one) => one.name === name))
    .find((one) => one !== undefined && scaleOf(one.type) !== undefined);
  if (found) return found.name;
  throw noColumn(
    dialect,
    `no key or index of the table ${shownTable(table)} begins with a column of whole numbers or dates.`,
  );
};

/** All of the query, whatever its places leave open. */
const wholeOf = (dialect: Dialect, { query, table }: Readable, column: string | undefined): string => {
  const name = column === undefined ? undefined : dialect.quote(column);
  return fillPlaces(query!, {
    condition: '(1 = 1)',
    ...(name !== undefined && { column: name, lowest: name, highest: name }),
    ...(table && { table: quoted(dialect, table) }),
  });
};

/** What the column holds; undefined where it holds nothing. */
const rangeOf = async (
  session: Session,
  dialect: Dialect,
  read: Readable,
  partitioning: Partitioning,
  signal: AbortSignal,
): Promise<Range | undefined> => {
  const column = await columnOf(session, dialect, read, partitioning.column, signal);
  const given = givenRange(column, partitioning);
  if (given) return given;
  const from =
    read.query === undefined
      ? quoted(dialect, read.table!)
      : `(${wholeOf(dialect, read, column).replace(/[\s;]+$/, '')}) AS postern_range`;
  const name = dialect.quote(column);
  const { types, rows } = await rowsOf(
    session,
    `SELECT MIN(${name}) AS lowest, MAX(${name}) AS highest FROM ${from}`,
    signal,
  ).catch((error: unknown) => {
    signal.throwIfAborted();
    if (read.query === undefined || !(error instanceof ActivityError)) throw error;
    throw noRange(dialect, error);
  });
  const scale = types[0] && scaleOf(types[0].type);
  if (!scale) throw noColumn(dialect, `the column '${column}' is ${types[0]?.type ?? 'not there'}.`);
  const [lowest, highest] = (rows[0] ?? []).map(pointOf);
  if (lowest === undefined || highest === undefined) return undefined;
  return foundRange({ column, scale, lowest, highest }, partitioning);
};

const dividedByRange = async (
  session: Session,
  dialect: Dialect,
  read: Readable,
  partitioning: Partitioning,
  most: number,
  signal: AbortSignal,
): Promise<Part[]> => {
  const { query, table } = read;
  const whole = (): Part[] =>
    query === undefined ? [{ condition: '(1 = 1)' }] : [{ query: wholeOf(dialect, read, partitioning.column) }];
  const places = query === undefined ? undefined : placesOf(query);
  const isClosed = dialect.closesRanges === true && places?.has('lowest') === true && places.has('highest');
  if (most === 1 && !isClosed) return whole();
  if (places && !places.has('condition') && !isClosed)
    throw propertyError(
      read.settings,
      read.property,
      `must hold ?AdfDynamicRangePartitionCondition${dialect.closesRanges ? ', or ?AdfRangePartitionLowbound and ?AdfRangePartitionUpbound' : ''}, for the partitionOption DynamicRange: each part would be all of it`,
    );
  const range = await rangeOf(session, dialect, read, partitioning, signal);
  if (!range) return whole();
  const filling = { column: dialect.quote(range.column), ...(table && { table: quoted(dialect, table) }) };
  if (isClosed)
    return closedRanges(dialect, range, most).map((ends) => ({
      query: fillPlaces(query!, { condition: '(1 = 1)', ...filling, ...ends }),
    }));
  const isGiven = partitioning.lower !== undefined || partitioning.upper !== undefined;
  return conditionsOf(dialect, range, most, isGiven).map((condition) =>
    query === undefined ? { condition } : { query: fillPlaces(query, { condition, ...filling }) },
  );
};

const dividedAsStored = async (
  session: Session,
  dialect: Dialect,
  { query, table }: Readable,
  { at, names }: Partitioning,
  signal: AbortSignal,
): Promise<Part[]> => {
  const isFilled = query === undefined || placesOf(query).has('table');
  if (!table || !dialect.partitions || !isFilled) return [];
  const { rows } = await rowsOf(session, dialect.partitions(table), signal);
  const there = rows.map(([schema, name]): TableName => ({ schema: String(schema), table: String(name) }));
  const missing = names.find((name) => !there.some((one) => one.table === name));
  if (missing !== undefined)
    throw propertyError(
      at,
      'partitionNames',
      `names '${missing.slice(0, 100)}', which is no partition of ${shownTable(table)}`,
    );
  return there
    .filter((one) => names.length === 0 || names.includes(one.table))
    .map((from) => (query === undefined ? { from } : { query: fillPlaces(query, { table: quoted(dialect, from) }) }));
};

/** The parts, together all rows, each once; none where it is read as one. Errors: `ActivityError`. */
export const divide = (
  session: Session,
  dialect: Dialect,
  read: Readable,
  partitioning: Partitioning,
  most: number,
  signal: AbortSignal,
): Promise<Part[]> =>
  partitioning.option === 'DynamicRange'
    ? dividedByRange(session, dialect, read, partitioning, most, signal)
    : dividedAsStored(session, dialect, read, partitioning, signal);
