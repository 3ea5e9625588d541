import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSessions, longestIdleMs, longestSessionMs } from './session.ts';
import { createSignInCodes } from './sign-in-code.ts';

const hour = 3600 * 1000;

test('a session ends an hour after its last use, and after eight hours whatever is done', (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'], now: 0 });
  const sessions = createSessions();
  const idle = sessions.open('a');
  const busy = sessions.open('a');
  for (let passed = 0; passed < longestSessionMs - hour / 2; passed += hour / 2) {
    t.mock.timers.tick(hour / 2);
    assert.ok(sessions.find(busy.token, true));
    if (passed < longestIdleMs - hour / 2) assert.ok(sessions.find(idle.token, false), 'looking is no use');
  }
  assert.equal(idle.session.ended.aborted, true, 'without anybody asking');
  assert.equal(sessions.find(idle.token, true), null);
  t.mock.timers.tick(hour / 2);
  assert.equal(busy.session.ended.aborted, true);
  assert.equal(sessions.find(busy.token, true), null);
});

test('of many sessions of one principal the oldest goes; others keep theirs', () => {
  const sessions = createSessions();
  const other = sessions.open('other');
  const all = Array.from({ length: 51 }, () => sessions.open('a'));
  assert.equal(sessions.find(all[0]!.token, true), null);
  assert.equal(all[0]!.session.ended.aborted, true);
  for (const { token } of [other, ...all.slice(1)]) assert.ok(sessions.find(token, true));
  sessions.close();
  assert.equal(sessions.find(other.token, true), null);
});

test('a code is good once, for ten minutes', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 0 });
  const codes = createSignInCodes();
  const first = codes.issue('a').code;
  const second = codes.issue('b').code;
  t.mock.timers.tick(10 * 60_000 - 1);
  assert.equal(codes.redeem(first), 'a');
  assert.equal(codes.redeem(first), null);
  t.mock.timers.tick(1);
  assert.equal(codes.redeem(second), null);
});
