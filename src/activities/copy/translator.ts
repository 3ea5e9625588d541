// Which column of the source becomes which column of the sink. Pure.
import { ActivityError } from '../../base/error.ts';
import { isJsonObject } from '../../base/json.ts';
import type { RecordBatch } from '../../connectors/formats/record-batch.ts';
import {
  countAt,
  groupAt,
  groupsAt,
  type Properties,
  propertyError,
  refuseAt,
  textAt,
} from '../../connectors/property.ts';

/** One column: from a name or a place (from 1), to a name, perhaps to a place. */
export type ColumnMapping = {
  from: { name: string } | { ordinal: number };
  to: { name: string | undefined; ordinal: number | undefined };
};

const readColumn = (pair: Properties, side: 'source' | 'sink') => {
  const column = groupAt(pair, side);
  refuseAt(column, ['path']);
  return { column, name: textAt(column, 'name') || undefined, ordinal: countAt(column, 'ordinal', 1, 100_000) };
};

const readMappings = (pairs: readonly Properties[]): ColumnMapping[] =>
  pairs.map((pair) => {
    const source = readColumn(pair, 'source');
    const { name, ordinal } = readColumn(pair, 'sink');
    if (source.name === undefined && source.ordinal === undefined)
      throw propertyError(source.column, 'name', 'must be given, or ordinal');
    return {
      from: source.name !== undefined ? { name: source.name } : { ordinal: source.ordinal! },
      to: { name: name ?? source.name, ordinal },
    };
  });

const readOldMappings = (translator: Properties): ColumnMapping[] | undefined => {
  const name = translator.values.columnMappings !== undefined ? 'columnMappings' : 'schemaMapping';
  const given = translator.values[name];
  if (given === undefined || given === null) return undefined;
  const pairs =
    typeof given === 'string'
      ? given.split(',').map((pair) => pair.split(':').map((word) => word.trim()))
      : isJsonObject(given)
        ? Object.entries(given)
        : [];
  if (pairs.length === 0) throw propertyError(translator, name, 'must map columns: an object, or `a: b, c: d`');
  return pairs.map(([from, to]) => {
    if (!from || typeof to !== 'string' || to === '')
      throw propertyError(translator, name, 'must map each source column to the name of a sink column');
    return { from: { name: from }, to: { name: to, ordinal: undefined } };
  });
};

/** Reads an activity's `translator`; undefined: every column keeps its name. */
export const readTranslator = (translator: Properties): ColumnMapping[] | undefined => {
  const type = textAt(translator, 'type');
  if (type === undefined && Object.keys(translator.values).length === 0) return undefined;
  if (type !== 'TabularTranslator') throw propertyError(translator, 'type', 'must be TabularTranslator');
  refuseAt(translator, ['collectionReference', 'mapComplexValuesToString']);
  const pairs = groupsAt(translator, 'mappings');
  const mappings = pairs && pairs.length > 0 ? readMappings(pairs) : readOldMappings(translator);
  if (!mappings) return undefined;
  // Columns with a place stand there; the others keep the order in which they are mapped.
  return mappings
    .map((mapping, index) => ({ mapping, at: mapping.to.ordinal ?? index + 1 }))
    .sort((a, b) => a.at - b.at)
    .map(({ mapping }) => mapping);
};

const missing = (column: string, fileName: string, columns: readonly string[]) =>
  new ActivityError(
    'MappingColumnNameNotFoundInSourceFile',
    `Column '${column}' specified in column mapping cannot be found in '${fileName}' source file. It has: ${columns.join(', ').slice(0, 1000)}.`,
  );

/** How rows of one file become rows of the sink: `places` says, for each sink column, which source column it takes. */
export type Projection = { columns: readonly string[]; places: readonly number[] };

const placeOf = (column: string, columns: readonly string[], fileName: string): number => {
  const at = columns.indexOf(column);
  if (at < 0) throw missing(column, fileName, columns);
  return at;
};

/**
 * The projection for a file with these columns. Without mappings, `sinkColumns` (those of the first file of a merge)
 * are found by name, and a file with a column that they do not have is refused.
 */
export const project = (
  columns: readonly string[],
  mappings: readonly ColumnMapping[] | undefined,
  sinkColumns: readonly string[] | undefined,
  fileName: string,
): Projection => {
  if (mappings)
    return {
      columns: mappings.map(({ to }, index) => to.name ?? `Prop_${index}`),
      places: mappings.map(({ from }) => {
        if ('name' in from) return placeOf(from.name, columns, fileName);
        if (from.ordinal > columns.length) throw missing(`ordinal ${from.ordinal}`, fileName, columns);
        return from.ordinal - 1;
      }),
    };
  const isSame =
    !sinkColumns || (sinkColumns.length === columns.length && sinkColumns.every((name, at) => name === columns[at]));
  if (isSame) return { columns, places: columns.map((_, at) => at) };
  const extra = columns.find((name) => !sinkColumns.includes(name));
  if (extra !== undefined)
    throw new ActivityError(
      'DelimitedTextMoreColumnsThanDefined',
      `The file '${fileName}' has a column '${extra}' that the first file of the merge does not have. Map the columns, or copy the files one by one.`,
    );
  return { columns: sinkColumns, places: sinkColumns.map((name) => placeOf(name, columns, fileName)) };
};

/** The batch as the sink sees it. */
export const applyProjection = (batch: RecordBatch, { columns, places }: Projection): RecordBatch => {
  const isIdentity = places.length === batch.columns.length && places.every((place, at) => place === at);
  return { columns, rows: isIdentity ? batch.rows : batch.rows.map((row) => places.map((place) => row[place]!)) };
};
