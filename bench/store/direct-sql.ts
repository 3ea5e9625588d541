// The baselines of copies to and from a database, and no Postern: Microsoft's own client and DuckDB by hand. Answers
// { do, port, from, to } with the rows and the milliseconds it took. Arguments: `--ca`, `--key`, and how to log in.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DuckDBDateValue, DuckDBDecimalValue, DuckDBInstance } from '@duckdb/node-api';
import { parse } from 'csv-parse';
import { Connection, Request, TYPES } from 'tedious';
import { openContainers, type Place, programValues } from './container-at.ts';
import { salesColumns, salesText } from './sales.ts';

const values = programValues();
const containerAt = openContainers();
const folder = await mkdtemp(join(tmpdir(), 'postern-bench-'));

const connect = async (port: number): Promise<Connection> => {
  const connection = new Connection({
    server: '127.0.0.1',
    authentication: { type: 'default', options: { userName: values.user!, password: values.password! } },
    options: {
      port,
      database: values.database!,
      encrypt: true,
      serverName: values.host!,
      trustServerCertificate: false,
      cryptoCredentialsDetails: { ca: readFileSync(values.ca!) },
      requestTimeout: 0,
    },
  });
  connection.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
  return connection;
};

const run = (connection: Connection, text: string, row?: (cells: { value: unknown }[]) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = new Request(text, (error) => (error ? reject(error) : resolve()));
    if (row) request.on('row', row);
    connection.execSqlBatch(request);
  });

const types = {
  id: TYPES.Int,
  day: TYPES.Date,
  region: TYPES.VarChar,
  product: TYPES.VarChar,
  quantity: TYPES.Int,
  price: TYPES.Decimal,
  customer: TYPES.VarChar,
  note: TYPES.VarChar,
};

/** The blob's rows into a table, by one bulk load. */
const load = async (from: Place, blob: string, port: number, table: string): Promise<number> => {
  const text = await containerAt(from).getBlobClient(blob).downloadToBuffer();
  const connection = await connect(port);
  await run(connection, `TRUNCATE TABLE ${table}`);
  const rows = async function* () {
    const parser = parse(text, { columns: true });
    for await (const { id, day, quantity, price, ...words } of parser as AsyncIterable<Record<string, string>>)
      yield { ...words, id: Number(id), day: new Date(day!), quantity: Number(quantity), price: Number(price) };
  };
  const count = await new Promise<number>((resolve, reject) => {
    const bulk = connection.newBulkLoad(table, (error, taken) => (error ? reject(error) : resolve(taken ?? 0)));
    for (const [name, type] of Object.entries(types)) {
      const size = type === TYPES.VarChar ? { length: 60 } : type === TYPES.Decimal ? { precision: 10, scale: 2 } : {};
      bulk.addColumn(name, type, { nullable: true, ...size });
    }
    connection.execBulkLoad(bulk, rows());
  });
  connection.close();
  return count;
};

const withDuck = async <Result>(file: string, work: (instance: DuckDBInstance) => Promise<Result>): Promise<Result> => {
  const instance = await DuckDBInstance.create(file, { threads: '2', memory_limit: '1GB' });
  try {
    return await work(instance);
  } finally {
    instance.closeSync();
  }
};

/** The blob's rows into a file of DuckDB's: what no server is in the way of. */
const loadDuck = async (from: Place, blob: string): Promise<number> => {
  const [text, database] = [join(folder, 'in.csv'), join(folder, 'sales.duckdb')];
  await containerAt(from).getBlobClient(blob).downloadToFile(text);
  await rm(database, { force: true });
  return withDuck(database, async (instance) => {
    const connection = await instance.connect();
    await connection.run(`CREATE TABLE sales (${salesColumns})`);
    const { rowsChanged } = await connection.run(`INSERT INTO sales SELECT * FROM read_csv('${text}', header = true)`);
    await connection.run('CHECKPOINT');
    return rowsChanged;
  });
};

/** The table's rows into a blob of Parquet. */
const unload = (port: number, table: string, to: Place, blob: string): Promise<number> =>
  withDuck(':memory:', async (instance) => {
    const parquet = join(folder, 'out.parquet');
    const duck = await instance.connect();
    await duck.run(`CREATE TABLE sales (${salesColumns})`);
    const appender = await duck.createAppender('sales');
    const connection = await connect(port);
    let rows = 0;
    await run(connection, `SELECT * FROM ${table}`, (cells) => {
      const [id, day, region, product, quantity, price, customer, note] = cells.map(({ value }) => value);
      appender.appendInteger(id as number);
      appender.appendDate(new DuckDBDateValue((day as Date).getTime() / 86_400_000));
      for (const word of [region, product]) appender.appendVarchar(word as string);
      appender.appendInteger(quantity as number);
      appender.appendDecimal(new DuckDBDecimalValue(BigInt(Math.round((price as number) * 100)), 10, 2));
      for (const word of [customer, note]) appender.appendVarchar(word as string);
      appender.endRow();
      rows += 1;
    });
    connection.close();
    appender.closeSync();
    await duck.run(`COPY sales TO '${parquet}' (FORMAT parquet, COMPRESSION snappy)`);
    await containerAt(to).getBlockBlobClient(blob).uploadFile(parquet);
    return rows;
  });

const fill = async (from: Place, blob: string, port: number, bytes: number): Promise<number> => {
  await containerAt(from)
    .getBlockBlobClient(blob)
    .uploadData(Buffer.from(salesText(bytes)));
  const connection = await connect(port);
  for (const table of ['sales', 'loaded', 'loadedbyhand'])
    await run(connection, `CREATE TABLE dbo.${table} (${salesColumns})`);
  connection.close();
  return load(from, blob, port, 'dbo.sales');
};

type Question = { do: string; port: number; from: Place; to: Place; bytes: number };

const answer = ({ do: what, port, from, to, bytes }: Question): Promise<number> => {
  if (what === 'fill') return fill(from, 'sales.csv', port, bytes);
  if (what === 'load') return load(from, 'sales.csv', port, 'dbo.loadedbyhand');
  if (what === 'loadDuck') return loadDuck(from, 'sales.csv');
  return unload(port, 'dbo.sales', to, 'byhand.parquet');
};

process.stdout.write('{"ready":true}\n');
for await (const line of createInterface({ input: process.stdin })) {
  const started = performance.now();
  const said = await answer(JSON.parse(line) as Question).then(
    (rows) => ({ rows, elapsedMs: performance.now() - started }),
    (error: Error) => ({ error: error.message }),
  );
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
await rm(folder, { recursive: true });
