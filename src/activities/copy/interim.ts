// The interim files of a staged copy: rows on their way to a table, as Parquet files that nobody else is to read.
import type { RowWriter } from '../../connectors/formats/definition.ts';
import { parquet } from '../../connectors/formats/parquet/definition.ts';
import type { ColumnType } from '../../connectors/row/column-type.ts';
import type { Column, RecordBatch } from '../../connectors/row/record-batch.ts';
import type { ActivityJob } from '../job.ts';
import { copyToFile, fileInput, type Lane, type RowCopy, type RowInput } from './copy-rows.ts';
import { createInterimNames, interimPrefix } from './interim-name.ts';
import { createReadPool } from './lane.ts';
import type { Staging } from './staging.ts';
import { type SideTally, tallied } from './tally.ts';

/** How long the files may take to be removed: less than a worker has after it was told to stop. */
const removalMs = 2500;
/** Files of others that are removed after one copy; the next one goes on. */
const mostLeft = 1000;

/** Values of these are text already, of which Parquet's own type would keep less. */
const asText: readonly ColumnType[] = ['Decimal', 'DateTime', 'DateTimeOffset', 'TimeSpan'];

/** The columns as the file has them: names of the rows' own may be any, or the same twice. */
const storedColumns = (columns: readonly Column[]): Column[] =>
  columns.map(({ type }, at) => ({ name: `c${at}`, type: asText.includes(type) ? 'String' : type }));

async function* withColumns(batches: AsyncIterable<RecordBatch>, columns: readonly Column[]) {
  for await (const { rows } of batches) yield { columns, rows };
}

/** The interim files of one copy. */
export type Interim = {
  written: SideTally;
  read: SideTally;
  /** Writes the rows of an input as a file. */
  write(copy: RowCopy, input: RowInput, lane: Lane, signal: AbortSignal): Promise<void>;
  /** The rows of each file that was written, with the columns that they came with. */
  inputs(): RowInput[];
  /** Removes what was written. Resolves to what is left, if it could not be removed; never throws. */
  remove(): Promise<string[]>;
  /** Removes what copies before have left whose workers were killed. After `remove`; as far as it can, and never throws. */
  sweep(): Promise<void>;
};

/** Opens the place for them. Nothing is sent yet. */
export const openInterim = async (staging: Staging, job: ActivityJob): Promise<Interim> => {
  const { openFileStore } = await staging.connector.files.open();
  const store = openFileStore(staging.linkedService, staging.location);
  const [writing, reading] = [tallied(store), tallied(store)];
  const format = await parquet.open();
  const settings = { values: { compressionCodec: staging.compresses ? 'gzip' : 'none' }, where: 'stagingSettings' };
  const nothing = { values: {}, where: 'stagingSettings' };
  const writer = format.openWriter(settings, nothing);
  const reader = format.openReader(settings, nothing);
  const names = createInterimNames(staging.folder, job);
  /** When the store took the last of the own files, by its own clock. */
  let now = new Date(0);
  const files: { path: string; columns: readonly Column[] | undefined }[] = [];
  return {
    written: writing.tally,
    read: reading.tally,
    write: async (copy, input, lane, signal) => {
      const path = names.path(files.length);
      const file: (typeof files)[number] = { path, columns: undefined };
      // It is known before it is there: a write may succeed whose answer is lost.
      files.push(file);
      const own: RowWriter = (columns, batches) => {
        file.columns = columns;
        const stored = storedColumns(columns);
        return writer(stored, withColumns(batches, stored));
      };
      const sink = { ...writing, compression: undefined, writer: own };
      await copyToFile({ ...copy, sink: writing.tally }, [input], sink, path, lane, signal);
    },
    inputs: () =>
      files.flatMap(({ path, columns }): RowInput[] => {
        if (!columns) return [];
        return [
          {
            name: path,
            path: '',
            async *read(signal) {
              const file = await reading.store.find(path, signal);
              if (!file) throw reading.store.missing(path);
              const pool = createReadPool({ kind: 'files', maxConnections: undefined });
              const input = fileInput({ ...reading, decompression: undefined, archive: undefined }, reader, file, pool);
              yield* withColumns(input.read(signal), columns);
            },
          },
        ];
      }),
    remove: async () => {
      const signal = AbortSignal.timeout(removalMs);
      const left = await Promise.all(
        files.map(async ({ path }) => {
          try {
            const file = await store.find(path, signal);
            if (!file) return [];
            if (file.modifiedAt > now) now = file.modifiedAt;
            await store.remove(file, signal);
            return [];
          } catch {
            return [path];
          }
        }),
      );
      return left.flat();
    },
    sweep: async () => {
      const signal = AbortSignal.timeout(removalMs);
      let count = 0;
      try {
        for await (const file of store.list(interimPrefix(staging.folder), false, signal)) {
          if (!names.isLeft(file, now)) continue;
          // Another copy may sweep too.
          await store.remove(file, signal).catch(() => {});
          count += 1;
          if (count === mostLeft) return;
        }
      } catch {
        // What may not be listed, or not now, stays for the next copy.
      }
    },
  };
};
