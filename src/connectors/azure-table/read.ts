// A table as a source of rows. Its entities need not be alike: the dataset's schema, a mapping, or the first page say
// which columns there are. What does not fit them later is refused, never left out.
import { ActivityError } from '../../base/error.ts';
import type { TableAddress } from '../definition.ts';
import { flagAt, type Properties, propertyError, textAt } from '../property.ts';
import { type ColumnType, columnTypeAt } from '../row/column-type.ts';
import { converterOf, Inconvertible, plainConversion } from '../row/convert.ts';
import type { Column, RecordBatch, Value } from '../row/record-batch.ts';
import type { RowSource, TableFacts, WantedColumn } from '../row/row-store.ts';
import { type Entity, keyColumns } from './entity.ts';
import { openTable } from './table.ts';

const keyTypes: Readonly<Record<string, ColumnType>> = {
  PartitionKey: 'String',
  RowKey: 'String',
  Timestamp: 'DateTime',
};

/** The type that holds values of both without loss. */
const both = (one: ColumnType, other: ColumnType): ColumnType => {
  if (one === other) return one;
  const pair = new Set([one, other]);
  if (pair.has('Int32') && pair.has('Int64')) return 'Int64';
  return pair.has('Int32') && pair.has('Double') ? 'Double' : 'String';
};

/** The columns of these entities, the keys first, then in order of appearance. */
const columnsOf = (entities: readonly Entity[]): Column[] => {
  const types = new Map<string, ColumnType>(keyColumns.map((name) => [name, keyTypes[name]!]));
  for (const entity of entities)
    for (const [name, { type }] of entity) types.set(name, both(types.get(name) ?? type, type));
  return [...types].map(([name, type]) => ({ name, type }));
};

/** The columns that somebody named: of the type that the schema gives them, else that the first entities have. */
const settle = (
  wanted: readonly WantedColumn[],
  schema: readonly WantedColumn[],
  first: readonly Entity[],
): Column[] => {
  const declared = new Map(schema.map(({ name, type }) => [name, type]));
  const seen = new Map(columnsOf(first).map(({ name, type }) => [name, type]));
  return wanted.map(({ name, type }) => ({ name, type: declared.get(name) ?? seen.get(name) ?? type ?? 'String' }));
};

const shown = (entity: Entity) =>
  `the entity with PartitionKey '${String(entity.get('PartitionKey')?.value).slice(0, 100)}' and RowKey '${String(entity.get('RowKey')?.value).slice(0, 100)}'`;
const wayOut = 'Give the dataset a schema with this column and its type, or map the columns that are wanted.';

const toBatch = (columns: readonly Column[], entities: readonly Entity[], isClosed: boolean): RecordBatch => {
  const names = new Set(columns.map(({ name }) => name));
  const rows = entities.map((entity) => {
    const extra = isClosed ? [...entity.keys()].find((name) => !names.has(name)) : undefined;
    if (extra !== undefined)
      throw new ActivityError(
        'UserErrorTableColumnNotInSchema',
        `In ${shown(entity)} there is a column '${extra}', which none of the first entities has. ${wayOut}`,
      );
    return columns.map(({ name, type }): Value => {
      const property = entity.get(name);
      if (!property) return null;
      if (property.type === type) return property.value;
      const refuse = (why: string) =>
        new ActivityError(
          'UserErrorTableColumnType',
          `In ${shown(entity)} the column '${name}' is of type ${property.type} and cannot be read as ${type}: ${why}. ${wayOut}`,
        );
      const convert = converterOf(property.type, type, plainConversion);
      if (!convert) throw refuse('there is no such conversion');
      try {
        return convert(property.value);
      } catch (error) {
        throw error instanceof Inconvertible ? refuse(error.message) : error;
      }
    });
  });
  return { columns, rows };
};

const readSchema = (schema: readonly Properties[]): WantedColumn[] =>
  schema.map((column) => {
    const name = textAt(column, 'name');
    if (!name) throw propertyError(column, 'name', 'must be given');
    return { name, type: columnTypeAt(column, 'type') };
  });

/** Opens the table as a source. */
export const openRowSource = (address: TableAddress, settings: Properties): RowSource => {
  const table = openTable(address);
  const schema = readSchema(address.schema);
  const filter = textAt(settings, 'azureTableSourceQuery') || undefined;
  const ignoresMissing = flagAt(settings, 'azureTableSourceIgnoreTableNotFound') ?? false;
  return {
    name: table.name,
    async *read(wanted, signal) {
      const list = wanted ?? (schema.length > 0 ? schema : undefined);
      const select = list && [...new Set([...list.map(({ name }) => name), 'PartitionKey', 'RowKey'])];
      let columns: Column[] | undefined;
      try {
        for await (const entities of table.pages({ filter, select }, signal)) {
          columns ??= list ? settle(list, schema, entities) : columnsOf(entities);
          yield toBatch(columns, entities, list === undefined);
        }
      } catch (error) {
        const isMissing = error instanceof ActivityError && error.errorCode === 'UserErrorAzureTableNotFound';
        if (!isMissing || !ignoresMissing) throw error;
      }
      if (!columns) yield { columns: list ? settle(list, schema, []) : columnsOf([]), rows: [] };
    },
  };
};

/** Whether the table is there, and the columns of its schema or of its first entities. */
export const readFacts = async (address: TableAddress, signal: AbortSignal): Promise<TableFacts> => {
  const schema = readSchema(address.schema);
  try {
    for await (const entities of openTable(address).pages({ filter: undefined, select: undefined }, signal))
      return { exists: true, columns: schema.length > 0 ? settle(schema, schema, entities) : columnsOf(entities) };
  } catch (error) {
    if (!(error instanceof ActivityError) || error.errorCode !== 'UserErrorAzureTableNotFound') throw error;
    return { exists: false, columns: undefined };
  }
  return { exists: true, columns: settle(schema, schema, []) };
};
