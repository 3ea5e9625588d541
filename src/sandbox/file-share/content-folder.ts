// The bytes of files, each in a file of its own under a random name: no name that a client sends is ever part of a path.
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ByteRange } from '../storage-account/byte-range.ts';

/** Where the bytes of files are. */
export type ContentFolder = {
  /** A new name; nothing is on the disk before the first write. */
  create(): string;
  /** Resolves once the bytes are on the disk. */
  write(content: string, offset: number, bytes: Buffer): Promise<void>;
  /** The bytes of `whole`: those of `written` from the disk, all others zero. */
  read(content: string, whole: ByteRange, written: readonly ByteRange[]): Promise<Readable>;
  /** A copy under a new name, on the disk when it resolves. */
  copy(content: string): Promise<string>;
  remove(contents: readonly string[]): Promise<void>;
};

const chunkBytes = 65_536;
const zeros = Buffer.alloc(chunkBytes);

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';

function* zeroChunks(count: number): Generator<Buffer> {
  for (let left = count; left > 0; left -= chunkBytes) yield zeros.subarray(0, Math.min(left, chunkBytes));
}

async function* storedChunks(handle: FileHandle, { start, end }: ByteRange): AsyncGenerator<Buffer> {
  for (let at = start; at < end; ) {
    const length = Math.min(chunkBytes, end - at);
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length, at);
    // Never less than was asked for: what is marked as written is on the disk.
    if (bytesRead === 0) throw new Error(`The content ends at ${at} and should go on to ${end}.`);
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

async function* chunksOf(
  handle: FileHandle | undefined,
  whole: ByteRange,
  written: readonly ByteRange[],
): AsyncGenerator<Buffer> {
  let at = whole.start;
  for (const range of handle ? written : []) {
    yield* zeroChunks(range.start - at);
    yield* storedChunks(handle!, range);
    at = range.end;
  }
  yield* zeroChunks(whole.end - at);
}

const writeAll = async (handle: FileHandle, offset: number, bytes: Buffer): Promise<void> => {
  for (let at = 0; at < bytes.length; )
    at += (await handle.write(bytes, at, bytes.length - at, offset + at)).bytesWritten;
};

/** Opens the folder, or makes it, and removes what `isUsed` does not know: what a crash has left. */
export const openContentFolder = async (
  folder: string,
  isUsed: (content: string) => boolean,
): Promise<ContentFolder> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const placeOf = (content: string) => join(folder, content);
  const syncFolder = async () => {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  };
  const remove = async (contents: readonly string[]) => {
    for (const content of contents) if (content !== '') await rm(placeOf(content), { force: true });
  };
  await remove((await readdir(folder)).filter((content) => !isUsed(content)));

  const openToWrite = async (content: string): Promise<FileHandle> => {
    try {
      return await open(placeOf(content), 'r+');
    } catch (error) {
      if (!isMissing(error)) throw error;
      const handle = await open(placeOf(content), constants.O_RDWR | constants.O_CREAT, 0o600);
      await syncFolder();
      return handle;
    }
  };
  return {
    create: () => randomUUID(),
    write: async (content, offset, bytes) => {
      const handle = await openToWrite(content);
      try {
        await writeAll(handle, offset, bytes);
        await handle.datasync();
      } finally {
        await handle.close();
      }
    },
    read: async (content, whole, written) => {
      const handle = written.length > 0 ? await open(placeOf(content), 'r') : undefined;
      const stream = Readable.from(chunksOf(handle, whole, written), { objectMode: false });
      // Also where nobody reads it.
      if (handle) stream.once('close', () => void handle.close());
      return stream;
    },
    copy: async (content) => {
      const copied = randomUUID();
      try {
        await copyFile(placeOf(content), placeOf(copied), constants.COPYFILE_FICLONE);
        const handle = await open(placeOf(copied), 'r+');
        await handle.sync().finally(() => handle.close());
        await syncFolder();
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
      return copied;
    },
    remove,
  };
};
