// Names of paths in a file system. Pure.
import { StorageError } from '../storage-account/storage-error.ts';

const mostCharacters = 1024;
const mostFolders = 63;

/** Refuses what is no path of a file system. A path has no slash at its ends; '' is the root. */
export const requirePathName = (path: string): void => {
  const names = path.split('/');
  if (path !== '' && names.some((name) => name === '' || name === '.' || name === '..' || name.length > 255))
    throw new StorageError(
      400,
      'InvalidResourceName',
      "The specified resource name contains invalid characters: a path is made of names of 1 to 255 characters, none of them '.' or '..'.",
    );
  if (path.length > mostCharacters || names.length > mostFolders)
    throw new StorageError(
      400,
      'InvalidResourceName',
      `A path has at most ${mostCharacters} characters and ${mostFolders} names.`,
    );
};

/** The folder that a path stands in; '' is the root. */
export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** Every folder above a path, the highest first. Names with an empty part have none: no client of folders made them. */
export const foldersAbove = (path: string): string[] => {
  const names = path.split('/');
  if (names.includes('')) return [];
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join('/'));
};

/** Whether a name is a file system's: Azure's rule for containers. */
export const isFileSystemName = (name: string): boolean =>
  /^(\$root|\$web|\$logs|(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*)$/.test(name);
