// Reading the API: every question has its path as its key, so that an event about a resource finds what to ask again.
import { type InfiniteData, type UseQueryOptions, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { type Call, call, pathOfLink } from './client.ts';
import { ApiError } from './error.ts';
import type { Page } from './shape.ts';

type Options<T> = Pick<UseQueryOptions<T>, 'enabled' | 'staleTime' | 'refetchInterval' | 'retry'>;

/** The key of a question: `['arm', path in lower case, body]`. */
export const armKey = (path: string, body?: unknown): unknown[] => ['arm', path.toLowerCase(), body ?? null];

/** GET; nothing is asked while the path is null. */
export const useArm = <T>(path: string | null, options: Options<T> = {}) =>
  useQuery<T>({
    queryKey: armKey(path ?? ''),
    queryFn: ({ signal }) => call<T>({ method: 'GET', path: path!, signal }),
    ...options,
    enabled: path !== null && (options.enabled ?? true),
  });

/** GET of what need not be there: null where it is not. An error is forgotten while it is asked again; this answer is kept. */
export const useArmOrNone = <T>(path: string) =>
  useQuery<T | null>({
    queryKey: [...armKey(path), 'or none'],
    queryFn: ({ signal }) =>
      call<T>({ method: 'GET', path, signal }).catch((error: unknown) => {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }),
  });

/** POST of a question that changes nothing. */
export const useAsk = <T>(path: string | null, body: unknown, options: Options<T> = {}) =>
  useQuery<T>({
    queryKey: armKey(path ?? '', body),
    queryFn: ({ signal }) => call<T>({ method: 'POST', path: path!, body, signal }),
    ...options,
    enabled: path !== null && (options.enabled ?? true),
  });

const mostPages = 50;
/** The first page is short, so that it is there at once; who goes on gets more at a time. */
const laterPage = 1000;

/** A path that asks for long pages, where it does not say. */
export const inLongPages = (path: string): string =>
  /[?&](\$|%24)?top=/.test(path) ? path : `${path}${path.includes('?') ? '&' : '?'}$top=${laterPage}`;

/** All pages of a list, for what must see the whole of it (a choice, a map). */
export const readAll = async <T>(path: string, signal?: AbortSignal): Promise<T[]> => {
  const found: T[] = [];
  let next: string | undefined = inLongPages(path);
  for (let page = 0; next !== undefined && page < mostPages; page++) {
    const asked: Call = { method: 'GET', path: next, ...(signal && { signal }) };
    const body: Page<T> = await call<Page<T>>(asked);
    found.push(...body.value);
    next = body.nextLink === undefined ? undefined : pathOfLink(body.nextLink);
  }
  return found;
};

/** The whole of a list. */
export const useAll = <T>(path: string | null, options: Options<T[]> = {}) =>
  useQuery<T[]>({
    queryKey: [...armKey(path ?? ''), 'all'],
    queryFn: ({ signal }) => readAll<T>(path!, signal),
    ...options,
    enabled: path !== null && (options.enabled ?? true),
  });

type Some<T> = { value: T[] };

/** A list as far as somebody has scrolled. `more` is for the list that shows it. */
export type Paged<T> = {
  data: T[] | undefined;
  error: unknown;
  isPending: boolean;
  refetch(): unknown;
  more: { hasMore: boolean; isFailing: boolean; onMore(): void };
};

/** A question that is answered in pages. `ask` is given what the page before said of the next, or '' at first. */
export const usePaged = <T, Answer extends Some<T>>(
  key: unknown[] | null,
  ask: (next: string, signal: AbortSignal) => Promise<Answer>,
  nextOf: (answer: Answer) => string | undefined,
): Paged<T> => {
  const found = useInfiniteQuery({
    queryKey: [...(key ?? armKey('')), 'pages'],
    queryFn: ({ pageParam, signal }) => ask(pageParam, signal),
    initialPageParam: '',
    getNextPageParam: nextOf,
    select: rowsOf<T>,
    enabled: key !== null,
  });
  const { data, error, isPending, refetch } = found;
  return {
    data,
    error,
    isPending,
    refetch,
    more: {
      hasMore: found.hasNextPage,
      isFailing: found.isFetchNextPageError,
      onMore: () => {
        if (!found.isFetching) void found.fetchNextPage();
      },
    },
  };
};

const rowsOf = <T>({ pages }: InfiniteData<Some<T>>): T[] => pages.flatMap(({ value }) => value);

/** A list page by page, as somebody scrolls. */
export const usePages = <T>(path: string | null): Paged<T> =>
  usePaged<T, Page<T>>(
    path === null ? null : armKey(path),
    (next, signal) => call<Page<T>>({ method: 'GET', path: next === '' ? path! : next, signal }),
    ({ nextLink }) => (nextLink === undefined ? undefined : inLongPages(pathOfLink(nextLink))),
  );
