// Makes rows fit the columns of a table that is there: by name, then by type. Pure.
import iconv from 'iconv-lite';
import { ActivityError } from '../../base/error.ts';
import { type ConversionSettings, type Converter, converterOf, Inconvertible, lose, refuse } from '../row/convert.ts';
import { chained, digitsBefore, instant, inTime } from '../row/fit.ts';
import type { Column, Value } from '../row/record-batch.ts';
import { type Dialect, shownTable, type TableColumn, type TableName } from './session.ts';

/** The table's columns that are written, in the order of the rows, and what makes a batch of rows theirs. */
export type Fit = {
  columns: readonly TableColumn[];
  /** `rowsBefore` is how many rows came before, for messages. */
  apply(rows: Value[][], rowsBefore: number): Value[][];
};

const match = (name: string, columns: readonly TableColumn[]): TableColumn | undefined => {
  const exact = columns.find((column) => column.name === name);
  if (exact) return exact;
  const alike = columns.filter((column) => column.name.toLowerCase() === name.toLowerCase());
  return alike.length === 1 ? alike[0] : undefined;
};

/** What is more than a column keeps: the part that stays, and the part that becomes zeros. */
const excess = (keeps: NonNullable<TableColumn['keeps']>): RegExp => {
  if (keeps === 'day') return /^(\d{4}-\d\d-\d\dT)(?!00:00:00\.0+$)(.*)$/;
  if (keeps === 'tick') return /^(.*\.\d\d)(?![037]0{4}$)(\d+)$/;
  if (keeps === 'minute') return /^(.*:)(?!00\.0+$)(\d\d\.\d+)$/;
  return new RegExp(`(\\.\\d{${keeps}})(\\d*[1-9]\\d*)`);
};

const kept = ({ type, keeps }: TableColumn): string => {
  if (keeps === 'tick') return 'ticks of a three hundredth of a second';
  if (typeof keeps !== 'number') return `whole ${keeps}s`;
  return type === 'Decimal' ? `${keeps} decimal places` : `${keeps} digits of a second`;
};

/** Cuts what a column does not keep, and tells of it; refuses that where it is not allowed. A decimal or tick is left to the database, which rounds it. */
const cutter = (column: TableColumn, settings: ConversionSettings): Converter | undefined => {
  if (column.keeps === undefined) return undefined;
  const pattern = excess(column.keeps);
  return (value) => {
    if (typeof value !== 'string' || !pattern.test(value)) return value;
    lose(settings, `the column keeps ${kept(column)}`);
    if (column.type === 'Decimal' || column.keeps === 'tick') return value;
    return value.replace(pattern, (_, stays: string, goes: string) => stays + goes.replace(/\d/g, '0'));
  };
};

/** A span as a time of day, which is what databases have for it. */
const timeOfDay: Converter = (value) =>
  value === null || /^\d\d:/.test(String(value))
    ? value
    : refuse('it is negative or longer than a day, and the column keeps times of a day');

/** Refuses text that the column's encoding does not have, of which a client or a database would make question marks. */
const encodable =
  (encoding: string): Converter =>
  (value) =>
    typeof value === 'string' &&
    /[^\0-\x7f]/.test(value) &&
    iconv.decode(iconv.encode(value, encoding), encoding) !== value
      ? refuse(`it holds a character that ${encoding} does not have, in which the column keeps its text`)
      : value;

/** Refuses, or tells of, what the column has no place for. */
const limitsOf = (to: TableColumn, dialect: Dialect, settings: ConversionSettings): (Converter | undefined)[] => {
  const { type, keeps, precision } = to;
  return [
    dialect.fit(type, settings),
    type === 'TimeSpan' ? timeOfDay : undefined,
    type === 'DateTimeOffset' ? (to.isInstant ? instant : inTime)('the column', settings) : undefined,
    to.encoding === undefined ? undefined : encodable(to.encoding),
    precision !== undefined && typeof keeps === 'number' ? digitsBefore(Math.max(0, precision - keeps)) : undefined,
  ];
};

const stepsOf = (
  dialect: Dialect,
  from: Column,
  to: TableColumn,
  table: string,
  settings: ConversionSettings,
): Converter[] => {
  const converter = converterOf(from.type, to.type, settings);
  if (converter === null)
    throw new ActivityError(
      'UserErrorUnsupportedTypeConversion',
      `Column '${from.name}' is of type ${from.type} and cannot be written to '${to.name}' (${to.native}) of the table ${table}. Give it another type in the mapping, or leave it out.`,
    );
  return [converter, ...limitsOf(to, dialect, settings), cutter(to, settings)].filter((step) => step !== undefined);
};

const required: Converter = (value) => (value === null ? refuse('it is null, and the column takes none') : value);

const sizeOf = (value: Value, encoding: string | undefined): number => {
  if (value instanceof Uint8Array) return value.length;
  return typeof value !== 'string' || encoding === undefined
    ? String(value).length
    : iconv.encode(value, encoding).length;
};

const noLonger =
  (most: number, encoding: string | undefined): Converter =>
  (value) =>
    value !== null && sizeOf(value, encoding) > most
      ? refuse(`it is longer than the ${most} that the column takes`)
      : value;

/**
 * Refuses what the column of that name has no place for, and what the database would refuse by its own words, which do not
 * say which row they are about. Values stay as they are. Undefined where there is no such column, or it is not written.
 */
export const limitsInto = (
  dialect: Dialect,
  there: readonly TableColumn[],
  column: Column,
  settings: ConversionSettings,
): Converter | undefined => {
  const to = match(column.name, there);
  if (!to || to.isGenerated) return undefined;
  // What is lost is counted once, when the value is written.
  const quiet = { ...settings, onTruncation: settings.onTruncation && (() => {}) };
  const { length, encoding } = to;
  const steps = chained([
    converterOf(column.type, to.type, quiet) ?? undefined,
    ...limitsOf(to, dialect, quiet),
    cutter(to, quiet),
    to.isRequired ? required : undefined,
    length === undefined ? undefined : noLonger(length, encoding),
  ]);
  return (
    steps &&
    ((value) => {
      steps(value);
      return value;
    })
  );
};

/** Fits columns into a table. A column that the table does not have is refused. */
export const fitInto = (
  dialect: Dialect,
  table: TableName,
  there: readonly TableColumn[],
  columns: readonly Column[],
  settings: ConversionSettings,
): Fit => {
  const name = shownTable(table);
  const targets = columns.map((column) => {
    const target = match(column.name, there);
    if (target) return target;
    throw new ActivityError(
      `${dialect.code}InvalidColumnName`,
      `The table ${name} has no column '${column.name}' that can be written. It has: ${there
        .map((one) => one.name)
        .join(', ')
        .slice(0, 1000)}. Map the column to one of these, or leave it out by a mapping.`,
    );
  });
  const steps = targets.map((target, at) =>
    target.isGenerated ? [] : stepsOf(dialect, columns[at]!, target, name, settings),
  );
  const changing = steps.flatMap((list, at) => list.map((step) => ({ step, at })));
  const places = targets.flatMap(({ isGenerated }, at) => (isGenerated ? [] : [at]));
  const isWhole = places.length === targets.length;
  return {
    columns: places.map((at) => targets[at]!),
    apply: (rows, rowsBefore) => {
      for (const { step, at } of changing)
        for (const [index, row] of rows.entries())
          try {
            row[at] = step(row[at]!);
          } catch (error) {
            if (!(error instanceof Inconvertible)) throw error;
            throw new ActivityError(
              'TypeConversionFailure',
              `Exception occurred when writing the value of column '${columns[at]!.name}' in row ${rowsBefore + index + 1} of type '${columns[at]!.type}' to column '${targets[at]!.name}' of type '${targets[at]!.native}': ${error.message}.`,
            );
          }
      return isWhole ? rows : rows.map((row) => places.map((at) => row[at]!));
    },
  };
};
