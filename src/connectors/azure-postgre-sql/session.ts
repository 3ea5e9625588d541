// One connection to PostgreSQL, by the client that everybody uses. It sees only the real host name: the worker's network
// makes it work.
import { once } from 'node:events';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { ActivityError } from '../../base/error.ts';
import { createGuard, type Waits } from '../database/guard.ts';
import type { Load, Session, TableColumn, TableName } from '../database/session.ts';
import { quoted } from '../database/session.ts';
import { withRetry } from '../retry.ts';
import type { Column, Value } from '../row/record-batch.ts';
import { postgres } from './dialect.ts';
import { postgresFailure, troubleOf } from './failure.ts';
import type { Login } from './login.ts';
import { type Field, PortalStatement, ScriptStatement } from './statement.ts';
import { copyField, keptPlaces, ownTypeOf, readerOf } from './value.ts';

/** Rows of a batch are as many as fit about so many bytes. */
const batchBytes = 4 * 2 ** 20;
const firstRows = 100;
const mostRows = 10_000;
const chunkBytes = 256 * 1024;

/** Texts in the one form that `value.ts` reads; and, where the server can, a statement ends soon after its connection. */
const settings = `SET TIME ZONE 'UTC'; SET datestyle = 'ISO, YMD'; SET bytea_output = 'hex'; SET intervalstyle = 'iso_8601';
  SELECT set_config(name, '1s', false) FROM pg_settings WHERE name = 'client_connection_check_interval'`;

const connect = async (login: Login, signal: AbortSignal): Promise<pg.Client> => {
  const { host, port, database, user, password, tls, timeoutMs } = login;
  const client = new pg.Client({
    host,
    port,
    database,
    user,
    password,
    // Checked against the authorities that this process trusts, for the name that was asked for.
    ssl: tls ? { servername: host } : false,
    connectionTimeoutMillis: timeoutMs,
    application_name: 'Postern',
    keepAlive: true,
  });
  // A connection that breaks while nothing is asked is found out with the next question.
  client.on('error', () => {});
  const stop = () => client.connection.stream.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await client.connect();
    // The client's own clock stops where the server has let it in.
    const late = setTimeout(stop, timeoutMs);
    try {
      await client.query(settings);
    } finally {
      clearTimeout(late);
    }
    return client;
  } catch (error) {
    stop();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
};

const bytesOf = (rows: readonly (string | null)[][]): number => {
  let bytes = 0;
  for (const row of rows) for (const text of row) bytes += text?.length ?? 0;
  return bytes;
};

const columnsOf = (fields: readonly Field[]): Column[] =>
  fields.map(({ name, dataTypeID }) => ({ name, type: ownTypeOf(dataTypeID).type }));

/** Connects. Errors: `ActivityError`. */
export const openSession = async (
  login: Login,
  { answerMs, storeMs }: Waits,
  signal: AbortSignal,
): Promise<Session> => {
  let client: pg.Client;
  try {
    client = await withRetry(() => connect(login, signal), troubleOf, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw postgresFailure(error, login, 'connect');
  }
  const cut = () => client.connection.stream.destroy();

  const guard = createGuard(cut, (error, doing) => postgresFailure(error, login, doing));

  const load = async (table: TableName, columns: readonly TableColumn[], during: AbortSignal): Promise<Load> => {
    during.throwIfAborted();
    const names = columns.map(({ name }) => postgres.quote(name)).join(', ');
    const stream = client.query(copyFrom(`COPY ${quoted(postgres, table)} (${names}) FROM STDIN`));
    // The stream fails whenever the server says so, also between two writes.
    const failure = once(stream, 'error').then(([error]) => Promise.reject(error));
    failure.catch(() => {});
    const send = (text: string) =>
      guard(
        `write to ${table.table}`,
        during,
        () =>
          Promise.race([
            failure,
            new Promise<void>((resolve, reject) => {
              stream.write(text, (error) => (error ? reject(error) : resolve()));
            }),
          ]),
        storeMs,
      );
    let waiting = '';
    const flush = async () => {
      const text = waiting;
      waiting = '';
      if (text !== '') await send(text);
    };
    return {
      write: async (rows: readonly (readonly Value[])[]) => {
        for (const row of rows) {
          waiting += `${row.map(copyField).join('\t')}\n`;
          if (waiting.length >= chunkBytes) await flush();
        }
      },
      end: async (ending) => {
        await flush();
        const finish = () => {
          stream.end();
          return Promise.race([failure, once(stream, 'finish')]);
        };
        await guard(`write to ${table.table}`, ending, finish, storeMs);
      },
    };
  };

  const listen: Session['listen'] = ({ text, parameters = [], isProcedure }, to, during) =>
    guard(
      'run the statements',
      during,
      async () => {
        if (parameters.length > 0 || isProcedure)
          throw new ActivityError(
            'UserErrorInvalidProperty',
            'Parameters are not supported for PostgreSQL: write the values into the statements.',
          );
        let rowsAffected = -1;
        let readers: ((text: string | null) => Value)[] = [];
        const onNotice = ({ message }: { message?: string | undefined }) => to.message(message ?? '');
        const script = new ScriptStatement(text, {
          resultSet: (fields) => {
            readers = fields.map(({ name, dataTypeID }) => readerOf(name, dataTypeID));
            to.resultSet(columnsOf(fields));
          },
          row: (values) => to.row(values.map((value, at) => readers[at]!(value))),
          complete: (tag) => {
            const [, rows] = /^(?:INSERT \d+|UPDATE|DELETE|MERGE|COPY) (\d+)$/.exec(tag) ?? [];
            if (rows !== undefined) rowsAffected = Math.max(rowsAffected, 0) + Number(rows);
          },
        });
        client.on('notice', onNotice);
        try {
          await client.query(script).ended;
        } finally {
          client.off('notice', onNotice);
        }
        return { rowsAffected, outputs: [] };
      },
      answerMs,
    );

  return {
    async *rows({ text }, during) {
      const statement = client.query(new PortalStatement(text));
      let count = firstRows;
      let readers: ((text: string | null) => Value)[] | undefined;
      for (;;) {
        const fetched = await guard('read', during, () => statement.fetch(count), answerMs);
        const { fields, rows } = fetched;
        if (!readers || rows.length > 0) {
          readers ??= fields.map(({ name, dataTypeID }) => readerOf(name, dataTypeID));
          const bytes = bytesOf(rows);
          count = Math.min(mostRows, Math.max(1, Math.floor((batchBytes * rows.length) / Math.max(bytes, 1))));
          const own = readers;
          yield { columns: columnsOf(fields), rows: rows.map((row) => row.map((value, at) => own[at]!(value))) };
        }
        if (fetched.isDone) return;
      }
    },
    listen,
    run: async (text, during) =>
      void (await listen({ text }, { resultSet: () => {}, row: () => {}, message: () => {} }, during)),
    columnsOf: (table, during) =>
      guard(
        `look at ${table.table}`,
        during,
        async () => {
          const { rows } = await client.query<{ name: string; id: string; native: string }>(
            `SELECT a.attname AS name, coalesce(nullif(t.typbasetype, 0), t.oid)::text AS id, format_type(a.atttypid, a.atttypmod) AS native
           FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
           WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity <> 'a'
           ORDER BY a.attnum`,
            [quoted(postgres, table)],
          );
          if (rows.length > 0)
            return rows.map(({ name, id, native }): TableColumn => {
              const { type, keeps: most } = ownTypeOf(Number(id));
              return {
                name,
                type,
                native,
                ...(most !== undefined && { keeps: most }),
                ...keptPlaces(native),
                ...(type === 'DateTimeOffset' && { isInstant: true as const }),
              };
            });
          const found = await client.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
            quoted(postgres, table),
          ]);
          return found.rows[0]?.there ? [] : undefined;
        },
        answerMs,
      ),
    load,
    close: async () => {
      // Cut, not said goodbye to: a statement that is under way would have to end first.
      cut();
    },
  };
};
