// A share of Azure Files as a file store, by the official client. It sees only the real host name: the worker's network
// makes it work. A change is seen by the version that answers carry, for Azure Files know no conditions.
import {
  AnonymousCredential,
  type DirectoryItem,
  type FileItem,
  type ShareClient,
  ShareServiceClient,
  StorageSharedKeyCredential,
} from '@azure/storage-file-share';
import { givenToken } from '../access.ts';
import type { Account } from '../azure-storage/account.ts';
import { attributesOf } from '../azure-storage/attributes.ts';
import { type Call, createCall } from '../azure-storage/call.ts';
import { downloadInto, storageHttpClient } from '../azure-storage/http-client.ts';
import { isStaged, stagedName } from '../azure-storage/staged-name.ts';
import type { FileStoreModule } from '../definition.ts';
import { FileError } from '../file-error.ts';
import type { FileAttributes, FileStore, StoredFile } from '../file-store.ts';
import { MissingError } from '../missing-error.ts';
import { type Attempt, fileMissing, placeOf, shareFailure } from './failure.ts';
import { readShare } from './share.ts';
import { createFile, discardFile, giveName, putRanges, stageFile, type Target } from './staged-file.ts';

const pageSize = 5000;

const openService = ({ endpoint, credential }: Account): ShareServiceClient => {
  // One try: `withRetry` knows better than the client which failures are worth another.
  const options = { retryOptions: { maxTries: 1 }, httpClient: storageHttpClient };
  if (credential.kind === 'key')
    return new ShareServiceClient(
      endpoint,
      new StorageSharedKeyCredential(credential.account, credential.key),
      options,
    );
  // Azure Files give identities no rights but those of a backup.
  if (credential.kind === 'token')
    return new ShareServiceClient(endpoint, givenToken(credential), { ...options, fileRequestIntent: 'backup' });
  const url = credential.kind === 'sas' ? `${endpoint}/?${credential.token}` : endpoint;
  return new ShareServiceClient(url, new AnonymousCredential(), options);
};

type Item = ({ kind: 'file' } & FileItem) | ({ kind: 'directory' } & DirectoryItem);

const quoted = (etag: string | undefined) => `"${(etag ?? '').replaceAll('"', '')}"`;
const folderOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));

const createStore = (client: ShareClient, account: Account, digests: boolean): FileStore => {
  const { endpoint } = account;
  const share = client.name;
  const call: Call<Attempt> = createCall(account, (error, attempt) => shareFailure(error, endpoint, attempt));
  const reading = (path: string): Attempt => ({ share, path, doing: 'read' });
  const fileAt = (path: string) => client.rootDirectoryClient.getFileClient(path);
  const folderAt = (path: string) =>
    path === '' ? client.rootDirectoryClient : client.rootDirectoryClient.getDirectoryClient(path);

  const requireVersion = (file: StoredFile, etag: string | undefined): void => {
    if (quoted(etag) === file.version) return;
    throw new FileError(
      'changed',
      'AzureFileOperationFailed',
      `The file was changed by somebody else meanwhile: run the activity again. ${placeOf(endpoint, { share, path: file.path })}`,
    );
  };

  async function* itemsOf(folder: string, abortSignal: AbortSignal): AsyncGenerator<Item> {
    const options = { includeEtag: true, includeTimestamps: true, abortSignal };
    let continuationToken: string | undefined;
    do {
      const settings = { maxPageSize: pageSize, ...(continuationToken && { continuationToken }) };
      const page = await call(reading(folder), abortSignal, async () => {
        const result = await folderAt(folder).listFilesAndDirectories(options).byPage(settings).next();
        return result.done ? undefined : result.value;
      });
      for (const item of page?.segment.directoryItems ?? []) yield { kind: 'directory', ...item };
      for (const item of page?.segment.fileItems ?? []) if (!isStaged(item.name)) yield { kind: 'file', ...item };
      continuationToken = page?.continuationToken;
    } while (continuationToken);
  }
  async function* filesBelow(folder: string, recursive: boolean, signal: AbortSignal): AsyncGenerator<StoredFile> {
    const prefix = folder === '' ? '' : `${folder}/`;
    const folders: string[] = [];
    for await (const item of itemsOf(folder, signal)) {
      const path = prefix + item.name;
      if (item.kind === 'directory') folders.push(path);
      else
        yield {
          path,
          size: item.properties.contentLength,
          version: quoted(item.properties.etag),
          modifiedAt: item.properties.lastModified ?? new Date(0),
        };
    }
    if (recursive) for (const each of folders) yield* filesBelow(each, true, signal);
  }

  const targetOf = (path: string, attributes?: FileAttributes): Target => ({
    attributes,
    staged: fileAt(stagedName(path)),
    attempt: { share, path, doing: 'write' },
    call,
    digests,
    makeFolders: async (abortSignal) => {
      const names = folderOf(path).split('/');
      for (let depth = 1; depth <= names.length; depth += 1)
        await folderAt(names.slice(0, depth).join('/')).createIfNotExists({ abortSignal });
    },
  });

  const find: FileStore['find'] = (path, abortSignal) =>
    call(reading(path), abortSignal, async () => {
      try {
        const found = await fileAt(path).getProperties({ abortSignal });
        return {
          path,
          size: found.contentLength ?? 0,
          version: quoted(found.etag),
          modifiedAt: found.lastModified!,
          ...(found.fileCreatedOn && { createdAt: found.fileCreatedOn }),
          ...(found.contentMD5 && { md5: Buffer.from(found.contentMD5).toString('base64') }),
          attributes: attributesOf(found),
        };
      } catch (error) {
        const { statusCode, code } = error as { statusCode?: number; code?: string };
        // A folder of that name is no file.
        if ((statusCode === 404 && code !== 'ShareNotFound') || code === 'ResourceTypeMismatch') return undefined;
        throw error;
      }
    });

  return {
    name: `${endpoint}/${share}`,
    keepsFolders: true,
    async *list(prefix, recursive, signal) {
      try {
        for await (const file of filesBelow(folderOf(prefix), recursive, signal))
          if (file.path.startsWith(prefix)) yield file;
      } catch (error) {
        // No folder holds no files.
        const code = error instanceof MissingError ? error.details[0]?.code : undefined;
        if (code !== 'ResourceNotFound' && code !== 'ParentNotFound') throw error;
      }
    },
    async *children(prefix, signal) {
      for await (const { name, kind } of itemsOf(prefix.replace(/\/$/, ''), signal))
        yield { name, kind: kind === 'directory' ? 'Folder' : 'File' };
    },
    find,
    read: (file, offset, into, abortSignal) =>
      call(reading(file.path), abortSignal, async () => {
        const options = { maxRetryRequests: 0, abortSignal };
        const { etag } = await downloadInto(into, () => fileAt(file.path).download(offset, into.length, options));
        requireVersion(file, etag);
      }),
    put: async (path, bytes, abortSignal, attributes) => {
      const target = targetOf(path, attributes);
      let isCreated = false;
      try {
        await createFile(target, bytes.length, abortSignal);
        isCreated = true;
        await putRanges(target, 0, bytes, abortSignal);
        await giveName(target, path, abortSignal);
      } catch (error) {
        if (isCreated) await discardFile(target);
        throw error;
      }
    },
    begin: (path, partBytes, attributes) => stageFile(targetOf(path, attributes), path, partBytes),
    missing: (path) => fileMissing(placeOf(endpoint, { share, path })),
    remove: async (file, abortSignal) => {
      const attempt: Attempt = { share, path: file.path, doing: 'write' };
      const found = await find(file.path, abortSignal);
      if (!found) throw fileMissing(placeOf(endpoint, attempt));
      requireVersion(file, found.version);
      await call(attempt, abortSignal, () => fileAt(file.path).delete({ abortSignal }));
    },
  };
};

/** Opens the share that the linked service names. Nothing is sent before the first call. */
export const openFileStore: FileStoreModule['openFileStore'] = (linkedService, _location, options) => {
  const { account, share } = readShare(linkedService);
  const client = openService(account).getShareClient(share);
  return createStore(client, account, options?.digests ?? false);
};
