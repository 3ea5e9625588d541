// Which column of the source becomes which column of the sink. Pure.
import { isJsonObject } from '../../base/json.ts';
import { type JsonPath, jsonPathAt, writeJsonPath } from '../../connectors/formats/json/path.ts';
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
export type TypeHint = {
  type: ColumnType | undefined;
  format: string | undefined;
  /** Digits of a decimal: in all, and behind the point. */
  precision: number | undefined;
  scale: number | undefined;
};

/** One column: from a name or a place (from 1), to a name, perhaps to a place. */
export type ColumnMapping = {
  from: ({ name: string } | { ordinal: number }) & TypeHint;
  to: { name: string | undefined; ordinal: number | undefined } & TypeHint;
};

const noHint: TypeHint = { type: undefined, format: undefined, precision: undefined, scale: undefined };

/** Which sides have nested values, so that mappings name them by paths. */
export type Hierarchy = { source: boolean; sink: boolean };

const readColumn = (pair: Properties, side: 'source' | 'sink', hierarchy: Hierarchy, keepsRoot: boolean) => {
  const column = groupAt(pair, side);
  refuseAt(column, hierarchy[side] ? ['culture'] : ['path', 'culture']);
  const precision = countAt(column, 'precision', 1, 38);
  const hint: TypeHint = {
    type: columnTypeAt(column, 'type'),
    format: textAt(column, 'format') || undefined,
    precision,
    scale: countAt(column, 'scale', 0, precision ?? 38),
  };
  const given = textAt(column, 'path') || undefined;
  const path: JsonPath | undefined = given === undefined ? undefined : jsonPathAt(column, 'path', given);
  return {
    column,
    hint,
    // A path is the name of its column. Where every path begins at the row, it does not say so.
    name: path ? writeJsonPath({ ...path, fromRoot: path.fromRoot && keepsRoot }) : textAt(column, 'name') || undefined,
    ordinal: countAt(column, 'ordinal', 1, 100_000),
  };
};

const readMappings = (pairs: readonly Properties[], hierarchy: Hierarchy, hasCollection: boolean): ColumnMapping[] =>
  pairs.map((pair) => {
    const source = readColumn(pair, 'source', hierarchy, hasCollection);
    const { name, ordinal, hint } = readColumn(pair, 'sink', hierarchy, false);
    if (source.name === undefined && source.ordinal === undefined)
      throw propertyError(source.column, 'name', 'must be given, or ordinal, or a path in a format with nested values');
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

/** What a translator says of rows: undefined mappings keep every column's name, undefined collection every object a row. */
export type Translation = { mappings: ColumnMapping[] | undefined; collection: string | undefined };

/** Reads an activity's `translator`. */
export const readTranslator = (translator: Properties, hierarchy: Hierarchy): Translation => {
  const nothing = { mappings: undefined, collection: undefined };
  const type = textAt(translator, 'type');
  if (type === undefined && Object.keys(translator.values).length === 0) return nothing;
  if (type !== 'TabularTranslator') throw propertyError(translator, 'type', 'must be TabularTranslator');
  if (!hierarchy.source) refuseAt(translator, ['collectionReference', 'mapComplexValuesToString']);
  const given = textAt(translator, 'collectionReference') || undefined;
  const collection =
    given === undefined
      ? undefined
      : writeJsonPath({ ...jsonPathAt(translator, 'collectionReference', given), fromRoot: true });
  const pairs = groupsAt(translator, 'mappings');
  const mappings =
    pairs && pairs.length > 0 ? readMappings(pairs, hierarchy, collection !== undefined) : readOldMappings(translator);
  if (!mappings) return { mappings, collection };
  // Columns with a place stand there; the others keep the order in which they are mapped.
  const ordered = mappings
    .map((mapping, index) => ({ mapping, at: mapping.to.ordinal ?? index + 1 }))
    .sort((a, b) => a.at - b.at)
    .map(({ mapping }) => mapping);
  return { mappings: ordered, collection };
};
