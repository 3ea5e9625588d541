// INSERT BULK: rows go to a table of the session first, and from there into their own, all of them or none.
import { DuckDBDataChunk, type DuckDBType, type DuckDBValue } from '@duckdb/node-api';
import { toEngine } from '../engine/engine-value.ts';
import { Cancelled, readFailure } from '../engine/failure.ts';
import type { Statement } from '../language/syntax.ts';
import { SqlError, unsupported } from '../sql-error.ts';
import { type ColumnInfo, quoteName, type TableInfo } from '../translate/context.ts';
import { engineText } from '../translate/conversion.ts';
import { findTable } from '../translate/object-name.ts';
import { bulkValue } from '../translate/write.ts';
import { engineType, type SqlType, type SqlValue } from '../type/sql-type.ts';
import { type BulkColumn, readBulkLoad } from '../wire/bulk-load.ts';
import type { Packet } from '../wire/packet.ts';
import { contextOf } from './evaluate.ts';
import type { Execution } from './interpreter.ts';
import { command } from './run-query.ts';

/** A bulk load that was announced: its rows come in the next message. */
export type BulkPlan = Extract<Statement, { kind: 'insertBulk' }>;

const lotRows = 2048;
let lastStage = 0;

type Stage = {
  reference: string;
  append(rows: readonly SqlValue[][]): void;
  flush(): void;
  close(): void;
  count: bigint;
};

/** A value that is longer than its client announced is refused: cut, it would be lost without a word. */
const requireFit = (value: SqlValue, { length }: SqlType, index: number): SqlValue => {
  const isLong =
    typeof length === 'number' && (typeof value === 'string' || Buffer.isBuffer(value)) && value.length > length;
  if (isLong) throw new SqlError(4815, `Received an invalid column length from the bcp client for colid ${index + 1}.`);
  return value;
};

const openStage = async (execution: Execution, columns: readonly BulkColumn[]): Promise<Stage> => {
  const { connection } = execution.session;
  const name = `__bulk_${++lastStage}`;
  const list = columns.map(({ wire }, index) => `c${index + 1} ${engineType(wire.type)}`).join(', ');
  await connection.all(`CREATE TEMP TABLE ${name} (${list})`);
  const appender = await connection.raw.createAppender(name, 'main', 'temp');
  const types: DuckDBType[] = columns.map((_column, index) => appender.columnType(index));
  let lot: DuckDBValue[][] = columns.map(() => []);
  const flush = (): void => {
    if (lot[0]!.length === 0) return;
    const chunk = DuckDBDataChunk.create(types);
    chunk.setColumns(lot);
    appender.appendDataChunk(chunk);
    lot = columns.map(() => []);
  };
  const stage: Stage = {
    reference: `temp.main.${name}`,
    count: 0n,
    append: (rows) => {
      for (const row of rows) {
        for (const [index, { wire }] of columns.entries())
          lot[index]!.push(
            toEngine(requireFit(row[index] ?? null, wire.type, index), wire.type, (value) =>
              engineText(wire.type, value),
            ),
          );
        stage.count++;
        if (lot[0]!.length >= lotRows) flush();
      }
    },
    flush: () => {
      flush();
      appender.flushSync();
    },
    close: () => appender.closeSync(),
  };
  return stage;
};

const targetColumns = (
  plan: BulkPlan,
  table: TableInfo,
  keepsIdentity: boolean,
): { column: ColumnInfo; place: number }[] =>
  plan.columns.flatMap(({ name }, place) => {
    const column = table.columns.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (!column) throw new SqlError(207, `Invalid column name '${name}'.`);
    // Without KEEP_IDENTITY the server numbers the rows itself.
    return column.identity && !keepsIdentity ? [] : [{ column, place }];
  });

const insertSql = async (
  execution: Execution,
  plan: BulkPlan,
  columns: readonly BulkColumn[],
  stage: Stage,
): Promise<string> => {
  const context = await contextOf(execution.session, new Map());
  const table = findTable(plan.table, context);
  if (table.kind !== 'table') throw unsupported(`A bulk load into the view '${table.name}'`);
  const targets = targetColumns(
    plan,
    table,
    plan.options.includes('KEEP_IDENTITY') || plan.options.includes('KEEPIDENTITY'),
  );
  const types: SqlType[] = columns.map(({ wire }) => wire.type);
  const values = targets.map(({ column, place }) =>
    bulkValue({ sql: `q.c${place + 1}`, type: types[place]! }, column, table, context),
  );
  const names = targets.map(({ column }) => quoteName(column.name)).join(', ');
  return `INSERT INTO ${table.reference} (${names}) SELECT ${values.join(', ')} FROM ${stage.reference} AS q`;
};

/** Checks that the table of a plan is there, before the client sends its rows. */
export const checkPlan = async (execution: Execution, plan: BulkPlan): Promise<void> => {
  execution.session.requireSound();
  const context = await contextOf(execution.session, new Map());
  const table = findTable(plan.table, context);
  targetColumns(plan, table, true);
};

/** Takes the rows of a bulk load from the wire into the table. */
export const runBulkLoad = async (execution: Execution, plan: BulkPlan, next: () => Promise<Packet>): Promise<void> => {
  const { session, reply } = execution;
  let stage: Stage | undefined;
  let columns: readonly BulkColumn[] = [];
  try {
    for await (const lot of readBulkLoad(next)) {
      if (lot === null) throw new Cancelled();
      if (!stage) {
        columns = lot.columns;
        if (columns.length !== plan.columns.length)
          throw new SqlError(4819, 'Cannot bulk load. The columns that were sent are not those that were announced.');
        stage = await openStage(execution, columns);
      }
      stage.append(lot.rows);
      session.checkCancelled();
    }
    if (stage) {
      stage.flush();
      await session.connection.all(await insertSql(execution, plan, columns, stage));
    }
    const count = stage?.count ?? 0n;
    session.facts.rowCount = count;
    await reply.statementEnd(count, command.insert);
  } catch (error) {
    throw readFailure(error);
  } finally {
    if (stage) {
      stage.close();
      await session.connection.all(`DROP TABLE IF EXISTS ${stage.reference}`).catch(() => {});
    }
  }
};
