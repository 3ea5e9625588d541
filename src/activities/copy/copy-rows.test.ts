import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import iconv from 'iconv-lite';
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

let containers = 0;
const header = { firstRowAsHeader: true };

/** Copies blobs as rows; gives what arrived, by path, and the output. */
const copyText = async (
  blobs: Record<string, Buffer | string>,
  ask: { from?: JsonObject; fromLocation?: JsonObject; to?: JsonObject; toLocation?: JsonObject } & CopyParts = {},
) => {
  containers += 1;
  const container = `rows${containers}`;
  await fill(stage.source, container, blobs);
  const output = await runJob(
    copyJob(
      dataset('DelimitedText', linkedService(stage.source), { container, ...ask.fromLocation }, ask.from ?? header),
      dataset('DelimitedText', linkedService(stage.sink), { container, ...ask.toLocation }, ask.to ?? header),
      ask,
    ),
  );
  return { output, arrived: await contentOf(stage.sink, container) };
};
const textOf = (blobs: Record<string, Buffer>) =>
  Object.fromEntries(Object.entries(blobs).map(([path, bytes]) => [path, bytes.toString()]));

test('a table of twenty thousand rows with quotes and other alphabets arrives as it was', async () => {
  const bytes = await buffer(movies(20_000));
  const settings = { ...header, rowDelimiter: '\n', escapeChar: '"' };
  const first = await copyText({ 'movies.csv': bytes }, { to: settings });
  assert.equal(first.output.rowsRead, 20_000);
  assert.equal(first.output.rowsCopied, 20_000);
  assert.equal(first.output.dataRead, bytes.length);
  assert.equal(first.output.dataWritten, first.arrived['movies.csv']!.length);
  // Back again, quoted as it was: only text that needed no quotes had some.
  const back = await copyText(first.arrived, { from: settings, to: { ...header, rowDelimiter: '\n' } });
  const again = await copyText({ 'movies.csv': bytes }, { to: { ...header, rowDelimiter: '\n' } });
  assert.ok(back.arrived['movies.csv']!.equals(again.arrived['movies.csv']!));
});

test('delimiters, quotes, header and null are those of each side', async () => {
  const { arrived, output } = await copyText(
    { 'a.txt': "id;name\n1;'x;y'\n2;\n3\n" },
    {
      from: { ...header, columnDelimiter: ';', quoteChar: "'" },
      to: { columnDelimiter: '|', rowDelimiter: '\n', nullValue: 'NULL' },
    },
  );
  assert.deepEqual(textOf(arrived), { 'a.txt': '1|x;y\n2|NULL\n3|NULL\n' });
  assert.equal(output.rowsCopied, 3);
});

test('quoteAllText, fileExtension and skipLineCount', async () => {
  const { arrived } = await copyText(
    { 'a.csv': 'made by hand\n\nid,name\n1,x\n' },
    { readFormat: { skipLineCount: 1 }, writeFormat: { quoteAllText: true, fileExtension: '.txt' } },
  );
  assert.deepEqual(textOf(arrived), { 'a.txt': '"id","name"\r\n"1","x"\r\n' });
});

test('encodings on either side; a byte order mark is read over and written where UTF-8 is asked for by name', async () => {
  const rows = 'id,name\r\n1,Ångström\r\n';
  const { arrived } = await copyText(
    { 'a.csv': iconv.encode(rows, 'utf-16le', { addBOM: true }) },
    { from: { ...header, encodingName: 'UTF-16' }, to: { ...header, encodingName: 'WINDOWS-1252' } },
  );
  assert.ok(arrived['a.csv']!.equals(iconv.encode(rows, 'windows-1252')));
  const marked = await copyText({ 'a.csv': `\ufeff${rows}` }, { to: { ...header, encodingName: 'UTF-8' } });
  assert.equal(textOf(marked.arrived)['a.csv'], `\ufeff${rows}`);
  for (const bytes of [iconv.encode(rows, 'windows-1252'), Buffer.from('a,b\n1,\xe2\x82', 'latin1')])
    await assert.rejects(copyText({ 'a.csv': bytes }), { errorCode: 'DelimitedTextInvalidEncoding' });
  await assert.rejects(copyText({ 'a.csv': 'a\n東京\n' }, { to: { encodingName: 'WINDOWS-1252' } }), {
    errorCode: 'TypeConversionFailure',
    message: /'a' in row 1 .*windows-1252 does not have/,
  });
  const plain = await copyText({ 'a.csv': `\ufeff${rows}` }, { to: { ...header, encodingName: 'UTF-8 without BOM' } });
  assert.equal(textOf(plain.arrived)['a.csv'], rows);
});

test('gzip on either side', async () => {
  const rows = 'id,name\r\n1,x\r\n';
  const packed = await copyText(
    { 'a.csv': rows },
    { to: { ...header, compressionCodec: 'gzip', compressionLevel: 'Optimal' } },
  );
  assert.deepEqual(Object.keys(packed.arrived), ['a.csv.gz']);
  assert.equal(gunzipSync(packed.arrived['a.csv.gz']!).toString(), rows);
  // A gzip file may have several members.
  const members = Buffer.concat([gzipSync('id,name\r\n'), gzipSync('1,x\r\n')]);
  const unpacked = await copyText({ 'a.csv.gz': members }, { from: { ...header, compressionCodec: 'gzip' } });
  assert.deepEqual(textOf(unpacked.arrived), { 'a.csv': rows });
  await assert.rejects(copyText({ 'a.csv': rows }, { from: { ...header, compressionCodec: 'gzip' } }), {
    errorCode: 'UserErrorInvalidCompressedFile',
  });
});

test('a mapping takes, renames and orders columns', async () => {
  const mappings = [
    { source: { name: 'b' }, sink: { name: 'B' } },
    { source: { ordinal: 1 }, sink: { name: 'A' } },
  ];
  const more = { translator: { type: 'TabularTranslator', mappings } };
  const { arrived } = await copyText({ 'x.csv': 'a,b,c\n1,2,3\n' }, { more });
  assert.deepEqual(textOf(arrived), { 'x.csv': 'B,A\r\n2,1\r\n' });
  const noHeader = { translator: { type: 'TabularTranslator', columnMappings: { Prop_2: 'c' } } };
  const bare = await copyText({ 'x.csv': '1,2,3\n' }, { from: {}, more: noHeader });
  assert.deepEqual(textOf(bare.arrived), { 'x.csv': 'c\r\n3\r\n' });
});

test('merged files have one header, and meet by name', async () => {
  const { arrived, output } = await copyText(
    { 'in/1.csv': 'a,b\n1,2\n', 'in/2.csv': 'b,a\n4,3\n', 'in/3.csv': 'a,b\n' },
    { fromLocation: { folderPath: 'in' }, toLocation: { fileName: 'all.csv' }, write: { copyBehavior: 'MergeFiles' } },
  );
  assert.deepEqual(textOf(arrived), { 'all.csv': 'a,b\r\n1,2\r\n3,4\r\n' });
  assert.deepEqual([output.filesRead, output.filesWritten, output.rowsCopied], [3, 1, 2]);
});

test('an empty file stays empty; a file of a header keeps it', async () => {
  const { arrived } = await copyText({ 'empty.csv': '', 'header.csv': 'a,b\n' });
  assert.deepEqual(textOf(arrived), { 'empty.csv': '', 'header.csv': 'a,b\r\n' });
});

test('a bad row names the file and the row, and leaves nothing behind', async () => {
  for (const [rows, errorCode, message] of [
    ['a,b\n1,2\n1,2,3\n', 'DelimitedTextMoreColumnsThanDefined', /'bad\.csv' with row number 3.*count: 2/],
    ['a,b\n1,2\n"1"x,2\n', 'DelimitedTextBadDataDetected', /line 3 in source bad\.csv/],
    ['a,b\n1,"2\n', 'DelimitedTextBadDataDetected', /line 2 in source bad\.csv/],
    ['a,\n1,2\n', 'DelimitedTextColumnNameNotAllowNull', /column index 1/],
  ] as const) {
    await assert.rejects(copyText({ 'bad.csv': rows }), { errorCode, message });
    await assert.rejects(contentOf(stage.sink, `rows${containers}`), { code: 'ContainerNotFound' });
  }
});
