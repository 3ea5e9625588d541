import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBlockPool } from './block-pool.ts';

const never = new AbortController().signal;
const mebibyte = 2 ** 20;

test('blocks that a pool has back serve the next one of their size, the last ones up to 24 MiB', async () => {
  const first = createBlockPool(4, 8 * mebibyte);
  const blocks: Buffer[] = [];
  for (let at = 0; at < 4; at += 1) blocks.push(await first.take(never));
  for (const block of blocks) first.give(block);
  assert.equal((await createBlockPool(1, 4 * mebibyte).take(never)).length, 4 * mebibyte);
  const second = createBlockPool(4, 8 * mebibyte);
  const again = [];
  for (let at = 0; at < 4; at += 1) again.push(await second.take(never));
  assert.deepEqual(
    again.map((block) => blocks.indexOf(block)),
    [3, 2, 1, -1],
  );
});

test('a pool hands out no more than its count, and a block has one holder', async () => {
  const pool = createBlockPool(2, 100);
  const [one, other] = [await pool.take(never), await pool.take(never)];
  assert.notEqual(one, other);
  await assert.rejects(pool.take(AbortSignal.timeout(5)), { name: 'TimeoutError' });
  const waiting = pool.take(never);
  pool.give(one);
  assert.equal(await waiting, one);
  await assert.rejects(pool.take(AbortSignal.timeout(5)), { name: 'TimeoutError' });
  pool.give(other);
  assert.equal(await pool.take(never), other);
});
