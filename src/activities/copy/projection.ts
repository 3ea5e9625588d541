// How rows of one source become rows of the sink: which columns, and of which types. Pure.
import { ActivityError } from '../../base/error.ts';
import type { ColumnType } from '../../connectors/row/column-type.ts';
import { type ConversionSettings, type Converter, converterOf, Inconvertible } from '../../connectors/row/convert.ts';
import type { Column, RecordBatch, Value } from '../../connectors/row/record-batch.ts';
import type { Fill } from './fill.ts';
import type { ColumnMapping, TypeHint } from './translator.ts';

/** `places` says, for each sink column, which source column it takes, `converters` what is done with its values. */
export type Projection = {
  columns: readonly Column[];
  places: readonly number[];
  converters: readonly (Converter | undefined)[];
};

/** What is known of the sink before the first row. */
export type ProjectionSettings = {
  mappings: readonly ColumnMapping[] | undefined;
  conversion: ConversionSettings;
  /** The type in which the sink keeps a column of the given one. */
  keeps(type: ColumnType): ColumnType;
  /** What the sink keeps less of than a column's type has: made to fit, or refused. */
  fit?: ((column: Column, settings: ConversionSettings) => Converter | undefined) | undefined;
  /** What stands in place of null. */
  fill?: Fill | undefined;
  /** Types that columns must have in the sink, by name. */
  demands: readonly Column[];
};

type Step = { name: string; place: number; from: TypeHint; to: TypeHint };

const noHint: TypeHint = { type: undefined, format: undefined, precision: undefined, scale: undefined };

/** A column that is asked for is not there. */
export const missing = (column: string, fileName: string, names: readonly string[]) =>
  new ActivityError(
    'MappingColumnNameNotFoundInSourceFile',
    `Column '${column}' specified in column mapping cannot be found in '${fileName}' source file. It has: ${names.join(', ').slice(0, 1000)}.`,
  );

const placeOf = (column: string, names: readonly string[], fileName: string): number => {
  const at = names.indexOf(column);
  if (at < 0) throw missing(column, fileName, names);
  return at;
};

const mappedSteps = (names: readonly string[], mappings: readonly ColumnMapping[], fileName: string): Step[] =>
  mappings.map(({ from, to }, index) => {
    if ('ordinal' in from && from.ordinal > names.length) throw missing(`ordinal ${from.ordinal}`, fileName, names);
    const place = 'name' in from ? placeOf(from.name, names, fileName) : from.ordinal - 1;
    return { name: to.name ?? `Prop_${index}`, place, from, to };
  });

// Without mappings, the columns of the first file of a merge are found by name.
const plainSteps = (names: readonly string[], sinkNames: readonly string[] | undefined, fileName: string): Step[] => {
  const isSame = !sinkNames || (sinkNames.length === names.length && sinkNames.every((name, at) => name === names[at]));
  if (isSame) return names.map((name, place) => ({ name, place, from: noHint, to: noHint }));
  const extra = names.find((name) => !sinkNames.includes(name));
  if (extra !== undefined)
    throw new ActivityError(
      'DelimitedTextMoreColumnsThanDefined',
      `The file '${fileName}' has a column '${extra}' that the first file of the merge does not have. Map the columns, or copy the files one by one.`,
    );
  return sinkNames.map((name) => ({ name, place: placeOf(name, names, fileName), from: noHint, to: noHint }));
};

const withFormat = (settings: ConversionSettings, { format }: TypeHint): ConversionSettings =>
  format === undefined ? settings : { ...settings, dateTimeFormat: format, dateTimeOffsetFormat: format };

const chain = (own: ColumnType, step: Step, to: ColumnType, column: Column, settings: ProjectionSettings) => {
  const { conversion } = settings;
  const between = step.from.type ?? own;
  const stages = [
    [own, between, withFormat(conversion, step.from)],
    [between, to, withFormat(withFormat(conversion, step.from), step.to)],
    [to, column.type, withFormat(conversion, step.to)],
  ] as const;
  const converters = stages.flatMap(([one, other, how]) => {
    const converter = converterOf(one, other, how);
    if (converter === null)
      throw new ActivityError(
        'UserErrorUnsupportedTypeConversion',
        `Column '${step.name}' is of type ${one} and cannot be converted to ${other}. Give it another type in the mapping, or leave it out.`,
      );
    return converter ? [converter] : [];
  });
  for (const one of [settings.fill?.of(column), settings.fit?.(column, conversion)]) if (one) converters.push(one);
  if (converters.length < 2) return converters[0];
  return converters.reduce<Converter>(
    (first, next) => (value) => next(first(value)),
    (value) => value,
  );
};

/** A decimal's digits: the mapping's, else those that it has already. */
const withDigits = (column: Column, { from, to }: Step, own: Column): Column => {
  if (column.type !== 'Decimal') return column;
  const { precision = from.precision ?? own.precision, scale = from.scale ?? own.scale } = to;
  return { ...column, ...(precision !== undefined && { precision }), ...(scale !== undefined && { scale }) };
};

/**
 * The projection for a source with these columns. `sinkColumns` are those of the first file of a merge, if there was
 * one; a file with a column that they do not have is refused, unless it is mapped.
 */
export const project = (
  columns: readonly Column[],
  settings: ProjectionSettings,
  sinkColumns: readonly Column[] | undefined,
  fileName: string,
): Projection => {
  const names = columns.map(({ name }) => name);
  const sinkNames = sinkColumns?.map(({ name }) => name);
  const steps = settings.mappings
    ? mappedSteps(names, settings.mappings, fileName)
    : plainSteps(names, sinkNames, fileName);
  settings.fill?.check(steps.map(({ name }) => name));
  const typed = steps.map((step, index) => {
    const own = columns[step.place]!.type;
    const demanded = settings.demands.find(({ name }) => name === step.name)?.type;
    const to = sinkColumns?.[index]?.type ?? step.to.type ?? demanded ?? step.from.type ?? own;
    const column = withDigits(
      { name: step.name, type: settings.keeps(to) },
      step,
      sinkColumns?.[index] ?? columns[step.place]!,
    );
    return { column, converter: chain(own, step, to, column, settings) };
  });
  return {
    columns: typed.map(({ column }) => column),
    places: steps.map(({ place }) => place),
    converters: typed.map(({ converter }) => converter),
  };
};

const failed = (error: unknown, projection: Projection, batch: RecordBatch, at: number, rowNumber: number) => {
  if (!(error instanceof Inconvertible)) return error;
  const column = projection.columns[at]!;
  const source = batch.columns[projection.places[at]!]!;
  return new ActivityError(
    'TypeConversionFailure',
    `Exception occurred when converting the value of column '${source.name}' in row ${rowNumber} from type '${source.type}' to column '${column.name}' of type '${column.type}': ${error.message}.`,
  );
};

/**
 * The batch as the sink sees it. `rowsBefore` is how many rows of the source came before, for messages. Rows that cannot
 * be converted are left out and given to `onBadRow`, with their place in the batch; without it they fail.
 */
export const applyProjection = (
  batch: RecordBatch,
  projection: Projection,
  rowsBefore = 0,
  onBadRow?: (error: ActivityError, values: readonly Value[], index: number) => void,
): RecordBatch => {
  const { columns, places, converters } = projection;
  const isIdentity = places.length === batch.columns.length && places.every((place, at) => place === at);
  if (batch.text && isIdentity && converters.every((converter) => !converter)) return batch;
  // What is told of a bad row is how it came, not how far it got.
  const rows = isIdentity && !onBadRow ? batch.rows : batch.rows.map((row) => places.map((place) => row[place]!));
  const bad = new Set<number>();
  for (const [at, converter] of converters.entries()) {
    if (!converter) continue;
    for (const [index, row] of rows.entries())
      try {
        row[at] = converter(row[at]!);
      } catch (error) {
        const failure = failed(error, projection, batch, at, rowsBefore + index + 1);
        if (!onBadRow || !(failure instanceof ActivityError)) throw failure;
        if (!bad.has(index)) onBadRow(failure, batch.rows[index]!, index);
        bad.add(index);
      }
  }
  return { columns, rows: bad.size === 0 ? rows : rows.filter((_, index) => !bad.has(index)) };
};
