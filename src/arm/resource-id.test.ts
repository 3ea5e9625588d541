import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseResourceId, typeOfId } from './resource-id.ts';

const group = '/subscriptions/S1/resourceGroups/My-Group';

test('an id keeps its case, and has a key without', () => {
  const id = parseResourceId(`${group}/providers/Microsoft.DataFactory//factories/F/linkedservices/My Store/`, 'x');
  assert.equal(id.path, `${group}/providers/Microsoft.DataFactory/factories/F/linkedservices/My Store`);
  assert.equal(id.key, id.path.toLowerCase());
  assert.equal(id.subscriptionId, 'S1');
  assert.equal(id.resourceGroup, 'My-Group');
  assert.deepEqual(id.types, ['factories', 'linkedservices']);
  assert.deepEqual(id.names, ['F', 'My Store']);
  assert.equal(typeOfId(id), 'Microsoft.DataFactory/factories/linkedservices');
});

test('the last provider of an extension id is its own', () => {
  const id = parseResourceId(`${group}/providers/A.B/c/d/providers/Microsoft.Authorization/roleAssignments/r`, 'x');
  assert.equal(typeOfId(id), 'Microsoft.Authorization/roleAssignments');
  assert.deepEqual(id.names, ['r']);
  assert.equal(id.resourceGroup, 'My-Group');
});

for (const text of [
  '',
  'x',
  '/',
  '/providers/A.B/c/d',
  `${group}/providers/A.B`,
  `${group}/providers/A.B/c`,
  `${group}/providers/A.B/c/d/e`,
  `${group}/../x`,
  `${group}/providers/A.B/c/%2e%2e`,
  `${group}/providers/A.B/c/d?x=1`,
  `${group}/providers/A.B/c/d\u0000`,
  `${group}/providers/A.B/c/d\u202e`,
  `${group}/${'x'.repeat(3000)}`,
])
  test(`${JSON.stringify(text.slice(0, 80))} is no resource id`, () => {
    assert.throws(() => parseResourceId(text, 'properties.there'), {
      code: 'InvalidResourceId',
      status: 400,
      target: 'properties.there',
    });
  });
