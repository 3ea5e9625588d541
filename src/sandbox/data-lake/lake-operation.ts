// What an operation of Data Lake is.
import type { BlobDocument } from '../azurite/document.ts';
import type { Need } from '../storage-account/shared-access-signature.ts';
import { StorageError } from '../storage-account/storage-error.ts';
import type { StorageRequest } from '../storage-account/storage-request.ts';
import type { StorageAnswer } from '../storage-account/storage-server.ts';
import type { FileContent } from './file-content.ts';
import type { Found, PathTree } from './path-tree.ts';

/** A request that may be made, and what it is made of. `demand` refuses what the request's signature does not grant. */
export type LakeAsk = {
  request: StorageRequest;
  fileSystem: string;
  path: string;
  tree: PathTree;
  content: FileContent;
  demand(need: Need): void;
};

/** One operation. `need` is what a signature must grant. */
export type LakeOperation = { need: Need; run(ask: LakeAsk): StorageAnswer | Promise<StorageAnswer> };

/** An instant as HTTP writes it. */
export const httpDate = (date: Date | string): string => new Date(date).toUTCString();

/** The version of something, as headers. */
export const versionHeaders = ({ etag, lastModified }: { etag: string; lastModified: Date | string }) => ({
  etag,
  'last-modified': httpDate(lastModified),
});

/** The version to hold conditions against. */
export const versionOf = ({ document }: Pick<Found, 'document'>) =>
  document && { etag: document.properties.etag, modifiedAt: new Date(document.properties.lastModified) };

/** Refuses (412) to change what somebody else has a lease on. Leases are taken through the blob endpoint. */
export const requireLease = (document: BlobDocument | undefined, leaseId: string | undefined): void => {
  const { leaseState } = document?.properties ?? {};
  const isOver = document?.leaseExpireTime !== undefined && new Date(document.leaseExpireTime).getTime() <= Date.now();
  if ((leaseState !== 'leased' && leaseState !== 'breaking') || isOver || document?.leaseId === leaseId) return;
  throw leaseId === undefined
    ? new StorageError(
        412,
        'LeaseIdMissing',
        'There is currently a lease on the resource and no lease ID was specified.',
      )
    : new StorageError(412, 'LeaseIdMismatchWithBlobOperation', 'The lease ID specified did not match the lease ID.');
};

/** Reads `x-ms-properties`: names with base64 values. Undefined where there is none. */
export const readMetadata = (request: StorageRequest): Record<string, string> | undefined => {
  const text = request.header('x-ms-properties');
  if (text === undefined) return undefined;
  const pairs = text.split(',').filter((pair) => pair.trim() !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, value] = /^\s*([A-Za-z_]\w{0,127})=([A-Za-z0-9+/]*={0,2})\s*$/.exec(pair) ?? [];
      if (name === undefined)
        throw new StorageError(
          400,
          'InvalidHeaderValue',
          "'x-ms-properties' must be name=base64, with commas between.",
        );
      return [name, Buffer.from(value!, 'base64').toString('latin1')];
    }),
  );
};

/** Metadata as `x-ms-properties`; undefined where there is none. */
export const writeMetadata = (metadata: Record<string, string> | undefined): string | undefined => {
  const pairs = Object.entries(metadata ?? {});
  if (pairs.length === 0) return undefined;
  return pairs.map(([name, value]) => `${name}=${Buffer.from(value, 'latin1').toString('base64')}`).join(',');
};

const propertyHeaders = {
  cacheControl: 'x-ms-cache-control',
  contentType: 'x-ms-content-type',
  contentEncoding: 'x-ms-content-encoding',
  contentLanguage: 'x-ms-content-language',
  contentDisposition: 'x-ms-content-disposition',
} as const;

/** The properties of a file that a request sets by headers. */
export const readPropertyHeaders = (request: StorageRequest): Partial<BlobDocument['properties']> =>
  Object.fromEntries(
    Object.entries(propertyHeaders).flatMap(([name, header]) => {
      const value = request.header(header);
      return value === undefined ? [] : [[name, value]];
    }),
  );
