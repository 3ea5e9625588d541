import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDatabase } from './database.ts';
import {
  deleteResource,
  descendants,
  listBelow,
  listChildren,
  type Resource,
  readResource,
  writeResource,
} from './resource.ts';

const resource = (id: string, parent: string, type: string): Resource => ({
  id,
  key: id.toLowerCase(),
  type,
  name: id.split('/').at(-1)!,
  parentKey: parent.toLowerCase(),
  location: null,
  tags: { a: 'b' },
  body: { properties: { 'any.thing': [1, { deep: null }] } },
  etag: 'e',
  createdAt: '2026',
  updatedAt: '2026',
});

const open = async () => {
  const db = await openDatabase(':memory:', { machines: [] });
  const group = '/subscriptions/S/resourceGroups/G';
  const factory = `${group}/providers/P/f/F`;
  const all = [
    resource(group, '/subscriptions/S', 'R/g'),
    resource(`${group}-2`, '/subscriptions/S', 'R/g'),
    resource(factory, group, 'P/f'),
    ...['a', 'B', 'c'].map((name) => resource(`${factory}/n/${name}`, factory, 'P/f/n')),
    resource(`${factory}2`, group, 'P/f'),
  ];
  await db.transaction().execute(async (tx) => {
    for (const one of all) await writeResource(tx, one);
  });
  return { db, group, factory };
};

test('a resource comes back as it was written, by its key; a rewrite keeps its first id and birth', async () => {
  const { db, factory } = await open();
  const before = await readResource(db, factory.toLowerCase());
  assert.deepEqual(before, resource(factory, '/subscriptions/S/resourceGroups/G', 'P/f'));
  await db
    .transaction()
    .execute((tx) => writeResource(tx, { ...before!, id: 'other', createdAt: '2027', updatedAt: '2027', etag: 'f' }));
  const after = await readResource(db, factory.toLowerCase());
  assert.deepEqual(after, { ...before, updatedAt: '2027', etag: 'f' });
  await db.destroy();
});

test('children come in order of key, a page at a time', async () => {
  const { db, factory } = await open();
  const parentKey = factory.toLowerCase();
  const page = await listChildren(db, { type: 'P/f/n', parentKey, limit: 2 });
  assert.deepEqual(
    page.map(({ name }) => name),
    ['a', 'B'],
  );
  const next = await listChildren(db, { type: 'P/f/n', parentKey, after: page.at(-1)!.key, limit: 2 });
  assert.deepEqual(
    next.map(({ name }) => name),
    ['c'],
  );
  await db.destroy();
});

test('what is below a resource does not include a namesake with a longer name', async () => {
  const { db, group, factory } = await open();
  const below = await descendants(db, group.toLowerCase());
  assert.deepEqual(
    below.map(({ name }) => name),
    ['a', 'B', 'c', 'F', 'F2'],
  );
  const ofFactory = await listBelow(db, { scopeKey: factory.toLowerCase() });
  assert.deepEqual(
    ofFactory.map(({ name }) => name),
    ['a', 'B', 'c'],
  );
  await db.destroy();
});

test('a secret goes with its resource', async () => {
  const { db, factory } = await open();
  const key = factory.toLowerCase();
  await db
    .insertInto('secret')
    .values({ resource_key: key, path: 'p', sealed: Buffer.from('x') })
    .execute();
  await db.transaction().execute((tx) => deleteResource(tx, key));
  assert.deepEqual(await db.selectFrom('secret').selectAll().execute(), []);
  await assert.rejects(
    db
      .insertInto('secret')
      .values({ resource_key: 'nobody', path: 'p', sealed: Buffer.from('x') })
      .execute(),
    { errcode: 787 },
  );
  await db.destroy();
});
