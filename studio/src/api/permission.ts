// What the person may do, by the roles that the server tells of. It decides what is offered; the server decides what is done.
import { useQueries } from '@tanstack/react-query';
import { armKey, readAll, useAll } from './query.ts';
import type { Permission } from './shape.ts';

const matches = (pattern: string, action: string) =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    'i',
  ).test(action);

/** Whether one of the roles grants an action. */
export const isGranted = (roles: readonly Permission[], action: string): boolean =>
  roles.some(
    ({ actions, notActions }) =>
      actions.some((pattern) => matches(pattern, action)) && !notActions.some((pattern) => matches(pattern, action)),
  );

const pathAt = (scope: string) => `${scope}/providers/Microsoft.Authorization/permissions`;

/** What the person may do at a scope. `may` is null while it is not known. */
export const useRights = (scope: string | null): { may: (action: string) => boolean | null } => {
  const { data } = useAll<Permission>(scope && pathAt(scope), { staleTime: 60_000 });
  return { may: (action) => (data ? isGranted(data, action) : null) };
};

/** Of several scopes, those where an action is granted. */
export const useGrantedScopes = (asked: readonly { scope: string; action: string }[]): ReadonlySet<string> =>
  useQueries({
    queries: asked.map(({ scope }) => ({
      queryKey: [...armKey(pathAt(scope)), 'all'],
      queryFn: ({ signal }: { signal: AbortSignal }) => readAll<Permission>(pathAt(scope), signal),
      staleTime: 60_000,
    })),
    combine: (results) =>
      new Set(
        results.flatMap(({ data }, index) =>
          data && isGranted(data, asked[index]!.action) ? [asked[index]!.scope] : [],
        ),
      ),
  });
