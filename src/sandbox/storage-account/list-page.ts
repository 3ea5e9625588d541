// Pages of lists: a page ends with the name that the next one begins after. Pure.
import { invalidInput } from './storage-error.ts';
import type { StorageRequest } from './storage-request.ts';

const mostItems = 5000;

/** How many items a request wants at once. */
export const pageSize = (request: StorageRequest, name: string): number => {
  const text = request.query.get(name) ?? '';
  if (text === '') return mostItems;
  const size = Number(text);
  if (!Number.isInteger(size) || size < 1)
    throw invalidInput('InvalidQueryParameterValue', name, 'must be a whole number above 0');
  return Math.min(size, mostItems);
};

/** The part of a sorted list that comes after the continuation, and the next continuation, if there is more. */
export const pageAfter = <Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  size: number,
  continuation: string | undefined,
): { page: Item[]; next: string | undefined } => {
  const after = continuation ? Buffer.from(continuation, 'base64url').toString() : '';
  const rest = after === '' ? items : items.filter((item) => keyOf(item) > after);
  const page = rest.slice(0, size);
  const next = rest.length > size ? Buffer.from(keyOf(page.at(-1)!)).toString('base64url') : undefined;
  return { page, next };
};
