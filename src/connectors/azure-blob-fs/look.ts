// File systems, and what is in them. Their list comes from the blob host, so that a test asks for both endpoints.
import { readAccount } from '../azure-storage/account.ts';
import { type Call, createCall } from '../azure-storage/call.ts';
import { type LookModule, lookIntoFolder, splitPath } from '../look.ts';
import type { Properties } from '../property.ts';
import { type Attempt, lakeFailure } from './failure.ts';
import { openFileStore, openService } from './open.ts';

const pageSize = 1000;

async function* fileSystems(linkedService: Properties, abortSignal: AbortSignal) {
  const account = readAccount(linkedService, 'dfs');
  const service = openService(account);
  const call: Call<Attempt> = createCall(account, (error, attempt) => lakeFailure(error, account.endpoint, attempt));
  let continuationToken: string | undefined;
  do {
    const settings = { maxPageSize: pageSize, ...(continuationToken && { continuationToken }) };
    const page = await call({ fileSystem: '', path: '', doing: 'read' }, abortSignal, async () => {
      const result = await service.listFileSystems({ abortSignal }).byPage(settings).next();
      return result.done ? undefined : result.value;
    });
    for (const { name, properties } of page?.fileSystemItems ?? [])
      yield { name, kind: 'Container' as const, path: name, modifiedAt: properties.lastModified };
    continuationToken = page?.continuationToken;
  } while (continuationToken);
}

/** The file systems at the top; below, folders and files. */
export const look: LookModule['look'] = (linkedService, path, signal) => {
  const { root, folder } = splitPath(path);
  if (root === '') return fileSystems(linkedService, signal);
  const location = { values: { fileSystem: root }, where: 'path' };
  return lookIntoFolder(openFileStore(linkedService, location), root, folder, signal);
};
