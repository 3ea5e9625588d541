// Operations on file systems, which are the containers of the account.
import type { ContainerDocument } from '../azurite/document.ts';
import { requireConditions } from '../storage-account/condition.ts';
import { pageAfter, pageSize } from '../storage-account/list-page.ts';
import { StorageError } from '../storage-account/storage-error.ts';
import { permissionsOf } from './access-control.ts';
import {
  httpDate,
  type LakeAsk,
  type LakeOperation,
  readMetadata,
  versionHeaders,
  writeMetadata,
} from './lake-operation.ts';
import { isFileSystemName, requirePathName } from './path-name.ts';
import { type Found, sortKey } from './path-tree.ts';

const json = (body: object, headers: Record<string, string | undefined> = {}) => ({
  status: 200,
  headers: { 'content-type': 'application/json;charset=utf-8', ...headers },
  body: JSON.stringify(body),
});

const requireConditionsOf = ({ request }: LakeAsk, { properties }: ContainerDocument) =>
  requireConditions(request, { etag: properties.etag, modifiedAt: new Date(properties.lastModified) });

const fileTime = (date: Date | string) => `${(BigInt(new Date(date).getTime()) + 11_644_473_600_000n) * 10_000n}`;

const shownPath = ({ tree, fileSystem }: LakeAsk, found: Found) => {
  const { path, kind, document } = found;
  const access = tree.accessOf(fileSystem, found);
  const { etag, lastModified } = document?.properties ?? tree.fileSystem(fileSystem).properties;
  return {
    name: path,
    ...(kind === 'directory' && { isDirectory: 'true' }),
    contentLength: `${document?.properties.contentLength ?? 0}`,
    lastModified: httpDate(lastModified),
    etag: etag.replaceAll('"', ''),
    ...(document && { creationTime: fileTime(document.properties.creationTime) }),
    owner: access.owner,
    group: access.group,
    permissions: permissionsOf(access),
  };
};

const listPaths: LakeOperation = {
  need: { level: 'container', anyOf: 'l' },
  run: (ask) => {
    const { request, tree, fileSystem } = ask;
    tree.fileSystem(fileSystem);
    const directory = (request.query.get('directory') ?? '').replace(/^\/|\/$/g, '');
    requirePathName(directory);
    const found = tree.get(fileSystem, directory);
    const isRecursive = request.query.get('recursive')?.toLowerCase() === 'true';
    const all = found.kind === 'file' ? [found] : tree.below(fileSystem, directory, isRecursive);
    const { page, next } = pageAfter(
      all,
      ({ path }) => sortKey(path),
      pageSize(request, 'maxresults'),
      request.query.get('continuation'),
    );
    return json({ paths: page.map((each) => shownPath(ask, each)) }, { 'x-ms-continuation': next });
  },
};

const list: LakeOperation = {
  need: { level: 'service', anyOf: 'l' },
  run: ({ request, tree }) => {
    const prefix = request.query.get('prefix') ?? '';
    const all = tree
      .fileSystems()
      .filter(({ name }) => name.startsWith(prefix))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const { page, next } = pageAfter(
      all,
      ({ name }) => name,
      pageSize(request, 'maxresults'),
      request.query.get('continuation'),
    );
    const filesystems = page.map(({ name, properties }) => ({
      name,
      lastModified: httpDate(properties.lastModified),
      eTag: properties.etag.replaceAll('"', ''),
    }));
    return json({ filesystems }, { 'x-ms-continuation': next });
  },
};

const create: LakeOperation = {
  need: { level: 'container', anyOf: 'cw' },
  run: ({ request, tree, fileSystem }) => {
    if (!isFileSystemName(fileSystem))
      throw new StorageError(
        400,
        'InvalidResourceName',
        'A file system is named by 3 to 63 lower-case letters, digits and single hyphens.',
      );
    const made = tree.createFileSystem(fileSystem, readMetadata(request) ?? {});
    return {
      status: 201,
      headers: { ...versionHeaders(made.properties), 'x-ms-namespace-enabled': `${tree.isHierarchical}` },
    };
  },
};

const getProperties: LakeOperation = {
  need: { level: 'container', anyOf: 'rl' },
  run: ({ tree, fileSystem }) => {
    const { properties, metadata } = tree.fileSystem(fileSystem);
    return {
      status: 200,
      headers: {
        ...versionHeaders(properties),
        'x-ms-properties': writeMetadata(metadata),
        'x-ms-namespace-enabled': `${tree.isHierarchical}`,
      },
    };
  },
};

const setProperties: LakeOperation = {
  need: { level: 'container', anyOf: 'w' },
  run: (ask) => {
    const container = ask.tree.fileSystem(ask.fileSystem);
    requireConditionsOf(ask, container);
    ask.tree.setMetadata(container, readMetadata(ask.request) ?? {});
    return { status: 200, headers: versionHeaders(container.properties) };
  },
};

const remove: LakeOperation = {
  need: { level: 'container', anyOf: 'd' },
  run: (ask) => {
    const container = ask.tree.fileSystem(ask.fileSystem);
    requireConditionsOf(ask, container);
    const { leaseState } = container.properties;
    if (leaseState === 'leased' || leaseState === 'breaking')
      throw new StorageError(412, 'LeaseIdMissing', 'There is a lease on the filesystem. End it first.');
    ask.tree.removeFileSystem(ask.fileSystem);
    return { status: 202 };
  },
};

/** By method and what it is about. */
export const fileSystemOperations: Readonly<Record<string, LakeOperation>> = {
  'GET account': list,
  'GET filesystem': listPaths,
  'PUT filesystem': create,
  'HEAD filesystem': getProperties,
  'PATCH filesystem': setProperties,
  'DELETE filesystem': remove,
};
