// Who may do what, decided by role assignments alone. Pure; nothing is granted that no assignment grants.
import { fitsPattern } from '../../base/text.ts';
import type { Role } from './built-in-role.ts';

/** One role at one scope: a lower-case id without a trailing slash, or `/` for everything. */
export type Grant = { scopeKey: string; role: Role };

const grants = (role: Role, permission: string) =>
  role.actions.some((action) => fitsPattern(action, permission)) &&
  !role.notActions.some((action) => fitsPattern(action, permission));

/** True where `scopeKey` is the place `key`, or contains it. */
export const contains = (scopeKey: string, key: string): boolean =>
  scopeKey === '/' || key === scopeKey || key.startsWith(`${scopeKey}/`);

/** Whether one of the grants covers `action` on the data of what stands at `scope`. */
export const isDataGranted = (held: readonly Grant[], action: string, scope: string): boolean =>
  held.some(
    (grant) =>
      contains(grant.scopeKey, scope.toLowerCase()) &&
      grant.role.dataActions.some((granted) => fitsPattern(granted, action)),
  );

/** Whether one of the grants covers `permission` at the place `scope` (an id in any case, or `/`). */
export const isGranted = (held: readonly Grant[], permission: string, scope: string): boolean => {
  const key = scope.toLowerCase();
  return held.some((grant) => contains(grant.scopeKey, key) && grants(grant.role, permission));
};
