import type { FileStore, StoredFile } from '../../connectors/file-store.ts';
import type { Selection } from './selection.ts';

/** The files that the selection means. Fails where there is none, but not where there is none in its span of time. */
export async function* sourceFiles(
  store: FileStore,
  selection: Selection,
  signal: AbortSignal,
): AsyncGenerator<StoredFile> {
  let found = false;
  if (selection.file !== undefined) {
    const file = await store.find(selection.file, signal);
    if (!file) throw store.missing(selection.shown);
    if (selection.isInTime(file)) yield file;
    return;
  }
  for await (const file of store.list(selection.prefix, selection.recursive, signal)) {
    if (!selection.matches(file.path)) continue;
    found = true;
    if (selection.isInTime(file)) yield file;
  }
  if (!found) throw store.missing(selection.shown);
}
