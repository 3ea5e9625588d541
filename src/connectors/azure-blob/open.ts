// Blobs as a file store, by the official client. It sees only the real host name: the worker's network makes it work.
import { randomUUID } from 'node:crypto';
import {
  AnonymousCredential,
  BlobServiceClient,
  type BlockBlobUploadOptions,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { givenToken } from '../access.ts';
import { type Account, readAccount } from '../azure-storage/account.ts';
import { attributesOf } from '../azure-storage/attributes.ts';
import { createByteRequests } from '../azure-storage/byte-request.ts';
import { createCall } from '../azure-storage/call.ts';
import { md5 } from '../azure-storage/digest.ts';
import { storageHttpClient } from '../azure-storage/http-client.ts';
import type { FileStoreModule } from '../definition.ts';
import type { FileAttributes, FileStore, StagedFile } from '../file-store.ts';
import { propertyError, textAt } from '../property.ts';
import { type Attempt, blobFailure, blobMissing } from './failure.ts';
import { listChildren, listFiles } from './list.ts';

const withQuery = (url: string, query: string) => `${url}${url.includes('?') ? '&' : '?'}${query}`;

/** The account, by the official client. Nothing is sent yet. */
export const openService = ({ endpoint, credential }: Account): BlobServiceClient => {
  // One try: `withRetry` knows better than the client which failures are worth another.
  const options = { retryOptions: { maxTries: 1 }, httpClient: storageHttpClient };
  if (credential.kind === 'key')
    return new BlobServiceClient(endpoint, new StorageSharedKeyCredential(credential.account, credential.key), options);
  if (credential.kind === 'token') return new BlobServiceClient(endpoint, givenToken(credential), options);
  const url = credential.kind === 'sas' ? `${endpoint}/?${credential.token}` : endpoint;
  return new BlobServiceClient(url, new AnonymousCredential(), options);
};

/** Attributes as the client writes them. */
const written = (
  attributes: FileAttributes | undefined,
): Pick<BlockBlobUploadOptions, 'metadata' | 'blobHTTPHeaders'> =>
  attributes
    ? {
        metadata: { ...attributes.metadata },
        blobHTTPHeaders: {
          ...(attributes.contentType !== undefined && { blobContentType: attributes.contentType }),
          ...(attributes.contentEncoding !== undefined && { blobContentEncoding: attributes.contentEncoding }),
          ...(attributes.contentLanguage !== undefined && { blobContentLanguage: attributes.contentLanguage }),
          ...(attributes.contentDisposition !== undefined && { blobContentDisposition: attributes.contentDisposition }),
          ...(attributes.cacheControl !== undefined && { blobCacheControl: attributes.cacheControl }),
        },
      }
    : {};

/** URLs of blobs, as the client writes them; making a client for each costs as much as its request. */
export const createUrlOf = (container: string): ((path: string) => string) => {
  const { href, pathname } = new URL(container);
  return (path) => {
    const url = new URL(href);
    const name = encodeURIComponent(path).replaceAll('%2F', '/').replaceAll("'", '%27');
    url.pathname = `${pathname}/${name}`;
    return url.href;
  };
};

const createStore = (service: BlobServiceClient, account: Account, name: string, digests: boolean): FileStore => {
  const { endpoint } = account;
  const container = service.getContainerClient(name);
  const urlOf = createUrlOf(container.url);
  const call = createCall<Attempt>(account, (error, attempt) => blobFailure(error, endpoint, attempt));
  const sendBytes = createByteRequests(account.credential);
  let creation: Promise<unknown> | undefined;
  // As Azure does it, a sink's container is made when it is missing.
  const write = async (path: string, signal: AbortSignal, request: () => Promise<unknown>): Promise<void> => {
    const orCreate = async () => {
      try {
        await request();
      } catch (error) {
        if ((error as { code?: string }).code !== 'ContainerNotFound') throw error;
        creation ??= call({ container: name, path: '', doing: 'create the container' }, signal, () =>
          container.createIfNotExists({ abortSignal: signal }),
        );
        await creation;
        await request();
      }
    };
    await call({ container: name, path, doing: 'write' }, signal, orCreate);
  };

  const begin = (path: string, _partBytes: number, attributes?: FileAttributes): StagedFile => {
    const [blob, blobUrl] = [container.getBlockBlobClient(path), urlOf(path)];
    // Ids of one blob must be of one length; 48 characters is what Azure's own clients use, so that what another
    // client left unfinished here is no obstacle. The random part keeps two writers of one blob apart.
    const writer = randomUUID();
    const blockId = (index: number) => Buffer.from(`${writer}${String(index).padStart(12, '0')}`).toString('base64');
    return {
      stage: (index, bytes, abortSignal) => {
        const id = blockId(index);
        const digest = digests && md5(bytes);
        const request = {
          method: 'PUT',
          url: withQuery(blobUrl, `comp=block&blockid=${encodeURIComponent(id)}`),
          headers: digest ? { 'content-md5': digest.toString('base64') } : {},
          body: bytes,
        } as const;
        const options = { ...(digest && { transactionalContentMD5: digest }), abortSignal };
        return write(path, abortSignal, () =>
          sendBytes(request, abortSignal, () => blob.stageBlock(id, bytes, bytes.length, options)),
        );
      },
      commit: (count, abortSignal) =>
        write(path, abortSignal, () =>
          blob.commitBlockList(
            Array.from({ length: count }, (_, index) => blockId(index)),
            { ...written(attributes), abortSignal },
          ),
        ),
      // Blocks that no list names are the store's to remove.
      discard: async () => {},
    };
  };

  return {
    name: `${endpoint}/${name}`,
    list: (prefix, recursive, signal) =>
      listFiles(
        container,
        prefix,
        recursive,
        (request) => call({ container: name, path: prefix, doing: 'read' }, signal, request),
        signal,
      ),
    children: (prefix, signal) =>
      listChildren(
        container,
        prefix,
        (request) => call({ container: name, path: prefix, doing: 'read' }, signal, request),
        signal,
      ),
    find: (path, abortSignal) =>
      call({ container: name, path, doing: 'read' }, abortSignal, async () => {
        try {
          const found = await container.getBlobClient(path).getProperties({ abortSignal });
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
          const { statusCode, code } = error as { statusCode?: number; code?: string };
          if (statusCode === 404 && code !== 'ContainerNotFound') return undefined;
          throw error;
        }
      }),
    read: (file, offset, into, abortSignal) =>
      call({ container: name, path: file.path, doing: 'read' }, abortSignal, () => {
        const headers = { 'x-ms-range': `bytes=${offset}-${offset + into.length - 1}`, 'if-match': file.version };
        return sendBytes({ method: 'GET', url: urlOf(file.path), headers, into }, abortSignal, () =>
          container
            .getBlobClient(file.path)
            .download(offset, into.length, { conditions: { ifMatch: file.version }, abortSignal }),
        );
      }),
    put: (path, bytes, abortSignal, attributes) => {
      const digest = digests && md5(bytes);
      const { blobHTTPHeaders, ...more } = written(attributes);
      const options = {
        ...more,
        blobHTTPHeaders: { ...blobHTTPHeaders, ...(digest && { blobContentMD5: digest }) },
        abortSignal,
      };
      const byClient = () => container.getBlockBlobClient(path).upload(bytes, bytes.length, options);
      if (attributes) return write(path, abortSignal, byClient);
      const request = {
        method: 'PUT',
        url: urlOf(path),
        headers: {
          'x-ms-blob-type': 'BlockBlob',
          'content-type': 'application/octet-stream',
          ...(digest && { 'x-ms-blob-content-md5': digest.toString('base64') }),
        },
        body: bytes,
      } as const;
      return write(path, abortSignal, () => sendBytes(request, abortSignal, byClient));
    },
    begin,
    missing: (path) => blobMissing(`ContainerName: ${endpoint}/${name}, path: ${path}.`),
    remove: (file, abortSignal) =>
      write(file.path, abortSignal, () =>
        container.getBlobClient(file.path).delete({ conditions: { ifMatch: file.version }, abortSignal }),
      ),
  };
};

/** Opens the container that `location` names. Nothing is sent before the first call. */
export const openFileStore: FileStoreModule['openFileStore'] = (linkedService, location, options) => {
  const account = readAccount(linkedService, 'blob');
  const container = textAt(location, 'container');
  if (!container || !/^(\$root|\$web|\$logs|(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*)$/.test(container))
    throw propertyError(
      location,
      'container',
      'must name a container: 3 to 63 lower-case letters, digits and single hyphens',
    );
  return createStore(openService(account), account, container, options?.digests ?? false);
};
