// Data Lake's face of an account's blobs: who asks, which operation, what it may be done to.
import type { IncomingMessage } from 'node:http';
import type { BlobDocuments } from '../azurite/document.ts';
import { createAuthenticator } from '../storage-account/authenticate.ts';
import type { ReadStorageBearer } from '../storage-account/bearer.ts';
import type { Signer } from '../storage-account/shared-access-signature.ts';
import { notImplemented } from '../storage-account/storage-error.ts';
import { readStorageRequest, type StorageRequest, splitPath } from '../storage-account/storage-request.ts';
import type { AnswerRequest, WriteError } from '../storage-account/storage-server.ts';
import { accessOperations } from './access-operation.ts';
import { openFileContent } from './file-content.ts';
import { fileSystemOperations } from './file-system-operation.ts';
import type { LakeOperation } from './lake-operation.ts';
import { requirePathName } from './path-name.ts';
import { pathOperations } from './path-operation.ts';
import { openPathTree } from './path-tree.ts';

const operations = new Map(Object.entries({ ...fileSystemOperations, ...pathOperations, ...accessOperations }));

const findOperation = ({ method, query }: StorageRequest): LakeOperation => {
  const resource = query.get('resource');
  const about = resource === 'account' || resource === 'filesystem' ? resource : 'path';
  const action = query.get('action') ?? '';
  const name = `${method} ${about} ${about === 'path' ? action : ''}`.trim();
  const found = operations.get(name);
  if (found) return found;
  throw notImplemented(
    name,
    'Its Data Lake creates, appends, flushes, reads, lists, renames and deletes, and keeps properties and access control lists. Leases, expiry, soft delete and encryption keys of your own are not there.',
  );
};

/** Writes errors as Data Lake does. */
export const writeLakeError: WriteError = ({ code, message }) => ({
  type: 'application/json;charset=utf-8',
  body: JSON.stringify({ error: { code, message } }),
});

/** Answers requests to the `dfs` host of an account. A change is answered once `saved` resolves. */
export const answerLake = (lake: {
  account: string;
  isHierarchical: boolean;
  keys(): readonly string[];
  readBearer: ReadStorageBearer | undefined;
  documents: BlobDocuments;
  saved(): Promise<void>;
}): AnswerRequest => {
  const tree = openPathTree(lake.account, lake.documents, lake.isHierarchical);
  const content = openFileContent(lake.account, lake.documents, tree);
  const signer: Signer = {
    face: { account: lake.account, service: 'dfs' },
    keys: lake.keys,
    policyOf: (name, id) => {
      const container = lake.documents.containers.findOne({ accountName: lake.account, name });
      const policy = container?.containerAcl?.find((each) => each.id === id)?.accessPolicy;
      return policy && { ...policy, permissions: policy.permission };
    },
  };
  const authenticate = createAuthenticator(signer, lake.readBearer);

  return async (incoming: IncomingMessage) => {
    const request = readStorageRequest(signer.face, incoming);
    const demand = await authenticate(request);
    const operation = findOperation(request);
    demand(operation.need);
    const { root, rest } = splitPath(request.path);
    requirePathName(rest);
    const answer = await operation.run({ request, fileSystem: root, path: rest, tree, content, demand });
    if (request.method !== 'GET' && request.method !== 'HEAD') await lake.saved();
    return answer;
  };
};
