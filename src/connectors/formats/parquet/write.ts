// Rows into Parquet. DuckDB writes one row group at a time as a small file of its own; their bytes, one after the other,
// and one footer are the file. So a file of any size is written in the memory of a row group or two.
import { readFile, writeFile } from 'node:fs/promises';
import { ActivityError } from '../../../base/error.ts';
import type { Column, RecordBatch, TextBlock, Value } from '../../row/record-batch.ts';
import type { RowWriter } from '../definition.ts';
import { type ColumnWriter, columnWriter, quoted } from './column.ts';
import { type Engine, isOfDuck, openEngine, shownError } from './engine.ts';
import { type Footer, footerLength, magic, movedGroup, readFooter, renamed, tailBytes, writeEnd } from './footer.ts';
import { mostLineBytes, writeLine } from './text-line.ts';
import type { Struct } from './thrift.ts';

/** DuckDB's own size of a row group; and how many bytes of text one has before it is compressed. */
const groupRows = 122_880;
const groupBytes = 8 * 2 ** 20;
/** Text that becomes bytes in one go, in characters: so short that the garbage collector has little to do. */
const pieceLength = 16 * 1024;
const blockBytes = 2 ** 20;
/** DuckDB wants to know how long a line can be; most are far shorter. */
const usualLineBytes = 2 * 2 ** 20;

/** A row group: the file as DuckDB wrote it. */
type Part = { footer: Footer; bytes: Buffer };

/** Which value is no text of whole characters: half of a pair of surrogates would arrive as a question mark. */
const halfCharacter = (columns: readonly Column[], rows: readonly (readonly Value[])[], rowsBefore: number) => {
  const isHalf = (value: Value) => typeof value === 'string' && !value.isWellFormed();
  const index = rows.findIndex((row) => row.some(isHalf));
  const at = rows[index]!.findIndex(isHalf);
  return new ActivityError(
    'TypeConversionFailure',
    `The value of column '${columns[at]!.name}' in row ${rowsBefore + index + 1} cannot be written: it holds a character that utf-8 does not have.`,
  );
};

/** Memory for text, which is used again and again: the garbage collector is slow with large blocks. */
const createBlockStock = () => {
  const free: Buffer[] = [];
  return {
    take: (bytes: number): Buffer =>
      (bytes <= blockBytes && free.pop()) || Buffer.allocUnsafeSlow(Math.max(blockBytes, bytes)),
    give: (pieces: readonly Buffer[]) => {
      for (const { buffer } of pieces) if (buffer.byteLength === blockBytes) free.push(Buffer.from(buffer));
    },
  };
};
type BlockStock = ReturnType<typeof createBlockStock>;

/** The rows of one row group as text. Null is an N without quotes, which no value is. */
const createText = (
  columns: readonly Column[],
  writers: readonly ColumnWriter[],
  blocks: BlockStock,
  rowsBefore: number,
) => {
  let piece = '';
  let block: Buffer = Buffer.alloc(0);
  let used = 0;
  const makeRoom = (most: number) => {
    if (block.length - used >= most) return;
    text.pieces.push(block.subarray(0, used));
    block = blocks.take(most);
    used = 0;
  };
  const flush = () => {
    makeRoom(piece.length * 3);
    const length = block.write(piece, used);
    piece = '';
    used += length;
    text.bytes += length;
  };
  const appendText = (batch: TextBlock) => {
    for (let row = 0; row < batch.rows; row += 1) {
      makeRoom(mostLineBytes(batch, row));
      const end = writeLine(batch, row, block, used);
      text.bytes += end - used;
      text.longest = Math.max(text.longest, end - used);
      used = end;
    }
    text.rows += batch.rows;
  };
  const isText = writers.every(({ toText }) => toText === quoted);
  const append = (batch: RecordBatch) => {
    if (batch.text && isText) return appendText(batch.text);
    const { rows } = batch;
    let isWhole = true;
    for (const row of rows) {
      const before = piece.length;
      for (let at = 0; at < writers.length; at += 1) {
        const value = row[at]!;
        piece += `${at === 0 ? '' : ','}${value === null ? 'N' : writers[at]!.toText(value)}`;
      }
      piece += '\n';
      // A character is at most three bytes; most lines need no counting.
      if ((piece.length - before) * 3 > text.longest)
        text.longest = Math.max(text.longest, Buffer.byteLength(piece.slice(before)));
      if (piece.length <= pieceLength) continue;
      isWhole &&= piece.isWellFormed();
      flush();
    }
    if (!isWhole || !piece.isWellFormed()) throw halfCharacter(columns, rows, rowsBefore + text.rows);
    text.rows += rows.length;
  };
  /** The text so far, as bytes. */
  const takeBytes = (): Buffer[] => {
    flush();
    return [...text.pieces.splice(0), block.subarray(0, used)];
  };
  const text = { rows: 0, bytes: 0, longest: usualLineBytes, pieces: [] as Buffer[], append, flush, takeBytes };
  return text;
};
type Text = ReturnType<typeof createText>;

const sqlOf = (text: Text, from: string, to: string, writers: readonly ColumnWriter[], codec: string): string => {
  const types = writers.map(({ type }, at) => `'c${at}': '${type}'`).join(', ');
  const form = `auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', new_line = '\\n', strict_mode = true`;
  const lines = `read_csv(${sqlText(from)}, ${form}, nullstr = 'N', allow_quoted_nulls = false, max_line_size = ${text.longest}, buffer_size = ${text.longest * 2}, columns = {${types}})`;
  const columns = writers.map((writer, at) => `${writer.select(`c${at}`)} AS c${at}`).join(', ');
  return `COPY (SELECT ${columns} FROM ${lines}) TO ${sqlText(to)} (FORMAT parquet, COMPRESSION ${codec}, ROW_GROUP_SIZE ${groupRows})`;
};

const toPart = async (
  engine: Engine,
  text: Text,
  writers: readonly ColumnWriter[],
  codec: string,
  columns: readonly Column[],
  blocks: BlockStock,
): Promise<Part> => {
  text.flush();
  // What is compressed is hardly ever longer than its text.
  const room = text.bytes * 2 + 2 ** 20;
  if (room > engine.capacity.writing)
    throw new ActivityError(
      'ParquetRowTooLarge',
      `A row is longer than a worker has room for, which is ${Math.floor((engine.capacity.writing / 2 - groupBytes) / 2 ** 20)} MiB. Leave out its longest columns.`,
    );
  const free = await engine.reserve('writing', room);
  const [lines, scratch] = [engine.scratchFile(), engine.scratchFile()];
  try {
    const pieces = text.takeBytes();
    await writeFile(lines.path, pieces);
    blocks.give(pieces);
    await engine.connection.run(sqlOf(text, lines.path, scratch.path, writers, codec));
    const bytes = await readFile(scratch.path);
    const length = footerLength(bytes.subarray(-tailBytes), bytes.length);
    const end = bytes.length - tailBytes;
    const footer = readFooter(bytes.subarray(end - length, end), bytes.length);
    const names = columns.map(({ name }) => name);
    return { footer: renamed(footer, names), bytes };
  } catch (error) {
    if (!isOfDuck(error)) throw error;
    throw new ActivityError('ParquetWriteFailed', `Rows could not be written as Parquet: ${shownError(error)}.`);
  } finally {
    await Promise.all([lines.remove(), scratch.remove()]);
    free();
  }
};

const sqlText = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Makes the writer of files that are compressed by this codec of DuckDB's. */
export const writeParquet = (codec: string): RowWriter =>
  async function* (columns, batches) {
    // Parts are made while the rows of the next one are collected. Each is one thread's work, so they are made by twos.
    const engines = await Promise.all([openEngine(), openEngine()]);
    const blocks = createBlockStock();
    const parts: Promise<Part>[] = [];
    let made = 0;
    try {
      const writers = columns.map(columnWriter);
      const groups: Struct[] = [];
      let root: Struct | undefined;
      let at = magic.length;
      const take = ({ footer, bytes }: Part): Buffer => {
        root ??= footer.root;
        const ends = footer.groups.flatMap(({ chunks }) => chunks.map(({ start, length }) => start + length));
        const end = Math.max(magic.length, ...ends);
        const by = BigInt(at - magic.length);
        for (const group of footer.groups) if (group.rows > 0n) groups.push(movedGroup(group, () => by));
        at += end - magic.length;
        return bytes.subarray(magic.length, end);
      };
      let rowsBefore = 0;
      let text = createText(columns, writers, blocks, rowsBefore);
      const finish = () => {
        const part = toPart(engines[made % engines.length]!, text, writers, codec, columns, blocks);
        made += 1;
        // It is awaited in its turn.
        part.catch(() => {});
        parts.push(part);
        rowsBefore += text.rows;
        text = createText(columns, writers, blocks, rowsBefore);
      };
      yield magic;
      for await (const batch of batches) {
        text.append(batch);
        if (text.rows < groupRows && text.bytes < groupBytes) continue;
        if (parts.length === engines.length) yield take(await parts.shift()!);
        finish();
      }
      if (parts.length === engines.length) yield take(await parts.shift()!);
      if (text.rows > 0 || made === 0) finish();
      for (const part of parts) yield take(await part);
      yield writeEnd(root!, groups);
    } finally {
      await Promise.allSettled(parts);
      for (const engine of engines) engine.close();
    }
  };
