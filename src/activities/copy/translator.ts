// Which column of the source becomes which column of the sink. Pure.
import { isJsonObject } from '../../base/json.ts';
import {
  countAt,
  groupAt,
  groupsAt,
  type Properties,
  propertyError,
  refuseAt,
  textAt,
} from '../../connectors/property.ts';
import { type ColumnType, columnTypeAt } from '../../connectors/row/column-type.ts';

/** What a mapping says of a column's type on one side: undefined where it says nothing. */
export type TypeHint = { type: ColumnType | undefined; format: string | undefined };

/** One column: from a name or a place (from 1), to a name, perhaps to a place. */
export type ColumnMapping = {
  from: ({ name: string } | { ordinal: number }) & TypeHint;
  to: { name: string | undefined; ordinal: number | undefined } & TypeHint;
};

const noHint: TypeHint = { type: undefined, format: undefined };

const readColumn = (pair: Properties, side: 'source' | 'sink') => {
  const column = groupAt(pair, side);
  refuseAt(column, ['path', 'culture']);
  const hint: TypeHint = { type: columnTypeAt(column, 'type'), format: textAt(column, 'format') || undefined };
  return { column, hint, name: textAt(column, 'name') || undefined, ordinal: countAt(column, 'ordinal', 1, 100_000) };
};

const readMappings = (pairs: readonly Properties[]): ColumnMapping[] =>
  pairs.map((pair) => {
    const source = readColumn(pair, 'source');
    const { name, ordinal, hint } = readColumn(pair, 'sink');
    if (source.name === undefined && source.ordinal === undefined)
      throw propertyError(source.column, 'name', 'must be given, or ordinal');
    return {
      from: { ...(source.name !== undefined ? { name: source.name } : { ordinal: source.ordinal! }), ...source.hint },
      to: { name: name ?? source.name, ordinal, ...hint },
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
    return { from: { name: from, ...noHint }, to: { name: to, ordinal: undefined, ...noHint } };
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
