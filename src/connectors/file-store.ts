// The one shape that every store of files has. What copies knows nothing of a store but this; a new store is one
// adapter. Paths are relative to the store's root (a container, a bucket) and use `/`.
import type { MissingError } from './missing-error.ts';

/** What a store keeps with a file beside its bytes: its owner's own words, and the headers that it is answered with. */
export type FileAttributes = {
  metadata: Readonly<Record<string, string>>;
  contentType?: string | undefined;
  contentEncoding?: string | undefined;
  contentLanguage?: string | undefined;
  contentDisposition?: string | undefined;
  cacheControl?: string | undefined;
};

/** A file as a listing shows it. `version` changes whenever its bytes do. */
export type StoredFile = {
  path: string;
  size: number;
  version: string;
  modifiedAt: Date;
  /** What `find` tells of it where the store knows it; the sum is base64. */
  createdAt?: Date;
  md5?: string;
  attributes?: FileAttributes;
};

/** What stands directly in a folder; of a file also size and time, where a listing tells them. */
export type FolderItem = { name: string; kind: 'File' | 'Folder'; size?: number; modifiedAt?: Date };

/** A file that is being written in parts. Nothing of it is visible before `commit`; without it, nothing ever is. */
export type StagedFile = {
  /** Stores part `index` (from 0). Parts may come in any order, several at once. */
  stage(index: number, bytes: Buffer, signal: AbortSignal): Promise<void>;
  /** Makes parts 0 to `count` - 1 the file, in place of what was there. */
  commit(count: number, signal: AbortSignal): Promise<void>;
  /** Removes what was staged, after a failure. What cannot be removed now stays hidden; it never throws. */
  discard(): Promise<void>;
};

/** Errors of every call: `ActivityError` with the store's own code, or the abort's reason. */
export type FileStore = {
  /** The root as messages name it. */
  name: string;
  /** Folders are there also with nothing in them, and `children` of one that is not ends in a `MissingError`. */
  keepsFolders?: true;
  /** Files whose path begins with `prefix`, each folder's by name; unless `recursive`, only those with no `/` after it. */
  list(prefix: string, recursive: boolean, signal: AbortSignal): AsyncIterable<StoredFile>;
  /** What stands directly below `prefix`, which is empty or ends with `/`. */
  children(prefix: string, signal: AbortSignal): AsyncIterable<FolderItem>;
  find(path: string, signal: AbortSignal): Promise<StoredFile | undefined>;
  /** Fills `into` with the file's bytes from `offset`. Fails if the file is no longer of the version that was listed. */
  read(file: StoredFile, offset: number, into: Buffer, signal: AbortSignal): Promise<void>;
  /** Writes a whole file at once, in place of what was there; it has just these attributes. */
  put(path: string, bytes: Buffer, signal: AbortSignal, attributes?: FileAttributes): Promise<void>;
  /** A file in parts of `partBytes`, of which the last may be shorter. */
  begin(path: string, partBytes: number, attributes?: FileAttributes): StagedFile;
  /** What a read ends with where nothing is at `path`. */
  missing(path: string): MissingError;
  /** Removes the file if it still is of the version that was listed. */
  remove(file: StoredFile, signal: AbortSignal): Promise<void>;
};
