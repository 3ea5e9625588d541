// Parquet into rows. A file of any size is read by ranges: of each row group, the columns that are asked for become a
// small file of their own for DuckDB.
import { open } from 'node:fs/promises';
import type { DuckDBDataChunk } from '@duckdb/node-api';
import { ActivityError } from '../../../base/error.ts';
import { Inconvertible } from '../../row/convert.ts';
import type { Column, RecordBatch, Value } from '../../row/record-batch.ts';
import type { FileRanges, FileRequest, RowReader } from '../definition.ts';
import { type ColumnReader, columnReader, int96Reader } from './column.ts';
import { type Engine, isOfDuck, openEngine, type ScratchFile, shownError } from './engine.ts';
import {
  BadParquet,
  type Footer,
  footerLength,
  magic,
  movedGroup,
  type RowGroup,
  readFooter,
  tailBytes,
  writeEnd,
} from './footer.ts';

const blockBytes = 4 * 2 ** 20;
const readsAtOnce = 3;

const invalid = (fileName: string, why: string) =>
  new ActivityError('ParquetInvalidFile', `The file '${fileName}' cannot be read: ${why}.`);

const footerOf = async ({ size, read }: FileRanges): Promise<Footer> => {
  if (size < tailBytes + magic.length) throw new BadParquet('it is no Parquet file');
  const tail = Buffer.alloc(tailBytes);
  await read(size - tailBytes, tail);
  const bytes = Buffer.alloc(footerLength(tail, size));
  await read(size - tailBytes - bytes.length, bytes);
  return readFooter(bytes, size);
};

/** Where in the small file each chunk of these columns lies, one after the other. */
const layOut = ({ chunks }: RowGroup, columns: ReadonlySet<number>) => {
  const places = new Map<RowGroup['chunks'][number], number>();
  let at = magic.length;
  for (const chunk of chunks) {
    if (!columns.has(chunk.column)) continue;
    places.set(chunk, at);
    at += chunk.length;
  }
  return { places, dataBytes: at };
};

const fetchGroup = async (
  ranges: FileRanges,
  scratch: ScratchFile,
  root: Footer['root'],
  group: RowGroup,
  layout: ReturnType<typeof layOut>,
) => {
  const { places, dataBytes } = layout;
  const file = await open(scratch.path, 'w');
  try {
    await file.write(magic, 0, magic.length, 0);
    const pieces = [...places].flatMap(([{ start, length }, at]) =>
      Array.from({ length: Math.ceil(length / blockBytes) }, (_, index) => ({
        from: start + index * blockBytes,
        to: at + index * blockBytes,
        length: Math.min(blockBytes, length - index * blockBytes),
      })),
    );
    const next = pieces.values();
    const fetchSome = async () => {
      for (const { from, to, length } of next) {
        const bytes = Buffer.allocUnsafe(length);
        await ranges.read(from, bytes);
        await file.write(bytes, 0, length, to);
      }
    };
    await Promise.all(Array.from({ length: readsAtOnce }, fetchSome));
    const end = writeEnd(root, [
      movedGroup(group, (chunk) => BigInt((places.get(chunk) ?? chunk.start) - chunk.start)),
    ]);
    await file.write(end, 0, end.length, dataBytes);
  } finally {
    await file.close();
  }
};

/** What the values of a batch take together, about; and those of one row at most. A small file may hold long ones many times. */
const batchBytes = 4 * 2 ** 20;
const maxRowBytes = 32 * 2 ** 20;

type Shape = {
  /** The columns, and behind them how long the row's values are. */
  select: string;
  columns: readonly Column[];
  readers: readonly ColumnReader[];
  places: ReadonlySet<number>;
};

const source = (path: string) => `read_parquet('${path.replaceAll("'", "''")}', hive_partitioning = false)`;

/** Which columns are read, and how: those that are wanted, where there are all of them, else all. */
const shapeOf = async (engine: Engine, footer: Footer, { wanted }: FileRequest): Promise<Shape> => {
  const scratch = engine.scratchFile();
  const file = await open(scratch.path, 'w');
  try {
    await file.write(Buffer.concat([magic, writeEnd(footer.root, [])]));
    await file.close();
    const types = (await engine.connection.run(`SELECT * FROM ${source(scratch.path)} LIMIT 0`)).columnTypes();
    const all = footer.columns.map((_, place) => place);
    const chosen = wanted && wanted.length > 0 ? wanted.map(({ name }) => footer.columns.indexOf(name)) : all;
    const places = [...new Set(chosen.includes(-1) ? all : chosen)];
    const readers = places.map((place) => (footer.int96.has(place) ? int96Reader : columnReader(types[place]!)));
    const values = places.map((place, at) => readers[at]!.select(`c${place}`));
    const sizes = values.flatMap((value, at) => {
      const size = readers[at]!.size?.(value);
      return size === undefined ? [] : [`coalesce(${size}, 0)`];
    });
    return {
      select: [...values, `CAST(${['0', ...sizes].join(' + ')} AS DOUBLE)`].join(', '),
      columns: places.map((place, at) => ({ name: footer.columns[place]!, ...readers[at]!.column })),
      readers,
      places: new Set(places),
    };
  } finally {
    await file.close();
    await scratch.remove();
  }
};

/** How many of the chunk's rows from `from` make a batch. */
const batchLength = (sizes: readonly (number | null)[], from: number, rowsBefore: number): number => {
  let bytes = 0;
  let at = from;
  for (; at < sizes.length && (at === from || bytes < batchBytes); at += 1) {
    const size = sizes[at] ?? 0;
    if (size > maxRowBytes)
      throw new BadParquet(
        `row ${rowsBefore + at + 1} is longer than ${maxRowBytes / 2 ** 20} MiB in the columns that are read`,
      );
    bytes += size;
  }
  return at - from;
};

/** `count` rows of the chunk from `from`. `rowsBefore` is how many rows of the file came before them. */
const rowsOf = (
  chunk: DuckDBDataChunk,
  [from, count]: readonly [number, number],
  { columns, readers }: Shape,
  rowsBefore: number,
  fileName: string,
  onBadRow: FileRequest['onBadRow'],
): Value[][] => {
  const rows: Value[][] = Array.from({ length: count }, () => []);
  const bad = new Set<number>();
  for (const [at, { fromDuck }] of readers.entries()) {
    // A vector keeps the values that were read from it; a slice is gone with its batch.
    const vector = chunk.getColumnVector(at).slice(from, count);
    for (let index = 0; index < count; index += 1) {
      const value = vector.getItem(index);
      try {
        rows[index]![at] = value === null ? null : fromDuck(value);
      } catch (error) {
        if (!(error instanceof Inconvertible)) throw error;
        const failure = new ActivityError(
          'TypeConversionFailure',
          `The value of column '${columns[at]!.name}' in row ${rowsBefore + index + 1} of the file '${fileName}' cannot be read as ${columns[at]!.type}: ${error.message}.`,
        );
        if (!onBadRow) throw failure;
        if (!bad.has(index)) onBadRow(failure, rows[index]!.slice(0, at));
        bad.add(index);
      }
    }
  }
  return bad.size === 0 ? rows : rows.filter((_, index) => !bad.has(index));
};

async function* readGroups(
  engine: Engine,
  ranges: FileRanges,
  fileName: string,
  request: FileRequest,
): AsyncGenerator<RecordBatch> {
  const footer = await footerOf(ranges);
  const shape = await shapeOf(engine, footer, request);
  const names = footer.columns.map((_, place) => `c${place}`).join(', ');
  let rowNumber = 0;
  // A file without rows has columns all the same.
  yield { columns: shape.columns, rows: [] };
  for (const group of footer.groups) {
    const layout = layOut(group, shape.places);
    // The footer of the small file is about as long as its share of the large one.
    const bytes = layout.dataBytes + 2 ** 20;
    if (bytes > engine.capacity.reading)
      throw new ActivityError(
        'ParquetRowGroupTooLarge',
        `The file '${fileName}' has a row group of ${Math.ceil(bytes / 2 ** 20)} MiB in the columns that are read, and a worker has room for ${Math.floor(engine.capacity.reading / 2 ** 20)} MiB. Map fewer columns, or write the file with smaller row groups.`,
      );
    const free = await engine.reserve('reading', bytes);
    const scratch = engine.scratchFile();
    try {
      await fetchGroup(ranges, scratch, footer.root, group, layout);
      const result = await engine.connection.stream(
        `SELECT ${shape.select} FROM ${source(scratch.path)} AS file(${names})`,
      );
      for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
        const sizes = chunk.getColumnValues(shape.columns.length) as number[];
        for (let at = 0; at < chunk.rowCount; ) {
          const length = batchLength(sizes, at, rowNumber);
          yield {
            columns: shape.columns,
            rows: rowsOf(chunk, [at, length], shape, rowNumber + at, fileName, request.onBadRow),
          };
          at += length;
        }
        rowNumber += chunk.rowCount;
      }
    } finally {
      await scratch.remove();
      free();
    }
  }
}

/** Reads a Parquet file by its ranges. */
export const readParquet: RowReader = async function* (_chunks, fileName, request = {}) {
  const { ranges } = request;
  if (!ranges) throw invalid(fileName, 'it is compressed as a whole, and Parquet is read in no fixed order');
  const engine = await openEngine();
  try {
    yield* readGroups(engine, ranges, fileName, request);
  } catch (error) {
    if (error instanceof BadParquet) throw invalid(fileName, error.message);
    throw isOfDuck(error) ? invalid(fileName, shownError(error)) : error;
  } finally {
    engine.close();
  }
};
