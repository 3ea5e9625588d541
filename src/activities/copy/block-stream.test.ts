import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { FileStore, StoredFile } from '../../connectors/file-store.ts';
import { MissingError } from '../../connectors/missing-error.ts';
import { createBlockPool } from './block-pool.ts';
import { readBlocks, writeChunks } from './block-stream.ts';
import { forEachConcurrently } from './concurrent.ts';
import { copyFile } from './copy-bytes.ts';

const never = new AbortController().signal;

/** A store in memory whose calls end in another order than they began. */
const memoryStore = (failAtPart = -1) => {
  const files = new Map<string, Buffer>();
  const discarded: string[] = [];
  const later = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
  const store: FileStore = {
    name: 'memory',
    async *list() {},
    async *children() {},
    find: async () => undefined,
    read: async (file, offset, into) => {
      await later();
      files.get(file.path)!.copy(into, 0, offset, offset + into.length);
    },
    put: async (path, bytes) => void files.set(path, Buffer.from(bytes)),
    begin: (path) => {
      const parts: Buffer[] = [];
      return {
        stage: async (index, bytes) => {
          await later();
          if (index === failAtPart) throw new Error('part lost');
          parts[index] = Buffer.from(bytes);
        },
        commit: async (count) => void files.set(path, Buffer.concat(parts.slice(0, count))),
        discard: async () => void discarded.push(path),
      };
    },
    missing: (path) => new MissingError('Missing', path),
    remove: async () => {},
  };
  return { store, files, discarded };
};
const file = (size: number): StoredFile => ({ path: 'in', size, version: '1', modifiedAt: new Date(0) });

test('a file of any size passes through blocks in order, and every block comes back to its pool', async () => {
  for (const size of [0, 1, 999, 1000, 1001, 5000, 23_456]) {
    const { store, files } = memoryStore();
    files.set('in', randomBytes(size));
    const [read, write] = [createBlockPool(3, 1000), createBlockPool(2, 700)];
    await writeChunks(store, 'out', readBlocks(store, file(size), read, never), write, never);
    assert.ok(files.get('out')!.equals(files.get('in')!), `${size} bytes`);
    for (const pool of [read, write])
      for (let at = 0; at < pool.count; at += 1)
        assert.equal((await pool.take(AbortSignal.timeout(100))).length, pool.blockBytes);
  }
});

test('a part that fails, be it the last, and a source that fails, leave no file and keep no block', async () => {
  const [read, write] = [createBlockPool(3, 1000), createBlockPool(2, 700)];
  const bytes = randomBytes(10_000);
  for (const part of [3, Math.ceil(bytes.length / 700) - 1]) {
    const { store, files, discarded } = memoryStore(part);
    files.set('in', bytes);
    const source = readBlocks(store, file(bytes.length), read, never);
    await assert.rejects(writeChunks(store, 'out', source, write, never), /part lost/);
    assert.equal(files.has('out'), false);
    assert.deepEqual(discarded, ['out']);
  }
  const { store, files } = memoryStore();
  const broken = (async function* () {
    yield randomBytes(3000);
    throw new Error('source lost');
  })();
  await assert.rejects(writeChunks(store, 'out', broken, write, never), /source lost/);
  assert.equal(files.has('out'), false);
  for (const pool of [read, write])
    for (let at = 0; at < pool.count; at += 1) await pool.take(AbortSignal.timeout(100));
});

test('a large file whose part fails ends with that failure, and is not there', async () => {
  for (const part of [0, 9]) {
    const { store, files, discarded } = memoryStore(part);
    files.set('in', randomBytes(10_000));
    const pool = createBlockPool(3, 1000);
    await assert.rejects(
      copyFile(store, file(10_000), store, 'out', { blocks: pool, small: pool }, never),
      /part lost/,
    );
    assert.equal(files.has('out'), false);
    assert.deepEqual(discarded, ['out']);
    for (let at = 0; at < pool.count; at += 1) await pool.take(AbortSignal.timeout(100));
  }
});

test('the first failure aborts the other lanes, and is the one that is thrown', async () => {
  const seen: number[] = [];
  const work = async (item: number, signal: AbortSignal) => {
    seen.push(item);
    if (item === 1) throw new Error('first');
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };
  await assert.rejects(forEachConcurrently([0, 1, 2, 3, 4], 3, never, work), /first/);
  assert.ok(seen.length <= 3);
});
