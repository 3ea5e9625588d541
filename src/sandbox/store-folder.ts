import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The folders of the stores of one kind, by name, readable by their owner only. */
export type StoreFolders = {
  /** Where they all are, by its true path. */
  root: string;
  /** The folder of a store, made if it is not there. */
  open(name: string): Promise<string>;
  /** Removes a store's folder: gone at once for whoever opens it anew, whatever a crash leaves to be removed. */
  discard(name: string): Promise<void>;
};

const removedPrefix = '.removed-';

/** Opens the folders below `folder`, and removes what a removal that was cut short has left. */
export const openStoreFolders = async (folder: string): Promise<StoreFolders> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const root = await realpath(folder);
  const left = (await readdir(root)).filter((one) => one.startsWith(removedPrefix));
  await Promise.all(left.map((one) => rm(join(root, one), { recursive: true, force: true })));
  return {
    root,
    open: async (name) => {
      const place = join(root, name);
      await mkdir(place, { recursive: true });
      return place;
    },
    discard: async (name) => {
      const gone = join(root, `${removedPrefix}${name}-${randomBytes(6).toString('hex')}`);
      try {
        await rename(join(root, name), gone);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
        throw error;
      }
      await rm(gone, { recursive: true, force: true });
    },
  };
};
