// Names of shares, and of the directories and files in them. Pure.
import { StorageError } from '../storage-account/storage-error.ts';

/** Whether a name is a share's: Azure's rule. */
export const isShareName = (name: string): boolean => /^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/.test(name);

const refuse = (message: string) => new StorageError(400, 'InvalidResourceName', message);

/** The names along a path; none for the root. Refuses what is no path of a share. */
export const namesOf = (path: string): string[] => {
  if (path === '') return [];
  const names = path.split('/');
  if (path.length > 2048 || names.length > 250) throw refuse('A path has at most 2048 characters and 250 names.');
  for (const name of names)
    if (name === '' || name.length > 255 || name === '.' || name === '..' || /["\\:|<>*?\0-\x1f]/.test(name))
      throw refuse(`A name has 1 to 255 characters, none of them " \\ / : | < > * ?, and is not '.' or '..'.`);
  return names;
};

/** What names are compared by: regardless of case, as Azure Files does. */
export const nameKey = (name: string): string => name.toLowerCase();
