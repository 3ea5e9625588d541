import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';

const syncFolder = (folder: string) => {
  const handle = openSync(folder, 'r');
  fsyncSync(handle);
  closeSync(handle);
};

/**
 * Reads a key file, or makes it (mode 0600) with what `make` gives. It appears whole or not at all, and is on the disk
 * before the first use: nothing is ever sealed with a key that a crash could take away.
 */
export const keyFile = (file: string, make: () => Buffer): Buffer => {
  try {
    const kept = readFileSync(file);
    if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
    return kept;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const bytes = make();
  const draft = `${file}.${process.pid}.new`;
  const handle = openSync(draft, 'w', 0o600);
  try {
    writeSync(handle, bytes);
    fsyncSync(handle);
    closeSync(handle);
    // `link` and not `rename`: a key that another process made meanwhile is never replaced.
    linkSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
  syncFolder(path.dirname(file));
  return bytes;
};
