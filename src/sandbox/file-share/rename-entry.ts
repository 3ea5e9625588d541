// A rename of a file or a directory with all that is in it: one row changes.
import { StorageError } from '../storage-account/storage-error.ts';
import type { StorageAnswer } from '../storage-account/storage-server.ts';
import { type ShareAsk, versionAnswer } from './ask.ts';
import type { Entry } from './share-index.ts';
import { sourcePlace } from './source-place.ts';

const requireNotInside = (ask: ShareAsk, source: Entry): void => {
  const names = ask.path.split('/');
  for (let depth = 1; depth < names.length; depth += 1)
    if (ask.tree.find(ask.share, names.slice(0, depth).join('/'))?.id === source.id)
      throw new StorageError(409, 'InvalidRenameSourcePath', 'A directory cannot be renamed into itself.');
};

/** Renames what `x-ms-file-rename-source` names to the request's path. */
export const renameEntry = async (ask: ShareAsk, kind: 'file' | 'directory'): Promise<StorageAnswer> => {
  const { request, tree, share, path, demand, contents } = ask;
  const from = sourcePlace(request, 'x-ms-file-rename-source');
  demand({ level: 'object', anyOf: 'dw', path: from.whole });
  if (from.share !== share)
    throw new StorageError(400, 'InvalidHeaderValue', 'A file or directory is renamed within its share.');
  if (from.path === '') throw new StorageError(400, 'InvalidHeaderValue', 'The root of a share has no name.');
  const source = kind === 'file' ? tree.file(share, from.path) : tree.directory(share, from.path);
  const place = tree.placeFor(share, path);
  const target = tree.find(share, path);
  requireNotInside(ask, source);
  const replaced = target && target.id !== source.id ? target : undefined;
  const mayReplace = request.header('x-ms-file-rename-replace-if-exists')?.toLowerCase() === 'true';
  if (replaced && (!mayReplace || replaced.isDirectory || source.isDirectory))
    throw new StorageError(409, 'ResourceAlreadyExists', 'The specified resource already exists.');
  const renamed = tree.index.atOnce(() => {
    if (replaced) tree.index.remove(replaced);
    return tree.touch({ ...source, ...place });
  });
  if (replaced) await contents.remove([replaced.content]);
  return versionAnswer(200, renamed);
};
