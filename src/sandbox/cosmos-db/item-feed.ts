// The items of a container as a whole: made, listed, asked for by a query, changed in a batch, read as a feed of changes.
import type { Json } from '../../base/json.ts';
import type { ContainerRow, ItemRow } from './account-file.ts';
import { type Ask, containerAt } from './ask.ts';
import { runBatch } from './batch.ts';
import { badRequest } from './cosmos-error.ts';
import { itemOperations } from './item-operation.ts';
import { continuationHeaders, createBudget, readPageAsk } from './page.ts';
import { type PartitionChoice, readPartition, readWholePartition } from './partition-key.ts';
import { queryPlan } from './query/plan.ts';
import { openQuery } from './query/query.ts';
import { containerHeaders, feedReply, itemReply, type Reply, requestCharge } from './reply.ts';

const partitionHeader = 'x-ms-documentdb-partitionkey';
const isTrue = (text: string | undefined): boolean => text?.toLowerCase() === 'true';

const choiceOf = ({ header }: Ask, { paths }: ContainerRow): PartitionChoice | null => {
  // There is one range of hashes, and no part of it can be asked for.
  if ((header('x-ms-start-epk') || '') !== '' || (header('x-ms-end-epk') || 'FF') !== 'FF')
    throw badRequest('A part of the range of partition keys cannot be asked for: name a partition, or ask for all.');
  const text = header(partitionHeader);
  return text === undefined ? null : readPartition(text, paths);
};

const pageReply = async (ask: Ask, container: ContainerRow, query: Json): Promise<Reply> => {
  const { file, header, rest } = ask;
  const choice = choiceOf(ask, container);
  const pageAsk = readPageAsk(header('x-ms-max-item-count'), header('x-ms-continuation'));
  const budget = createBudget();
  const items = (after: number, limit: number) => file.scan(container, choice, after, limit);
  const page = await ask.page(openQuery(query, budget), items, pageAsk, budget, rest);
  return feedReply('Documents', container.rid, page.texts, {
    ...containerHeaders(container, container.lsn),
    ...continuationHeaders(page),
  });
};

const secondsAt = (text: string | undefined): number => {
  const at = text === undefined ? 0 : Date.parse(text);
  if (Number.isNaN(at)) throw badRequest("'If-Modified-Since' must be a date as HTTP has them.");
  return Math.floor(at / 1000);
};

const timeOf = ({ text }: ItemRow): number => Number((JSON.parse(text) as { _ts: number })._ts);

/** What was written after the etag that the client has seen; 304 where nothing was. A removal is not told of. */
const changes = (ask: Ask, container: ContainerRow): Reply => {
  const { file, header } = ask;
  const { size } = readPageAsk(header('x-ms-max-item-count'), undefined);
  const mark = header('if-none-match');
  const since = secondsAt(header('if-modified-since'));
  const start = mark === '*' ? container.lsn : Number((mark ?? '0').replaceAll('"', ''));
  if (!Number.isSafeInteger(start) || start < 0) throw badRequest('The etag is not one that this feed gave.');
  let after = start;
  let found: ItemRow[] = [];
  for (;;) {
    const page = file.changes(container, choiceOf(ask, container), after, size);
    after = page.at(-1)?.lsn ?? after;
    found = page.filter((item) => since === 0 || timeOf(item) >= since);
    if (found.length > 0 || page.length === 0) break;
  }
  const headers = { ...containerHeaders(container, container.lsn), etag: `"${after}"` };
  if (found.length === 0) return { status: 304, headers };
  return feedReply(
    'Documents',
    container.rid,
    found.map(({ text }) => text),
    headers,
  );
};

/** GET of a container's items: all, page by page, or what has changed. */
export const itemFeedOperation = async (ask: Ask): Promise<Reply> => {
  const container = containerAt(ask);
  const mode = ask.header('a-im')?.toLowerCase();
  if (mode === undefined) return pageReply(ask, container, { query: 'SELECT * FROM c' });
  if (mode === 'incremental feed') return changes(ask, container);
  throw badRequest(`The change feed is there as 'Incremental feed' only; '${mode.slice(0, 50)}' is not supported.`);
};

const batchReply = async (ask: Ask, container: ContainerRow): Promise<Reply> => {
  const { file, header, now } = ask;
  const operations = await ask.body();
  const isAtomic = isTrue(header('x-ms-cosmos-batch-atomic'));
  const returnsItems = header('prefer')?.toLowerCase() !== 'return=minimal';
  const partition = isAtomic ? readWholePartition(header(partitionHeader), container.paths) : null;
  const { status, results } = runBatch({ file, container, partition, operations, returnsItems, now });
  const charge = `${results.length * requestCharge}`;
  const after = file.findContainer(container.database, container.id) ?? container;
  return {
    status,
    headers: { ...containerHeaders(container, after.lsn), 'x-ms-request-charge': charge },
    body: JSON.stringify(results),
  };
};

/** What a POST to a container's items asks for. */
export type ItemPost = 'plan' | 'query' | 'batch' | 'Upsert' | 'Create';

/** Reads it from the headers. */
export const itemPostOf = ({ header }: Pick<Ask, 'header'>, isQuery: boolean): ItemPost => {
  if (isTrue(header('x-ms-cosmos-is-query-plan-request'))) return 'plan';
  if (isQuery) return 'query';
  if (isTrue(header('x-ms-cosmos-is-batch-request'))) return 'batch';
  return isTrue(header('x-ms-documentdb-is-upsert')) ? 'Upsert' : 'Create';
};

/** POST to a container's items: one more, a query, its plan, or a batch. */
export const itemPostOperation = async (ask: Ask, post: ItemPost): Promise<Reply> => {
  const { file, header, now } = ask;
  if (post === 'plan' || post === 'query') {
    const query = (await ask.body()) ?? null;
    const container = containerAt(ask);
    if (post === 'query') return pageReply(ask, container, query);
    // What is wrong with the query is said here already.
    openQuery(query, createBudget());
    return { status: 200, headers: containerHeaders(container, container.lsn), body: JSON.stringify(queryPlan) };
  }
  if (post === 'batch') return batchReply(ask, containerAt(ask));
  const body = await ask.body();
  const container = containerAt(ask);
  const partition = readWholePartition(header(partitionHeader), container.paths);
  const one = {
    file,
    container,
    partition,
    id: undefined,
    body,
    ifMatch: header('if-match'),
    ifNoneMatch: undefined,
    now,
  };
  return itemReply(
    container,
    file.transaction(() => itemOperations[post](one)),
  );
};
