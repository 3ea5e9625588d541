// The databases, containers and items of one account in one SQLite file. What was written is on the disk when
// `transaction` returns.
import { randomBytes, randomUUID } from 'node:crypto';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { Json, JsonObject } from '../../base/json.ts';
import { CosmosError } from './cosmos-error.ts';
import { namesOfPath, type PartitionChoice, type PartitionText, valueAt } from './partition-key.ts';
import { canonical } from './query/value.ts';

export type DatabaseRow = { id: string; rid: string; etag: string; ts: number };

/** A container. `lsn` numbers its writes. */
export type ContainerRow = DatabaseRow & {
  number: number;
  database: string;
  databaseRid: string;
  definition: JsonObject;
  paths: readonly string[];
  throughput: number;
  lsn: number;
};

/** An item; `text` is its JSON with all that the store adds. */
export type ItemRow = { number: number; id: string; lsn: number; etag: string; text: string };

type Row = Record<string, SQLInputValue>;

/** So much text is read at once. */
const mostBytes = 4 * 2 ** 20;

const schema = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON;
  CREATE TABLE IF NOT EXISTS database (
    id TEXT NOT NULL PRIMARY KEY, rid TEXT NOT NULL, etag TEXT NOT NULL, ts INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS container (
    number INTEGER PRIMARY KEY AUTOINCREMENT, database TEXT NOT NULL REFERENCES database (id) ON DELETE CASCADE,
    id TEXT NOT NULL, rid TEXT NOT NULL, etag TEXT NOT NULL, ts INTEGER NOT NULL, definition TEXT NOT NULL,
    throughput INTEGER NOT NULL, lsn INTEGER NOT NULL, UNIQUE (database, id)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS item (
    number INTEGER PRIMARY KEY AUTOINCREMENT, container INTEGER NOT NULL REFERENCES container (number) ON DELETE CASCADE,
    partition TEXT NOT NULL, id TEXT NOT NULL, lsn INTEGER NOT NULL, etag TEXT NOT NULL, text TEXT NOT NULL,
    UNIQUE (container, partition, id)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS item_container ON item (container);
  CREATE INDEX IF NOT EXISTS item_lsn ON item (container, lsn);
  CREATE TABLE IF NOT EXISTS unique_value (
    container INTEGER NOT NULL, partition TEXT NOT NULL, value TEXT NOT NULL,
    item INTEGER NOT NULL REFERENCES item (number) ON DELETE CASCADE, PRIMARY KEY (container, partition, value)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS unique_value_item ON unique_value (item);`;

const newRid = (bytes: number) => randomBytes(bytes).toString('base64').replaceAll('/', '-');

const ridOfItem = ({ rid }: ContainerRow, lsn: number): string => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(lsn));
  return Buffer.concat([Buffer.from(rid.replaceAll('-', '/'), 'base64'), bytes])
    .toString('base64')
    .replaceAll('/', '-');
};

const list = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
const member = (value: Json | undefined, name: string): Json | undefined =>
  value === undefined ? undefined : valueAt(value, [name]);

/** One text for each of the container's unique keys, of what an item has there. */
const uniqueValues = ({ definition }: ContainerRow, body: JsonObject): string[] =>
  list(member(definition.uniqueKeyPolicy, 'uniqueKeys')).map((key, at) =>
    JSON.stringify([
      at,
      ...list(member(key, 'paths')).map((path) => canonical(valueAt(body, namesOfPath(String(path))))),
    ]),
  );

/** The file of an account. */
export type AccountFile = ReturnType<typeof openAccountFile>;

/** Opens the file of an account, or makes it. */
export const openAccountFile = (file: string) => {
  const database = new DatabaseSync(file);
  database.exec(schema);
  const statements = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    const known = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, known);
    return known;
  };
  const all = (sql: string, ...values: SQLInputValue[]) => statement(sql).all(...values) as Row[];
  const first = (sql: string, ...values: SQLInputValue[]) => statement(sql).get(...values) as Row | undefined;
  const run = (sql: string, ...values: SQLInputValue[]) => statement(sql).run(...values);

  const databaseOf = (row: Row): DatabaseRow => ({
    id: String(row.id),
    rid: String(row.rid),
    etag: String(row.etag),
    ts: Number(row.ts),
  });
  const containerOf = (row: Row): ContainerRow => {
    const definition = JSON.parse(String(row.definition)) as JsonObject;
    return {
      ...databaseOf(row),
      number: Number(row.number),
      database: String(row.database),
      databaseRid: String(row.database_rid),
      definition,
      paths: list(member(definition.partitionKey, 'paths')).map(String),
      throughput: Number(row.throughput),
      lsn: Number(row.lsn),
    };
  };
  const itemOf = (row: Row): ItemRow => ({
    number: Number(row.number),
    id: String(row.id),
    lsn: Number(row.lsn),
    etag: String(row.etag),
    text: String(row.text),
  });
  const joined = 'SELECT c.*, d.rid AS database_rid FROM container c JOIN database d ON d.id = c.database';

  const findDatabase = (id: string): DatabaseRow | null => {
    const row = first('SELECT * FROM database WHERE id = ?', id);
    return row ? databaseOf(row) : null;
  };
  const findContainer = (databaseId: string, id: string): ContainerRow | null => {
    const row = first(`${joined} WHERE c.database = ? AND c.id = ?`, databaseId, id);
    return row ? containerOf(row) : null;
  };
  const find = (container: ContainerRow, partition: PartitionText, id: string): ItemRow | null => {
    const row = first(
      'SELECT * FROM item WHERE container = ? AND partition = ? AND id = ?',
      container.number,
      partition,
      id,
    );
    return row ? itemOf(row) : null;
  };

  const keepUnique = (container: ContainerRow, partition: PartitionText, body: JsonObject, number: number): void => {
    const values = uniqueValues(container, body);
    if (values.length === 0) return;
    run('DELETE FROM unique_value WHERE item = ?', number);
    for (const value of values)
      run('INSERT INTO unique_value VALUES (?, ?, ?, ?)', container.number, partition, value, number);
  };
  const demandUnique = (container: ContainerRow, partition: PartitionText, body: JsonObject, own: number): void => {
    for (const value of uniqueValues(container, body)) {
      const row = first(
        'SELECT item FROM unique_value WHERE container = ? AND partition = ? AND value = ?',
        container.number,
        partition,
        value,
      );
      if (row && Number(row.item) !== own)
        throw new CosmosError(
          409,
          'Conflict',
          'Unique index constraint violation: another item of the partition has the same values of a unique key of the container.',
        );
    }
  };

  // A prefix is that of the JSON list: what follows it is a comma.
  const within = (choice: PartitionChoice | null): { sql: string; values: SQLInputValue[] } => {
    if (!choice) return { sql: '', values: [] };
    if (choice.isWhole) return { sql: 'AND partition = ?', values: [choice.text] };
    const start = `${choice.text.slice(0, -1)},`;
    return { sql: 'AND substr(partition, 1, ?) = ?', values: [start.length, start] };
  };

  /** Items in an order, those after a place in it: at most `limit`, and as many as are a few megabytes, but one at least. */
  const bounded = (
    order: 'number' | 'lsn',
    container: ContainerRow,
    choice: PartitionChoice | null,
    after: number,
    limit: number,
  ): ItemRow[] => {
    const { sql, values } = within(choice);
    const rest = `FROM item WHERE container = ? ${sql} AND ${order} > ? ORDER BY ${order} LIMIT ?`;
    const sizes = all(`SELECT octet_length(text) AS size ${rest}`, container.number, ...values, after, limit);
    let [count, bytes] = [0, 0];
    for (const { size } of sizes) {
      bytes += Number(size);
      if (count > 0 && bytes > mostBytes) break;
      count += 1;
    }
    return count === 0 ? [] : all(`SELECT * ${rest}`, container.number, ...values, after, count).map(itemOf);
  };

  return {
    /** All that `write` does, or nothing. */
    transaction: <Result>(write: () => Result): Result => {
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = write();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    },
    databases: () => all('SELECT * FROM database ORDER BY id').map(databaseOf),
    findDatabase,
    addDatabase: (id: string, now: number): DatabaseRow => {
      run('INSERT INTO database VALUES (?, ?, ?, ?)', id, newRid(4), `"${randomUUID()}"`, now);
      return findDatabase(id)!;
    },
    removeDatabase: (id: string) => void run('DELETE FROM database WHERE id = ?', id),
    containers: (databaseId: string) =>
      all(`${joined} WHERE c.database = ? ORDER BY c.id`, databaseId).map(containerOf),
    everyContainer: () => all(`${joined} ORDER BY c.number`).map(containerOf),
    findContainer,
    addContainer: (parent: DatabaseRow, id: string, definition: JsonObject, throughput: number, now: number) => {
      const rid = Buffer.concat([Buffer.from(parent.rid.replaceAll('-', '/'), 'base64'), randomBytes(4)]);
      run(
        'INSERT INTO container (database, id, rid, etag, ts, definition, throughput, lsn) VALUES (?, ?, ?, ?, ?, ?, ?, 0)',
        parent.id,
        id,
        rid.toString('base64').replaceAll('/', '-'),
        `"${randomUUID()}"`,
        now,
        JSON.stringify(definition),
        throughput,
      );
      return findContainer(parent.id, id)!;
    },
    changeContainer: (container: ContainerRow, definition: JsonObject, throughput: number, now: number) => {
      run(
        'UPDATE container SET definition = ?, throughput = ?, etag = ?, ts = ? WHERE number = ?',
        JSON.stringify(definition),
        throughput,
        `"${randomUUID()}"`,
        now,
        container.number,
      );
      return findContainer(container.database, container.id)!;
    },
    removeContainer: (container: ContainerRow) => void run('DELETE FROM container WHERE number = ?', container.number),

    find,
    /** Writes an item, over `existing` if there is one. Errors: a 409 where a unique key is taken. Within a transaction. */
    put: (
      container: ContainerRow,
      partition: PartitionText,
      body: JsonObject & { id: string },
      existing: ItemRow | null,
      now: number,
    ): ItemRow => {
      demandUnique(container, partition, body, existing?.number ?? -1);
      const { lsn } = first('UPDATE container SET lsn = lsn + 1 WHERE number = ? RETURNING lsn', container.number)!;
      const etag = `"${randomUUID()}"`;
      const rid = existing ? String((JSON.parse(existing.text) as JsonObject)._rid) : ridOfItem(container, Number(lsn));
      const text = JSON.stringify({
        ...body,
        _rid: rid,
        _self: `dbs/${container.databaseRid}/colls/${container.rid}/docs/${rid}/`,
        _etag: etag,
        _attachments: 'attachments/',
        _ts: now,
      });
      if (existing)
        run('UPDATE item SET lsn = ?, etag = ?, text = ? WHERE number = ?', lsn!, etag, text, existing.number);
      else
        run(
          'INSERT INTO item (container, partition, id, lsn, etag, text) VALUES (?, ?, ?, ?, ?, ?)',
          container.number,
          partition,
          body.id,
          lsn!,
          etag,
          text,
        );
      const item = find(container, partition, body.id)!;
      keepUnique(container, partition, body, item.number);
      return item;
    },
    remove: (container: ContainerRow, item: ItemRow): void => {
      run('UPDATE container SET lsn = lsn + 1 WHERE number = ?', container.number);
      run('DELETE FROM item WHERE number = ?', item.number);
    },
    /** Items in the order of their making, those after one. */
    scan: (container: ContainerRow, choice: PartitionChoice | null, after: number, limit: number): ItemRow[] =>
      bounded('number', container, choice, after, limit),
    /** Items in the order of their last write, those written after one. */
    changes: (container: ContainerRow, choice: PartitionChoice | null, after: number, limit: number): ItemRow[] =>
      bounded('lsn', container, choice, after, limit),
    close: () => database.close(),
  };
};
