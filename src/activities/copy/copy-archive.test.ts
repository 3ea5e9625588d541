// Archives between blob stores and into a table: each file in one becomes a file or rows of its own.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { tarOf, zipOf } from '../../../test/copy/archive.ts';
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
import { rowJob, tableClient, tableDataset } from '../../../test/copy/table.ts';
import type { JsonObject } from '../../base/json.ts';

let stage: Awaited<ReturnType<typeof openStage>>;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

const zip = { compression: { type: 'ZipDeflate' } };
const large = Buffer.from(Array.from({ length: 3 * 2 ** 20 }, (_, at) => (at * 7919) % 251));
const two = [
  { name: 'a.csv', bytes: 'id,n\n1,one\n' },
  { name: 'deep/b.csv', bytes: 'id,n\n2,two\n' },
];

type Given = CopyParts & {
  type?: string;
  from?: JsonObject;
  to?: JsonObject;
  keeps?: JsonObject;
  settings?: JsonObject;
};
const jobOf = (container: string, compression: JsonObject, given: Given = {}) => {
  const { type = 'Binary', from, to, settings, keeps, ...parts } = given;
  return copyJob(
    dataset(type, linkedService(stage.source), { container, ...from }, { ...compression, ...settings }),
    dataset(type, linkedService(stage.sink), { container, ...to }, settings),
    keeps ? { readFormat: { compressionProperties: keeps }, ...parts } : parts,
  );
};
const arrived = async (container: string) =>
  Object.fromEntries(Object.entries(await contentOf(stage.sink, container)).map(([path, bytes]) => [path, `${bytes}`]));
const prepare = async (container: string, blobs: Record<string, Buffer>) => {
  await fill(stage.source, container, blobs);
  await fill(stage.sink, container, {});
};

test('archives become their files, in a folder named as the archive is, or not', async () => {
  const tar = tarOf(two);
  for (const [codec, bytes, name] of [
    ['ZipDeflate', zipOf(two), 'Zip'],
    ['Tar', tar, 'Compression'],
    ['TarGzip', gzipSync(tar), 'Compression'],
  ] as const) {
    const container = codec.toLowerCase();
    const compression = { compression: { type: codec } };
    await prepare(container, { 'in/x.arc': bytes, 'in/more/y.arc': bytes });
    const result = await runJob(jobOf(container, compression, { from: { folderPath: 'in' } }));
    const contents = [two[0]!.bytes, two[1]!.bytes];
    const paths = ['more/y.arc/a.csv', 'more/y.arc/deep/b.csv', 'x.arc/a.csv', 'x.arc/deep/b.csv'];
    assert.deepEqual(await arrived(container), Object.fromEntries(paths.map((path, at) => [path, contents[at % 2]])));
    assert.deepEqual([result.filesRead, result.filesWritten], [2, 4]);
    const keeps = { type: `${codec}ReadSettings`, [`preserve${name}FileNameAsFolder`]: false };
    await runJob(jobOf(container, compression, { from: { folderPath: 'in' }, to: { folderPath: 'out' }, keeps }));
    const all = Object.keys(await arrived(container)).filter((path) => path.startsWith('out/'));
    assert.deepEqual(all, ['out/a.csv', 'out/deep/b.csv', 'out/more/a.csv', 'out/more/deep/b.csv']);
  }
});

test('a file of several blocks in a zip arrives whole, and the archive is deleted after it', async () => {
  await prepare('large', {
    'x.zip': zipOf([
      { name: 'l.bin', bytes: large },
      { name: 'empty', bytes: '' },
    ]),
  });
  const parts = { read: { deleteFilesAfterCompletion: true }, write: { blockSizeInMB: 1 } };
  await runJob(jobOf('large', zip, { ...parts, more: { validateDataConsistency: true } }));
  const files = await contentOf(stage.sink, 'large');
  assert.ok(files['x.zip/l.bin']!.equals(large));
  assert.equal(files['x.zip/empty']!.length, 0);
  assert.deepEqual(await contentOf(stage.source, 'large'), {});
});

test('rows of each file in an archive go to a file, all of them to one, or to a table', async () => {
  await prepare('rows', { 'x.zip': zipOf(two) });
  const text = { type: 'DelimitedText', settings: { firstRowAsHeader: true } };
  await runJob(jobOf('rows', { compressionCodec: 'ZipDeflate' }, text));
  assert.deepEqual(Object.keys(await arrived('rows')), ['x.zip/a.csv', 'x.zip/deep/b.csv']);
  const merged = { ...text, to: { fileName: 'all.csv' }, write: { copyBehavior: 'MergeFiles' } };
  await runJob(jobOf('rows', { compressionCodec: 'zipDeflate' }, merged));
  assert.equal((await arrived('rows'))['all.csv']!.replaceAll(/["\r]/g, ''), 'id,n\n1,one\n2,two\n');
});

test('what is wrong in an archive fails the copy, and nothing of that file is visible', async () => {
  await prepare('wrong', {
    'sum.zip': zipOf([{ name: 'a', bytes: large, sum: 1 }]),
    'slip.zip': zipOf([{ name: 'good' }, { name: '../../evil' }]),
    'two.zip': zipOf(two),
  });
  const write = { blockSizeInMB: 1 };
  await assert.rejects(runJob(jobOf('wrong', zip, { write, from: { fileName: 'sum.zip' } })), {
    errorCode: 'UserErrorInvalidCompressedFile',
  });
  await assert.rejects(runJob(jobOf('wrong', zip, { from: { fileName: 'slip.zip' } })), {
    errorCode: 'UserErrorUnsafeArchiveEntry',
  });
  assert.deepEqual(await arrived('wrong'), {});
  await assert.rejects(runJob(jobOf('wrong', zip, { from: { fileName: 'two.zip' }, to: { fileName: 'one' } })), {
    errorCode: 'UserErrorSinkFileNameForManyFiles',
  });
});

test('what does not go together with archives is refused by name', async () => {
  const refused = (given: Given, message: RegExp) =>
    assert.rejects(runJob(jobOf('refused', zip, given)), { errorCode: 'UserErrorInvalidProperty', message });
  await refused({ keeps: { type: 'TarReadSettings' } }, /compressionProperties\.type must be ZipDeflateReadSettings/);
  await refused({ keeps: { preserveZipFileNameAsFolder: 3 } }, /preserveZipFileNameAsFolder must be true or false/);
  await refused({ write: { copyBehavior: 'MergeFiles' } }, /copyBehavior must not be MergeFiles/);
  await refused({ settings: zip }, /compression\.type must be one of gzip, deflate; 'ZipDeflate' is not supported/);
  await refused({ more: { preserve: ['Attributes'] } }, /preserve is only supported for Binary without compression/);
  await refused({ more: { skipErrorFile: { fileForbidden: true } } }, /skipErrorFile is only supported/);
});

test('rows of an archive go into a table', async () => {
  await prepare('totable', { 'x.zip': zipOf(two) });
  const client = tableClient(stage.sink, 'unpacked');
  await client.createTable();
  const source = dataset(
    'DelimitedText',
    linkedService(stage.source),
    { container: 'totable' },
    { firstRowAsHeader: true, compressionCodec: 'ZipDeflate' },
  );
  await runJob(
    rowJob(source, tableDataset(stage.sink, 'unpacked'), {
      sink: { azureTableDefaultPartitionKeyValue: 'p', azureTableRowKeyName: 'id' },
    }),
  );
  const rows: unknown[] = [];
  for await (const { n } of client.listEntities()) rows.push(n);
  assert.deepEqual(rows.toSorted(), ['one', 'two']);
});
