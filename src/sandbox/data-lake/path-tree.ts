// The blobs of one account as folders and files. A folder is a blob without content that says so in its metadata, or is
// implied by what stands below it. Every change here is one step of the event loop, so that one commit makes it durable:
// a folder is renamed whole or not at all.
import { randomInt } from 'node:crypto';
import type { BlobDocument, BlobDocuments, ContainerDocument } from '../azurite/document.ts';
import { StorageError } from '../storage-account/storage-error.ts';
import { type AccessControl, newAccess, plainAccess } from './access-control.ts';
import { foldersAbove, parentOf } from './path-name.ts';

/** What stands at a path. A folder that is only implied has no document. */
export type Found = { path: string; kind: 'file' | 'directory'; document: BlobDocument | undefined };

/** What a new path gets beside its name. */
export type NewPath = {
  kind: Found['kind'];
  metadata: Record<string, string>;
  headers: Partial<BlobDocument['properties']>;
  access: { permissions?: string | undefined; umask?: string | undefined; acl?: string | undefined };
};

/** Folders and files of the file systems of one account. */
export type PathTree = {
  isHierarchical: boolean;
  fileSystems(): ContainerDocument[];
  /** Throws 409 `FilesystemAlreadyExists`. */
  createFileSystem(name: string, metadata: Record<string, string>): ContainerDocument;
  setMetadata(fileSystem: ContainerDocument, metadata: Record<string, string>): void;
  removeFileSystem(name: string): void;
  /** Throws 404 `FilesystemNotFound`. */
  fileSystem(name: string): ContainerDocument;
  find(fileSystem: string, path: string): Found | undefined;
  /** Throws 404 `PathNotFound`. */
  get(fileSystem: string, path: string): Found;
  /** Everything below a folder, or only what stands directly in it, by path: a folder before what is in it. */
  below(fileSystem: string, path: string, isRecursive: boolean): Found[];
  /** In place of what was there; the folders above are made where the account has folders. */
  put(fileSystem: string, path: string, fresh: NewPath): BlobDocument;
  /** The folders above `path`, where the account has folders. Throws 409 where one of them is a file. */
  makeFolders(fileSystem: string, path: string): void;
  remove(fileSystem: string, found: Found): void;
  rename(from: { fileSystem: string; found: Found }, to: { fileSystem: string; path: string }): void;
  /** Notes that a file changed: a new version, as of now. */
  touch(document: BlobDocument): void;
  accessOf(fileSystem: string, found: Found): AccessControl;
  setAccess(fileSystem: string, found: Found, access: AccessControl): void;
};

/** The name that marks a folder in a blob's metadata. */
export const folderMark = 'hdi_isfolder';

/** Whether a blob stands for a folder. */
export const isFolder = ({ metadata }: Pick<BlobDocument, 'metadata'>): boolean =>
  Object.entries(metadata ?? {}).some(([name, value]) => name.toLowerCase() === folderMark && value === 'true');

const newEtag = () => `"0x${(Date.now() * randomInt(70_000, 100_001)).toString(16).toUpperCase()}"`;
// With the slash below every other character a folder comes right before what is in it.
/** What paths are sorted by. */
export const sortKey = (path: string) => path.replaceAll('/', '\0');

/** Opens the tree over what Azurite holds of `account`. */
export const openPathTree = (
  account: string,
  { containers, blobs, blocks }: BlobDocuments,
  isHierarchical: boolean,
): PathTree => {
  const inFileSystem = (containerName: string) => ({ accountName: account, containerName });
  const exact = (fileSystem: string, name: string) =>
    blobs.findOne({ name, ...inFileSystem(fileSystem), snapshot: '' }) ?? undefined;
  const committed = (fileSystem: string, name: string) => {
    const document = exact(fileSystem, name);
    return document?.isCommitted ? document : undefined;
  };
  const visible = (fileSystem: string, prefix: string) =>
    blobs.data.filter(
      (each) =>
        each.isCommitted && each.snapshot === '' && each.containerName === fileSystem && each.name.startsWith(prefix),
    );
  const shown = (path: string, document: BlobDocument): Found => ({
    path,
    kind: isFolder(document) ? 'directory' : 'file',
    document,
  });

  const find: PathTree['find'] = (fileSystem, path) => {
    if (path === '') return { path, kind: 'directory', document: undefined };
    const document = committed(fileSystem, path);
    if (document) return shown(path, document);
    const isImplied = visible(fileSystem, `${path}/`).length > 0;
    return isImplied ? { path, kind: 'directory', document: undefined } : undefined;
  };
  const fileSystem: PathTree['fileSystem'] = (name) => {
    const found = containers.findOne({ accountName: account, name });
    if (found) return found;
    throw new StorageError(404, 'FilesystemNotFound', 'The specified filesystem does not exist.');
  };

  const accessOf: PathTree['accessOf'] = (name, { path, kind, document }) => {
    const owner = path === '' ? fileSystem(name) : document;
    return (owner?.access as AccessControl | undefined) ?? plainAccess(kind === 'directory');
  };
  const removeBlocks = (name: string, path: string): void => {
    for (const block of blocks.find({ blobName: path, ...inFileSystem(name) })) blocks.remove(block);
  };

  const insert = (name: string, path: string, fresh: NewPath): BlobDocument => {
    const now = new Date();
    const isDirectory = fresh.kind === 'directory';
    const before = exact(name, path);
    const above = find(name, parentOf(path));
    removeBlocks(name, path);
    if (before) blobs.remove(before);
    return blobs.insert({
      deleted: false,
      ...inFileSystem(name),
      name: path,
      snapshot: '',
      isCommitted: true,
      metadata: isDirectory ? { ...fresh.metadata, [folderMark]: 'true' } : fresh.metadata,
      properties: {
        creationTime: now,
        lastModified: now,
        etag: newEtag(),
        contentLength: 0,
        contentType: 'application/octet-stream',
        ...fresh.headers,
        blobType: 'BlockBlob',
        leaseStatus: 'unlocked',
        leaseState: 'available',
        serverEncrypted: true,
        accessTier: 'Hot',
        accessTierInferred: true,
        accessTierChangeTime: now,
      },
      persistency: { id: '*ZERO*', offset: 0, count: 0 },
      access: newAccess(above && accessOf(name, above), isDirectory, fresh.access),
    });
  };
  const makeFolders: PathTree['makeFolders'] = (name, path) => {
    if (!isHierarchical) return;
    const folder: NewPath = { kind: 'directory', metadata: {}, headers: {}, access: {} };
    const above = foldersAbove(path);
    // All are looked at before any is made.
    const missing = above.filter((each) => {
      const document = committed(name, each);
      if (document && !isFolder(document))
        throw new StorageError(409, 'PathConflict', `'${each}' is a file: nothing can stand below it.`);
      return !document;
    });
    for (const each of missing) insert(name, each, folder);
  };

  return {
    isHierarchical,
    fileSystems: () => containers.data.filter((each) => each.accountName === account),
    fileSystem,
    createFileSystem: (name, metadata) => {
      if (containers.findOne({ accountName: account, name }))
        throw new StorageError(409, 'FilesystemAlreadyExists', 'The specified filesystem already exists.');
      const properties = {
        etag: newEtag(),
        lastModified: new Date(),
        leaseStatus: 'unlocked',
        leaseState: 'available',
        hasImmutabilityPolicy: false,
        hasLegalHold: false,
      };
      return containers.insert({ accountName: account, name, metadata, properties });
    },
    setMetadata: (container, metadata) => {
      Object.assign(container.properties, { etag: newEtag(), lastModified: new Date() });
      container.metadata = metadata;
      containers.update(container);
    },
    removeFileSystem: (name) => {
      for (const each of blobs.data.filter(({ containerName }) => containerName === name)) blobs.remove(each);
      for (const each of blocks.data.filter(({ containerName }) => containerName === name)) blocks.remove(each);
      containers.remove(fileSystem(name));
    },
    find,
    get: (name, path) => {
      const found = find(name, path);
      if (found) return found;
      throw new StorageError(404, 'PathNotFound', 'The specified path does not exist.');
    },
    below: (name, path, isRecursive) => {
      const prefix = path === '' ? '' : `${path}/`;
      const all = new Map<string, Found>();
      for (const document of visible(name, prefix)) {
        const rest = document.name.slice(prefix.length).replace(/\/$/, '');
        if (rest === '') continue;
        if (isRecursive || !rest.includes('/')) all.set(prefix + rest, shown(prefix + rest, document));
        const folders = foldersAbove(rest);
        for (const folder of isRecursive ? folders : folders.slice(0, 1))
          if (!all.has(prefix + folder))
            all.set(prefix + folder, { path: prefix + folder, kind: 'directory', document: undefined });
      }
      return [...all.values()]
        .map((found) => ({ found, key: sortKey(found.path) }))
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .map(({ found }) => found);
    },
    put: (name, path, fresh) => {
      makeFolders(name, path);
      return insert(name, path, fresh);
    },
    makeFolders,
    remove: (name, { path, document }) => {
      const gone = blobs.data.filter(
        (each) =>
          each.containerName === name &&
          (document ? each.name === path || each.name.startsWith(`${path}/`) : each.name.startsWith(`${path}/`)),
      );
      for (const each of gone) {
        removeBlocks(name, each.name);
        blobs.remove(each);
      }
    },
    rename: (from, to) => {
      const { path } = from.found;
      const isMoved = (at: { containerName: string }, name: string) =>
        at.containerName === from.fileSystem && (name === path || name.startsWith(`${path}/`));
      const moved = blobs.data.filter((each) => isMoved(each, each.name));
      const movedBlocks = blocks.data.filter((each) => isMoved(each, each.blobName));
      const newName = (name: string) => to.path + name.slice(path.length);
      // What a client of blobs has begun to upload there, and nobody sees, would be a second of its name.
      const names = new Set(moved.map((each) => newName(each.name)));
      for (const each of blobs.data.filter((one) => one.containerName === to.fileSystem && names.has(one.name))) {
        removeBlocks(to.fileSystem, each.name);
        blobs.remove(each);
      }
      for (const each of moved) {
        each.name = newName(each.name);
        each.containerName = to.fileSystem;
        blobs.update(each);
      }
      for (const each of movedBlocks) {
        each.blobName = newName(each.blobName);
        each.containerName = to.fileSystem;
        blocks.update(each);
      }
    },
    touch: (document) => {
      document.properties.etag = newEtag();
      document.properties.lastModified = new Date();
      blobs.update(document);
    },
    accessOf,
    setAccess: (name, { path, document }, access) => {
      if (path === '') {
        const root = fileSystem(name);
        root.access = access;
        containers.update(root);
      } else if (document) {
        document.access = access;
        blobs.update(document);
      }
    },
  };
};
