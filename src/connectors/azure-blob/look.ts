// Containers, and what is in them.
import { readAccount } from '../azure-storage/account.ts';
import { createCall } from '../azure-storage/call.ts';
import { type LookModule, lookIntoFolder, splitPath } from '../look.ts';
import type { Properties } from '../property.ts';
import { type Attempt, blobFailure } from './failure.ts';
import { openFileStore, openService } from './open.ts';

const pageSize = 1000;

async function* containers(linkedService: Properties, abortSignal: AbortSignal) {
  const account = readAccount(linkedService, 'blob');
  const service = openService(account);
  const call = createCall<Attempt>(account, (error, attempt) => blobFailure(error, account.endpoint, attempt));
  let continuationToken: string | undefined;
  do {
    const settings = { maxPageSize: pageSize, ...(continuationToken && { continuationToken }) };
    const list = () => service.listContainers({ abortSignal }).byPage(settings).next();
    const page = await call({ container: '', path: '', doing: 'read' }, abortSignal, list);
    for (const { name, properties } of page.value?.containerItems ?? [])
      yield { name, kind: 'Container' as const, path: name, modifiedAt: properties.lastModified };
    continuationToken = page.value?.continuationToken;
  } while (continuationToken);
}

/** The containers at the top; below, folders and files. */
export const look: LookModule['look'] = (linkedService, path, signal) => {
  const { root, folder } = splitPath(path);
  if (root === '') return containers(linkedService, signal);
  const location = { values: { container: root }, where: 'path' };
  return lookIntoFolder(openFileStore(linkedService, location), root, folder, signal);
};
