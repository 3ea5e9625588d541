// Operations on files and their ranges.
import { createHash, randomUUID } from 'node:crypto';
import { bodyLength } from '../storage-account/body-length.ts';
import { type ByteRange, rangeToRead, readRange } from '../storage-account/byte-range.ts';
import { invalidInput, notImplemented, StorageError } from '../storage-account/storage-error.ts';
import type { StorageRequest } from '../storage-account/storage-request.ts';
import {
  entryHeaders,
  readFileHeaders,
  readMetadata,
  readWords,
  type ShareAsk,
  type ShareOperation,
  versionAnswer,
  writeMetadata,
} from './ask.ts';
import { renameEntry } from './rename-entry.ts';
import type { Entry } from './share-index.ts';
import { xmlAnswer } from './share-operation.ts';
import { sourcePlace } from './source-place.ts';
import { element } from './xml.ts';

const mostRange = 4 * 2 ** 20;
const mostFile = 4 * 2 ** 40;

const readSize = (request: StorageRequest, otherwise?: number): number => {
  const text = request.header('x-ms-content-length');
  if (text === undefined && otherwise !== undefined) return otherwise;
  const size = /^\d{1,15}$/.test(text ?? '') ? Number(text) : Number.NaN;
  if (!(size <= mostFile))
    throw invalidInput('InvalidHeaderValue', 'x-ms-content-length', 'must be a number of bytes, at most 4 TiB');
  return size;
};

/** A file in place of what was there. */
const replaceFile = async (ask: ShareAsk, make: () => Entry): Promise<Entry> => {
  const { tree, share, path, contents } = ask;
  const before = tree.find(share, path);
  if (before?.isDirectory) throw new StorageError(409, 'ResourceTypeMismatch', 'There is a directory of this name.');
  const made = tree.index.atOnce(() => {
    if (before) tree.index.remove(before);
    return make();
  });
  if (before) await contents.remove([before.content]);
  return made;
};

const create: ShareOperation = {
  need: { level: 'object', anyOf: 'cw' },
  run: async (ask) => {
    const { request, tree, share, path, contents } = ask;
    if (request.header('x-ms-type')?.toLowerCase() !== 'file')
      throw invalidInput('InvalidHeaderValue', 'x-ms-type', "must be 'file'");
    if (request.header('content-length') !== undefined && bodyLength(request) > 0)
      throw notImplemented('Create File with a body', 'Create it, and put its ranges.');
    const size = readSize(request);
    const place = tree.placeFor(share, path);
    const now = Date.now();
    const words = readWords(request, { attributes: 'Archive', created: now, written: now });
    const metadata = readMetadata(request);
    const headers = { 'content-type': 'application/octet-stream', ...readFileHeaders(request) };
    const made = await replaceFile(ask, () =>
      tree.add(place, { ...words, metadata, headers, isDirectory: false, size, content: contents.create() }),
    );
    return versionAnswer(201, made);
  },
};

const requireRange = (request: StorageRequest, file: Entry): ByteRange => {
  const range = readRange(request);
  if (!range || range.end === Number.POSITIVE_INFINITY)
    throw invalidInput('InvalidHeaderValue', 'x-ms-range', 'must have a start and an end');
  if (range.end > file.size)
    throw new StorageError(416, 'InvalidRange', 'The range is beyond the end of the file: resize it first.');
  return range;
};

const readBody = async ({ incoming }: StorageRequest, length: number): Promise<Buffer> => {
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) at += chunk.copy(bytes, at);
  if (at !== length) throw new StorageError(400, 'InvalidInput', 'The body is shorter than its Content-Length.');
  return bytes;
};

const putRange: ShareOperation = {
  need: { level: 'object', anyOf: 'w' },
  run: async (ask) => {
    const { request, tree, share, path, contents, inMemory } = ask;
    if (request.header('x-ms-copy-source') !== undefined)
      throw notImplemented('Put Range From URL', 'Read the source and put its ranges, or copy the whole file.');
    if (request.header('x-ms-structured-body') !== undefined)
      throw notImplemented('Put Range with a structured body', 'Send the bytes as they are, with Content-MD5.');
    const range = requireRange(request, tree.file(share, path));
    if (request.header('x-ms-write')?.toLowerCase() === 'clear') {
      const file = tree.file(share, path);
      tree.index.mark(file, range, false);
      return versionAnswer(201, tree.touch({ ...file, written: Date.now() }));
    }
    const length = bodyLength(request);
    if (length > mostRange)
      throw new StorageError(413, 'RequestBodyTooLarge', 'A range has at most 4 MiB. Put several.');
    if (length !== range.end - range.start)
      throw invalidInput('InvalidHeaderValue', 'x-ms-range', 'must be as long as the body');
    return inMemory(async () => {
      const bytes = await readBody(request, length);
      const md5 = createHash('md5').update(bytes).digest('base64');
      const given = request.header('content-md5');
      if (given !== undefined && given !== md5)
        throw new StorageError(400, 'Md5Mismatch', 'The MD5 value in the request did not match what arrived.');
      const { content } = tree.file(share, path);
      await contents.write(content, range.start, bytes);
      // Looked up again: it may be another file by now, or a shorter one.
      const file = tree.file(share, path);
      if (file.content !== content || range.end > file.size)
        throw new StorageError(409, 'FileLockConflict', 'The file was replaced meanwhile. Put the range again.');
      const written = tree.index.atOnce(() => {
        tree.index.mark(file, range, true);
        return tree.touch({ ...file, written: Date.now() });
      });
      return { status: 201, headers: { ...entryHeaders(written), 'content-md5': md5 } };
    });
  },
};

const fileHeaders = (file: Entry): Record<string, string> => ({
  ...entryHeaders(file),
  ...file.headers,
  ...writeMetadata(file.metadata),
  'x-ms-type': 'File',
  'accept-ranges': 'bytes',
  'x-ms-lease-status': 'unlocked',
  'x-ms-lease-state': 'available',
});

const properties: ShareOperation = {
  need: { level: 'object', anyOf: 'r' },
  run: ({ tree, share, path }) => {
    const file = tree.file(share, path);
    return { status: 200, headers: { ...fileHeaders(file), 'content-length': `${file.size}` } };
  },
};

const read: ShareOperation = {
  need: { level: 'object', anyOf: 'r' },
  run: async ({ request, tree, share, path, contents }) => {
    const file = tree.file(share, path);
    const { range, status, headers } = rangeToRead(request, file.size);
    const body = await contents.read(file.content, range, tree.index.ranges(file, range));
    const { 'content-md5': md5, ...shown } = fileHeaders(file);
    const digest = md5 && { [status === 206 ? 'x-ms-content-md5' : 'content-md5']: md5 };
    return {
      status,
      headers: { ...shown, ...digest, ...headers, 'content-length': `${range.end - range.start}` },
      body,
    };
  },
};

const rangeList: ShareOperation = {
  need: { level: 'object', anyOf: 'r' },
  run: ({ request, tree, share, path }) => {
    const file = tree.file(share, path);
    const { start, end } = readRange(request) ?? { start: 0, end: file.size };
    const ranges = tree.index
      .ranges(file, { start, end: Math.min(end, file.size) })
      .map((each) => element('Range', [element('Start', each.start), element('End', each.end - 1)]));
    return xmlAnswer(element('Ranges', ranges), { ...entryHeaders(file), 'x-ms-content-length': `${file.size}` });
  },
};

const setProperties: ShareOperation = {
  need: { level: 'object', anyOf: 'w' },
  run: ({ request, tree, share, path }) => {
    const file = tree.file(share, path);
    const size = readSize(request, file.size);
    const headers = { 'content-type': 'application/octet-stream', ...readFileHeaders(request) };
    return versionAnswer(200, tree.touch({ ...file, ...readWords(request, file), headers, size }));
  },
};

const setMetadata: ShareOperation = {
  need: { level: 'object', anyOf: 'w' },
  run: ({ request, tree, share, path }) =>
    versionAnswer(200, tree.touch({ ...tree.file(share, path), metadata: readMetadata(request) })),
};

const copy: ShareOperation = {
  need: { level: 'object', anyOf: 'cw' },
  run: async (ask) => {
    const { request, tree, share, path, contents, demand } = ask;
    const from = sourcePlace(request, 'x-ms-copy-source');
    demand({ level: 'object', anyOf: 'r', path: from.whole });
    const source = tree.file(from.share, from.path);
    const written = tree.index.ranges(source, { start: 0, end: source.size });
    const content = await contents.copy(source.content);
    const given = readMetadata(request);
    const metadata = Object.keys(given).length > 0 ? given : source.metadata;
    const place = () => {
      // Looked up again: its bytes may be gone by now.
      if (tree.file(from.share, from.path).content !== source.content)
        throw new StorageError(409, 'FileLockConflict', 'The source was replaced meanwhile. Copy it again.');
      const { headers, size, attributes } = source;
      const now = Date.now();
      const words = { metadata, headers, attributes, created: now, written: now };
      const copied = tree.add(tree.placeFor(share, path), { ...words, isDirectory: false, size, content });
      for (const range of written) tree.index.mark(copied, range, true);
      return copied;
    };
    const made = await replaceFile(ask, place).catch(async (error: unknown) => {
      await contents.remove([content]);
      throw error;
    });
    const progress = { 'x-ms-copy-id': randomUUID(), 'x-ms-copy-status': 'success' };
    return { status: 202, headers: { ...entryHeaders(made), ...progress } };
  },
};

const remove: ShareOperation = {
  need: { level: 'object', anyOf: 'd' },
  run: async ({ tree, share, path, contents }) => {
    const file = tree.file(share, path);
    tree.index.remove(file);
    await contents.remove([file.content]);
    return { status: 202 };
  },
};

/** By method, what it is about, and the part of it. */
export const fileOperations: Readonly<Record<string, ShareOperation>> = {
  'PUT file': create,
  'PUT file copy': copy,
  'PUT file range': putRange,
  'PUT file properties': setProperties,
  'PUT file metadata': setMetadata,
  'PUT file rename': { need: { level: 'object', anyOf: 'cw' }, run: (ask) => renameEntry(ask, 'file') },
  'GET file': read,
  'HEAD file': properties,
  'GET file rangelist': rangeList,
  'DELETE file': remove,
};
