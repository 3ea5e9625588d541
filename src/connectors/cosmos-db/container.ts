// One container, by the official client. It sees only the real host name: the worker's network makes it work.
import type { JSONObject, OperationInput } from '@azure/cosmos';
import type { Json } from '../../base/json.ts';
import type { TableAddress } from '../definition.ts';
import { propertyError, textAt } from '../property.ts';
import { type Trouble, withRetry } from '../retry.ts';
import { isName, readAccount } from './account.ts';
import { type CallOptions, type OpenClient, openClient } from './client.ts';
import {
  type Attempt,
  cosmosFailure,
  insertTroubleOf,
  isLost,
  isOwnerMissing,
  readTroubleOf,
  troubleOf,
} from './failure.ts';

/** A document, and what is done where there is one of its id in its partition already. */
export type Document = JSONObject & { id: string };
export type WriteBehavior = 'insert' | 'upsert';

/** Errors of every call: `ActivityError`, or the abort's reason. */
export type CosmosContainer = {
  /** The container with its account and database. */
  name: string;
  /** What a query gives, page by page. */
  pages(query: string, pageSize: number, signal: AbortSignal): AsyncIterable<Json[]>;
  /** Writes every document, at most a hundred: in any order, each by itself. */
  write(how: WriteBehavior, documents: readonly Document[], signal: AbortSignal): Promise<void>;
};

/** One operation of a bulk that failed, as an error like those of single calls. */
class FailedOperation extends Error {
  readonly code: number;
  readonly substatus: number | undefined;

  constructor(code: number, substatus: number | undefined, message: string) {
    super(message);
    this.code = code;
    this.substatus = substatus;
  }
}

type BulkResult = { statusCode: number; subStatusCode?: number; message?: string };

/** Opens the container that a dataset names. Nothing is sent before the first call. */
export const openContainer = ({ linkedService, dataset }: TableAddress): CosmosContainer => {
  const account = readAccount(linkedService);
  const id = textAt(dataset, 'collectionName');
  if (!id || !isName(id)) throw propertyError(dataset, 'collectionName', 'must name a collection, without / \\ ? or #');
  let opened = openClient(account);
  const databaseOf = ({ client }: OpenClient) => client.database(account.database);

  const call = async <Value>(
    doing: Attempt['doing'],
    trouble: (error: unknown) => Trouble,
    signal: AbortSignal,
    request: () => Promise<Value>,
  ): Promise<Value> => {
    try {
      return await withRetry(request, trouble, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw await explain(error, doing);
    }
  };
  const explain = async (error: unknown, doing: Attempt['doing']): Promise<unknown> => {
    const attempt = { ...account, container: id, doing };
    if (!isOwnerMissing(error)) return cosmosFailure(error, attempt);
    // The store says that something is not there, and not what.
    const missing = await databaseOf(opened)
      .read()
      .then(
        () => 'container' as const,
        (why: unknown) => (isOwnerMissing(why) ? ('database' as const) : undefined),
      );
    return cosmosFailure(error, attempt, missing);
  };

  const bulk = async (how: WriteBehavior, documents: readonly Document[], abortSignal: AbortSignal) => {
    const operationType = how === 'insert' ? 'Create' : 'Upsert';
    // The client finds the partition of each by the container's own paths.
    const operations = documents.map((resourceBody): OperationInput => ({ operationType, resourceBody }));
    const options: CallOptions = { abortSignal, contentResponseOnWriteEnabled: false };
    const mine = opened;
    try {
      const { items } = databaseOf(mine).container(id);
      return (await items.bulk(operations, { continueOnError: true }, options)) as (BulkResult | undefined)[];
    } catch (thrown) {
      const error = mine.failureOf(options) ?? thrown;
      // A client keeps what it did not find out about a container for good.
      if (mine === opened && isLost(error)) opened = openClient(account);
      throw error;
    }
  };

  return {
    name: `${account.endpoint}/dbs/${account.database}/colls/${id}`,
    async *pages(query, pageSize, abortSignal) {
      const open = (continuationToken: string | undefined) =>
        databaseOf(opened)
          .container(id)
          .items.query<Json>(query, {
            maxItemCount: pageSize,
            abortSignal,
            ...(continuationToken && { continuationToken }),
          });
      let token: string | undefined;
      let isFirst = true;
      let pages: ReturnType<typeof open> | undefined = open(undefined);
      while (pages?.hasMoreResults()) {
        const page = await call('read', readTroubleOf, abortSignal, async () => {
          // A page that failed has ended its pages: another try begins where the last good one ended.
          pages ??= open(token);
          try {
            return await pages.fetchNext();
          } catch (error) {
            // The results of some queries cannot be taken up again: then the failure is the last word.
            if (!isFirst && token === undefined) throw await explain(error, 'read');
            pages = undefined;
            throw error;
          }
        });
        isFirst = false;
        token = page.continuationToken;
        if (page.resources?.length > 0) yield page.resources;
      }
    },
    write: (how, documents, abortSignal) => {
      let left = documents;
      return call('write', how === 'insert' ? insertTroubleOf : troubleOf, abortSignal, async () => {
        const results = await bulk(how, left, abortSignal);
        const failed = left.flatMap((document, at) => {
          const result = results[at];
          return result && result.statusCode < 400 ? [] : [{ document, result }];
        });
        left = failed.map(({ document }) => document);
        const worst = failed.find(({ result }) => result?.statusCode !== 429) ?? failed[0];
        if (!worst) return;
        const { statusCode = 500, subStatusCode, message } = worst.result ?? {};
        const words = `document '${worst.document.id.slice(0, 100)}': ${message ?? 'the store gave no reason'}`;
        throw new FailedOperation(statusCode, subStatusCode, words);
      });
    },
  };
};
