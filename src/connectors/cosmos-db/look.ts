// The containers of the linked service's database.
import { type LookModule, nothingIn } from '../look.ts';
import { withRetry } from '../retry.ts';
import { readAccount } from './account.ts';
import { openClient } from './client.ts';
import { cosmosFailure, isOwnerMissing, readTroubleOf } from './failure.ts';

const pageSize = 1000;

/** The containers at the top; they hold nothing to look into. */
export const look: LookModule['look'] = async function* (linkedService, path, abortSignal) {
  if (path !== '') throw nothingIn(path);
  const account = readAccount(linkedService);
  const { endpoint, credential, database } = account;
  const { client } = openClient(account);
  const open = (continuationToken: string | undefined) =>
    client.database(database).containers.readAll({
      maxItemCount: pageSize,
      abortSignal,
      ...(continuationToken && { continuationToken }),
    });
  try {
    let token: string | undefined;
    do {
      // A list that failed has ended its pages, so each page is a list of its own.
      const list = () => open(token).fetchNext();
      const page = await withRetry(list, readTroubleOf, abortSignal).catch((error: unknown) => {
        abortSignal.throwIfAborted();
        const attempt = { endpoint, credential, database, container: undefined, doing: 'read' } as const;
        throw cosmosFailure(error, attempt, isOwnerMissing(error) ? 'database' : undefined);
      });
      for (const { id } of page.resources ?? []) yield { name: id, kind: 'Collection', path: id };
      token = page.continuationToken;
    } while (token);
  } finally {
    client.dispose();
  }
};
