// Operations on directories.
import { pageSize } from '../storage-account/list-page.ts';
import { StorageError } from '../storage-account/storage-error.ts';
import {
  entryHeaders,
  readMetadata,
  readWords,
  type ShareAsk,
  type ShareOperation,
  versionAnswer,
  versionHeaders,
  writeMetadata,
} from './ask.ts';
import { nameKey } from './entry-name.ts';
import { renameEntry } from './rename-entry.ts';
import type { Entry } from './share-index.ts';
import { xmlAnswer } from './share-operation.ts';
import { element, xmlText } from './xml.ts';

const create: ShareOperation = {
  need: { level: 'object', anyOf: 'cw' },
  run: ({ request, tree, share, path }) => {
    const place = tree.placeFor(share, path);
    if (tree.find(share, path))
      throw new StorageError(409, 'ResourceAlreadyExists', 'The specified resource already exists.');
    const now = Date.now();
    const made = tree.add(place, {
      ...readWords(request, { attributes: 'Directory', created: now, written: now }),
      metadata: readMetadata(request),
      headers: {},
      isDirectory: true,
      size: 0,
      content: '',
    });
    return versionAnswer(201, made);
  },
};

const properties: ShareOperation = {
  need: { level: 'object', anyOf: 'r' },
  run: ({ tree, share, path }) => {
    const directory = tree.directory(share, path);
    return { status: 200, headers: { ...entryHeaders(directory), ...writeMetadata(directory.metadata) } };
  },
};

const changed = (change: (ask: ShareAsk, directory: Entry) => Partial<Entry>): ShareOperation => ({
  need: { level: 'object', anyOf: 'w' },
  run: (ask) => {
    ask.tree.placeFor(ask.share, ask.path);
    const directory = ask.tree.directory(ask.share, ask.path);
    return versionAnswer(200, ask.tree.touch({ ...directory, ...change(ask, directory) }));
  },
});

const remove: ShareOperation = {
  need: { level: 'object', anyOf: 'd' },
  run: ({ tree, share, path }) => {
    tree.placeFor(share, path);
    const directory = tree.directory(share, path);
    if (!tree.index.isEmpty(directory))
      throw new StorageError(409, 'DirectoryNotEmpty', 'The specified directory is not empty.');
    tree.index.remove(directory);
    return { status: 202 };
  },
};

const shown = (entry: Entry): string => {
  const { etag, ...version } = versionHeaders(entry);
  const times = [
    element('CreationTime', new Date(entry.created).toISOString()),
    element('LastWriteTime', new Date(entry.written).toISOString()),
    element('ChangeTime', new Date(entry.modified).toISOString()),
    element('Last-Modified', version['last-modified']),
    element('Etag', etag),
  ];
  const size = entry.isDirectory ? [] : [element('Content-Length', entry.size)];
  return element(entry.isDirectory ? 'Directory' : 'File', [
    element('FileId', entry.id),
    element('Name', entry.name),
    element('Properties', [...size, ...times]),
    element('Attributes', entry.attributes),
  ]);
};

const list: ShareOperation = {
  need: { level: 'container', anyOf: 'l' },
  run: ({ request, tree, share, path }) => {
    const directory = tree.directory(share, path);
    const size = pageSize(request, 'maxresults');
    const prefix = request.query.get('prefix') ?? '';
    const marker = request.query.get('marker') ?? '';
    const after = Buffer.from(marker, 'base64url').toString();
    const found = tree.index.children(share, directory.id, prefix, after, size + 1);
    const page = found.slice(0, size);
    const next = found.length > size ? Buffer.from(nameKey(page.at(-1)!.name)).toString('base64url') : '';
    const attributes = `ServiceEndpoint="https://${request.account}.file.core.windows.net/" ShareName="${xmlText(share)}" DirectoryPath="${xmlText(path)}"`;
    const body = [
      element('Prefix', prefix),
      element('Marker', marker),
      element('MaxResults', size),
      element('Entries', page.map(shown)),
      element('NextMarker', next),
      element('DirectoryId', directory.id),
    ].join('');
    return xmlAnswer(`<EnumerationResults ${attributes}>${body}</EnumerationResults>`);
  },
};

/** By method, what it is about, and the part of it. */
export const directoryOperations: Readonly<Record<string, ShareOperation>> = {
  'PUT directory': create,
  'GET directory': properties,
  'HEAD directory': properties,
  'PUT directory properties': changed(({ request }, before) => readWords(request, before)),
  'PUT directory metadata': changed(({ request }) => ({ metadata: readMetadata(request) })),
  'PUT directory rename': { need: { level: 'object', anyOf: 'cw' }, run: (ask) => renameEntry(ask, 'directory') },
  'GET directory list': list,
  'DELETE directory': remove,
};
