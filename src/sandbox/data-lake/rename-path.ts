// A rename of a file or a folder, which is whole or not at all.
import { mustBeNew, requireConditions } from '../storage-account/condition.ts';
import { StorageError } from '../storage-account/storage-error.ts';
import { type StorageRequest, splitPath } from '../storage-account/storage-request.ts';
import type { StorageAnswer } from '../storage-account/storage-server.ts';
import { type LakeAsk, requireLease, versionHeaders, versionOf } from './lake-operation.ts';
import { parentOf, requirePathName } from './path-name.ts';
import type { Found } from './path-tree.ts';

const conflict = (code: string, message: string) => new StorageError(409, code, message);

/** The source that `x-ms-rename-source` names, as `filesystem/path`. */
const readSource = ({ account, isByAddress, header }: StorageRequest): string => {
  const [text = ''] = (header('x-ms-rename-source') ?? '').split('?');
  const bad = new StorageError(
    400,
    'InvalidSourceUri',
    'The source URI is invalid: it must be /filesystem/path, encoded as URLs are.',
  );
  let path: string;
  try {
    path = decodeURIComponent(text);
  } catch {
    throw bad;
  }
  if (!path.startsWith('/') || /[\0-\x1f\x7f]/.test(path)) throw bad;
  const start = isByAddress && path.startsWith(`/${account}/`) ? account.length + 2 : 1;
  return path.slice(start).replace(/\/$/, '');
};

const requireFit = (ask: LakeAsk, source: Found, target: Found): void => {
  if (mustBeNew(ask.request)) throw conflict('PathAlreadyExists', 'The specified path already exists.');
  if (target.kind !== source.kind)
    throw conflict(
      'InvalidSourceOrDestinationResourceType',
      'The source and destination resource type must be identical.',
    );
  if (target.kind === 'directory' && ask.tree.below(ask.fileSystem, ask.path, false).length > 0)
    throw conflict('DirectoryNotEmpty', 'The destination directory is not empty.');
};

/** Renames what the request names as the source to the request's path. */
export const renamePath = (ask: LakeAsk): StorageAnswer => {
  const { request, tree, fileSystem, path, demand } = ask;
  const place = readSource(request);
  demand({ level: 'object', anyOf: 'mdw', path: place });
  const { root, rest } = splitPath(place);
  requirePathName(rest);
  tree.fileSystem(fileSystem);
  tree.fileSystem(root);
  const source = rest === '' ? undefined : tree.find(root, rest);
  if (!source)
    throw new StorageError(404, 'SourcePathNotFound', 'The source path for a rename operation does not exist.');
  requireConditions(request, versionOf(source), 'x-ms-source-');
  requireLease(source.document, request.header('x-ms-source-lease-id'));
  const target = tree.find(fileSystem, path);
  requireLease(target?.document, request.header('x-ms-lease-id'));
  requireConditions(request, target && versionOf(target));
  const isSame = root === fileSystem && rest === path;
  if (root === fileSystem && path.startsWith(`${rest}/`))
    throw conflict('InvalidRenameSourcePath', 'The source directory cannot be the same as, or above, the destination.');
  if (tree.isHierarchical && tree.find(fileSystem, parentOf(path))?.kind !== 'directory')
    throw new StorageError(
      404,
      'RenameDestinationParentPathNotFound',
      'The parent directory of the destination path does not exist.',
    );
  if (target && !isSame) {
    requireFit(ask, source, target);
    tree.remove(fileSystem, target);
  }
  if (!isSame) tree.rename({ fileSystem: root, found: source }, { fileSystem, path });
  return { status: 201, headers: source.document ? versionHeaders(source.document.properties) : {} };
};
