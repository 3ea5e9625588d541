// The listeners of Data Lake over an account's blobs: `dfs` alone, for the network, and both faces for this machine.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerLake, writeLakeError } from '../data-lake/answer-lake.ts';
import { keepFolders } from '../data-lake/keep-folders.ts';
import { openPathTree } from '../data-lake/path-tree.ts';
import type { ReadStorageBearer } from '../storage-account/bearer.ts';
import { listenStorage, storageListener } from '../storage-account/storage-server.ts';
import { type AzuriteServer, azuriteError, blobChangesOf, blobDocumentsOf } from './library.ts';
import type { AccountOrder } from './message.ts';

const lakeQuery = /[?&](resource|action|recursive|position)=/i;

/** Whether a request that could be to either host is to `dfs`: its queries and its method are not those of blobs. */
const isForLake = ({ method, url = '', headers }: IncomingMessage): boolean =>
  method === 'PATCH' || headers['x-ms-rename-source'] !== undefined || lakeQuery.test(url);

/** A listener, its name and its end. */
export type Listening<Name extends string> = { name: Name; port: number; close(): Promise<void> };

/** Starts both over the account's started server of blobs. A change is answered once `saved` resolves. */
export const serveLake = async (
  order: AccountOrder,
  blobs: AzuriteServer,
  { keys, readBearer }: { keys(): readonly string[]; readBearer: ReadStorageBearer | undefined },
  saved: () => Promise<void>,
  onTrouble: (error: unknown) => void,
): Promise<Listening<'dfs' | 'lake'>[]> => {
  const { name: account, isHierarchical, certificate, ports } = order;
  const documents = blobDocumentsOf(blobs);
  if (isHierarchical) keepFolders(blobChangesOf(blobs), openPathTree(account, documents, true), azuriteError);
  const answer = answerLake({ account, isHierarchical, keys, readBearer, documents, saved });
  const lake = storageListener(answer, writeLakeError, onTrouble);
  const either = (incoming: IncomingMessage, response: ServerResponse): void => {
    if (isForLake(incoming)) lake(incoming, response);
    else blobs.httpServer.emit('request', incoming, response);
  };
  const dfs = await listenStorage(certificate, ports.dfs, lake);
  try {
    return [
      { name: 'dfs', ...dfs },
      { name: 'lake', ...(await listenStorage(certificate, ports.lake, either)) },
    ];
  } catch (error) {
    await dfs.close();
    throw error;
  }
};
