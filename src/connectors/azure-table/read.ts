// A table as a source of rows. Its entities need not be alike.
import { ActivityError } from '../../base/error.ts';
import type { TableAddress } from '../definition.ts';
import { flagAt, type Properties, textAt } from '../property.ts';
import type { RowSource, TableFacts } from '../row/row-store.ts';
import {
  columnsOf,
  readSchema,
  settleColumns,
  type VariedRow,
  type VariedStore,
  variedBatches,
} from '../row/varied-row.ts';
import { openTable } from './table.ts';

const keyOf = (entity: VariedRow, name: string) => String(entity.get(name)?.value).slice(0, 100);

const entities: VariedStore = {
  always: [
    { name: 'PartitionKey', type: 'String' },
    { name: 'RowKey', type: 'String' },
    { name: 'Timestamp', type: 'DateTime' },
  ],
  nameOf: (entity) =>
    `the entity with PartitionKey '${keyOf(entity, 'PartitionKey')}' and RowKey '${keyOf(entity, 'RowKey')}'`,
};

const isMissing = (error: unknown) =>
  error instanceof ActivityError && error.errorCode === 'UserErrorAzureTableNotFound';

/** The pages, none of a table that is not there. */
async function* ifThere<Page>(pages: AsyncIterable<Page>): AsyncGenerator<Page> {
  try {
    yield* pages;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Opens the table as a source. */
export const openRowSource = (address: TableAddress, settings: Properties): RowSource => {
  const table = openTable(address);
  const schema = readSchema(address.schema);
  const filter = textAt(settings, 'azureTableSourceQuery') || undefined;
  const ignoresMissing = flagAt(settings, 'azureTableSourceIgnoreTableNotFound') ?? false;
  return {
    name: table.name,
    read: (wanted, signal) => {
      const list = wanted ?? (schema.length > 0 ? schema : undefined);
      const select = list && [...new Set([...list.map(({ name }) => name), 'PartitionKey', 'RowKey'])];
      const pages = table.pages({ filter, select }, signal);
      return variedBatches(ignoresMissing ? ifThere(pages) : pages, list, schema, entities);
    },
  };
};

/** Whether the table is there, and the columns of its schema or of its first entities. */
export const readFacts = async (address: TableAddress, signal: AbortSignal): Promise<TableFacts> => {
  const schema = readSchema(address.schema);
  try {
    for await (const first of openTable(address).pages({ filter: undefined, select: undefined }, signal))
      return {
        exists: true,
        columns: schema.length > 0 ? settleColumns(schema, schema, first, entities) : columnsOf(first, entities),
      };
  } catch (error) {
    if (!isMissing(error)) throw error;
    return { exists: false, columns: undefined };
  }
  return { exists: true, columns: settleColumns(schema, schema, [], entities) };
};
