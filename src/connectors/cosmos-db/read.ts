// A container as a source of rows: all its documents, or what a query gives. Documents need not be alike.
import { ActivityError } from '../../base/error.ts';
import type { Json } from '../../base/json.ts';
import type { TableAddress } from '../definition.ts';
import { countAt, flagAt, type Properties, textAt } from '../property.ts';
import type { Column } from '../row/record-batch.ts';
import type { RowSource, TableFacts, WantedColumn } from '../row/row-store.ts';
import {
  columnsOf,
  readSchema,
  settleColumns,
  type VariedRow,
  type VariedStore,
  variedBatches,
} from '../row/varied-row.ts';
import { openContainer } from './container.ts';
import { type ReadSettings, rowOf } from './document.ts';
import { rowSchema } from './nested.ts';

const defaultPageSize = 1000;

const storeOf = (always: readonly Column[]): VariedStore => ({
  always,
  nameOf: (row) => {
    const id = row.get('id')?.value;
    return id === undefined ? 'a result of the query' : `the document with the id '${String(id).slice(0, 100)}'`;
  },
});
const documents = storeOf([{ name: 'id', type: 'String' }]);
const results = storeOf([]);

/** The query for some columns of all documents. The names stand in it as JSON, whatever they hold. */
const queryFor = (wanted: readonly WantedColumn[] | undefined): string => {
  if (!wanted) return 'SELECT * FROM c';
  const names = [...new Set(wanted.map(({ name }) => JSON.stringify(name)))];
  return `SELECT VALUE {${names.map((name) => `${name}: c[${name}]`).join(', ')}} FROM c`;
};

async function* rowsOf(pages: AsyncIterable<Json[]>, settings: ReadSettings): AsyncGenerator<VariedRow[]> {
  for await (const page of pages) yield page.map((result) => rowOf(result, settings));
}

/** Opens the container as a source. */
export const openRowSource = (address: TableAddress, settings: Properties): RowSource => {
  const container = openContainer(address);
  const schema = readSchema(rowSchema(address.schema));
  const query = textAt(settings, 'query') || undefined;
  const pageSize = countAt(settings, 'pageSize', 1, 10_000) ?? defaultPageSize;
  const detectsDates = flagAt(settings, 'detectDatetime') ?? false;
  // `preferredRegions` is a wish: the account is reached at its one approved host, whatever the regions.
  return {
    name: container.name,
    read: (wanted, signal) => {
      const list = wanted ?? (schema.length > 0 ? schema : undefined);
      const text = query ?? queryFor(list);
      const pages = rowsOf(container.pages(text, pageSize, signal), {
        detectsDates,
        leavesOut: query === undefined && list === undefined,
      });
      return variedBatches(pages, list, schema, query === undefined ? documents : results);
    },
  };
};

/** Whether the container is there, and the columns of its schema or of its first documents. */
export const readFacts = async (address: TableAddress, signal: AbortSignal): Promise<TableFacts> => {
  const schema = readSchema(rowSchema(address.schema));
  const pages = openContainer(address).pages(queryFor(undefined), defaultPageSize, signal);
  try {
    for await (const first of rowsOf(pages, { detectsDates: false, leavesOut: true }))
      return {
        exists: true,
        columns: schema.length > 0 ? settleColumns(schema, schema, first, documents) : columnsOf(first, documents),
      };
  } catch (error) {
    if (!(error instanceof ActivityError) || error.errorCode !== 'UserErrorCosmosDbCollectionNotFound') throw error;
    return { exists: false, columns: undefined };
  }
  return { exists: true, columns: settleColumns(schema, schema, [], documents) };
};
