// Files of a zip archive, by its central directory. The directory is read in small windows and each file as a stream: no
// more of it is in memory, however large it is or says that it is.
import { crc32 } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { decompress } from '../compression.ts';
import { type ArchiveEntry, type ArchiveFile, brokenArchive, refusedEntry } from './definition.ts';
import { createPathCheck } from './entry-path.ts';

const windowBytes = 64 * 1024;
const [stored, deflated] = [0, 8];
const fileTypes = 0o170000;
/** None, a file, a folder, and a pipe: what `zip` was given on its own input, which is a file in the archive. */
const takenTypes = [0, 0o100000, 0o040000, 0o010000];

/** Reads through a window, for the directory is asked for a few bytes at a time. */
class WindowReader extends yauzl.RandomAccessReader {
  /** What the store failed with: not the archive's fault. */
  failure: unknown;
  readonly #file: ArchiveFile;
  #window = Buffer.alloc(0);
  #start = 0;

  constructor(file: ArchiveFile) {
    super();
    this.#file = file;
  }

  async #fill(into: Buffer, position: number): Promise<number> {
    const end = Math.min(position + into.length, this.#file.size);
    for (let at = position; at < end; ) {
      if (at < this.#start || at >= this.#start + this.#window.length) {
        this.#window = Buffer.alloc(Math.min(windowBytes, this.#file.size - at));
        this.#start = at;
        await this.#file.read(at, this.#window);
      }
      at += this.#window.copy(into, at - position, at - this.#start, Math.min(end - this.#start, windowBytes));
    }
    return Math.max(0, end - position);
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    this.#fill(buffer.subarray(offset, offset + length), position).then(
      (read) => callback(null, read),
      (error: unknown) => {
        this.failure = error;
        callback(error as Error);
      },
    );
  }
}

const nameOf = (entry: Entry) =>
  yauzl.getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true);

/** What the library says of an archive becomes ours; all else stays what it is. */
const asBroken = (error: unknown, { name }: ArchiveFile): unknown =>
  error instanceof Error && Object.getPrototypeOf(error) === Error.prototype && !('code' in error)
    ? brokenArchive(name, 'zipDeflate', JSON.stringify(error.message.slice(0, 200)))
    : error;

/** The paths of the files with their entries, once each has passed every check that the directory allows. */
async function* checkedEntries(zip: ZipFile, file: ArchiveFile) {
  const check = createPathCheck(file.name);
  let packed = 0;
  for await (const entry of zip.eachEntry()) {
    const name = nameOf(entry);
    const refuse = (why: string) => refusedEntry(file.name, name, why);
    const path = check(name);
    const type = (entry.externalFileAttributes >>> 16) & fileTypes;
    // Only makers on Unix put the type of a file there.
    if (entry.versionMadeBy >>> 8 === 3 && !takenTypes.includes(type)) throw refuse('it is a link or a device');
    if (path === undefined) continue;
    if (entry.isEncrypted()) throw refuse('it is encrypted, which is not supported');
    if (entry.compressionMethod !== stored && entry.compressionMethod !== deflated)
      throw refuse(
        `it is compressed by method ${entry.compressionMethod}; only 0 (stored) and 8 (deflate) are supported`,
      );
    packed += entry.compressedSize;
    // As files that lie in the same bytes do: few bytes that become very many.
    if (packed > file.size) throw brokenArchive(file.name, 'zipDeflate', 'its files overlap or are cut off');
    yield { path, entry };
  }
}

async function* entryChunks(zip: ZipFile, file: ArchiveFile, entry: Entry): AsyncGenerator<Buffer> {
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true }).catch((error: unknown) => {
    throw asBroken(error, file);
  });
  const packed = file.stream(fileDataStart, fileDataStart + entry.compressedSize);
  const isDeflated = entry.compressionMethod === deflated;
  let size = 0;
  let sum = 0;
  const wrong = (what: string) => brokenArchive(file.name, 'zipDeflate', `${what} of a file in it is wrong`);
  for await (const chunk of isDeflated ? decompress(packed, { codec: 'deflate', level: 6 }, file.name) : packed) {
    size += chunk.length;
    if (size > entry.uncompressedSize) throw wrong('the size');
    sum = crc32(chunk, sum);
    yield chunk;
  }
  if (size !== entry.uncompressedSize) throw wrong('the size');
  if (sum !== entry.crc32) throw wrong('the checksum (CRC-32)');
}

/** The files of the archive, in the order of its directory, all of which is checked before the first one is read. */
export async function* readZip(file: ArchiveFile): AsyncGenerator<ArchiveEntry> {
  const reader = new WindowReader(file);
  const open = () =>
    yauzl.fromRandomAccessReaderPromise(reader, file.size, {
      lazyEntries: true,
      autoClose: false,
      decodeStrings: false,
    });
  try {
    for await (const _ of checkedEntries(await open(), file));
    const zip = await open();
    for await (const { path, entry } of checkedEntries(zip, file))
      yield { path, chunks: entryChunks(zip, file, entry) };
  } catch (error) {
    if (reader.failure) throw reader.failure;
    throw asBroken(error, file);
  }
}
