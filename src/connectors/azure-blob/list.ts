// What a container holds, page by page.
import type { BlobItem, ContainerClient } from '@azure/storage-blob';
import type { FolderItem, StoredFile } from '../file-store.ts';

const pageSize = 5000;

/** Sends a request, again where that is worth it, and turns what it throws into a failure. */
type Call = <Value>(request: () => Promise<Value>) => Promise<Value>;

const storedFile = (item: BlobItem): StoredFile => ({
  path: item.name,
  size: item.properties.contentLength ?? 0,
  // Listings give it without the quotes that a condition needs.
  version: `"${item.properties.etag.replaceAll('"', '')}"`,
  modifiedAt: item.properties.lastModified,
});

// What accounts with a hierarchical namespace list for a folder.
const isFolder = (item: BlobItem) => item.metadata?.hdi_isfolder === 'true';

/** The files whose path begins with `prefix`; unless `recursive`, only those with no `/` after it. */
export async function* listFiles(
  container: ContainerClient,
  prefix: string,
  recursive: boolean,
  call: Call,
  abortSignal: AbortSignal,
): AsyncGenerator<StoredFile> {
  const options = { prefix, includeMetadata: true, abortSignal };
  let continuationToken: string | undefined;
  do {
    const settings = { maxPageSize: pageSize, ...(continuationToken && { continuationToken }) };
    const page = await call(async () => {
      const pages = recursive
        ? container.listBlobsFlat(options).byPage(settings)
        : container.listBlobsByHierarchy('/', options).byPage(settings);
      return (await pages.next()).value;
    });
    for (const item of page?.segment.blobItems ?? []) if (!isFolder(item)) yield storedFile(item);
    continuationToken = page?.continuationToken;
  } while (continuationToken);
}

/** What stands directly below `prefix`, each folder once. */
export async function* listChildren(
  container: ContainerClient,
  prefix: string,
  call: Call,
  abortSignal: AbortSignal,
): AsyncGenerator<FolderItem> {
  let continuationToken: string | undefined;
  const listed = new Set<string>();
  do {
    const settings = { maxPageSize: pageSize, ...(continuationToken && { continuationToken }) };
    const options = { prefix, includeMetadata: true, abortSignal };
    const result = await call(() => container.listBlobsByHierarchy('/', options).byPage(settings).next());
    const page = result.done ? undefined : result.value;
    const items: FolderItem[] = [
      ...(page?.segment.blobPrefixes ?? []).map(({ name }) => ({ name: name.slice(0, -1), kind: 'Folder' as const })),
      ...(page?.segment.blobItems ?? []).map((item): FolderItem => {
        if (isFolder(item)) return { name: item.name, kind: 'Folder' };
        const { path, size, modifiedAt } = storedFile(item);
        return { name: path, kind: 'File', size, modifiedAt };
      }),
    ];
    for (const item of items) {
      const { name, kind } = item;
      // A folder that is also a blob of its own is listed twice.
      if (kind === 'Folder' && listed.has(name)) continue;
      if (kind === 'Folder') listed.add(name);
      if (name !== prefix) yield { ...item, name: name.slice(prefix.length) };
    }
    continuationToken = page?.continuationToken;
  } while (continuationToken);
}
