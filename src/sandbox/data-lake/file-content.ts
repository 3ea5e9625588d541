// The bytes of files: appended at positions, in any order, and part of the file only once they are flushed.
import { createHash, type Hash } from 'node:crypto';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BlobDocument, BlobDocuments, BlockDocument, Extent } from '../azurite/document.ts';
import { bodyLength } from '../storage-account/body-length.ts';
import type { ByteRange } from '../storage-account/byte-range.ts';
import { invalidInput, notImplemented, StorageError } from '../storage-account/storage-error.ts';
import type { StorageRequest } from '../storage-account/storage-request.ts';
import type { PathTree } from './path-tree.ts';

/** Bytes of the files of one account. */
export type FileContent = {
  /** Keeps the request's body for `position`; nothing of it is visible yet. */
  append(request: StorageRequest, fileSystem: string, path: string, position: number): Promise<void>;
  /** Makes what was appended part of the file, which then ends at `position`. */
  flush(request: StorageRequest, document: BlobDocument, position: number, keepsRest: boolean): void;
  read(document: BlobDocument, range: ByteRange): Promise<Readable>;
};

const longestAppend = 4000 * 2 ** 20;
// As long as the ids of Azure's own blob clients: Azurite wants all ids of a blob to be of one length.
const idLength = 48;
const blockName = (position: number) => Buffer.from(`${position}`.padStart(idLength, '0')).toString('base64');
const positionOf = ({ name }: BlockDocument) => Number(Buffer.from(name, 'base64').toString());

/** The whole number of a query parameter. */
export const numberIn = (request: StorageRequest, name: string): number => {
  const text = request.query.get(name) ?? '';
  if (!/^\d{1,15}$/.test(text)) throw invalidInput('InvalidQueryParameterValue', name, 'must be a whole number');
  return Number(text);
};

const digesting = (hash: Hash): Transform =>
  new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk);
      done(null, chunk);
    },
  });

const extentsOf = ({ committedBlocksInOrder: blocks, persistency }: BlobDocument): Extent[] => {
  if (blocks && blocks.length > 0) return blocks.map((block) => block.persistency);
  return persistency && persistency.count > 0 ? [persistency] : [];
};

/** Opens the content of the files in `tree`. */
export const openFileContent = (
  account: string,
  { blobs, blocks, extents }: BlobDocuments,
  tree: PathTree,
): FileContent => {
  const requireFile = (fileSystem: string, path: string): BlobDocument => {
    const { kind, document } = tree.get(fileSystem, path);
    if (kind === 'directory' || !document)
      throw new StorageError(409, 'ResourceTypeMismatch', 'The path is a directory; this operation is for files.');
    if (document.properties.blobType !== 'BlockBlob')
      throw notImplemented(`append to a ${document.properties.blobType}`, 'Write it through the blob endpoint.');
    return document;
  };

  return {
    append: async (request, fileSystem, path, position) => {
      requireFile(fileSystem, path);
      const length = bodyLength(request);
      if (length === 0) throw invalidInput('InvalidHeaderValue', 'Content-Length', 'must be above 0 to append');
      if (length > longestAppend)
        throw new StorageError(413, 'RequestBodyTooLarge', 'The request body is too large: append at most 4000 MiB.');
      const hash = createHash('md5');
      const body = digesting(hash);
      const [extent] = await Promise.all([extents.appendExtent(body), pipeline(request.incoming, body)]);
      if (extent.count !== length)
        throw new StorageError(400, 'InvalidInput', `The body has ${extent.count} bytes, not the ${length} announced.`);
      const digest = request.header('content-md5');
      if (digest !== undefined && digest !== hash.digest('base64'))
        throw new StorageError(400, 'Md5Mismatch', 'The MD5 value in the request did not match what arrived.');
      // Looked up again: it may be gone by now.
      requireFile(fileSystem, path);
      const place = { accountName: account, containerName: fileSystem, blobName: path, isCommitted: false };
      const name = blockName(position);
      const before = blocks.findOne({ ...place, name });
      if (before) blocks.remove(before);
      blocks.insert({ ...place, name, size: length, persistency: extent });
    },
    flush: (request, document, position, keepsRest) => {
      const { containerName, name: blobName, properties } = requireFile(document.containerName, document.name);
      const waiting = blocks
        .find({ blobName, accountName: account, containerName })
        .filter((block) => positionOf(block) >= 0)
        .sort((a, b) => positionOf(a) - positionOf(b));
      let end = properties.contentLength;
      const used: BlockDocument[] = [];
      for (const block of waiting) {
        if (positionOf(block) !== end || end >= position) continue;
        used.push(block);
        end += block.size;
      }
      if (end !== position)
        throw new StorageError(
          400,
          'InvalidFlushPosition',
          `The uploaded data is not contiguous or the position query parameter value is not equal to the length of the file after appending the uploaded data: it reaches to ${end}.`,
        );
      const isNew = (block: BlockDocument) => used.includes(block);
      for (const block of waiting) if (isNew(block) || !keepsRest) blocks.remove(block);
      if (used.length > 0) {
        const old: BlockDocument[] =
          document.committedBlocksInOrder ??
          extentsOf(document).map((persistency, index) => ({
            accountName: account,
            containerName,
            blobName,
            isCommitted: true,
            name: Buffer.from(`${index}`.padStart(idLength, '-')).toString('base64'),
            size: persistency.count,
            persistency,
          }));
        const added = used.map(({ name, size, persistency }) => ({
          accountName: account,
          containerName,
          blobName,
          isCommitted: true,
          name,
          size,
          persistency,
        }));
        document.committedBlocksInOrder = [...old, ...added];
        delete document.persistency;
        properties.contentLength = end;
        delete properties.contentMD5;
      }
      const digest = request.header('x-ms-content-md5');
      if (digest !== undefined) properties.contentMD5 = new Uint8Array(Buffer.from(digest, 'base64'));
      tree.touch(document);
      blobs.update(document);
    },
    read: async (document, { start, end }) => {
      if (document.properties.blobType === 'PageBlob')
        throw notImplemented('read of a page blob', 'Read it through the blob endpoint.');
      return (await extents.readExtents(extentsOf(document), start, end - start)) as Readable;
    },
  };
};
