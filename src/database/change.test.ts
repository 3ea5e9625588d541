import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Change, onCommitted } from './change.ts';
import { openDatabase } from './database.ts';
import { deleteResource, type Resource, writeResource } from './resource.ts';

const resource: Resource = {
  id: '/subscriptions/s/resourceGroups/Group',
  key: '/subscriptions/s/resourcegroups/group',
  type: 'Microsoft.Resources/resourceGroups',
  name: 'Group',
  parentKey: '/subscriptions/s',
  location: null,
  tags: {},
  body: {},
  etag: '1',
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
};

test('what is committed is told, once and in order; what is rolled back never', async () => {
  const database = await openDatabase(':memory:', { machines: [] });
  const told: (readonly Change[])[] = [];
  const stop = onCommitted(database, (changes) => told.push(changes));
  const columns = { id: resource.id, type: resource.type };
  const written: Change = { table: 'resource', action: 'written', columns };

  await assert.rejects(
    database.transaction().execute(async (tx) => {
      await writeResource(tx, resource);
      throw new Error('changed my mind');
    }),
  );
  assert.deepEqual(told, []);

  await database.transaction().execute(async (tx) => {
    await writeResource(tx, resource);
    await writeResource(tx, { ...resource, etag: '2' });
    assert.deepEqual(told, [], 'not before the commit');
  });
  assert.deepEqual(told, [[written, written]]);

  await database.transaction().execute((tx) => deleteResource(tx, resource.key));
  assert.deepEqual(told[1], [{ ...written, action: 'deleted' }]);

  await database
    .insertInto('principal')
    .values({
      object_id: 'o',
      application_id: 'a',
      name: 'engineer',
      secret_hash: 'h',
      created_at: '2026-01-01T00:00:00Z',
    })
    .execute();
  assert.deepEqual(told[2], [{ table: 'principal', action: 'written', columns: { name: 'engineer' } }]);

  stop();
  await database.transaction().execute((tx) => writeResource(tx, resource));
  assert.equal(told.length, 3);
  await database.destroy();
});
