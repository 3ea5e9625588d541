// Who may make factories.
import { useMemo } from 'react';
import { useGrantedScopes, useRights } from './permission.ts';
import { useAll } from './query.ts';
import type { Resource } from './shape.ts';

/** The action that making a factory takes. */
export const factoryWrite = 'Microsoft.DataFactory/factories/write';

/** Whether there is a place where the person may make one: the subscription, or one of its groups. Null while it is not known. */
export const useMayMake = (subscription: string): boolean | null => {
  const groups = useAll<Resource>(`${subscription}/resourceGroups`);
  const everywhere = useRights(subscription).may(factoryWrite);
  const scopes = useGrantedScopes(
    useMemo(
      () => (everywhere === false ? (groups.data ?? []).map(({ id }) => ({ scope: id, action: factoryWrite })) : []),
      [everywhere, groups.data],
    ),
  );
  return everywhere === false ? scopes.size > 0 : everywhere;
};
