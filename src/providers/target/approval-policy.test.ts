import assert from 'node:assert/strict';
import { test } from 'node:test';
import { permissionFor } from '../../arm/permission.ts';
import { idOfSegments } from '../../arm/resource-id.ts';
import { storeKinds } from '../providers.ts';
import { approvalPolicy } from './approval-policy.ts';

const type = approvalPolicy(storeKinds);
const scopeOf = (target: string) =>
  idOfSegments(`subscriptions/s/resourceGroups/g/providers/${target}/acme`.split('/'));

test('on every kind of target a policy asks for the right to answer its connections, in any case of the path', () => {
  assert.ok(storeKinds.length >= 2);
  for (const kind of storeKinds)
    for (const written of [kind.type, kind.type.toUpperCase()])
      assert.equal(permissionFor(type, scopeOf(written), 'write'), `${kind.type}/privateEndpointConnections/write`);
});

test('elsewhere it asks for a right of its own, which no role of builders has', () => {
  for (const scope of ['Microsoft.DataFactory/factories', 'Microsoft.Storage/storageAccountsX'])
    assert.equal(permissionFor(type, scopeOf(scope), 'write'), 'Postern.Network/approvalPolicies/write');
});
