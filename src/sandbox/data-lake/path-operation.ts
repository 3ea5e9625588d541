// Operations on files and folders.
import type { Readable } from 'node:stream';
import { rangeToRead } from '../storage-account/byte-range.ts';
import { mustBeNew, requireConditions } from '../storage-account/condition.ts';
import { invalidInput, StorageError } from '../storage-account/storage-error.ts';
import type { StorageAnswer } from '../storage-account/storage-server.ts';
import { numberIn } from './file-content.ts';
import {
  type LakeAsk,
  type LakeOperation,
  readMetadata,
  readPropertyHeaders,
  requireLease,
  versionHeaders,
  versionOf,
  writeMetadata,
} from './lake-operation.ts';
import { type Found, folderMark, isFolder } from './path-tree.ts';
import { renamePath } from './rename-path.ts';

const refuseRoot = (path: string): void => {
  if (path === '')
    throw new StorageError(400, 'InvalidUri', 'The root of a file system is there as long as the file system is.');
};

const version = ({ document }: Pick<Found, 'document'>) => (document ? versionHeaders(document.properties) : {});

const makeNew = (ask: LakeAsk, kind: Found['kind']): StorageAnswer => {
  const { request, tree, fileSystem, path } = ask;
  tree.fileSystem(fileSystem);
  const before = tree.find(fileSystem, path);
  requireLease(before?.document, request.header('x-ms-lease-id'));
  requireConditions(request, before && versionOf(before));
  if (before && (mustBeNew(request) || before.kind !== kind))
    throw before.kind === kind || mustBeNew(request)
      ? new StorageError(409, 'PathAlreadyExists', 'The specified path already exists.')
      : new StorageError(409, 'ResourceTypeMismatch', `There is a ${before.kind} of this name.`);
  // A folder that is there keeps what is in it.
  if (before?.document && kind === 'directory') {
    before.document.metadata = { ...readMetadata(request), [folderMark]: 'true' };
    tree.touch(before.document);
    return { status: 201, headers: version(before) };
  }
  const made = tree.put(fileSystem, path, {
    kind,
    metadata: readMetadata(request) ?? {},
    headers: kind === 'file' ? readPropertyHeaders(request) : {},
    access: {
      permissions: request.header('x-ms-permissions'),
      umask: request.header('x-ms-umask'),
      acl: request.header('x-ms-acl'),
    },
  });
  return { status: 201, headers: { ...versionHeaders(made.properties), 'x-ms-request-server-encrypted': 'true' } };
};

const create: LakeOperation = {
  need: { level: 'object', anyOf: 'cw' },
  run: (ask) => {
    refuseRoot(ask.path);
    if (ask.request.header('x-ms-rename-source') !== undefined) return renamePath(ask);
    const kind = ask.request.query.get('resource');
    if (kind !== 'file' && kind !== 'directory')
      throw invalidInput('InvalidQueryParameterValue', 'resource', "must be 'file' or 'directory'");
    return makeNew(ask, kind);
  },
};

const changed = (ask: LakeAsk): Found => {
  const found = ask.tree.get(ask.fileSystem, ask.path);
  requireLease(found.document, ask.request.header('x-ms-lease-id'));
  requireConditions(ask.request, versionOf(found));
  return found;
};

const flushed = (ask: LakeAsk, position: number): StorageAnswer => {
  const { document, kind } = changed(ask);
  if (!document || kind === 'directory')
    throw new StorageError(409, 'ResourceTypeMismatch', 'The path is a directory; this operation is for files.');
  ask.content.flush(ask.request, document, position, ask.request.query.get('retainuncommitteddata') === 'true');
  Object.assign(document.properties, readPropertyHeaders(ask.request));
  const headers = { ...versionHeaders(document.properties), 'x-ms-request-server-encrypted': 'true' };
  return { status: 200, headers };
};

const append: LakeOperation = {
  need: { level: 'object', anyOf: 'awc' },
  run: async (ask) => {
    const { request, tree, fileSystem, path, content } = ask;
    const position = numberIn(request, 'position');
    requireLease(tree.get(fileSystem, path).document, request.header('x-ms-lease-id'));
    await content.append(request, fileSystem, path, position);
    if (request.query.get('flush') === 'true')
      return { ...flushed(ask, position + Number(request.header('content-length'))), status: 202 };
    return { status: 202, headers: { 'x-ms-request-server-encrypted': 'true' } };
  },
};

const flush: LakeOperation = {
  need: { level: 'object', anyOf: 'awc' },
  run: (ask) => flushed(ask, numberIn(ask.request, 'position')),
};

const setProperties: LakeOperation = {
  need: { level: 'object', anyOf: 'w' },
  run: (ask) => {
    const { document } = changed(ask);
    if (!document) throw new StorageError(404, 'PathNotFound', 'The specified path does not exist.');
    const metadata = readMetadata(ask.request);
    if (metadata) document.metadata = { ...metadata, ...(isFolder(document) && { [folderMark]: 'true' }) };
    Object.assign(document.properties, readPropertyHeaders(ask.request));
    ask.tree.touch(document);
    return { status: 200, headers: versionHeaders(document.properties) };
  },
};

const propertyHeaders = ({ document, kind }: Found): Record<string, string | undefined> => ({
  ...(document && version({ document })),
  'x-ms-resource-type': kind,
  'x-ms-properties': writeMetadata(document?.metadata),
  'accept-ranges': 'bytes',
  'content-type': document?.properties.contentType,
  'content-encoding': document?.properties.contentEncoding,
  'content-language': document?.properties.contentLanguage,
  'content-disposition': document?.properties.contentDisposition,
  'cache-control': document?.properties.cacheControl,
});

const getStatus: LakeOperation = {
  need: { level: 'object', anyOf: 're' },
  run: ({ request, tree, fileSystem, path }) => {
    tree.fileSystem(fileSystem);
    const found = tree.get(fileSystem, path);
    requireConditions(request, versionOf(found));
    const length = `${found.document?.properties.contentLength ?? 0}`;
    return { status: 200, headers: { ...propertyHeaders(found), 'content-length': length } };
  },
};

const read: LakeOperation = {
  need: { level: 'object', anyOf: 'r' },
  run: async ({ request, tree, fileSystem, path, content }) => {
    tree.fileSystem(fileSystem);
    const found = tree.get(fileSystem, path);
    requireConditions(request, versionOf(found));
    if (!found.document || found.kind === 'directory')
      throw new StorageError(409, 'ResourceTypeMismatch', 'The path is a directory; this operation is for files.');
    const { range, status, headers } = rangeToRead(request, found.document.properties.contentLength);
    const body: Readable = await content.read(found.document, range);
    const length = `${range.end - range.start}`;
    return { status, headers: { ...propertyHeaders(found), ...headers, 'content-length': length }, body };
  },
};

const remove: LakeOperation = {
  need: { level: 'object', anyOf: 'd' },
  run: (ask) => {
    refuseRoot(ask.path);
    const { tree, fileSystem, path, request } = ask;
    tree.fileSystem(fileSystem);
    const found = changed(ask);
    const isRecursive = request.query.get('recursive')?.toLowerCase() === 'true';
    if (found.kind === 'directory' && !isRecursive && tree.below(fileSystem, path, false).length > 0)
      throw new StorageError(
        409,
        'DirectoryNotEmpty',
        'The recursive query parameter value must be true to delete a non-empty directory.',
      );
    tree.remove(fileSystem, found);
    return { status: 200 };
  },
};

/** By method, what it is about, and the action where there is one. */
export const pathOperations: Readonly<Record<string, LakeOperation>> = {
  'PUT path': create,
  'PATCH path append': append,
  'PATCH path flush': flush,
  'PATCH path setProperties': setProperties,
  'HEAD path': getStatus,
  'HEAD path getStatus': getStatus,
  'GET path': read,
  'DELETE path': remove,
};
