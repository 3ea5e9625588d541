import { ServiceError } from '../../base/error.ts';
import type { Tx } from '../../database/database.ts';
import type { Caller } from '../resource-type.ts';
import { findRole } from './built-in-role.ts';
import { type Grant, isGranted } from './grant.ts';

/** What one caller may do, as it stood when the request's transaction began. */
export type Access = {
  caller: Caller;
  may(permission: string, scope: string): boolean;
  /** Throws `AuthorizationFailed` where `may` is false. */
  demand(permission: string, scope: string): void;
};

/** The error for a permission that a caller lacks at a scope. */
export const authorizationFailed = (caller: Caller, permission: string, scope: string): ServiceError =>
  new ServiceError(
    403,
    'AuthorizationFailed',
    `The client '${caller.applicationId}' with object id '${caller.objectId}' does not have authorization to perform action '${permission}' over scope '${scope}' or the scope is invalid. Ask who may assign roles there for a role that has it; if access was granted a moment ago, repeat the request.`,
  );

/** The roles that a principal holds, and where. */
export const readHeld = async (tx: Tx, objectId: string): Promise<Grant[]> => {
  const rows = await tx
    .selectFrom('role_assignment')
    .select(['scope_key', 'role_definition_id'])
    .where('principal_id', '=', objectId)
    .execute();
  return rows.flatMap((row) => {
    const role = findRole(row.role_definition_id);
    return role ? [{ scopeKey: row.scope_key, role }] : [];
  });
};

/** What the caller's role assignments let it do. */
export const readAccess = async (tx: Tx, caller: Caller): Promise<Access> => {
  const held = await readHeld(tx, caller.objectId);
  const may = (permission: string, scope: string) => isGranted(held, permission, scope);
  return {
    caller,
    may,
    demand: (permission, scope) => {
      if (!may(permission, scope)) throw authorizationFailed(caller, permission, scope);
    },
  };
};
