// Pages of results: how many, and where the next one begins.
import type { Json } from '../../base/json.ts';
import { badRequest, CosmosError } from './cosmos-error.ts';
import { readJson } from './json-text.ts';
import type { ItemQuery } from './query/query.ts';
import type { Budget } from './query/select.ts';

/** What a client wants of a page. `after` is where the last one ended, 0 for the first. */
export type PageAsk = { size: number; after: number };

/** A page of results, as JSON; `next` is null on the last. */
export type Page = { texts: string[]; next: number | null };

const defaultSize = 100;
const largestSize = 10_000;
const pageBytes = 4 * 2 ** 20;
const heldBytes = 64 * 2 ** 20;
const stretchMs = 1000;
const turnMs = 50;
const workMs = 1000;
const itemsAtOnce = 100;

/** Reads what a client wants of a page. Errors: a 400 for a continuation that no page gave. */
export const readPageAsk = (size: string | undefined, continuation: string | undefined): PageAsk => {
  const count = Number(size ?? -1);
  if (!Number.isInteger(count) || count < -1 || count === 0)
    throw badRequest("'x-ms-max-item-count' must be a whole number above 0, or -1.");
  const after = continuation === undefined || continuation === '' ? 0 : readJson(continuation);
  if (typeof after !== 'number' || !Number.isSafeInteger(after) || after < 0)
    throw badRequest('The continuation token is not one that this container gave.');
  return { size: count === -1 ? defaultSize : Math.min(count, largestSize), after };
};

/** The headers that say where the next page begins. */
export const continuationHeaders = ({ next }: Page): Record<string, string> =>
  next === null ? {} : { 'x-ms-continuation': `${next}` };

/** A page of a list that is at hand as a whole. */
export const pageOfList = (texts: readonly string[], { size, after }: PageAsk): Page => {
  const next = after + size;
  return { texts: texts.slice(after, next), next: next < texts.length ? next : null };
};

/** Limits of one query: memory that it holds, and time for one item, in which all others wait. `rest` begins an item. */
export const createBudget = (): Budget & { rest(): void } => {
  let held = 0;
  let since = performance.now();
  return {
    spend: () => {
      if (performance.now() - since > stretchMs)
        throw badRequest(
          'The query has too much to do with one item: join fewer arrays, compare less, or filter first.',
        );
    },
    hold: (bytes) => {
      held += bytes;
      if (held > heldBytes)
        throw badRequest(
          `The query must hold more than ${heldBytes / 2 ** 20} MB to sort, group or compare: give it a filter.`,
        );
    },
    rest: () => {
      since = performance.now();
    },
  };
};

/** Where items come from, in the order of their numbers. */
export type Items = (after: number, limit: number) => { number: number; text: string }[];

/** Somebody else's turn; throws where the client has gone. */
export type Rest = () => Promise<void>;

type ItemBudget = ReturnType<typeof createBudget>;

/** The items one by one, each with time of its own, and others' turns in between. */
async function* oneByOne(items: Items, start: number, budget: ItemBudget, rest: Rest) {
  let after = start;
  let since = performance.now();
  for (;;) {
    const found = items(after, itemsAtOnce);
    if (found.length === 0) return;
    for (const { number, text } of found) {
      budget.rest();
      yield { number, item: JSON.parse(text) as Json };
      after = number;
      if (performance.now() - since > turnMs) {
        await rest();
        since = performance.now();
      }
    }
  }
}

const collect = (texts: string[], values: readonly unknown[], budget: Budget): number => {
  let bytes = 0;
  for (const value of values) {
    const text = JSON.stringify(value);
    budget.hold(text.length);
    bytes += text.length;
    texts.push(text);
  }
  return bytes;
};

/** A page of a query that can go on after any item: it ends with its size, its bytes, or after a while of work. */
const streamedPage = async (
  query: ItemQuery,
  items: Items,
  ask: PageAsk,
  budget: ItemBudget,
  rest: Rest,
): Promise<Page> => {
  const texts: string[] = [];
  const until = performance.now() + workMs;
  let bytes = 0;
  for await (const { number, item } of oneByOne(items, ask.after, budget, rest)) {
    bytes += collect(texts, query.take(item), budget);
    const isFull = texts.length >= ask.size || bytes >= pageBytes;
    if (isFull || performance.now() > until) return { texts, next: items(number, 1).length > 0 ? number : null };
  }
  return { texts, next: null };
};

/** A page of a query whose results are known at the end only: it is asked anew for each page. */
const countedPage = async (
  query: ItemQuery,
  items: Items,
  ask: PageAsk,
  budget: ItemBudget,
  rest: Rest,
): Promise<Page> => {
  const texts: string[] = [];
  let seen = 0;
  let bytes = 0;
  let hasMore = false;
  const add = (values: readonly unknown[]) => {
    for (const value of values) {
      seen += 1;
      if (seen <= ask.after) continue;
      hasMore ||= texts.length >= ask.size || bytes >= pageBytes;
      if (!hasMore) bytes += collect(texts, [value], budget);
    }
  };
  if (!query.isFull())
    for await (const { item } of oneByOne(items, 0, budget, rest)) {
      add(query.take(item));
      if (query.isFull() || hasMore) break;
    }
  add(query.finish());
  return { texts, next: hasMore ? ask.after + texts.length : null };
};

const mostAtOnce = 4;

/** Runs queries, few at once of those that hold much. Errors beside those of the query: a 429 that says to try again. */
export const createPager = () => {
  let running = 0;
  return async (query: ItemQuery, items: Items, ask: PageAsk, budget: ItemBudget, rest: Rest): Promise<Page> => {
    if (query.streams) return streamedPage(query, items, ask, budget, rest);
    if (running >= mostAtOnce)
      throw new CosmosError(
        429,
        'TooManyRequests',
        'Too many queries that sort or group run at once. Try again.',
        3200,
      );
    running += 1;
    try {
      return await countedPage(query, items, ask, budget, rest);
    } finally {
      running -= 1;
    }
  };
};
