import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { compress, decompress, readCompression } from './compression.ts';
import { openReader as openText } from './delimited-text/open.ts';
import { openReader as openJson } from './json/open.ts';

const properties = (values = {}) => ({ values, where: 'Dataset' });
const gzip = readCompression(properties({ compressionCodec: 'gzip' }))!;
const deflate = readCompression(properties({ compression: { type: 'Deflate', level: 'Fastest' } }))!;

async function* inPieces(bytes: Buffer, size: number, onPiece = () => {}) {
  for (let at = 0; at < bytes.length; at += size) {
    onPiece();
    yield bytes.subarray(at, at + size);
  }
}
const whole = async (chunks: AsyncIterable<Buffer>) => {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(Buffer.from(chunk));
  return Buffer.concat(all);
};

test('what is compressed is itself again, from the bytes of others too', async () => {
  const bytes = Buffer.from('Ångström '.repeat(100_000));
  for (const codec of [gzip, deflate]) {
    const small = await whole(compress(inPieces(bytes, 1 << 16), codec));
    assert.ok(small.length < bytes.length / 100);
    assert.ok((await whole(decompress(inPieces(small, 1000), codec, 'a'))).equals(bytes));
  }
  const members = Buffer.concat([gzipSync('one '), gzipSync('two')]);
  assert.equal(String(await whole(decompress(inPieces(members, 5), gzip, 'a'))), 'one two');
  assert.equal(String(await whole(decompress(inPieces(deflateRawSync('x'), 5), deflate, 'a'))), 'x');
});

test('codecs that are not supported are refused by name', () => {
  for (const compressionCodec of ['bzip2', 'zipDeflate', 'tar', 'tarGZip', 'snappy', 'lz4', 'brotli', 'x'])
    assert.throws(() => readCompression(properties({ compressionCodec })), {
      errorCode: 'UserErrorInvalidProperty',
      message: new RegExp(`compressionCodec must be one of gzip, deflate; '${compressionCodec}' is not supported`),
    });
  for (const compressionCodec of ['', 'none', 'None', undefined])
    assert.equal(readCompression(properties({ compressionCodec })), undefined);
});

test('what is no such file, or is cut off, fails by name', async () => {
  const good = gzipSync('x'.repeat(100_000));
  for (const bytes of [Buffer.from('plain text'), good.subarray(0, -20), good.subarray(0, 10)])
    await assert.rejects(whole(decompress(inPieces(bytes, 50), gzip, 'a.gz')), {
      errorCode: 'UserErrorInvalidCompressedFile',
      message: /'a\.gz'/,
    });
});

test('a small file that becomes a large one is unpacked no faster than it is taken, and is no row', async () => {
  const bomb = gzipSync(Buffer.alloc(256 * 2 ** 20));
  assert.ok(bomb.length < 300_000);
  let pieces = 0;
  const open = () =>
    decompress(
      inPieces(bomb, 1024, () => {
        pieces += 1;
      }),
      gzip,
      'bomb.gz',
    );
  // Each piece of 1 KiB becomes a MiB, and some wait before they are unpacked.
  const taken = open();
  await taken.next();
  assert.ok(pieces < 100, `${pieces} pieces were read for the first chunk`);
  await taken.return(undefined);
  for (const [reader, errorCode] of [
    [openText(properties(), properties()), 'DelimitedTextBadDataDetected'],
    [openJson(properties()), 'JsonInvalidDataFormat'],
  ] as const) {
    pieces = 0;
    await assert.rejects(
      async () => {
        for await (const batch of reader(open(), 'bomb.gz')) assert.equal(batch.rows.length, 0);
      },
      { errorCode },
    );
    assert.ok(pieces < 120, `${pieces} pieces were read`);
  }
});
