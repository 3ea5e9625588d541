import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type LokiCollection, type LokiDatabase, openDurableDocuments } from './durable-document.ts';

type Document = { $loki: number; name: string; size: number };
type Collection = LokiCollection & {
  insert(one: object): Document;
  update(one: Document): void;
  remove(one: Document): void;
  find(query: object): Document[];
  by(field: string, value: string): Document | undefined;
};
type Database = Omit<LokiDatabase, 'addCollection'> & {
  addCollection(name: string, options: object): Collection;
  getCollection(name: string): Collection | null;
  removeCollection(name: string): void;
  loadDatabase(options: object, done: (error: Error | null) => void): void;
  saveDatabase(done: (error: Error | null) => void): void;
};

const require = createRequire(import.meta.url);
const Loki = require(require.resolve('lokijs', { paths: [require.resolve('azurite/package.json')] })) as new (
  name: string,
  options: object,
) => Database;

/** Opens the file's documents with one database on them, as Azurite makes it. */
const open = async (file: string, store = 'blob') => {
  const documents = openDurableDocuments(file);
  const database = new Loki(file, { persistenceMethod: 'fs' });
  documents.attach(store, database as unknown as LokiDatabase);
  await new Promise<void>((resolve, reject) => {
    database.loadDatabase({}, (error) => (error ? reject(error) : resolve()));
  });
  return { documents, database };
};

const place = (context: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-documents-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'metadata.sqlite');
};

const options = { unique: ['name'], indices: ['size'] };
const names = (collection: Collection | null): string[] => collection!.find({}).map((one) => one.name);

test('what was inserted, changed and removed before `saved` is what the next one loads, indexes and all', async (context) => {
  const file = place(context);
  const first = await open(file);
  const blobs = first.database.addCollection('blobs', options);
  const [a, b] = [blobs.insert({ name: 'a', size: 1 }), blobs.insert({ name: 'b', size: 2 })];
  await first.documents.saved();
  blobs.update(Object.assign(a, { size: 9 }));
  blobs.remove(b);
  blobs.remove(blobs.insert({ name: 'short-lived', size: 3 }));
  blobs.insert({ name: 'c', size: 4 });
  await first.documents.saved();
  first.documents.close();

  const second = await open(file);
  const loaded = second.database.getCollection('blobs')!;
  assert.deepEqual(names(loaded), ['a', 'c']);
  assert.equal(loaded.by('name', 'a')?.size, 9);
  assert.deepEqual(
    loaded.find({ size: { $gt: 3 } }).map((one) => one.name),
    ['c', 'a'],
  );
  assert.throws(() => loaded.insert({ name: 'c', size: 5 }), /Duplicate key/);
  const fresh = loaded.insert({ name: 'd', size: 6 });
  assert.ok(loaded.find({}).every((one) => one === fresh || one.$loki !== fresh.$loki));
  second.documents.close();
});

test('a collection that was dropped is gone, and one made anew under its name holds nothing of the old one', async (context) => {
  const file = place(context);
  const first = await open(file);
  for (const name of ['dropped', 'again']) first.database.addCollection(name, options).insert({ name, size: 1 });
  await first.documents.saved();
  first.database.removeCollection('dropped');
  first.database.removeCollection('again');
  first.database.addCollection('again', options).insert({ name: 'new', size: 2 });
  await first.documents.saved();
  first.documents.close();

  const { documents, database } = await open(file);
  assert.equal(database.getCollection('dropped'), null);
  assert.deepEqual(names(database.getCollection('again')), ['new']);
  documents.close();
});

test('databases in one file do not see each other', async (context) => {
  const file = place(context);
  const first = await open(file, 'blob');
  first.database.addCollection('same', options).insert({ name: 'blob', size: 1 });
  await first.documents.saved();
  first.documents.close();
  const second = await open(file, 'table');
  assert.equal(second.database.getCollection('same'), null);
  second.documents.close();
});

test('a save that fails rejects, and what it could not write is written by the next', async (context) => {
  const file = place(context);
  const { documents, database } = await open(file);
  const blobs = database.addCollection('blobs', options);
  const broken = blobs.insert({ name: 'a', size: 1 });
  Object.assign(broken, { toJSON: () => assert.fail('not to be written') });
  await assert.rejects(documents.saved(), /not to be written/);
  Object.assign(broken, { toJSON: undefined });
  await documents.saved();
  documents.close();
  const again = await open(file);
  assert.deepEqual(names(again.database.getCollection('blobs')), ['a']);
  again.documents.close();
});

test('a file that another holds is refused', async (context) => {
  const file = place(context);
  const { documents } = await open(file);
  assert.throws(() => openDurableDocuments(file), /locked/);
  documents.close();
  openDurableDocuments(file).close();
});
