// The first rows of a dataset, as a person looks at them.
import { ActivityError } from '../../base/error.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { countAt } from '../../connectors/property.ts';
import type { ResolvedDataset } from '../../connectors/resolved.ts';
import type { ColumnType } from '../../connectors/row/column-type.ts';
import type { Value } from '../../connectors/row/record-batch.ts';
import { readPlace, readTable, type Side } from '../copy/side.ts';
import type { ActivityContext } from '../definition.ts';
import type { ActivityJob } from '../job.ts';
import { toJson } from '../lookup/row-object.ts';
import { batchesOf } from '../lookup/run.ts';
import { oneDataset } from '../one-dataset.ts';

const mostRows = 100;
const mostBytes = 2 ** 20;
/** Characters of a cell that are shown: less where there are many columns. */
const mostOfCell = (columns: number) => Math.max(32, Math.min(4096, Math.floor(mostBytes / Math.max(1, columns))));

const nothing = (where: string) => ({ values: {}, where });

/** The dataset as it is read with no settings but its own. */
const sideOf = (dataset: ResolvedDataset): Side => {
  const table = readTable(dataset);
  if (table) return { kind: 'table', ...table, settings: nothing('source') };
  if (dataset.type === 'Binary')
    throw new ActivityError(
      'UserErrorUnsupportedFormat',
      `Dataset '${dataset.name}' is of type Binary, which has no rows to look at.`,
    );
  return {
    kind: 'files',
    ...readPlace(dataset),
    settings: nothing('source'),
    storeSettings: nothing('source.storeSettings'),
    formatSettings: nothing('source.formatSettings'),
    maxConnections: 1,
  };
};

/** Numbers that a reader of JSON would round are text, whatever their size: a column is of one kind. */
const cellOf = (type: ColumnType, value: Value): Json =>
  typeof value === 'bigint' ? String(value) : toJson(type, value);

/** The columns of a table that nobody has read a row of. */
const tableColumns = async (side: Side & { kind: 'table' }, signal: AbortSignal) => {
  const { readFacts } = await side.connector.tables.open();
  const { exists, columns = [] } = await readFacts(side.address, signal);
  if (!exists) throw new ActivityError('UserErrorTableNotFound', 'There is no such table. Correct it in the dataset.');
  return { columns: columns.map(({ name, type }) => ({ name, type })), rows: [], truncated: false };
};

/** Answers `{ columns, rows, truncated }`; without rows where none are asked for. Errors: `ActivityError`. */
export const run = async (job: ActivityJob, { signal }: ActivityContext): Promise<JsonObject> => {
  const wanted = countAt({ values: job.typeProperties, where: `'${job.name}'` }, 'rows', 0, mostRows) ?? mostRows;
  const side = sideOf(oneDataset(job));
  if (wanted === 0 && side.kind === 'table') return tableColumns(side, signal);
  let columns: JsonObject[] = [];
  const rows: Json[][] = [];
  let bytes = 0;
  let isCut = false;
  for await (const batch of batchesOf(side, signal)) {
    if (columns.length === 0) columns = batch.columns.map(({ name, type }) => ({ name, type }));
    if (wanted === 0) break;
    const longest = mostOfCell(batch.columns.length);
    for (const row of batch.rows) {
      if (rows.length === wanted || bytes > mostBytes) return { columns, rows, truncated: true };
      const cells = batch.columns.map(({ type }, at) => {
        const cell = cellOf(type, row[at] ?? null);
        if (typeof cell !== 'string' || cell.length <= longest) return cell;
        isCut = true;
        return `${cell.slice(0, longest)}…`;
      });
      bytes += Buffer.byteLength(JSON.stringify(cells));
      rows.push(cells);
    }
  }
  return { columns, rows, truncated: isCut };
};
