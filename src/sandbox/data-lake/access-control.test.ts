import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeAccess, changeRecursively, newAccess, permissionsOf, plainAccess } from './access-control.ts';

test('permissions are told in letters, with what the list says more', () => {
  assert.equal(permissionsOf(plainAccess(true)), 'rwxr-x---');
  assert.equal(permissionsOf(plainAccess(false)), 'rw-r-----');
  assert.equal(permissionsOf(newAccess(undefined, true, { permissions: '0777', umask: '0000' })), 'rwxrwxrwx');
  const sticky = changeAccess(plainAccess(true), { permissions: '1751' });
  assert.equal(permissionsOf(sticky), 'rwxr-x--t');
  assert.equal(permissionsOf(changeAccess(sticky, { permissions: 'rwxr-x--T' })), 'rwxr-x--T');
  const named = changeAccess(plainAccess(false), { acl: 'user::rw-,user:ana:r--,group::---,other::---' });
  assert.equal(permissionsOf(named), 'rw-------+');
});

test('a folder hands down its default entries: to files as entries, to folders as both', () => {
  const parent = changeAccess(plainAccess(true), {
    acl: 'user::rwx,group::r-x,other::---,default:user:ana:rwx,default:other::r--',
  });
  assert.match(newAccess(parent, false, {}).acl, /(^|,)user:ana:rwx(,|$)/);
  assert.doesNotMatch(newAccess(parent, false, {}).acl, /default/);
  assert.match(newAccess(parent, true, {}).acl, /default:user:ana:rwx/);
  assert.match(newAccess(parent, false, {}).acl, /(^|,)other::r--(,|$)/);
});

test('a recursive change sets, adds or removes; a file takes no default entries', () => {
  const access = changeAccess(plainAccess(true), { acl: 'user::rwx,user:ana:r--,group::r-x,other::---' });
  const added = changeRecursively(access, 'modify', 'user:bob:rw-,default:user:bob:rw-', true).acl;
  assert.match(added, /user:ana:r--.*user:bob:rw-.*default:user:bob:rw-/);
  assert.doesNotMatch(changeRecursively(access, 'modify', 'default:user:bob:rw-', false).acl, /bob/);
  assert.doesNotMatch(changeRecursively(access, 'remove', 'user:ana', true).acl, /ana/);
  assert.doesNotMatch(changeRecursively(access, 'set', 'user::r--,group::---,other::---', true).acl, /ana/);
});

test('what is no list, or two ways at once, is refused by code', () => {
  for (const asked of [
    { acl: 'user::rwx' },
    { acl: 'user::rwz,group::---,other::---' },
    { acl: 'user::rwx,group::---,other:ana:---' },
    { acl: 'user::rwx,group::---,other::---,user:a b:r--' },
    { permissions: '0999' },
    { permissions: 'rwx' },
    { permissions: '0750', acl: 'user::rwx,group::---,other::---' },
  ])
    assert.throws(() => changeAccess(plainAccess(true), asked), { code: 'InvalidInput' }, JSON.stringify(asked));
});
