// What a hierarchical namespace asks of the blob endpoint: a blob's folders are there, a file is no folder, and a folder
// that holds something is not deleted by its name alone.
import { StorageError } from '../storage-account/storage-error.ts';
import { folderMark, isFolder, type PathTree } from './path-tree.ts';

type Context = { contextId?: string };
type Metadata = { metadata?: Record<string, string> };
type Target = { containerName: string; name: string } & Metadata;
type Place = { container: string; blob: string };

/** The part of Azurite's store of blobs through which blobs are made and deleted. */
export type BlobChanges = {
  createBlob(context: Context, blob: Target, ...more: unknown[]): Promise<unknown>;
  commitBlockList(context: Context, blob: Target, ...more: unknown[]): Promise<unknown>;
  startCopyFromURL(context: Context, source: Place, target: Place, ...more: unknown[]): Promise<unknown>;
  copyFromURL(context: Context, source: Place, target: Place, ...more: unknown[]): Promise<unknown>;
  deleteBlob(context: Context, account: string, container: string, blob: string, ...more: unknown[]): Promise<unknown>;
  setBlobMetadata(
    context: Context,
    account: string,
    container: string,
    blob: string,
    lease: unknown,
    metadata: Record<string, string> | undefined,
    ...more: unknown[]
  ): Promise<unknown>;
};

/** Lets `changes` keep to the folders of `tree`. `refuse` makes an error of the kind that Azurite answers with. */
export const keepFolders = (
  changes: BlobChanges,
  tree: PathTree,
  refuse: (error: StorageError, requestId: string) => Error,
): void => {
  const check = (context: Context, step: () => void): void => {
    try {
      step();
    } catch (error) {
      // A container that is missing is found so by Azurite itself.
      if (!(error instanceof StorageError)) throw error;
      if (error.code !== 'FilesystemNotFound') throw refuse(error, context.contextId ?? '');
    }
  };
  const makeRoom = (context: Context, container: string, blob: string, fresh: Metadata): void =>
    check(context, () => {
      tree.fileSystem(container);
      const before = tree.find(container, blob);
      if (before && (before.kind === 'directory') !== isFolder(fresh))
        throw new StorageError(409, 'ResourceTypeMismatch', `There is a ${before.kind} of this name.`);
      tree.makeFolders(container, blob);
    });
  const { createBlob, commitBlockList, startCopyFromURL, copyFromURL, deleteBlob, setBlobMetadata } = changes;

  changes.createBlob = (context, blob, ...more) => {
    makeRoom(context, blob.containerName, blob.name, blob);
    return createBlob.call(changes, context, blob, ...more);
  };
  changes.commitBlockList = (context, blob, ...more) => {
    makeRoom(context, blob.containerName, blob.name, blob);
    return commitBlockList.call(changes, context, blob, ...more);
  };
  const copying =
    (copy: BlobChanges['copyFromURL']): BlobChanges['copyFromURL'] =>
    (context, source, target, ...more) => {
      makeRoom(context, target.container, target.blob, {});
      return copy.call(changes, context, source, target, ...more);
    };
  changes.startCopyFromURL = copying(startCopyFromURL);
  changes.copyFromURL = copying(copyFromURL);
  // A folder stays one whatever is written over its metadata.
  changes.setBlobMetadata = (context, account, container, blob, lease, metadata, ...more) => {
    const kept = tree.find(container, blob)?.kind === 'directory' ? { ...metadata, [folderMark]: 'true' } : metadata;
    return setBlobMetadata.call(changes, context, account, container, blob, lease, kept, ...more);
  };
  changes.deleteBlob = (context, account, container, blob, ...more) => {
    check(context, () => {
      tree.fileSystem(container);
      if (tree.below(container, blob, false).length > 0)
        throw new StorageError(
          409,
          'DirectoryIsNotEmpty',
          'This operation is not permitted on a non-empty directory. Delete it through the dfs endpoint, recursively.',
        );
    });
    return deleteBlob.call(changes, context, account, container, blob, ...more);
  };
};
