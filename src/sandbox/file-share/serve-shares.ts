// The file endpoint of a storage account: who asks, which operation, what it may be done to.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { IssuedCertificate } from '../certificate-authority.ts';
import { createAuthenticator } from '../storage-account/authenticate.ts';
import type { ReadStorageBearer } from '../storage-account/bearer.ts';
import type { Signer } from '../storage-account/shared-access-signature.ts';
import { notImplemented } from '../storage-account/storage-error.ts';
import { readStorageRequest, type StorageRequest, splitPath } from '../storage-account/storage-request.ts';
import { listenStorage, storageListener, type WriteError } from '../storage-account/storage-server.ts';
import type { ShareOperation } from './ask.ts';
import { openContentFolder } from './content-folder.ts';
import { directoryOperations } from './directory-operation.ts';
import { fileOperations } from './file-operation.ts';
import { openShareIndex } from './share-index.ts';
import { shareOperations } from './share-operation.ts';
import { openShareTree } from './share-tree.ts';
import { createSlots } from './slot.ts';
import { element, xmlDocument } from './xml.ts';

/** Ranges of 4 MiB that are held at once; others wait, and their senders with them. */
const bodiesAtOnce = 16;

const operations = new Map(Object.entries({ ...shareOperations, ...directoryOperations, ...fileOperations }));

const findOperation = (request: StorageRequest): ShareOperation => {
  const { method, path, query } = request;
  const kind = query.get('restype') ?? 'file';
  const about = path === '' && kind === 'file' ? 'account' : kind;
  const isCopy = method === 'PUT' && !query.has('comp') && request.header('x-ms-copy-source') !== undefined;
  const name = `${method} ${about} ${isCopy ? 'copy' : (query.get('comp') ?? '')}`.trim();
  const found = operations.get(name);
  if (found) return found;
  throw notImplemented(
    name,
    'Its Azure Files keep shares, directories, files and their ranges, properties and metadata; list, rename, copy and delete. Snapshots, leases, handles, links, permissions and stored access policies are not there.',
  );
};

const writeError: WriteError = ({ code, message }) => ({
  type: 'application/xml',
  body: xmlDocument(element('Error', [element('Code', code), element('Message', message)])),
});

/** Serves the shares of an account, whose data is in `folder`; resolves once it accepts connections. */
export const serveShares = async (order: {
  account: string;
  folder: string;
  certificate: IssuedCertificate;
  port: number;
  keys(): readonly string[];
  readBearer: ReadStorageBearer | undefined;
  onTrouble(error: unknown): void;
}): Promise<{ port: number; close(): Promise<void> }> => {
  await mkdir(order.folder, { recursive: true, mode: 0o700 });
  const index = openShareIndex(join(order.folder, 'index.sqlite'));
  const signer: Signer = {
    face: { account: order.account, service: 'file' },
    keys: order.keys,
    policyOf: () => undefined,
  };
  const authenticate = createAuthenticator(signer, order.readBearer);
  try {
    const tree = openShareTree(index);
    const contents = await openContentFolder(join(order.folder, 'content'), index.isUsed);
    const inMemory = createSlots(bodiesAtOnce);
    const listener = storageListener(
      async (incoming) => {
        const request = readStorageRequest(signer.face, incoming);
        const demand = await authenticate(request);
        const operation = findOperation(request);
        demand(operation.need);
        const { root, rest } = splitPath(request.path);
        return operation.run({ request, share: root, path: rest, tree, contents, inMemory, demand });
      },
      writeError,
      order.onTrouble,
    );
    const { port, close } = await listenStorage(order.certificate, order.port, listener);
    return { port, close: () => close().finally(index.close) };
  } catch (error) {
    index.close();
    throw error;
  }
};
