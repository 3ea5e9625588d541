// What the person may do, by the roles that the server tells of. It decides what is offered; the server decides what is done.
import { useMemo } from 'react';
import { nameIn } from '../../../src/base/show.ts';
import { useSubscription, useWho } from '../app/who.ts';
import { useAll } from './query.ts';
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
export const useRights = (scope: string | null): { may: (action: string) => boolean | null; error: unknown } => {
  const { data, error } = useAll<Permission>(scope && pathAt(scope), { staleTime: 60_000 });
  return { may: (action) => (data ? isGranted(data, action) : null), error };
};

type Assignment = { properties: { scope: string; roleDefinitionId: string } };
type Definition = { name: string; properties: { permissions: Permission[] } };

const authorization = '/providers/Microsoft.Authorization';

/** A scope and all above it, in lower case, the narrowest first. */
const scopesAbove = (scope: string): string[] => {
  const parts = scope.toLowerCase().split('/');
  return [...parts.map((_, cut) => parts.slice(0, parts.length - cut).join('/')).slice(0, -1), '/'];
};

/** Of many scopes, those where an action is granted. They are not asked about one by one: the person's roles tell. */
export const useGrantedScopes = (asked: readonly { scope: string; action: string }[]): ReadonlySet<string> => {
  const { objectId } = useWho();
  const kept = { staleTime: 60_000 };
  const mine = `${useSubscription()}${authorization}/roleAssignments?$filter=${encodeURIComponent(`assignedTo('${objectId}')`)}`;
  const assignments = useAll<Assignment>(asked.length === 0 ? null : mine, kept).data;
  // Whoever has a role somewhere may read there what roles are.
  const somewhere = assignments?.[0]?.properties.scope.replace(/^\/$/, '');
  const definitions = useAll<Definition>(
    somewhere === undefined ? null : `${somewhere}${authorization}/roleDefinitions`,
    kept,
  ).data;
  return useMemo(() => {
    const roles = new Map(definitions?.map(({ name, properties }) => [name, properties.permissions]));
    const held = Map.groupBy(assignments ?? [], ({ properties }) => properties.scope.toLowerCase());
    const rolesAt = (scope: string) =>
      (held.get(scope) ?? []).flatMap(({ properties }) => roles.get(nameIn(properties.roleDefinitionId)) ?? []);
    const isGrantedAt = ({ scope, action }: { scope: string; action: string }) =>
      scopesAbove(scope).some((above) => isGranted(rolesAt(above), action));
    return new Set(asked.filter(isGrantedAt).map(({ scope }) => scope));
  }, [asked, assignments, definitions]);
};
