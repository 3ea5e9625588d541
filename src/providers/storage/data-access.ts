// Who may do what in a storage account with a token: by roles at the account or above it. What is done to containers and
// tables is a matter of a role's actions, and what is done to what they hold of its data actions, as in Azure. Pure.
import { type Grant, isDataGranted, isGranted } from '../../arm/authorization/grant.ts';
import { type StoragePermission, storagePermissions } from '../../sandbox/sandbox.ts';

const onData = /\/(blobs|entities|files)\//;

/** The permissions of a principal that holds the roles `held`, in the account of this key. */
export const dataAccess = (accountKey: string, held: readonly Grant[]): StoragePermission[] =>
  storagePermissions.filter((permission) => {
    const action = `Microsoft.Storage/storageAccounts/${permission}`;
    return (onData.test(permission) ? isDataGranted : isGranted)(held, action, accountKey);
  });
