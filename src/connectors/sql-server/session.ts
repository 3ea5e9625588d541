// One connection to SQL Server, by Microsoft's own client. It sees only the real host name: the worker's network makes it work.
import { createGuard, type Waits } from '../database/guard.ts';
import type { Effect, ResultListener, Session, Statement, TableName } from '../database/session.ts';
import { quoted } from '../database/session.ts';
import { bytesOf, type Column, type RecordBatch, type Value } from '../row/record-batch.ts';
import { startBulkLoad } from './bulk-load.ts';
import { connectTo } from './connect.ts';
import { sqlServerDialect } from './dialect.ts';
import { sqlFailure } from './failure.ts';
import type { Login } from './login.ts';
import { startRequest } from './request.ts';
import { type Described, tableColumn } from './value.ts';

/** A batch holds about so many bytes, and no more rows than that. */
const batchBytes = 4 * 2 ** 20;
const mostRows = 10_000;

/** There is no such object. */
const unknownObject = 208;

/** Connects. Errors: `ActivityError`. */
export const openSession = async (
  login: Login,
  { answerMs, storeMs }: Waits,
  signal: AbortSignal,
): Promise<Session> => {
  const connection = await connectTo(login, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    throw sqlFailure(error, login, 'connect');
  });
  const cut = () => connection.close();

  const guard = createGuard(cut, (error, doing) => sqlFailure(error, login, doing));

  const listen = (statement: Statement, to: ResultListener, during: AbortSignal): Promise<Effect> =>
    guard(
      'run the statements',
      during,
      () => {
        const row = (values: Value[]) => void to.row(values);
        return startRequest(connection, statement, { ...to, row }).ended;
      },
      answerMs,
    );

  async function* read(statement: Statement, during: AbortSignal): AsyncGenerator<RecordBatch> {
    let columns: readonly Column[] | undefined;
    let sets = 0;
    let rows: Value[][] = [];
    let bytes = 0;
    let full = Promise.withResolvers<void>();
    const running = startRequest(connection, statement, {
      resultSet: (found) => {
        sets += 1;
        columns ??= found;
      },
      row: (values) => {
        // What comes after the first result is nobody's.
        if (sets > 1) return undefined;
        rows.push(values);
        bytes += bytesOf({ columns: [], rows: [values] });
        if (bytes < batchBytes && rows.length < mostRows) return undefined;
        full.resolve();
        return 'pause';
      },
      message: () => {},
    });
    running.ended.catch(() => {});
    let isFirst = true;
    for (;;) {
      const isEnd = await guard(
        'read',
        during,
        () => Promise.race([full.promise.then(() => false), running.ended.then(() => true)]),
        answerMs,
      );
      const batch = rows;
      rows = [];
      bytes = 0;
      if (columns && (isFirst || batch.length > 0)) yield { columns, rows: batch };
      isFirst = false;
      if (isEnd) return;
      full = Promise.withResolvers();
      running.resume();
    }
  }

  return {
    rows: read,
    run: async (text, during) => {
      await listen({ text }, { resultSet: () => {}, row: () => {}, message: () => {} }, during);
    },
    listen,
    columnsOf: (table: TableName, during) =>
      guard(
        `look at ${table.table}`,
        during,
        async () => {
          let described: readonly Described[] = [];
          const text = `SELECT TOP 0 * FROM ${quoted(sqlServerDialect, table)}`;
          const running = startRequest(
            connection,
            { text },
            {
              resultSet: () => {},
              row: () => undefined,
              message: () => {},
              described: (found) => {
                described = found;
              },
            },
          );
          try {
            await running.ended;
          } catch (error) {
            if ((error as { number?: number }).number === unknownObject) return undefined;
            throw error;
          }
          return described.map(tableColumn);
        },
        answerMs,
      ),
    load: async (table, columns, during) => {
      during.throwIfAborted();
      const stream = startBulkLoad(connection, table, columns);
      const doing = `write to ${table.table}`;
      return {
        write: (rows, writing) => guard(doing, writing, () => stream.push(rows), storeMs),
        end: (ending) => guard(doing, ending, () => stream.end(), storeMs),
      };
    },
    close: async () => cut(),
  };
};
