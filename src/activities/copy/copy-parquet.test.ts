import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { parquetReadObjects } from 'hyparquet';
import {
  type CopyParts,
  contentOf,
  copyJob,
  dataset,
  fill,
  linkedService,
  openStage,
  runJob,
} from '../../../test/copy/stage.ts';
import type { JsonObject } from '../../base/json.ts';
import { movies } from '../../cli/demo/movies.ts';

let stage: Awaited<ReturnType<typeof openStage>>;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

const header = { firstRowAsHeader: true };
const text = (container: string, at: 'source' | 'sink' = 'source') =>
  dataset('DelimitedText', linkedService(stage[at]), { container }, { ...header, rowDelimiter: '\n' });
const parquet = (container: string, at: 'source' | 'sink' = 'sink', more: JsonObject = {}) =>
  dataset('Parquet', linkedService(stage[at]), { container }, more);
const rowsOf = (bytes: Buffer) => parquetReadObjects({ file: new Uint8Array(bytes).buffer });
const mapped = (...pairs: [JsonObject, JsonObject][]): CopyParts => ({
  more: { translator: { type: 'TabularTranslator', mappings: pairs.map(([source, sink]) => ({ source, sink })) } },
});

test('text becomes Parquet and text again, byte for byte', async () => {
  const bytes = await buffer(movies(50_000));
  await fill(stage.source, 'round', { 'movies.csv': bytes });
  const there = await runJob(copyJob(text('round'), parquet('round'), { writeFormat: { fileExtension: '.parquet' } }));
  assert.deepEqual([there.rowsRead, there.rowsCopied, there.filesWritten], [50_000, 50_000, 1]);
  const { 'movies.parquet': written } = await contentOf(stage.sink, 'round');
  assert.ok(written!.length < bytes.length, 'it is compressed');
  assert.equal(there.dataWritten, written!.length);
  await fill(stage.sink, 'again', { 'movies.parquet': written! });
  const back = await runJob(
    copyJob(parquet('again'), text('again', 'source'), { writeFormat: { fileExtension: '.csv' } }),
  );
  assert.equal(back.rowsCopied, 50_000);
  await runJob(copyJob(text('round'), text('plain', 'source')));
  assert.ok(
    (await contentOf(stage.source, 'again'))['movies.csv']!.equals(
      (await contentOf(stage.source, 'plain'))['movies.csv']!,
    ),
  );
});

test('the mapping gives types and digits; what does not fit fails the copy by name, or is counted', async () => {
  await fill(stage.source, 'typed', {
    'a.csv': 'id,at,price\n1,2024-02-29T12:00:00.1234567,12345678901234567890123456789012345678\n',
  });
  const parts = mapped(
    [{ name: 'id' }, { name: 'id', type: 'Int64' }],
    [{ name: 'at' }, { name: 'at', type: 'DateTime' }],
    [{ name: 'price' }, { name: 'price', type: 'Decimal', precision: 38, scale: 0 }],
  );
  await assert.rejects(runJob(copyJob(text('typed'), parquet('typed'), parts)), {
    errorCode: 'TypeConversionFailure',
    message: /column 'at' in row 1 .*microsecond.*allowDataTruncation/,
  });
  assert.deepEqual(await contentOf(stage.sink, 'typed').catch(() => ({})), {});
  const translator = { ...(parts.more!.translator as JsonObject), typeConversion: true };
  const output = await runJob(
    copyJob(text('typed'), parquet('typed'), { more: { translator }, writeFormat: { fileExtension: 'parquet' } }),
  );
  assert.deepEqual(output.typeConversion, { valuesTruncated: 1 });
  const [row] = await rowsOf((await contentOf(stage.sink, 'typed'))['a.parquet']!);
  assert.deepEqual([row!.id, (row!.at as Date).toISOString()], [1n, '2024-02-29T12:00:00.123Z']);
  // Digits that are not said are Azure's own.
  const plain = mapped([{ name: 'price' }, { name: 'price', type: 'Decimal' }]);
  await assert.rejects(runJob(copyJob(text('typed'), parquet('typed'), plain)), {
    errorCode: 'TypeConversionFailure',
    message: /20 digits before the point: .*precision and scale/,
  });
});

test('a codec that is not Parquet’s is refused, and so is a file that is none', async () => {
  await fill(stage.source, 'wrong', { 'a.csv': 'id\n1\n' });
  await assert.rejects(runJob(copyJob(text('wrong'), parquet('wrong', 'sink', { compressionCodec: 'lzo' }))), {
    errorCode: 'UserErrorInvalidProperty',
    message: /compressionCodec must be one of none, snappy, gzip, zstd, lz4/,
  });
  await assert.rejects(runJob(copyJob(parquet('wrong', 'source'), text('wrong', 'sink'))), {
    errorCode: 'ParquetInvalidFile',
  });
  await assert.rejects(
    runJob(copyJob(dataset('Avro', linkedService(stage.source), { container: 'wrong' }), text('wrong', 'sink'))),
    {
      errorCode: 'UserErrorUnsupportedFormat',
      message: /Avro, which is not supported.*Parquet/,
    },
  );
});

test('many files go at once, none waiting for ever for room that another has', async () => {
  const bytes = await buffer(movies(5000));
  await fill(stage.source, 'many', Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`${at}.csv`, bytes])));
  await runJob(copyJob(text('many'), parquet('many'), { more: { parallelCopies: 8 } }));
  const output = await runJob(
    copyJob(parquet('many'), parquet('many', 'source', { compressionCodec: 'zstd' }), {
      more: { parallelCopies: 8 },
      writeFormat: { fileExtension: 'parquet' },
    }),
  );
  assert.deepEqual([output.filesWritten, output.rowsCopied], [12, 60_000]);
});
