import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pauseMs, type Trouble, withRetry } from './retry.ts';

const never = new AbortController().signal;

/** Calls that fail `times` times, and how often they were made. */
const failing = (times: number, trouble: Trouble, signal: AbortSignal = never) => {
  const made = { calls: 0 };
  const result = withRetry(
    async () => {
      made.calls += 1;
      if (made.calls <= times) throw new Error(`call ${made.calls}`);
      return 'done';
    },
    () => trouble,
    signal,
  );
  return { made, result };
};

test('a refused call is tried twice more, then its own error is the answer', async () => {
  const passing = failing(2, 'refused');
  assert.equal(await passing.result, 'done');
  const refused = failing(9, 'refused');
  await assert.rejects(refused.result, { message: 'call 3' });
  assert.equal(refused.made.calls, 3);
});

test('what another try cannot mend is not tried again', async () => {
  const { made, result } = failing(9, 'final');
  await assert.rejects(result, { message: 'call 1' });
  assert.equal(made.calls, 1);
});

test('an abort ends the waiting at once', async () => {
  const controller = new AbortController();
  const { result } = failing(9, 'busy', controller.signal);
  controller.abort(new Error('enough'));
  await assert.rejects(result);
});

test('a busy store is not asked before the time that it named, up to a minute; nonsense is not heard', () => {
  const asking = (value: string | undefined) => ({ response: { headers: { get: () => value } } });
  for (const [asked, least, most] of [
    ['7', 7000, 7300],
    ['86400', 60_000, 60_300],
    ['-5', 0, 300],
    ['Wed, 25 Nov 2026 16:00:00 GMT', 0, 300],
    [undefined, 0, 300],
  ] as const) {
    const wait = pauseMs('busy', 0, asking(asked))!;
    assert.ok(wait > least && wait <= most, `${asked}: ${wait}`);
  }
  assert.ok(pauseMs('refused', 0, asking('7'))! <= 100);
  assert.ok(pauseMs('busy', 0, undefined)! <= 300);
  assert.equal(pauseMs('busy', 5, asking('7')), undefined);
});
