// Rows into Parquet. DuckDB writes one row group at a time as a small file of its own; their bytes, one after the other,
// and one footer are the file. So a file of any size is written in the memory of a row group or two.
import { readFile } from 'node:fs/promises';
import { type DuckDBAppender, DuckDBDataChunk } from '@duckdb/node-api';
import type { Column, Value } from '../../row/record-batch.ts';
import type { RowWriter } from '../definition.ts';
import { type ColumnWriter, columnWriter } from './column.ts';
import { type Engine, openEngine, writtenGroupBytes } from './engine.ts';
import { type Footer, footerLength, magic, movedGroup, readFooter, renamed, tailBytes, writeEnd } from './footer.ts';
import type { Struct } from './thrift.ts';

/** DuckDB's own size of a row group; and how many bytes one may have before it is compressed. */
const groupRows = 122_880;
const groupBytes = 16 * 2 ** 20;
/** Rows of one vector. */
const vectorRows = 2048;

/** A row group that is on its way to be a small file. */
type Part = { footer: Footer; bytes: Buffer };

/** Collects the rows of one row group in a table. */
const openTable = async (engine: Engine, writers: readonly ColumnWriter[]) => {
  const name = engine.name();
  const columns = writers.map(({ type }, at) => `c${at} ${type}`).join(', ');
  await engine.connection.run(`CREATE TABLE ${name} (${columns})`);
  const appender: DuckDBAppender = await engine.connection.createAppender(name);
  const table = { name, rows: 0, bytes: 0, append, end: () => appender.closeSync() };
  function append(rows: readonly (readonly Value[])[]) {
    const chunk = DuckDBDataChunk.create(
      writers.map(({ type }) => type),
      rows.length,
    );
    for (const [at, { toDuck }] of writers.entries()) {
      const vector = chunk.getColumnVector(at);
      for (let index = 0; index < rows.length; index += 1) {
        const value = rows[index]![at]!;
        vector.setItem(index, value === null ? null : toDuck(value));
        table.bytes += typeof value === 'string' || value instanceof Uint8Array ? value.length + 8 : 8;
      }
      vector.flush();
    }
    appender.appendDataChunk(chunk);
    table.rows += rows.length;
  }
  return table;
};
type Table = Awaited<ReturnType<typeof openTable>>;

const drop = ({ connection }: Engine, { name }: Table) => connection.run(`DROP TABLE IF EXISTS ${name}`);

const toPart = async (engine: Engine, table: Table, codec: string, columns: readonly Column[]): Promise<Part> => {
  table.end();
  const free = await engine.reserve('writing', Math.min(writtenGroupBytes, engine.capacity.writing));
  const scratch = engine.scratchFile();
  try {
    const options = `FORMAT parquet, COMPRESSION ${codec}, ROW_GROUP_SIZE ${groupRows}`;
    await engine.connection.run(`COPY ${table.name} TO '${scratch.path.replaceAll("'", "''")}' (${options})`);
    const bytes = await readFile(scratch.path);
    const length = footerLength(bytes.subarray(-tailBytes), bytes.length);
    const end = bytes.length - tailBytes;
    const footer = readFooter(bytes.subarray(end - length, end), bytes.length);
    return {
      footer: renamed(
        footer,
        columns.map(({ name }) => name),
      ),
      bytes,
    };
  } finally {
    await scratch.remove();
    await drop(engine, table);
    free();
  }
};

/** Makes the writer of files that are compressed by this codec of DuckDB's. */
export const writeParquet = (codec: string): RowWriter =>
  async function* (columns, batches) {
    // A part is made while the rows of the next one are collected: that takes a connection of its own.
    const engine = await openEngine();
    const maker = await openEngine();
    let part: Promise<Part> | undefined;
    let table: Table | undefined;
    try {
      const writers = columns.map(columnWriter);
      const groups: Struct[] = [];
      let root: Struct | undefined;
      let at = magic.length;
      const take = ({ footer, bytes }: Part): Buffer => {
        root ??= footer.root;
        const end = Math.max(
          magic.length,
          ...footer.groups.flatMap(({ chunks }) => chunks.map(({ start, length }) => start + length)),
        );
        const by = BigInt(at - magic.length);
        for (const group of footer.groups) if (group.rows > 0n) groups.push(movedGroup(group, () => by));
        at += end - magic.length;
        return bytes.subarray(magic.length, end);
      };
      yield magic;
      table = await openTable(engine, writers);
      let rows: (readonly Value[])[] = [];
      for await (const batch of batches) {
        for (const row of batch.rows) {
          rows.push(row);
          if (rows.length < vectorRows) continue;
          table.append(rows);
          rows = [];
        }
        if (table.rows < groupRows && table.bytes < groupBytes) continue;
        if (part) yield take(await part);
        part = toPart(maker, table, codec, columns);
        // It is awaited when the next one is full.
        part.catch(() => {});
        table = await openTable(engine, writers);
      }
      if (rows.length > 0) table.append(rows);
      if (part) yield take(await part);
      part = table.rows > 0 || !root ? toPart(maker, table, codec, columns) : undefined;
      if (part) yield take(await part);
      yield writeEnd(root!, groups);
    } finally {
      await part?.catch(() => {});
      if (table) await drop(engine, table).catch(() => {});
      maker.close();
      engine.close();
    }
  };
