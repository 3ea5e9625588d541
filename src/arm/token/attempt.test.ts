import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAttempts } from './attempt.ts';

test('ten failures within a minute close the door for the rest of it, to that client only', () => {
  let now = 0;
  const attempts = createAttempts(() => now);
  for (let count = 0; count < 9; count += 1) attempts.failed('a');
  assert.equal(attempts.waitSeconds('a'), 0);
  attempts.failed('a');
  now = 20_000;
  assert.equal(attempts.waitSeconds('a'), 40);
  assert.equal(attempts.waitSeconds('b'), 0);
  now = 60_000;
  assert.equal(attempts.waitSeconds('a'), 0);
});

test('a success forgets the failures before it', () => {
  const attempts = createAttempts(() => 0);
  for (let count = 0; count < 9; count += 1) attempts.failed('a');
  attempts.succeeded('a');
  attempts.failed('a');
  assert.equal(attempts.waitSeconds('a'), 0);
});
