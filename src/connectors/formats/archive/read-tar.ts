// Files of a tar archive, in its order: ustar, with the longer names and sizes of pax and GNU.
import { type ArchiveCodec, type ArchiveEntry, brokenArchive, refusedEntry } from './definition.ts';
import { createPathCheck } from './entry-path.ts';

const blockBytes = 512;
/** Of what is told of one file beside its header. */
const maxAttributeBytes = 64 * 1024;

/** The bytes in order, of which some are taken and some passed on. */
const createCursor = (chunks: AsyncIterable<Buffer>, cutOff: () => Error) => {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  const fill = async () => {
    while (rest.length === 0) {
      const { value, done } = await iterator.next();
      if (done) return false;
      rest = value;
    }
    return true;
  };
  async function* pass(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0; ) {
      if (!(await fill())) throw cutOff();
      const part = rest.subarray(0, left);
      rest = rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }
  async function* remaining(): AsyncGenerator<Buffer> {
    while (await fill()) {
      yield rest;
      rest = rest.subarray(rest.length);
    }
  }
  return {
    pass,
    remaining,
    skip: async (count: number) => {
      for await (const _ of pass(count));
    },
    take: async (count: number) => {
      const parts: Buffer[] = [];
      for await (const part of pass(count)) parts.push(Buffer.from(part));
      return Buffer.concat(parts);
    },
    close: () => iterator.return?.(),
  };
};

const textOf = (bytes: Buffer) => {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end);
};

/** A number in octal digits, or in binary behind a high bit; NaN where it is neither. */
const numberOf = (bytes: Buffer): number => {
  if (bytes[0]! === 0x80) return Number(BigInt(`0x${bytes.toString('hex', 1)}`));
  const digits = textOf(bytes).trim();
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : Number.NaN;
};

const isZero = (bytes: Buffer) => bytes.every((byte) => byte === 0);
const padding = (size: number) => (blockBytes - (size % blockBytes)) % blockBytes;

const isHeader = (block: Buffer) => {
  let sum = 8 * 32;
  for (const [at, byte] of block.entries()) if (at < 148 || at >= 156) sum += byte;
  return numberOf(block.subarray(148, 156)) === sum;
};

const nameOf = (block: Buffer) => {
  const name = textOf(block.subarray(0, 100));
  const isPosix = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isPosix ? textOf(block.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
};

/** The records of a pax header: `length key=value`. Undefined where it is none. */
const paxRecords = (bytes: Buffer): Map<string, string> | undefined => {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const digits = space === -1 ? '' : bytes.toString('latin1', at, space);
    const end = at + Number(digits);
    if (!/^[1-9]\d{0,5}$/.test(digits) || end > bytes.length || bytes[end - 1] !== 0x0a) return undefined;
    const record = bytes.toString('utf8', space + 1, end - 1);
    const equals = record.indexOf('=');
    if (equals < 1) return undefined;
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at = end;
  }
  return records;
};

/** The files of the archive. A chunk is not kept past the next one. */
export async function* readTar(
  chunks: AsyncIterable<Buffer>,
  fileName: string,
  codec: ArchiveCodec,
): AsyncGenerator<ArchiveEntry> {
  const broken = (why: string) => brokenArchive(fileName, codec, why);
  const cursor = createCursor(chunks, () => broken('it is cut off'));
  const check = createPathCheck(fileName);
  let longName: string | undefined;
  let longSize: number | undefined;
  try {
    for (;;) {
      const block = await cursor.take(blockBytes);
      if (isZero(block)) break;
      if (!isHeader(block)) throw broken('a header in it is wrong');
      const type = String.fromCharCode(block[156]!);
      const name = longName ?? nameOf(block);
      const size = longSize ?? numberOf(block.subarray(124, 136));
      if (!Number.isSafeInteger(size) || size < 0) throw broken('the size of a file in it is wrong');
      if ('xgLK'.includes(type)) {
        if (longSize !== undefined) throw broken('a header in it is wrong');
        if (size > maxAttributeBytes) throw broken('what it tells of a file is too long');
        const told = await cursor.take(size);
        await cursor.skip(padding(size));
        if (type === 'L') longName = textOf(told);
        if (type !== 'x' && type !== 'g') continue;
        const records = paxRecords(told);
        if (!records) throw broken('a header in it is wrong');
        if ([...records.keys()].some((key) => key.startsWith('GNU.sparse.')))
          throw refusedEntry(fileName, name, 'it is sparse, which is not supported');
        if (type === 'g' && (records.has('path') || records.has('size')))
          throw broken('it names or sizes all its files at once, which is not supported');
        longName = records.get('path') ?? longName;
        const stated = records.get('size');
        if (stated !== undefined && !/^\d{1,16}$/.test(stated)) throw broken('the size of a file in it is wrong');
        longSize = stated === undefined ? longSize : Number(stated);
        continue;
      }
      longName = undefined;
      longSize = undefined;
      const path = check(type === '5' && !name.endsWith('/') ? `${name}/` : name);
      if (!'\u000007'.includes(type) && type !== '5') throw refusedEntry(fileName, name, 'it is a link or a device');
      if (path !== undefined) {
        let left = size;
        const bytes = cursor.pass(size);
        const entryChunks = async function* () {
          for await (const part of bytes) {
            left -= part.length;
            yield part;
          }
        };
        yield { path, chunks: entryChunks() };
        await cursor.skip(left);
      } else await cursor.skip(size);
      await cursor.skip(padding(size));
    }
    // All that follows is read too: with gzip, its checksum stands at the very end.
    for await (const part of cursor.remaining()) if (!isZero(part)) throw broken('something follows its end');
  } finally {
    await cursor.close();
  }
}
