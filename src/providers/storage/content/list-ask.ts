// What a client may say of the list that it asks for. Pure, but for taking a page.
import { ServiceError } from '../../../base/error.ts';

type Query = Readonly<Record<string, string>>;

const invalid = (message: string, target: string) => new ServiceError(400, 'InvalidParameter', message, { target });

/** The beginning of the names that `$filter` asks for. In Azure it is that beginning itself, and no expression. */
export const prefixOf = ({ $filter = '' }: Query): string => {
  if (/^[\w$-]{0,63}$/.test($filter)) return $filter;
  throw invalid("'$filter' must be the beginning of a name, as 'logs-': letters, digits and hyphens.", '$filter');
};

/** Refuses words of a query parameter that are not `known`; the parameter may stand in the query in any case. */
export const requireKnown = (query: Query, parameter: string, known: readonly string[]): void => {
  for (const word of wordsOf(query, parameter))
    if (!known.includes(word))
      throw invalid(`'${parameter}' is '${word.slice(0, 40)}'. Possible: ${known.join(', ')}.`, parameter);
};

/** The words of a query parameter, in lower case. */
export const wordsOf = (query: Query, parameter: string): string[] =>
  (query[parameter] ?? '')
    .split(',')
    .map((word) => word.trim().toLowerCase())
    .filter((word) => word !== '');

/** One page of a list that a client of Azure's reads page by page. */
export const firstPage = async <Page>(pages: AsyncIterableIterator<Page>): Promise<Page> =>
  (await pages.next()).value as Page;
