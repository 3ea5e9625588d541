import { closeSync, openSync } from 'node:fs';

/**
 * Makes an empty file that only its owner reads (mode 0600), where there is none. A file that is there is not touched:
 * opening and closing it would drop the locks that this process holds on it.
 */
export const makePrivateFile = (file: string): void => {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
};
