import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtInRoles } from './built-in-role.ts';
import { isGranted } from './grant.ts';

const group = '/subscriptions/s/resourcegroups/g';
const account = `${group}/providers/microsoft.storage/storageaccounts/a`;
const may = (role: string, permission: string, scope = account, at = group) =>
  isGranted([{ scopeKey: at, role: builtInRoles.find(({ name }) => name === role)! }], permission, scope);

const approve = 'Microsoft.Storage/storageAccounts/privateEndpointConnections/write';
const endpoint = 'Microsoft.DataFactory/factories/managedVirtualNetworks/managedPrivateEndpoints/write';
const assign = 'Microsoft.Authorization/roleAssignments/write';
const makePrincipal = 'Microsoft.Authorization/principals/write';
const expected: Record<string, Record<string, boolean>> = {
  Owner: { [approve]: true, [endpoint]: true, [assign]: true, [makePrincipal]: true, 'a/b/read': true },
  Contributor: { [approve]: true, [endpoint]: true, [assign]: false, [makePrincipal]: false, 'a/b/read': true },
  Reader: { [approve]: false, [endpoint]: false, [assign]: false, [makePrincipal]: false, 'a/b/read': true },
  'User Access Administrator': { [approve]: false, [endpoint]: false, [assign]: true, 'a/b/read': true },
  'Data Factory Contributor': { [approve]: false, [endpoint]: true, [assign]: false, 'a/b/read': false },
  'Storage Account Contributor': { [approve]: true, [endpoint]: false, [assign]: false, 'a/b/read': false },
  'Storage Blob Data Contributor': { [approve]: false, [endpoint]: false, [assign]: false, 'a/b/read': false },
};

for (const [role, permissions] of Object.entries(expected))
  test(`${role} grants what Azure's grants, and no more`, () => {
    for (const [permission, granted] of Object.entries(permissions))
      assert.equal(may(role, permission), granted, permission);
  });

test('a scope contains what is below it, and not its namesakes', () => {
  assert.equal(may('Owner', approve, group), true);
  assert.equal(may('Owner', approve, group.toUpperCase()), true);
  assert.equal(may('Owner', approve, `${group}2`), false);
  assert.equal(may('Owner', approve, '/subscriptions/s'), false);
  assert.equal(may('Owner', approve, '/'), false);
  assert.equal(may('Owner', approve, account, '/'), true);
  assert.equal(may('Owner', approve, '/', '/'), true);
  assert.equal(may('Owner', approve, `${account}2`, account), false);
});

test('permissions are compared without case, and a dot is a dot', () => {
  assert.equal(may('Data Factory Contributor', endpoint.toUpperCase()), true);
  assert.equal(may('Data Factory Contributor', endpoint.replace('Microsoft.', 'MicrosoftX')), false);
  assert.equal(may('Data Factory Contributor', `x${endpoint}`), false);
  assert.equal(may('Reader', 'Microsoft.Storage/storageAccounts/readx'), false);
});

test('nobody may do anything without an assignment', () => {
  assert.equal(isGranted([], 'a/b/read', '/'), false);
});
