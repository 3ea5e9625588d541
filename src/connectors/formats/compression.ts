// Compression of whole files, on either side of any format.
import { PassThrough, Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { ActivityError } from '../../base/error.ts';
import { choiceAt, groupAt, type Properties, propertyError, textAt } from '../property.ts';

export type Compression = { codec: 'gzip' | 'deflate'; level: number };

/** The extension that a compressed file's name has by custom. */
export const extensionOf = ({ codec }: Compression): string => (codec === 'gzip' ? '.gz' : '.deflate');

/** Where a dataset names its codec: `compressionCodec`, or `compression` with `type`. */
export const codecAt = (dataset: Properties): { from: Properties; name: string; isOld: boolean } => {
  const isOld = textAt(dataset, 'compressionCodec') === undefined;
  return isOld
    ? { from: groupAt(dataset, 'compression'), name: 'type', isOld }
    : { from: dataset, name: 'compressionCodec', isOld };
};

/** Reads a dataset's compression: `compressionCodec` and `compressionLevel`, or `compression` with `type` and `level`. */
export const readCompression = (dataset: Properties): Compression | undefined => {
  const { from, name, isOld } = codecAt(dataset);
  const given = textAt(from, name);
  if (given === undefined || given === '' || given.toLowerCase() === 'none') return undefined;
  const codec = choiceAt(from, name, ['gzip', 'deflate']);
  if (!codec) throw propertyError(from, name, 'must be gzip or deflate');
  const level = choiceAt(from, isOld ? 'level' : 'compressionLevel', ['Optimal', 'Fastest']);
  return { codec, level: level === 'Fastest' ? 1 : 6 };
};

async function* through(chunks: AsyncIterable<Buffer>, transform: Transform): AsyncGenerator<Buffer> {
  // A chunk's memory is reused by its giver, while a stream may keep it: hence the copy.
  const copies = async function* () {
    for await (const chunk of chunks) yield Buffer.from(chunk);
  };
  const out = new PassThrough({ highWaterMark: 256 * 1024 });
  const done = pipeline(Readable.from(copies(), { highWaterMark: 1 }), transform, out);
  // The reader of `out` sees the same error.
  done.catch(() => {});
  try {
    yield* out as AsyncIterable<Buffer>;
    await done;
  } finally {
    out.destroy();
    await done.catch(() => {});
  }
}

const chunkSize = 256 * 1024;

/** The bytes compressed. */
export const compress = (chunks: AsyncIterable<Buffer>, { codec, level }: Compression): AsyncIterable<Buffer> =>
  through(
    chunks,
    codec === 'gzip' ? zlib.createGzip({ level, chunkSize }) : zlib.createDeflateRaw({ level, chunkSize }),
  );

/** The bytes decompressed; of a gzip file all members. Fails for bytes that are not so compressed, naming the file. */
export async function* decompress(
  chunks: AsyncIterable<Buffer>,
  { codec }: Compression,
  fileName: string,
): AsyncGenerator<Buffer> {
  try {
    yield* through(chunks, codec === 'gzip' ? zlib.createGunzip({ chunkSize }) : zlib.createInflateRaw({ chunkSize }));
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || !String(error.code).startsWith('Z_')) throw error;
    throw new ActivityError(
      'UserErrorInvalidCompressedFile',
      `The file '${fileName}' could not be decompressed as ${codec}: check the dataset's compression type.`,
      { details: [{ code: String(error.code), message: error.message }] },
    );
  }
}
