// Reading the API: every question has its path as its key, so that an event about a resource finds what to ask again.
import { type UseQueryOptions, useInfiniteQuery, useQuery } from '@tanstack/react-query';
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

/** All pages of a list, for what must see the whole of it (a choice, a map). */
export const readAll = async <T>(path: string, signal?: AbortSignal): Promise<T[]> => {
  const found: T[] = [];
  let next: string | undefined = path;
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

/** A list page by page, as somebody scrolls. */
export const usePages = <T>(path: string | null) =>
  useInfiniteQuery({
    queryKey: [...armKey(path ?? ''), 'pages'],
    queryFn: ({ pageParam, signal }) =>
      call<Page<T>>({ method: 'GET', path: pageParam === '' ? path! : pathOfLink(pageParam), signal }),
    initialPageParam: '',
    getNextPageParam: (last: Page<T>) => last.nextLink,
    enabled: path !== null,
  });
