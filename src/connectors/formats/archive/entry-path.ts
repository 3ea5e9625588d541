// The paths that an archive gives its files. They are its sender's words, and become paths of a store. Pure.
import { createHash } from 'node:crypto';
import { refusedEntry } from './definition.ts';

/** The longest path, as a blob's name has it. */
const maxPathBytes = 1024;
/** Files of one archive: what is kept of each is small, and there is an end to it. */
const maxEntries = 100_000;

const control = /[\u0000-\u001f\u007f]/;

const trouble = (path: string): string | undefined => {
  if (control.test(path)) return 'its name has control characters';
  if (path.includes('\\')) return 'its name has a backslash';
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) return 'its name is an absolute path';
  if (path.split('/').includes('..')) return 'its name leads out of its folder';
  if (Buffer.byteLength(path) > maxPathBytes) return `its name is longer than ${maxPathBytes} bytes`;
  return undefined;
};

/** Checks the names of one archive's files, one after the other. Answers the path in the sink; undefined: a folder. */
export const createPathCheck = (archive: string) => {
  const seen = new Set<string>();
  return (given: string): string | undefined => {
    const why = trouble(given);
    if (why) throw refusedEntry(archive, given, why);
    // As `tar` writes them: `./a`.
    const segments = given.split('/').filter((segment) => segment !== '.');
    if (segments.length === 0 || segments.at(-1) === '') return undefined;
    if (segments.includes('')) throw refusedEntry(archive, given, 'a folder in its name is empty');
    const path = segments.join('/');
    const key = createHash('sha256').update(path.normalize('NFKC').toLowerCase()).digest('base64').slice(0, 24);
    if (seen.has(key)) throw refusedEntry(archive, given, 'another file has that name, but perhaps for its case');
    if (seen.size === maxEntries) throw refusedEntry(archive, given, `an archive has at most ${maxEntries} files`);
    seen.add(key);
    return path;
  };
};
