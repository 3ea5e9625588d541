// Stores: what endpoints may lead to, and what leads to them.
import { type UseQueryResult, useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { armKey, readAll, useAll } from './query.ts';
import type { LinkConnection, Resource } from './shape.ts';
import { type StoreKind, storeKinds } from './store-kind.ts';

type Provider = { namespace: string; resourceTypes: { resourceType: string }[] };

/** The kinds of store that this Postern serves; null while that is not known, or cannot be. */
export const useServedKinds = (subscription: string): { kinds: readonly StoreKind[] | null; error: unknown } => {
  const { data, error } = useAll<Provider>(`${subscription}/providers`, { staleTime: Number.POSITIVE_INFINITY });
  const kinds = useMemo(() => {
    if (!data) return null;
    const served = new Set(
      data.flatMap(({ namespace, resourceTypes }) =>
        resourceTypes.map(({ resourceType }) => `${namespace}/${resourceType}`.toLowerCase()),
      ),
    );
    return storeKinds.filter(({ type }) => served.has(type.toLowerCase()));
  }, [data]);
  return { kinds, error };
};

/** A store as its list shows it, with the connections that lead to it. */
export type Store = Resource<{
  publicNetworkAccess?: string;
  networkAcls?: { defaultAction?: string };
  provisioningState?: string;
  privateEndpointConnections?: Omit<LinkConnection, 'name' | 'type'>[];
}>;

// One function, so that it is called when an answer comes and not with each drawing.
const together = (results: UseQueryResult<Store[]>[]) => ({
  stores: results.flatMap(({ data }) => data ?? []),
  isPending: results.some(({ isPending }) => isPending),
  error: results.find(({ error }) => error)?.error ?? null,
  refetch: () => results.forEach((one) => void one.refetch()),
});

/** Every store that the person may read. */
export const useStores = (
  subscription: string,
): { stores: Store[]; isPending: boolean; error: unknown; refetch(): void } => {
  const { kinds, error } = useServedKinds(subscription);
  const lists = useQueries({
    queries: (kinds ?? []).map(({ type }) => {
      const path = `${subscription}/providers/${type}`;
      return {
        queryKey: [...armKey(path), 'all'],
        queryFn: ({ signal }: { signal: AbortSignal }) => readAll<Store>(path, signal),
      };
    }),
    combine: together,
  });
  return { ...lists, error: error ?? lists.error, isPending: (kinds === null && !error) || lists.isPending };
};
