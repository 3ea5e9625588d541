import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findRole } from '../../arm/authorization/built-in-role.ts';
import { dataAccess } from './data-access.ts';

const account = '/subscriptions/s/resourcegroups/g/providers/microsoft.storage/storageaccounts/acme';
const granted = (role: string, scopeKey = account) => dataAccess(account, [{ scopeKey, role: findRole(role)! }]);

test('a role for data gives what it says, at the account or above it and nowhere else', () => {
  const reader = ['blobServices/containers/read', 'blobServices/containers/blobs/read'];
  assert.deepEqual(granted('2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'), reader);
  assert.deepEqual(granted('2a2b9908-6ea1-4ae2-8e65-a410df84e7d1', '/subscriptions/s'), reader);
  assert.deepEqual(granted('2a2b9908-6ea1-4ae2-8e65-a410df84e7d1', `${account}2`), []);
  assert.deepEqual(granted('2a2b9908-6ea1-4ae2-8e65-a410df84e7d1', `${account}/blobservices/default/containers/c`), []);
  const blobs = ['read', 'write', 'delete'].flatMap((verb) => [
    `blobServices/containers/${verb}`,
    `blobServices/containers/blobs/${verb}`,
  ]);
  assert.deepEqual(granted('ba92f5b4-2d11-453d-a403-e96b0029c9fe').toSorted(), blobs.toSorted());
  const owner = [...blobs, 'blobServices/containers/blobs/modifyPermissions/action'];
  assert.deepEqual(granted('b7e6dc6d-f1e8-4753-8033-0f276bb0955b').toSorted(), owner.toSorted());
  for (const [role, word, count] of [
    ['0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3', 'tableServices/', 6],
    ['76199698-9eea-4c19-bc75-cec21354c6b6', 'tableServices/', 2],
    ['69566ab7-960f-475b-8e7c-b3118f30c6bd', 'fileServices/fileshares/files/', 3],
    ['b8eda974-7b85-4f76-af95-65846b26df6d', 'fileServices/fileshares/files/read', 1],
  ] as const) {
    const permissions = granted(role);
    assert.equal(permissions.length, count, role);
    for (const permission of permissions) assert.ok(permission.startsWith(word), permission);
  }
});

test('an owner of the account manages containers, tables and shares, and reads nothing of what they hold', () => {
  for (const role of ['8e3af657-a8ff-443c-a75c-2fe8c4bcb635', 'b24988ac-6180-42a0-ab88-20f7382dd24c'])
    assert.deepEqual(
      granted(role).filter((permission) => /\/(blobs|entities|files)\//.test(permission)),
      [],
    );
  assert.deepEqual(granted('00482a5a-887f-4fb3-b363-3b7fe8e74483'), []);
  assert.deepEqual(dataAccess(account, []), []);
});
