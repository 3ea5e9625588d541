import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBudget, createPager, type Items, readPageAsk } from './page.ts';
import { openQuery } from './query/query.ts';

const itemsOf =
  (count: number, text = ''): Items =>
  (after, limit) =>
    Array.from({ length: Math.max(0, Math.min(limit, count - after)) }, (_, at) => {
      const number = after + at + 1;
      return { number, text: JSON.stringify({ id: `${number}`, text }) };
    });
const rest = async () => {};
const pageOf = (query: string, items: Items, size: number, after = 0, pager = createPager(), wait = rest) => {
  const budget = createBudget();
  return pager(openQuery({ query }, budget), items, { size, after }, budget, wait);
};

test('pages join without a gap, whether a query goes on after an item or is asked anew', async () => {
  for (const query of [
    'SELECT VALUE c.id FROM c',
    'SELECT DISTINCT VALUE c.id FROM c',
    'SELECT TOP 450 VALUE c.id FROM c',
  ]) {
    const found: string[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const page = await pageOf(query, itemsOf(450), 100, after);
      assert.ok(page.texts.length <= 100);
      found.push(...page.texts);
      after = page.next;
    }
    assert.deepEqual(
      found,
      Array.from({ length: 450 }, (_, at) => `"${at + 1}"`),
      query,
    );
  }
});

test('a page ends with its bytes; what a query would have to hold is bounded', async () => {
  const large = 'x'.repeat(300_000);
  const page = await pageOf('SELECT * FROM c', itemsOf(100, large), 1000);
  assert.equal(page.texts.length, 14);
  assert.equal(page.next, 14);
  await assert.rejects(pageOf('SELECT * FROM c ORDER BY c.text', itemsOf(1000, large), 10), {
    status: 400,
    message: /more than 64 MB/,
  });
});

test('few queries that sort or group run at once; the others are told to come again', async () => {
  const pager = createPager();
  const gate = Promise.withResolvers<void>();
  const sorted = () => pageOf('SELECT VALUE c.id FROM c ORDER BY c.id', itemsOf(100), 10, 0, pager, () => gate.promise);
  const running = [sorted(), sorted(), sorted(), sorted()];
  await assert.rejects(sorted(), { status: 429 });
  assert.equal((await pageOf('SELECT VALUE c.id FROM c', itemsOf(5), 10, 0, pager)).texts.length, 5);
  gate.resolve();
  await Promise.all(running);
  assert.equal((await sorted()).texts.length, 10);
});

test('what a client wants of a page is checked', () => {
  assert.deepEqual(readPageAsk(undefined, undefined), { size: 100, after: 0 });
  assert.deepEqual(readPageAsk('-1', '7'), { size: 100, after: 7 });
  assert.equal(readPageAsk('999999999', undefined).size, 10_000);
  for (const [size, token] of [
    ['0'],
    ['1.5'],
    ['-2'],
    ['x'],
    ['1', '-1'],
    ['1', '{"a":1}'],
    ['1', '1e99'],
    ['1', 'null'],
  ])
    assert.throws(() => readPageAsk(size, token), { status: 400 }, `${size} ${token}`);
});
