import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { copy, everything, factoryKey, openFactory, waitFor } from '../../test/stand-in/factory.ts';
import { ServiceError } from '../base/error.ts';
import type { RunFilter } from './run-filter.ts';
import { queryRuns } from './run-query.ts';

const factory = await openFactory();
await factory.furnish();
after(factory.close);

/** Rows as they would stand after `count` runs, one a second. */
const seed = async (count: number) => {
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
  await factory.db.transaction().execute(async (tx) => {
    for (let index = 0; index < count; index += 1)
      await tx
        .insertInto('pipeline_run')
        .values({
          run_id: `seed-${String(index).padStart(4, '0')}`,
          run_group_id: `group-${index % 125}`,
          factory_key: '/seeded',
          pipeline_name: index % 2 === 0 ? 'Even' : 'Odd',
          definition: '{}',
          parameters: '{}',
          invoked_by: '{}',
          prior_state: '',
          state: 'Queued',
          version: 1,
          message: '',
          // Several in one second: the page must not end between them.
          queued_at: at(index - (index % 3)),
          started_at: null,
          ended_at: null,
          updated_at: at(index),
        })
        .execute();
  });
};
await seed(250);

const all = async (filter: Partial<RunFilter>) => {
  const ids: string[] = [];
  let pages = 0;
  let continuationToken: string | undefined;
  do {
    const page = await queryRuns(factory.db, '/seeded', {
      ...everything,
      ...filter,
      ...(continuationToken !== undefined && { continuationToken }),
    });
    ids.push(...page.value.map(({ runId }) => runId));
    continuationToken = page.continuationToken;
    pages += 1;
  } while (continuationToken !== undefined);
  return { ids, pages };
};
const one = (operand: string, operator: string, ...values: string[]) =>
  ({ filters: [{ operand, operator, values }] }) as Partial<RunFilter>;

test('pages hold every run once, newest first', async () => {
  const { ids, pages } = await all({});
  assert.deepEqual([pages, ids.length, new Set(ids).size], [3, 250, 250]);
  assert.equal(ids[0], 'seed-0249');
});

test('an order that is asked for holds over pages', async () => {
  const orderBy: RunFilter['orderBy'] = [
    { orderBy: 'PipelineName', order: 'DESC' },
    { orderBy: 'RunStart', order: 'ASC' },
  ];
  const { ids } = await all({ orderBy });
  assert.equal(ids.length, 250);
  const number = (id: string) => Number(id.slice(5));
  assert.ok(ids.slice(0, 125).every((id) => number(id) % 2 === 1));
  const starts = ids.slice(125).map((id) => number(id) - (number(id) % 3));
  assert.deepEqual(
    starts,
    [...starts].sort((a, b) => a - b),
  );
});

test('filters', async () => {
  const count = async (filter: Partial<RunFilter>) => (await all(filter)).ids.length;
  assert.equal(await count(one('PipelineName', 'Equals', 'even')), 125);
  assert.equal(await count(one('PipelineName', 'NotIn', 'Even', 'Odd')), 0);
  assert.equal(await count(one('Status', 'In', 'Queued', 'Failed')), 250);
  assert.equal(await count(one('Status', 'NotEquals', 'Queued')), 0);
  assert.equal(await count(one('RunGroupId', 'Equals', 'group-7')), 2);
  assert.equal(await count(one('LatestOnly', 'Equals', 'true')), 125);
  assert.equal(await count(one('RunStart', 'Equals', '2026-01-01T01:00:00+01:00')), 3);
  assert.equal(await count(one('TriggerName', 'Equals', 'Manual')), 250);
  assert.equal(
    await count({ lastUpdatedAfter: '2026-01-01T00:00:10Z', lastUpdatedBefore: '2026-01-01T00:00:19.5Z' }),
    10,
  );
  assert.equal(await count(one('PipelineName', 'Equals', "' or 1 = 1 --")), 0);
});

test('a page says how long it is, and is read from the index of starts: the others are not looked at', async () => {
  const page = (db: typeof factory.db, more: Partial<RunFilter>, size: number) =>
    queryRuns(db, '/seeded', { ...everything, ...more }, size);
  const first = await page(factory.db, {}, 249);
  assert.equal(first.value.length, 249);
  const plan: string[] = [];
  const explained = factory.db.withPlugin({
    transformQuery: ({ node }) => {
      assert.equal(node.kind, 'RawNode');
      const [start = '', ...rest] = 'sqlFragments' in node ? node.sqlFragments : [];
      return { ...node, sqlFragments: [`explain query plan ${start}`, ...rest] };
    },
    transformResult: async ({ result }) => {
      plan.push(result.rows.map(({ detail }) => String(detail)).join('; '));
      return { ...result, rows: [] };
    },
  });
  await page(explained, {}, 1000);
  await page(explained, { continuationToken: first.continuationToken ?? '' }, 1000);
  await page(explained, one('Status', 'Equals', 'Failed'), 1000);
  assert.equal(plan.length, 3);
  for (const told of plan) {
    assert.match(told, /INDEX pipeline_run_start/);
    assert.doesNotMatch(told, /TEMP B-TREE/);
  }
});

const refused = (target: string) => (error: unknown) =>
  error instanceof ServiceError && error.status === 400 && error.target === target;

test('what is not a query is refused by its field', async () => {
  await assert.rejects(all(one('ActivityName', 'Equals', 'x')), refused('filters[0].operand'));
  await assert.rejects(all(one('Status', 'Equals', 'a', 'b')), refused('filters[0].values'));
  await assert.rejects(all({ orderBy: [{ orderBy: 'ActivityType', order: 'ASC' }] }), refused('orderBy[0].orderBy'));
  await assert.rejects(all({ lastUpdatedAfter: 'yesterday' }), refused('lastUpdatedAfter'));
  for (const continuationToken of ['x', 'W10', Buffer.from('["RunEnd asc,id asc","",""]').toString('base64url')])
    await assert.rejects(all({ continuationToken }), refused('continuationToken'));
});

test('activity runs are filtered and ordered likewise; a run of another factory is not found', async () => {
  const run = await factory.run([waitFor('A', 0), copy('B', 'echo'), copy('C', 'fail')]);
  const names = async (filter: Partial<RunFilter>) =>
    (
      await factory.pipelines.queryActivityRuns(factory.db, factoryKey, run.runId, { ...everything, ...filter })
    ).value.map(({ activityName }) => activityName);
  assert.deepEqual(await names(one('ActivityType', 'Equals', 'Wait')), ['A']);
  assert.deepEqual(await names(one('Status', 'NotEquals', 'Succeeded')), ['C']);
  assert.deepEqual(await names({ orderBy: [{ orderBy: 'ActivityName', order: 'DESC' }] }), ['C', 'B', 'A']);
  await assert.rejects(
    factory.pipelines.queryActivityRuns(factory.db, '/other', run.runId, everything as RunFilter),
    (error) => error instanceof ServiceError && error.code === 'PipelineRunNotFound',
  );
});
