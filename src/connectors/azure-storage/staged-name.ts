// Files that are being written have a name of their own, which listings leave out, and get their true name whole. Pure.
import { randomUUID } from 'node:crypto';

const form = /(^|\/)\.postern-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A name in the folder of `path` for what is not whole yet. */
export const stagedName = (path: string): string =>
  `${path.slice(0, path.lastIndexOf('/') + 1)}.postern-${randomUUID()}`;

/** Whether a path is that of a file which is being written, or was when its writer ended. */
export const isStaged = (path: string): boolean => form.test(path);
