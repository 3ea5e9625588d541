import { ActivityError } from '../../base/error.ts';
import type { FileStore, StoredFile } from '../../connectors/file-store.ts';
import type { Selection } from './selection.ts';

const nothingFound = (store: FileStore, shown: string) =>
  new ActivityError(
    'UserErrorSourceBlobNotExist',
    `The required Blob is missing. ContainerName: ${store.name}, path: ${shown}.`,
  );

/** The files that the selection means. Fails where there is none, but not where there is none in its span of time. */
export async function* sourceFiles(
  store: FileStore,
  selection: Selection,
  signal: AbortSignal,
): AsyncGenerator<StoredFile> {
  let found = false;
  if (selection.file !== undefined) {
    const file = await store.find(selection.file, signal);
    if (!file) throw nothingFound(store, selection.shown);
    if (selection.isInTime(file)) yield file;
    return;
  }
  for await (const file of store.list(selection.prefix, selection.recursive, signal)) {
    if (!selection.matches(file.path)) continue;
    found = true;
    if (selection.isInTime(file)) yield file;
  }
  if (!found) throw nothingFound(store, selection.shown);
}
