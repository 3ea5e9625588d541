// How somebody who writes a pipeline looks around in a store. One function for every kind of store: what it lists is
// what there is to choose from, and that it lists at all proves address and credential.
import { ActivityError } from '../base/error.ts';
import type { FileStore } from './file-store.ts';
import type { Properties } from './property.ts';

/** One thing that a store holds. */
export type StoreItem = {
  name: string;
  kind: 'Container' | 'Folder' | 'File' | 'Schema' | 'Table' | 'Collection' | 'Secret';
  /** Where it is: what `look` takes to look into it. */
  path: string;
  size?: number;
  modifiedAt?: Date;
};

/** An access token for the store, where its linked service is used as the factory's identity. */
export type Access = { token: string; expiresAt: string };

export type LookModule = {
  /**
   * What stands directly at `path`, which is '' for the top. Nothing is sent before the first item is asked for; the
   * first item of the top, or that there is none, is the test of a linked service. Errors: `ActivityError`.
   */
  look(
    linkedService: Properties,
    path: string,
    signal: AbortSignal,
    access: Access | undefined,
  ): AsyncIterable<StoreItem>;
};

/** The root of a store of files that a path begins with, and the folder in it. */
export const splitPath = (path: string): { root: string; folder: string } => {
  const at = path.indexOf('/');
  return at < 0 ? { root: path, folder: '' } : { root: path.slice(0, at), folder: path.slice(at + 1) };
};

/** What stands directly in a folder of a store of files. `root` is what its paths begin with, '' where there is one root only. */
export async function* lookIntoFolder(
  store: FileStore,
  root: string,
  folder: string,
  signal: AbortSignal,
): AsyncGenerator<StoreItem> {
  const prefix = folder === '' ? '' : `${folder.replace(/\/$/, '')}/`;
  for await (const item of store.children(prefix, signal))
    yield { ...item, path: `${root === '' ? '' : `${root}/`}${prefix}${item.name}` };
}

/** The failure of looking into what has no inside. */
export const nothingIn = (path: string): ActivityError =>
  new ActivityError('UserErrorInvalidPath', `There is nothing to look into at '${path}'. Leave the path out.`);
