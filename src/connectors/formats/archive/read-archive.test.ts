import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type Packed, tarEntry, tarOf, zipOf } from '../../../../test/copy/archive.ts';
import type { ArchiveCodec } from './definition.ts';
import { readArchive } from './read-archive.ts';

// Made by Info-ZIP's Zip 3.0 and GNU tar 1.34.
const zipped = Buffer.from(
  'UEsDBAoAAAAAAAAAIVAAAAAAAAAAAAAAAAAEAAAAc3ViL1BLAwQKAAAAAAAAACFQdAgXlgQAAAAEAAAACQAAAHN1Yi9iLnR4dHR3bwpQSwMECgAAAAAAAAAhUJ+oF/gEAAAABAAAAAUAAABhLnR4dG9uZQpQSwECHgMKAAAAAAAAACFQAAAAAAAAAAAAAAAABAAAAAAAAAAAABAA7UEAAAAAc3ViL1BLAQIeAwoAAAAAAAAAIVB0CBeWBAAAAAQAAAAJAAAAAAAAAAEAAACkgSIAAABzdWIvYi50eHRQSwECHgMKAAAAAAAAACFQn6gX+AQAAAAEAAAABQAAAAAAAAABAAAApIFNAAAAYS50eHRQSwUGAAAAAAMAAwCcAAAAdAAAAAAA',
  'base64',
);
const zip64FromPipe = Buffer.from(
  'UEsDBC0AAAAAAFWveV2fqBf4//////////8BABQALQEAEAAEAAAAAAAAAAQAAAAAAAAAb25lClBLAQIeAy0AAAAAAFWveV2fqBf4BAAAAP////8BAAwAAAAAAAEAAACAEQAAAAAtAQAIAAQAAAAAAAAAUEsGBiwAAAAAAAAAHgMtAAAAAAAAAAAAAQAAAAAAAAABAAAAAAAAADsAAAAAAAAANwAAAAAAAABQSwYHAAAAAHIAAAAAAAAAAQAAAFBLBQYAAAAAAQABADsAAAD/////AAA=',
  'base64',
);
const encrypted = Buffer.from(
  'UEsDBAoACQAAAAAAIVCfqBf4EAAAAAQAAAAFABwAYS50eHRVVAkAAwDhC14RWgdrdXgLAAEEAAAAAAQAAAAAkr+KsqbiPSS+FqxBpsvAx1BLBwifqBf4EAAAAAQAAABQSwECHgMKAAkAAAAAACFQn6gX+BAAAAAEAAAABQAYAAAAAAABAAAApIEAAAAAYS50eHRVVAUAAwDhC151eAsAAQQAAAAABAAAAABQSwUGAAAAAAEAAQBLAAAAXwAAAAAA',
  'base64',
);
const zippedLink = Buffer.from(
  'UEsDBAoAAAAAAFWveV0KuR8pCwAAAAsAAAABABwAbFVUCQADEVoHaxFaB2t1eAsAAQQAAAAABAAAAAAvZXRjL3Bhc3N3ZFBLAQIeAwoAAAAAAFWveV0KuR8pCwAAAAsAAAABABgAAAAAAAAAAAD/oQAAAABsVVQFAAMRWgdrdXgLAAEEAAAAAAQAAAAAUEsFBgAAAAABAAEARwAAAEYAAAAAAA==',
  'base64',
);
const tarred = Buffer.from(
  'H4sIAAAAAAACA+3TSwrDIBSFYcddhSvQm9THehLItEJiaJdfcZhBCgWlj/+bHFFnh2Osak6K6H3N4pj1PFyDjDGIq/cxSlTaqw72LU+r1mpNKZ/9e/X+pYzd9tl+WP+D+BL0363/2eRHbtp/cO6kf3fof3DeKS3031y+p4vC3zJ2arr99/YvIYzsv4d0W9g/AAAAAAAAAAAAAPyAJ8DZYz8AKAAA',
  'base64',
);
const longNameOfGnu = Buffer.from(
  'H4sIAAAAAAACA+3UOw7CMBBF0alZhVeQzMQfWhbgTVAghJBsKYT9Y6WgoEiqgCLuad7Idme96fquP+VarvlW7rINbVIIczafqXa09zyfmyUdxGX5gudjOo/OyVjrtPRu7X6nyo8I/ub/1/qvGsSiV0sx6tB2gY/mkzil/5ur5XKgBQAAAAAAAAAAAAAAAPv1AjYYHYwAKAAA',
  'base64',
);
const longNameOfPax = Buffer.from(
  'H4sIAAAAAAACA+3TTQrCMBCG4aw9RU/QTpof7aJ7l14haEEXbaVW6PFNcVfRrqwU3wdCIF8CE4ZJs0MY9lU4Vd0ta75DIm+tkqfpLsZYpZ0R7Z2TXKt4IGarkkEt4H7rQxdLUf9JG0muoT+XzY9sYgF1f6mrUm8L560pcp2KLnbexjWm4SXNc1f4nTVjenz/VmHWEi2em3+R6fzHVnqVyJLz37Vt/+neXD793Eq0TcWcAAAAAAAAAAAAAAAArNgDpo/jjAAoAAA=',
  'base64',
);
const tarredLink = Buffer.from(
  'H4sIAAAAAAACA+3OMQ7CMBAEQD8lP4jtyPg9EdAhJYqN+D5RSgqoQjXT7Em7xT3C+eKu1nrk7jOPO5UppkspMacQU45xCkMe7/06rnNrr9tpzz1bn7dhCNuy9G+7Xz0AAAAAAAAAAAD80RvD2qrGACgAAA==',
  'base64',
);

/** What was asked of the archive's store. */
const asked = { pieces: 0, bytes: 0 };
const open = (bytes: Buffer, codec: ArchiveCodec, pieceBytes = 700) =>
  readArchive(
    {
      name: 'a.bin',
      size: bytes.length,
      read: async (offset, into) => {
        assert.ok(offset + into.length <= bytes.length);
        asked.bytes += bytes.copy(into, 0, offset);
      },
      async *stream(start, end) {
        for (let at = start; at < end; at += pieceBytes) {
          asked.pieces += 1;
          yield bytes.subarray(at, Math.min(end, at + pieceBytes));
        }
      },
    },
    codec,
  );
const unpack = async (bytes: Buffer, codec: ArchiveCodec, pieceBytes?: number) => {
  const files: Record<string, string> = {};
  for await (const { path, chunks } of open(bytes, codec, pieceBytes)) {
    const all: Buffer[] = [];
    for await (const chunk of chunks) all.push(Buffer.from(chunk));
    files[path] = Buffer.concat(all).toString('latin1');
  }
  return files;
};
const unsafe = (message: RegExp) => ({ errorCode: 'UserErrorUnsafeArchiveEntry', message });
const broken = (message: RegExp) => ({ errorCode: 'UserErrorInvalidCompressedFile', message });

test('archives of the usual tools are read', async () => {
  const files = { 'a.txt': 'one\n', 'sub/b.txt': 'two\n' };
  assert.deepEqual(await unpack(zipped, 'zipDeflate'), files);
  assert.deepEqual(await unpack(zip64FromPipe, 'zipDeflate'), { '-': 'one\n' });
  assert.deepEqual(await unpack(tarred, 'tarGZip'), files);
  assert.deepEqual(await unpack(gunzipSync(tarred), 'tar'), files);
  const long = { ['n'.repeat(120)]: 'one\n' };
  assert.deepEqual(await unpack(longNameOfGnu, 'tarGZip'), long);
  assert.deepEqual(await unpack(longNameOfPax, 'tarGZip'), long);
});

test('whatever is packed is itself again', async () => {
  const name = fc.stringMatching(/^[a-z0-9é]{1,20}(\/[a-z0-9é ]{1,20}){0,2}\.x$/);
  const files = fc.uniqueArray(fc.record({ name, bytes: fc.uint8Array({ maxLength: 3000 }) }), {
    selector: (file) => file.name,
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(files, fc.integer({ min: 1, max: 2000 }), async (given, pieceBytes) => {
      const packed = given.map((file) => ({ name: file.name, bytes: Buffer.from(file.bytes) }));
      const expected = Object.fromEntries(packed.map((file) => [file.name, file.bytes.toString('latin1')]));
      const tar = tarOf(packed);
      assert.deepEqual(await unpack(zipOf(packed), 'zipDeflate', pieceBytes), expected);
      assert.deepEqual(await unpack(tar, 'tar', pieceBytes), expected);
      assert.deepEqual(await unpack(gzipSync(tar), 'tarGZip', pieceBytes), expected);
    }),
    { numRuns: 50 },
  );
});

test('files that are not read may be left', async () => {
  const files = [{ name: 'a', bytes: 'A'.repeat(5000) }, { name: 'b' }];
  for (const [bytes, codec] of [
    [zipOf(files), 'zipDeflate'],
    [tarOf(files), 'tar'],
  ] as const) {
    const paths: string[] = [];
    for await (const { path } of open(bytes, codec)) paths.push(path);
    assert.deepEqual(paths, ['a', 'b']);
  }
});

const badNames: [names: string[], why: RegExp][] = [
  [['../a'], /leads out of its folder/],
  [['a/../../b'], /leads out of its folder/],
  [['/etc/passwd'], /absolute path/],
  [['C:/a'], /absolute path/],
  [['c:a'], /absolute path/],
  [['..\\a'], /backslash/],
  [['a\nb'], /control characters/],
  [['a//b'], /a folder in its name is empty/],
  [['a', 'a'], /another file has that name/],
  [['a', './a'], /another file has that name/],
  [['Read.me', 'READ.ME'], /another file has that name/],
  [['\u00e9', 'e\u0301'], /another file has that name/],
];
for (const [names, why] of badNames)
  test(`names are refused: ${JSON.stringify(names)}`, async () => {
    const files = names.map((name) => ({ name }));
    await assert.rejects(unpack(tarOf(files), 'tar'), unsafe(why));
    await assert.rejects(unpack(zipOf(files), 'zipDeflate'), unsafe(why));
    // All of a zip's directory is checked before the first file is read.
    const reading = open(zipOf([{ name: 'good' }, ...files]), 'zipDeflate');
    await assert.rejects(reading.next(), unsafe(why));
  });

test('a name with NUL or without end is refused in a zip', async () => {
  await assert.rejects(unpack(zipOf([{ name: 'a\0.txt' }]), 'zipDeflate'), unsafe(/control characters/));
  await assert.rejects(unpack(zipOf([{ name: 'a'.repeat(1025) }]), 'zipDeflate'), unsafe(/longer than 1024/));
});

test('links, devices, sparse and encrypted files are refused', async () => {
  await assert.rejects(unpack(zippedLink, 'zipDeflate'), unsafe(/"l", .*link or a device/));
  await assert.rejects(unpack(tarredLink, 'tarGZip'), unsafe(/"l", .*link or a device/));
  for (const type of ['1', '2', '3', '4', '6', 'S'])
    await assert.rejects(unpack(tarEntry({ name: 'l' }, type), 'tar'), unsafe(/link or a device/));
  await assert.rejects(unpack(encrypted, 'zipDeflate'), unsafe(/encrypted/));
  await assert.rejects(unpack(zipOf([{ name: 'a', method: 12 }]), 'zipDeflate'), unsafe(/method 12/));
});

const one = (more: Partial<Packed>) => zipOf([{ name: 'a', bytes: 'text '.repeat(1000), ...more }]);
const brokenZips: [what: string, bytes: Buffer, why: RegExp][] = [
  ['a wrong checksum', one({ sum: 1 }), /checksum/],
  ['a size too small', one({ size: 10 }), /size/],
  ['a size too large', one({ size: 100_000 }), /size/],
  ['an end that is cut off', one({}).subarray(0, -30), /not a zip file/i],
  ['something behind its end', zipOf([{ name: 'a' }], 'garbage'), /comment length/],
  ['no zip', Buffer.from('plain text that is long enough'), /not a zip file/i],
  ['nothing', Buffer.alloc(0), /unpacked as zipDeflate/],
];
for (const [what, bytes, why] of brokenZips)
  test(`a zip fails by name: ${what}`, () => assert.rejects(unpack(bytes, 'zipDeflate'), broken(why)));

test('files of a zip that lie in the same bytes are refused', async () => {
  const whole = one({ bytes: Buffer.from(Array.from({ length: 2000 }, (_, at) => (at * at * 7919) >> 5)) });
  const start = whole.indexOf('PK\u0001\u0002');
  // The one entry 40 times, by names of one letter each.
  const entries = Array.from({ length: 40 }, (_, index) => {
    const entry = Buffer.from(whole.subarray(start, start + 47));
    entry[46] = 0x30 + index;
    return entry;
  });
  const end = Buffer.from(whole.subarray(start + 47));
  end.writeUInt16LE(entries.length, 10);
  const overlapping = Buffer.concat([whole.subarray(0, start), ...entries, end]);
  await assert.rejects(unpack(overlapping, 'zipDeflate'), broken(/overlap/));
});

test('a tar that is cut off, changed or longer than it says fails by name', async () => {
  const good = tarOf([{ name: 'a', bytes: 'A'.repeat(3000) }]);
  for (const end of [100, 512, 2000, 3512, good.length - 1024])
    await assert.rejects(unpack(good.subarray(0, end), 'tar'), broken(/cut off/));
  const changed = Buffer.from(good);
  changed[1] = 0x7a;
  await assert.rejects(unpack(changed, 'tar'), broken(/header/));
  await assert.rejects(unpack(Buffer.concat([good, good]), 'tar'), broken(/something follows its end/));
  await assert.rejects(unpack(tarEntry({ name: 'x', size: 2 ** 20 }, 'x'), 'tar'), broken(/too long/));
  await assert.rejects(unpack(tarEntry({ name: 'x', bytes: '9 path=a\n0 b=c\n' }, 'x'), 'tar'), broken(/header/));
  const packed = gzipSync(good);
  packed[packed.length - 6]! ^= 1;
  await assert.rejects(unpack(packed, 'tarGZip'), broken(/decompressed as gzip/));
  await assert.rejects(unpack(good, 'tarGZip'), broken(/decompressed as gzip/));
});

test('a file that is larger than it says is left as soon as that shows', async () => {
  asked.pieces = 0;
  const bomb = zipOf([{ name: 'a', bytes: Buffer.alloc(128 * 2 ** 20), size: 10 }]);
  await assert.rejects(unpack(bomb, 'zipDeflate', 1024), broken(/size/));
  assert.ok(asked.pieces < 100, `${asked.pieces} pieces were read`);
});

test('what the store fails with is not the fault of the archive', async () => {
  const failure = new Error('changed');
  const reading = readArchive(
    {
      name: 'a.zip',
      size: 1000,
      read: () => Promise.reject(failure),
      stream: () => assert.fail('there is nothing to read'),
    },
    'zipDeflate',
  );
  await assert.rejects(reading.next(), failure);
});

test('a bomb is unpacked no faster than it is taken', async () => {
  const bytes = Buffer.alloc(128 * 2 ** 20);
  for (const [bomb, codec] of [
    [zipOf([{ name: 'a', bytes }]), 'zipDeflate'],
    [gzipSync(tarOf([{ name: 'a', bytes }])), 'tarGZip'],
  ] as const) {
    assert.ok(bomb.length < 300_000);
    asked.pieces = 0;
    for await (const { chunks } of open(bomb, codec, 1024)) {
      for await (const _ of chunks) break;
      break;
    }
    assert.ok(asked.pieces < 100, `${asked.pieces} pieces were read for the first chunk`);
  }
});
