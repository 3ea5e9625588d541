// What GetMetadata tells of a file or a folder.
import { ActivityError } from '../../base/error.ts';
import type { JsonObject } from '../../base/json.ts';
import type { FileStore, FolderItem, StoredFile } from '../../connectors/file-store.ts';
import { MissingError } from '../../connectors/missing-error.ts';
import { textAt } from '../../connectors/property.ts';
import { fileInput } from '../copy/copy-rows.ts';
import { createReadPool } from '../copy/lane.ts';
import { openSource } from '../copy/open-side.ts';
import { folderPrefix } from '../copy/selection.ts';
import type { FileSide } from '../copy/side.ts';
import { type Field, requireHad } from './field.ts';

const seconds = (date: Date) => `${date.toISOString().slice(0, 19)}Z`;
const lastName = (path: string) => path.replace(/\/$/, '').split('/').at(-1)!;

const readColumns = async (side: FileSide, file: StoredFile, signal: AbortSignal): Promise<JsonObject> => {
  if (side.archive)
    throw new ActivityError(
      'UserErrorMetadataFieldNotSupported',
      `The fields structure and columnCount are told of files with rows; the files of a dataset that is ${side.archive} hold files.`,
    );
  const source = await openSource(side);
  if (source.kind !== 'files' || !source.reader)
    throw new ActivityError(
      'UserErrorMetadataFieldNotSupported',
      'The fields structure and columnCount are told of files with rows; a dataset of type Binary has none.',
    );
  for await (const { columns } of fileInput(source, source.reader, file, createReadPool(side)).read(signal))
    return { structure: columns.map(({ name, type }) => ({ name, type })), columnCount: columns.length };
  return { structure: [], columnCount: 0 };
};

const ofFile = async (
  side: FileSide,
  store: FileStore,
  path: string,
  asked: ReadonlySet<Field>,
  signal: AbortSignal,
): Promise<JsonObject | undefined> => {
  const file = await store.find(path, signal);
  if (!file) return undefined;
  return {
    itemName: lastName(path),
    itemType: 'File',
    size: file.size,
    ...(file.createdAt && { created: seconds(file.createdAt) }),
    lastModified: seconds(file.modifiedAt),
    ...(file.md5 !== undefined && { contentMD5: file.md5 }),
    ...(asked.has('structure') || asked.has('columnCount') ? await readColumns(side, file, signal) : {}),
  };
};

const ofFolder = async (
  store: FileStore,
  prefix: string,
  asked: ReadonlySet<Field>,
  signal: AbortSignal,
): Promise<JsonObject | undefined> => {
  const items: FolderItem[] = [];
  for await (const item of store.children(prefix, signal)) {
    items.push(item);
    if (!asked.has('childItems')) break;
  }
  // The root is there with nothing in it; a folder of blobs is only there by what is in it.
  if (items.length === 0 && prefix !== '' && !store.keepsFolders) return undefined;
  return {
    itemName: lastName(prefix === '' ? store.name : prefix),
    itemType: 'Folder',
    childItems: items.map(({ name, kind }) => ({ name, type: kind })),
  };
};

/** All that was asked for and more; undefined where there is no such file or folder. */
export const fileMetadata = async (
  side: FileSide,
  asked: ReadonlySet<Field>,
  signal: AbortSignal,
): Promise<{ name: string; known: JsonObject | undefined }> => {
  const { openFileStore } = await side.connector.files.open();
  const store = openFileStore(side.linkedService, side.location);
  const prefix = folderPrefix(textAt(side.location, 'folderPath'));
  const fileName = textAt(side.location, 'fileName') || undefined;
  const path = prefix + (fileName ?? '');
  requireHad(asked, fileName === undefined ? 'folder' : 'file', path);
  const look = () =>
    fileName === undefined ? ofFolder(store, prefix, asked, signal) : ofFile(side, store, path, asked, signal);
  try {
    return { name: `${store.name}/${path}`, known: await look() };
  } catch (error) {
    // The container itself is not there.
    if (error instanceof MissingError) return { name: `${store.name}/${path}`, known: undefined };
    throw error;
  }
};
