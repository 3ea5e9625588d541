// What an operation of Azure Files is, and what all of them read from requests and write into answers.
import type { Need } from '../storage-account/shared-access-signature.ts';
import { invalidInput } from '../storage-account/storage-error.ts';
import type { StorageRequest } from '../storage-account/storage-request.ts';
import type { StorageAnswer } from '../storage-account/storage-server.ts';
import type { ContentFolder } from './content-folder.ts';
import type { Entry, EntryWords } from './share-index.ts';
import type { ShareTree } from './share-tree.ts';

/** A request that may be made, and what it is made of. `demand` refuses what the request's signature does not grant. */
export type ShareAsk = {
  request: StorageRequest;
  share: string;
  path: string;
  tree: ShareTree;
  contents: ContentFolder;
  /** Runs a step that holds a body in memory; only so many at once. */
  inMemory<Result>(step: () => Promise<Result>): Promise<Result>;
  demand(need: Need): void;
};

/** One operation. `need` is what a signature must grant. */
export type ShareOperation = { need: Need; run(ask: ShareAsk): StorageAnswer | Promise<StorageAnswer> };

/** The metadata of a request, in the case that it was sent in. */
export const readMetadata = ({ incoming }: StorageRequest): Record<string, string> => {
  const metadata: Record<string, string> = {};
  for (let at = 0; at < incoming.rawHeaders.length; at += 2) {
    const [, name] = /^x-ms-meta-([A-Za-z_]\w{0,127})$/i.exec(incoming.rawHeaders[at]!) ?? [];
    if (name !== undefined) metadata[name] = incoming.rawHeaders[at + 1]!;
  }
  return metadata;
};

/** Metadata as headers. */
export const writeMetadata = (metadata: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-ms-meta-${name}`, value]));

/** The version of something, as headers. */
export const versionHeaders = ({ etag, modified }: { etag: string; modified: number }) => ({
  etag,
  'last-modified': new Date(modified).toUTCString(),
});

const timeOf = (request: StorageRequest, name: string, otherwise: number): number => {
  const text = request.header(name);
  if (text === undefined || text === 'preserve') return otherwise;
  if (text === 'now') return Date.now();
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw invalidInput('InvalidHeaderValue', name, "must be a date, 'now' or 'preserve'");
  return time;
};

/** The attributes and times that a request sets; others are those of `before`. */
export const readWords = (
  request: StorageRequest,
  before: Pick<EntryWords, 'attributes' | 'created' | 'written'>,
): Pick<EntryWords, 'attributes' | 'created' | 'written'> => {
  const attributes = request.header('x-ms-file-attributes') ?? before.attributes;
  if (!/^[A-Za-z]+(\s*\|\s*[A-Za-z]+)*$/.test(attributes))
    throw invalidInput('InvalidHeaderValue', 'x-ms-file-attributes', "must be attributes with '|' between them");
  return {
    attributes: /^(none|preserve)$/i.test(attributes) ? before.attributes : attributes,
    created: timeOf(request, 'x-ms-file-creation-time', before.created),
    written: timeOf(request, 'x-ms-file-last-write-time', before.written),
  };
};

const fileHeaders = {
  'content-type': 'x-ms-content-type',
  'content-encoding': 'x-ms-content-encoding',
  'content-language': 'x-ms-content-language',
  'cache-control': 'x-ms-cache-control',
  'content-disposition': 'x-ms-content-disposition',
  'content-md5': 'x-ms-content-md5',
} as const;

/** The headers that reads of a file will have, as a request sets them. */
export const readFileHeaders = (request: StorageRequest): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fileHeaders).flatMap(([shown, sent]) => {
      const value = request.header(sent);
      return value === undefined ? [] : [[shown, value]];
    }),
  );

/** What every answer about an entry says of it. */
export const entryHeaders = (entry: Entry): Record<string, string> => ({
  ...versionHeaders(entry),
  'x-ms-request-server-encrypted': 'true',
  'x-ms-server-encrypted': 'true',
  'x-ms-file-permission-key': '0*0',
  'x-ms-file-attributes': entry.attributes,
  'x-ms-file-creation-time': new Date(entry.created).toISOString(),
  'x-ms-file-last-write-time': new Date(entry.written).toISOString(),
  'x-ms-file-change-time': new Date(entry.modified).toISOString(),
  'x-ms-file-id': `${entry.id}`,
  'x-ms-file-parent-id': `${entry.parent}`,
});

/** The answer that shows an entry's version and no more. */
export const versionAnswer = (status: number, entry: Entry): StorageAnswer => ({
  status,
  headers: entryHeaders(entry),
});
