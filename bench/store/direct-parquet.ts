// The baseline of the copy to Parquet: DuckDB by hand, and no Postern. The blob is downloaded to a file, DuckDB makes
// Parquet of it, and that is uploaded. Answers { from, to, blob } with the MB/s of text; without `from` it fills `to`.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DuckDBInstance } from '@duckdb/node-api';
import { openContainers, type Place } from './container-at.ts';
import { salesText } from './sales.ts';

const containerAt = openContainers();
const blobAt = (place: Place, blob: string) => containerAt(place).getBlockBlobClient(blob);
const folder = await mkdtemp(join(tmpdir(), 'postern-bench-'));
const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '1GB' });
const connection = await instance.connect();

const convert = async (from: Place, to: Place, blob: string): Promise<object> => {
  const started = performance.now();
  const [text, parquet] = [join(folder, 'in.csv'), join(folder, 'out.parquet')];
  const { contentLength = 0 } = await blobAt(from, blob).downloadToFile(text);
  await connection.run(
    `COPY (SELECT * FROM read_csv('${text}', all_varchar = true, header = true)) TO '${parquet}' (FORMAT parquet, COMPRESSION snappy)`,
  );
  await blobAt(to, `${blob}.parquet`).uploadFile(parquet);
  return { megabytesPerSecond: contentLength / 1e6 / ((performance.now() - started) / 1000) };
};

const fill = async (to: Place, blob: string, bytes: number): Promise<object> => {
  const text = Buffer.from(salesText(bytes));
  await blobAt(to, blob).uploadData(text);
  return { bytes: text.length };
};

type Question = { from?: Place; to: Place; blob: string; bytes?: number };

process.stdout.write('{"ready":true}\n');
for await (const line of createInterface({ input: process.stdin })) {
  const { from, to, blob, bytes } = JSON.parse(line) as Question;
  const said = await (from ? convert(from, to, blob) : fill(to, blob, bytes ?? 0)).catch((error: Error) => ({
    error: error.message,
  }));
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
instance.closeSync();
await rm(folder, { recursive: true });
