import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTurn } from './turn.ts';

test('holders come in one at a time, in order of asking', async () => {
  const turn = createTurn();
  const order: number[] = [];
  let inside = 0;
  await Promise.all(
    [1, 2, 3, 4].map(async (number) => {
      await turn.take();
      inside += 1;
      assert.equal(inside, 1);
      order.push(number);
      await Promise.resolve();
      inside -= 1;
      turn.give();
    }),
  );
  assert.deepEqual(order, [1, 2, 3, 4]);
});

test('who waits for itself is told so, and the turn goes on', async () => {
  const turn = createTurn(10);
  await turn.take();
  await assert.rejects(turn.take(), /held by one transaction/);
  turn.give();
  await turn.take();
});
