// Operations on owners and access control lists. They need an account with a hierarchical namespace.
import { requireConditions } from '../storage-account/condition.ts';
import { pageAfter, pageSize } from '../storage-account/list-page.ts';
import { invalidInput, StorageError } from '../storage-account/storage-error.ts';
import { changeAccess, changeRecursively, permissionsOf, recursiveModes } from './access-control.ts';
import { type LakeAsk, type LakeOperation, requireLease, versionHeaders, versionOf } from './lake-operation.ts';
import { type Found, sortKey } from './path-tree.ts';

const requireLists = ({ tree }: LakeAsk): void => {
  if (!tree.isHierarchical)
    throw new StorageError(
      400,
      'HierarchicalNamespaceNotEnabled',
      'Access control lists need a storage account with a hierarchical namespace: create it with isHnsEnabled.',
    );
};

const versionShown = ({ tree, fileSystem }: LakeAsk, { document }: Found) =>
  versionHeaders(document?.properties ?? tree.fileSystem(fileSystem).properties);

const getAccess: LakeOperation = {
  need: { level: 'object', anyOf: 're' },
  run: (ask) => {
    requireLists(ask);
    ask.tree.fileSystem(ask.fileSystem);
    const found = ask.tree.get(ask.fileSystem, ask.path);
    requireConditions(ask.request, versionOf(found));
    const access = ask.tree.accessOf(ask.fileSystem, found);
    return {
      status: 200,
      headers: {
        ...versionShown(ask, found),
        'x-ms-owner': access.owner,
        'x-ms-group': access.group,
        'x-ms-permissions': permissionsOf(access),
        'x-ms-acl': access.acl,
      },
    };
  },
};

const principal = (text: string | undefined, name: string): string | undefined => {
  if (text !== undefined && !/^[\w.@$-]{1,256}$/.test(text))
    throw invalidInput('InvalidHeaderValue', name, 'must be an object id, a user principal name or $superuser');
  return text;
};

const setAccess: LakeOperation = {
  need: { level: 'object', anyOf: 'wpo' },
  run: (ask) => {
    requireLists(ask);
    const { request, tree, fileSystem, path } = ask;
    tree.fileSystem(fileSystem);
    const found = tree.get(fileSystem, path);
    requireLease(found.document, request.header('x-ms-lease-id'));
    requireConditions(request, versionOf(found));
    const access = changeAccess(tree.accessOf(fileSystem, found), {
      owner: principal(request.header('x-ms-owner'), 'x-ms-owner'),
      group: principal(request.header('x-ms-group'), 'x-ms-group'),
      permissions: request.header('x-ms-permissions'),
      acl: request.header('x-ms-acl'),
    });
    tree.setAccess(fileSystem, found, access);
    return { status: 200, headers: versionShown(ask, found) };
  },
};

const setRecursively: LakeOperation = {
  need: { level: 'object', anyOf: 'wpo' },
  run: (ask) => {
    requireLists(ask);
    const { request, tree, fileSystem, path } = ask;
    tree.fileSystem(fileSystem);
    const found = tree.get(fileSystem, path);
    const mode = recursiveModes.find((each) => each === request.query.get('mode'));
    const acl = request.header('x-ms-acl');
    if (!mode) throw invalidInput('InvalidQueryParameterValue', 'mode', `must be one of ${recursiveModes.join(', ')}`);
    if (acl === undefined) throw invalidInput('InvalidHeaderValue', 'x-ms-acl', 'must be given');
    const all = found.kind === 'directory' ? [found, ...tree.below(fileSystem, path, true)] : [found];
    const { page, next } = pageAfter(
      all,
      (each) => sortKey(each.path),
      pageSize(request, 'maxrecords'),
      request.query.get('continuation'),
    );
    const changes = page.map((each) => ({
      each,
      access: changeRecursively(tree.accessOf(fileSystem, each), mode, acl, each.kind === 'directory'),
    }));
    for (const { each, access } of changes) tree.setAccess(fileSystem, each, access);
    const directories = page.filter(({ kind }) => kind === 'directory').length;
    return {
      status: 200,
      headers: { 'content-type': 'application/json;charset=utf-8', 'x-ms-continuation': next },
      body: JSON.stringify({
        directoriesSuccessful: directories,
        filesSuccessful: page.length - directories,
        failureCount: 0,
        failedEntries: [],
      }),
    };
  },
};

/** By method, what it is about, and the action. */
export const accessOperations: Readonly<Record<string, LakeOperation>> = {
  'HEAD path getAccessControl': getAccess,
  'PATCH path setAccessControl': setAccess,
  'PATCH path setAccessControlRecursive': setRecursively,
};
