import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { Compile } from 'typebox/compile';
import { activities } from '../src/activities/registry.ts';
import { formats } from '../src/connectors/formats/registry.ts';
import { connectors } from '../src/connectors/registry.ts';

const folderOf = (type: string) => type.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
const aSentence = /^[A-Z].*\.$/;

/** What every entry of a registry must have. */
const demand = (
  folder: string,
  { type, summary, typeProperties }: (typeof activities | typeof connectors | typeof formats)[number],
) => {
  assert.match(type, /^[A-Z][A-Za-z0-9]+$/, `${type}: Azure's type name`);
  assert.match(summary, aSentence, `${type}: summary is one sentence`);
  assert.equal(
    (typeProperties as { type?: unknown }).type,
    'object',
    `${type}: typeProperties is the schema of an object`,
  );
  Compile(typeProperties);
  assert.ok(
    existsSync(new URL(`../src/${folder}/definition.ts`, import.meta.url)),
    `${type}: src/${folder}/definition.ts`,
  );
};

const demandDistinct = (names: readonly string[]) => assert.equal(new Set(names).size, names.length, names.join(', '));

test('every activity has a name, a summary, a schema, a folder, and code that runs it', async () => {
  demandDistinct(activities.map(({ type }) => type));
  for (const activity of activities) {
    demand(`activities/${folderOf(activity.type)}`, activity);
    assert.equal(typeof (await activity.run()).run, 'function', `${activity.type}: run`);
  }
});

test('every connector has a name, a summary, a schema, a folder, and code that opens it', async () => {
  demandDistinct(connectors.map(({ type }) => type));
  demandDistinct(connectors.flatMap(({ files }) => (files ? [files.location] : [])));
  for (const connector of connectors) {
    demand(`connectors/${folderOf(connector.type).replace(/-storage$/, '')}`, connector);
    assert.equal(typeof (await connector.look()).look, 'function', `${connector.type}: look`);
    if (connector.statements)
      assert.equal(
        typeof (await connector.statements.open()).openDatabase,
        'function',
        `${connector.type}: openDatabase`,
      );
    if (connector.files) {
      Compile(connector.files.locationSchema);
      assert.equal(typeof (await connector.files.open()).openFileStore, 'function', `${connector.type}: openFileStore`);
    }
    if (connector.look) assert.equal(typeof (await connector.look()).look, 'function', `${connector.type}: look`);
  }
});

test('every format has a name, a summary, a schema, a folder, and code that reads and writes it', async () => {
  demandDistinct(formats.flatMap(({ type, source, sink }) => [type, source, sink]));
  for (const format of formats) {
    demand(`connectors/formats/${folderOf(format.type)}`, format);
    const { openReader, openWriter } = await format.open();
    assert.deepEqual([typeof openReader, typeof openWriter], ['function', 'function'], format.type);
  }
});

test('the templates run: a greeting from the activity, and a copy out of the store', async () => {
  const { run } = await activities.find(({ type }) => type === 'HelloWorld')!.run();
  const context = { signal: new AbortController().signal, progress: () => {} };
  const job = {
    jobId: '1',
    type: 'HelloWorld',
    name: 'Greet',
    inputs: [],
    outputs: [],
    linkedService: null,
    effectiveIntegrationRuntime: 'x',
  };
  assert.deepEqual(await run({ ...job, typeProperties: {} }, context), { greeting: 'Hello, world' });

  const { openFileStore } = await connectors.find(({ type }) => type === 'HelloWorld')!.files!.open();
  const store = openFileStore({ values: { greeting: 'Hi' }, where: 'ls' }, { values: {}, where: 'location' });
  const file = await store.find('hello.txt', context.signal);
  const bytes = Buffer.alloc(file!.size);
  await store.read(file!, 0, bytes, context.signal);
  assert.equal(bytes.toString(), 'Hi\n');
});
