import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createLog } from '../base/log.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { writeResource } from '../database/resource.ts';
import type { Snapshot } from '../network/policy/model.ts';
import { createPublication } from './publication.ts';
import { createStoreDirectory } from './store-directory.ts';

const log = createLog({ level: 'silent' });
let database: Database;
before(async () => {
  database = await openDatabase(':memory:', { machines: [] });
});
after(() => database.destroy());

/** A network that takes its time: each snapshot waits until it is let through. */
const slowNetwork = () => {
  const asked: { snapshot: Snapshot; pass(): void; fail(error: Error): void }[] = [];
  let wake = () => {};
  return {
    asked,
    network: {
      apply: (snapshot: Snapshot) =>
        new Promise<{ cut: number }>((resolve, reject) => {
          asked.push({ snapshot, pass: () => resolve({ cut: 0 }), fail: reject });
          wake();
        }),
    },
    /** Resolves once `count` snapshots were given to the network. */
    until: async (count: number) => {
      while (asked.length < count)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return asked[count - 1]!;
    },
  };
};

const addFactory = (name: string) =>
  database.transaction().execute((tx) =>
    writeResource(tx, {
      id: `/f/${name}`,
      key: `/f/${name}`,
      type: 'Microsoft.DataFactory/factories',
      name,
      parentKey: '/f',
      location: null,
      tags: {},
      body: {},
      etag: '',
      createdAt: '',
      updatedAt: '',
    }),
  );
const keysOf = (snapshot: Snapshot) => snapshot.networks.map(({ key }) => key);

test('a publication resolves once the gateways hold what was committed before it, and calls under way share the next', async () => {
  const { network, until, asked } = slowNetwork();
  const { publish } = createPublication({ database, network, kinds: [], directory: createStoreDirectory(), log });
  const done: string[] = [];
  await addFactory('one');
  const first = publish().then(() => done.push('first'));
  const one = await until(1);
  assert.deepEqual(keysOf(one.snapshot), ['/f/one/public']);
  await addFactory('two');
  const second = publish().then(() => done.push('second'));
  await addFactory('three');
  const third = publish().then(() => done.push('third'));
  assert.deepEqual(done, [], 'nobody is told before the gateways know');
  one.pass();
  await first;
  const two = await until(2);
  assert.deepEqual(done, ['first']);
  assert.deepEqual(keysOf(two.snapshot), ['/f/one/public', '/f/three/public', '/f/two/public']);
  assert.ok(two.snapshot.version > one.snapshot.version);
  two.pass();
  await Promise.all([second, third]);
  assert.equal(asked.length, 2, 'the second and third shared one');
});

test('a snapshot that could not be applied fails its callers, and the next is tried afresh', async () => {
  const { network, until } = slowNetwork();
  const { publish } = createPublication({ database, network, kinds: [], directory: createStoreDirectory(), log });
  const failing = publish();
  (await until(1)).fail(new Error('no gateway'));
  await assert.rejects(failing, /no gateway/);
  const next = publish();
  (await until(2)).pass();
  await next;
});
