// Directories and files of the shares of one account, by path.
import { randomBytes } from 'node:crypto';
import { StorageError } from '../storage-account/storage-error.ts';
import { namesOf } from './entry-name.ts';
import type { Entry, EntryWords, Share, ShareIndex } from './share-index.ts';

/** A place for an entry: the directory it stands in, and its name. */
export type Place = { share: string; parent: number; name: string };

/** Where things are. Every refusal is a `StorageError` in Azure's words. */
export type ShareTree = {
  index: ShareIndex;
  /** Throws 404 `ShareNotFound`. */
  share(name: string): Share;
  /** The directory at a path; the root, which is always there, has the id 0. Throws 404. */
  directory(share: string, path: string): Entry;
  file(share: string, path: string): Entry;
  find(share: string, path: string): Entry | undefined;
  /** Where a new entry would be. Throws 404 `ParentNotFound`. */
  placeFor(share: string, path: string): Place;
  /** A new entry at a place, empty. */
  add(place: Place, fresh: EntryWords & { isDirectory: boolean; size: number; content: string }): Entry;
  /** Notes a change of content or words: a new version, as of now. */
  touch(entry: Entry): Entry;
};

/** A new version. */
export const newEtag = (): string => `"0x${randomBytes(8).toString('hex').toUpperCase()}"`;

const notFound = () => new StorageError(404, 'ResourceNotFound', 'The specified resource does not exist.');
const wrongType = (kind: string) =>
  new StorageError(409, 'ResourceTypeMismatch', `The specified resource is not a ${kind}.`);

/** Opens the tree over an index. */
export const openShareTree = (index: ShareIndex): ShareTree => {
  const share: ShareTree['share'] = (name) => {
    const found = index.share(name);
    if (found) return found;
    throw new StorageError(404, 'ShareNotFound', 'The specified share does not exist.');
  };
  const rootOf = ({ name, etag, modified }: Share): Entry => ({
    id: 0,
    share: name,
    parent: 0,
    name: '',
    isDirectory: true,
    size: 0,
    content: '',
    etag,
    modified,
    created: modified,
    written: modified,
    attributes: 'Directory',
    metadata: {},
    headers: {},
  });
  const walk = (from: Share, names: readonly string[]): Entry | undefined => {
    let at: Entry | undefined = rootOf(from);
    for (const name of names) at = at?.isDirectory ? index.child(from.name, at.id, name) : undefined;
    return at;
  };
  const parentAt = (shareName: string, names: readonly string[]): Entry => {
    const parent = walk(share(shareName), names.slice(0, -1));
    if (parent?.isDirectory) return parent;
    throw new StorageError(404, 'ParentNotFound', 'The specified parent path does not exist.');
  };
  const get = (shareName: string, path: string): Entry => {
    const names = namesOf(path);
    const found = walk(share(shareName), names);
    if (found) return found;
    parentAt(shareName, names);
    throw notFound();
  };
  return {
    index,
    share,
    directory: (shareName, path) => {
      const found = get(shareName, path);
      if (!found.isDirectory) throw wrongType('directory');
      return found;
    },
    file: (shareName, path) => {
      const found = get(shareName, path);
      if (found.isDirectory) throw wrongType('file');
      return found;
    },
    find: (shareName, path) => walk(share(shareName), namesOf(path)),
    placeFor: (shareName, path) => {
      const names = namesOf(path);
      const name = names.at(-1);
      if (name === undefined)
        throw new StorageError(405, 'UnsupportedHttpVerb', 'The root directory is there as long as its share is.');
      return { share: shareName, parent: parentAt(shareName, names).id, name };
    },
    add: (place, fresh) => index.add({ ...place, ...fresh, etag: newEtag(), modified: Date.now() }),
    touch: (entry) => {
      const touched = { ...entry, etag: newEtag(), modified: Date.now() };
      index.change(touched);
      return touched;
    },
  };
};
