// The baseline of the copy to Parquet: DuckDB by hand, and no Postern. The blob is downloaded to a file, DuckDB makes
// Parquet of it, and that is uploaded. Answers { from, to, blob } with the MB/s of text; without `from` it fills `to`.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DuckDBInstance } from '@duckdb/node-api';
import { openBlobs, type Place } from './blob-at.ts';

const blobAt = openBlobs();
const folder = await mkdtemp(join(tmpdir(), 'postern-bench-'));
const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '1GB' });
const connection = await instance.connect();

/** Lines of eight columns, as of sales: numbers, a date, words, an amount. */
const lines = (bytes: number): string => {
  let text = 'id,day,region,product,quantity,price,customer,note\r\n';
  for (let id = 1; text.length < bytes; id += 1) {
    const any = (id * 2654435761) >>> 0;
    text += `${id},2024-0${(any % 9) + 1}-1${any % 10},region ${any % 37},product ${any % 9973},${any % 100},${any % 1000}.${any % 90},${any.toString(36)}@example.com,"note, ${any % 7}"\r\n`;
  }
  return text;
};

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
  const text = Buffer.from(lines(bytes));
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
