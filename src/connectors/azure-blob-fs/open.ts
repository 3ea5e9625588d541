// A file system of Data Lake as a file store, by the official client. It sees only the real host names: the worker's
// network makes them work. The client sends some requests to the blob host, so both endpoints must be approved.
import {
  AnonymousCredential,
  type DataLakeFileClient,
  DataLakeServiceClient,
  type Path,
  type PathCreateOptions,
  StorageSharedKeyCredential,
} from '@azure/storage-file-datalake';
import { givenToken } from '../access.ts';
import { type Account, readAccount } from '../azure-storage/account.ts';
import { attributesOf } from '../azure-storage/attributes.ts';
import { type Call, createCall } from '../azure-storage/call.ts';
import { downloadInto, storageHttpClient } from '../azure-storage/http-client.ts';
import { isStaged, stagedName } from '../azure-storage/staged-name.ts';
import type { FileStoreModule } from '../definition.ts';
import type { FileAttributes, FileStore, StagedFile, StoredFile } from '../file-store.ts';
import { propertyError, textAt } from '../property.ts';
import { type Attempt, lakeFailure, pathMissing, placeOf } from './failure.ts';

const pageSize = 5000;
const discardMs = 5000;

/** The client of the account, with the credential of its linked service. */
export const openService = ({ endpoint, credential }: Account): DataLakeServiceClient => {
  // One try: `withRetry` knows better than the client which failures are worth another.
  const options = { retryOptions: { maxTries: 1 }, httpClient: storageHttpClient };
  if (credential.kind === 'key')
    return new DataLakeServiceClient(
      endpoint,
      new StorageSharedKeyCredential(credential.account, credential.key),
      options,
    );
  if (credential.kind === 'token') return new DataLakeServiceClient(endpoint, givenToken(credential), options);
  const url = credential.kind === 'sas' ? `${endpoint}/?${credential.token}` : endpoint;
  return new DataLakeServiceClient(url, new AnonymousCredential(), options);
};

const codeOf = (error: unknown): string | undefined => {
  const { details, code } = error as { details?: { errorCode?: string }; code?: string };
  return details?.errorCode ?? code;
};
const isFolderMissing = (error: unknown) => codeOf(error) === 'PathNotFound';

const storedFile = (item: Path): StoredFile => ({
  path: item.name!,
  size: item.contentLength ?? 0,
  // Listings give it without the quotes that a condition needs.
  version: `"${(item.etag ?? '').replaceAll('"', '')}"`,
  modifiedAt: new Date(item.lastModified ?? 0),
});

// The client takes a new name as part of a URL.
const asUrl = (path: string) => path.split('/').map(encodeURIComponent).join('/');

/** Gives a whole file its name. A second try may find that the first one succeeded, and only its answer was lost. */
const move = async (file: DataLakeFileClient, path: string, isFirst: boolean, abortSignal: AbortSignal) => {
  try {
    await file.move(asUrl(path), { abortSignal });
  } catch (error) {
    if (isFirst || codeOf(error) !== 'SourcePathNotFound') throw error;
  }
};

/** Attributes as the client writes them. */
const written = (attributes: FileAttributes | undefined): Pick<PathCreateOptions, 'metadata' | 'pathHttpHeaders'> => {
  if (!attributes) return {};
  const { metadata, ...headers } = attributes;
  const given = Object.entries(headers).filter(([, value]) => value !== undefined);
  return { metadata: { ...metadata }, pathHttpHeaders: Object.fromEntries(given) };
};

const createStore = (service: DataLakeServiceClient, account: Account, name: string): FileStore => {
  const { endpoint } = account;
  const fileSystem = service.getFileSystemClient(name);
  const call: Call<Attempt> = createCall(account, (error, attempt) => lakeFailure(error, endpoint, attempt));
  const reading = (path: string): Attempt => ({ fileSystem: name, path, doing: 'read' });
  const writing = (path: string): Attempt => ({ fileSystem: name, path, doing: 'write' });

  const moveTo = async (file: DataLakeFileClient, path: string, signal: AbortSignal) => {
    let tries = 0;
    await call(writing(path), signal, () => {
      tries += 1;
      return move(file, path, tries === 1, signal);
    });
  };
  const removeQuietly = async (file: DataLakeFileClient): Promise<void> => {
    await file.delete(false, { abortSignal: AbortSignal.timeout(discardMs) }).catch(() => {});
  };

  async function* listFolder(folder: string, recursive: boolean, abortSignal: AbortSignal): AsyncGenerator<Path> {
    const options = { path: folder, recursive, abortSignal };
    let continuationToken: string | undefined;
    do {
      const settings = { maxPageSize: pageSize, ...(continuationToken && { continuationToken }) };
      const page = await call(reading(folder), abortSignal, async () => {
        const result = await fileSystem.listPaths(options).byPage(settings).next();
        return result.done ? undefined : result.value;
      });
      for (const item of page?.pathItems ?? []) if (item.name && !isStaged(item.name)) yield item;
      continuationToken = page?.continuation;
    } while (continuationToken);
  }

  const begin = (path: string, partBytes: number, attributes?: FileAttributes): StagedFile => {
    const file = fileSystem.getFileClient(stagedName(path));
    const sizes = new Map<number, number>();
    let creation: Promise<unknown> | undefined;
    const create = (abortSignal: AbortSignal) => {
      creation ??= call(writing(path), abortSignal, () => file.create({ ...written(attributes), abortSignal }));
      return creation;
    };
    return {
      stage: async (index, bytes, abortSignal) => {
        await create(abortSignal);
        await call(writing(path), abortSignal, () =>
          file.append(bytes, index * partBytes, bytes.length, { abortSignal }),
        );
        sizes.set(index, bytes.length);
      },
      commit: async (count, abortSignal) => {
        let size = 0;
        for (let index = 0; index < count; index += 1) size += sizes.get(index) ?? 0;
        const { pathHttpHeaders } = written(attributes);
        await call(writing(path), abortSignal, () =>
          file.flush(size, { ...(pathHttpHeaders && { pathHttpHeaders }), abortSignal }),
        );
        await moveTo(file, path, abortSignal);
      },
      discard: async () => {
        if (creation) await removeQuietly(file);
      },
    };
  };

  return {
    name: `${endpoint}/${name}`,
    keepsFolders: true,
    async *list(prefix, recursive, signal) {
      const folder = prefix.slice(0, Math.max(0, prefix.lastIndexOf('/')));
      try {
        for await (const item of listFolder(folder, recursive, signal))
          if (!item.isDirectory && item.name!.startsWith(prefix)) yield storedFile(item);
      } catch (error) {
        // No folder holds no files.
        if (!(error instanceof Error) || !isFolderMissing(error.cause)) throw error;
      }
    },
    async *children(prefix, signal) {
      for await (const { name: path, isDirectory } of listFolder(prefix.replace(/\/$/, ''), false, signal))
        yield { name: path!.slice(prefix.length), kind: isDirectory ? 'Folder' : 'File' };
    },
    find: (path, abortSignal) =>
      call(reading(path), abortSignal, async () => {
        try {
          const found = await fileSystem.getFileClient(path).getProperties({ abortSignal });
          if (found.metadata?.hdi_isfolder === 'true') return undefined;
          return {
            path,
            size: found.contentLength ?? 0,
            version: found.etag!,
            modifiedAt: found.lastModified!,
            ...(found.createdOn && { createdAt: found.createdOn }),
            ...(found.contentMD5 && { md5: Buffer.from(found.contentMD5).toString('base64') }),
            attributes: attributesOf(found),
          };
        } catch (error) {
          const { statusCode } = error as { statusCode?: number };
          if (statusCode === 404 && codeOf(error) !== 'ContainerNotFound') return undefined;
          throw error;
        }
      }),
    read: (file, offset, into, abortSignal) =>
      call(reading(file.path), abortSignal, async () => {
        await downloadInto(into, () =>
          fileSystem.getFileClient(file.path).read(offset, into.length, {
            conditions: { ifMatch: file.version },
            maxRetryRequests: 0,
            abortSignal,
          }),
        );
      }),
    put: async (path, bytes, abortSignal, attributes) => {
      const options = { ...written(attributes), abortSignal };
      if (bytes.length === 0) {
        await call(writing(path), abortSignal, () => fileSystem.getFileClient(path).create(options));
        return;
      }
      const file = fileSystem.getFileClient(stagedName(path));
      let isCreated = false;
      try {
        await call(writing(path), abortSignal, async () => {
          await file.create(options);
          isCreated = true;
          await file.append(bytes, 0, bytes.length, { abortSignal, flush: true });
        });
        await moveTo(file, path, abortSignal);
      } catch (error) {
        if (isCreated) await removeQuietly(file);
        throw error;
      }
    },
    begin,
    missing: (path) => pathMissing(placeOf(endpoint, { fileSystem: name, path })),
    remove: (file, abortSignal) =>
      call(writing(file.path), abortSignal, async () => {
        await fileSystem.getFileClient(file.path).delete(false, { conditions: { ifMatch: file.version }, abortSignal });
      }),
  };
};

/** Opens the file system that `location` names. Nothing is sent before the first call. */
export const openFileStore: FileStoreModule['openFileStore'] = (linkedService, location) => {
  const account = readAccount(linkedService, 'dfs');
  const fileSystem = textAt(location, 'fileSystem');
  if (!fileSystem || !/^(\$root|\$web|\$logs|(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*)$/.test(fileSystem))
    throw propertyError(
      location,
      'fileSystem',
      'must name a file system: 3 to 63 lower-case letters, digits and single hyphens',
    );
  return createStore(openService(account), account, fileSystem);
};
