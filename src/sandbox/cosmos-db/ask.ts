// One request, and what its path names.
import type { Json } from '../../base/json.ts';
import type { AccountFile, ContainerRow, DatabaseRow } from './account-file.ts';
import { CosmosError } from './cosmos-error.ts';
import type { createPager, Rest } from './page.ts';

/** One request to an open account. `now` is seconds since 1970. */
export type Ask = {
  file: AccountFile;
  account: { name: string; location: string; endpoint: string };
  segments: readonly string[];
  header(name: string): string | undefined;
  /** The body, read once it is known to be wanted. */
  body(): Promise<Json | undefined>;
  page: ReturnType<typeof createPager>;
  rest: Rest;
  now: number;
};

/** A 404 whose substatus tells it from that of an item. */
export const missing = (what: string, id: string) =>
  new CosmosError(404, 'NotFound', `Owner resource does not exist: there is no ${what} '${id.slice(0, 255)}'.`, 1003);

/** The database that a path names. Errors: 404. */
export const databaseAt = ({ file, segments }: Ask): DatabaseRow => {
  const found = file.findDatabase(segments[1]!);
  if (!found) throw missing('database', segments[1]!);
  return found;
};

/** The container that a path names. Errors: 404. */
export const containerAt = (ask: Ask): ContainerRow => {
  const { id } = databaseAt(ask);
  const found = ask.file.findContainer(id, ask.segments[3]!);
  if (!found) throw missing('container', ask.segments[3]!);
  return found;
};
