import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Attempt, type Condition, type Outcome, type PlannedActivity, plan } from './plan.ts';

const activity = (name: string, dependsOn: Record<string, Condition[]> = {}, more: Partial<PlannedActivity> = {}) => ({
  name,
  dependsOn: Object.entries(dependsOn).map(([on, conditions]) => ({ activity: on, conditions })),
  retry: 0,
  retryIntervalMs: 30_000,
  inactive: null,
  ...more,
});

/** Runs a pipeline by its plan, each activity ending as told (`Succeeded` where nothing is); answers how it all ended. */
const run = (activities: PlannedActivity[], ends: Record<string, Outcome[] | Outcome> = {}) => {
  const latest = new Map<string, Attempt>();
  const began: string[] = [];
  for (let nowMs = 0; nowMs < 1e7; nowMs += 30_000) {
    const next = plan(activities, latest, nowMs);
    for (const { activity: name, outcome } of next.mark)
      latest.set(name, { attempt: 0, state: outcome, endedAtMs: nowMs });
    if (next.end) {
      const outcomes = Object.fromEntries([...latest].map(([name, { state }]) => [name, state]));
      return { ...next.end, outcomes, began };
    }
    for (const { activity: name, attempt } of next.start) {
      began.push(name);
      const told = ends[name] ?? 'Succeeded';
      const state = Array.isArray(told) ? told[attempt]! : told;
      latest.set(name, { attempt, state, endedAtMs: nowMs });
    }
  }
  throw new Error('the run never ended');
};

const dependencies: [condition: Condition[], outcome: Outcome, runs: boolean][] = [
  [['Succeeded'], 'Succeeded', true],
  [['Succeeded'], 'Failed', false],
  [['Failed'], 'Failed', true],
  [['Failed'], 'Succeeded', false],
  [['Completed'], 'Succeeded', true],
  [['Completed'], 'Failed', true],
  [['Completed'], 'Skipped', false],
  [['Skipped'], 'Skipped', true],
  [['Skipped'], 'Succeeded', false],
  [['Succeeded', 'Failed'], 'Failed', true],
  [['Succeeded', 'Skipped'], 'Skipped', true],
  [['Succeeded', 'Skipped'], 'Failed', false],
];
for (const [conditions, outcome, runs] of dependencies)
  test(`after ${outcome}, an activity that depends on ${conditions.join(' or ')} ${runs ? 'runs' : 'is skipped'}`, () => {
    const first = activity('A', {}, outcome === 'Skipped' ? { inactive: 'Skipped' } : {});
    const { outcomes } = run([first, activity('B', { A: conditions })], { A: outcome });
    assert.equal(outcomes.B, runs ? 'Succeeded' : 'Skipped');
  });

test('all dependencies must be met: one that cannot be skips the activity at once', () => {
  const activities = [activity('A'), activity('Long'), activity('B', { A: ['Failed'], Long: ['Succeeded'] })];
  const latest = new Map<string, Attempt>([
    ['A', { attempt: 0, state: 'Succeeded', endedAtMs: 0 }],
    ['Long', { attempt: 0, state: 'InProgress', endedAtMs: null }],
  ]);
  assert.deepEqual(plan(activities, latest, 0).mark, [{ activity: 'B', outcome: 'Skipped' }]);
});

// The published table of error handling: how a pipeline ends when its first activity succeeds, and when it fails.
const ok: Condition[] = ['Succeeded'];
const failed: Condition[] = ['Failed'];
const handling: [title: string, rest: PlannedActivity[], whenSucceeded: string, whenFailed: string][] = [
  ['no handling', [], 'Succeeded', 'Failed'],
  ['try, catch', [activity('Catch', { A: failed })], 'Succeeded', 'Succeeded'],
  ['do, if, else', [activity('Then', { A: ok }), activity('Else', { A: failed })], 'Succeeded', 'Failed'],
  [
    'do, if, skip, else',
    [activity('Then', { A: ok }), activity('Else', { A: failed }), activity('Dummy', { Then: ['Skipped'] })],
    'Succeeded',
    'Succeeded',
  ],
  ['best effort step', [activity('Next', { A: ['Completed'] })], 'Succeeded', 'Succeeded'],
  [
    'a chain whose handler is at its end',
    [activity('B', { A: ok }), activity('C', { B: ok }), activity('Handler', { C: ['Failed', 'Skipped'] })],
    'Succeeded',
    'Succeeded',
  ],
  ['a chain without a handler', [activity('B', { A: ok }), activity('C', { B: ok })], 'Succeeded', 'Failed'],
];
for (const [title, rest, whenSucceeded, whenFailed] of handling)
  test(`outcome of a pipeline: ${title}`, () => {
    const activities = [activity('A'), ...rest];
    assert.equal(run(activities).state, whenSucceeded);
    const end = run(activities, { A: 'Failed' });
    assert.equal(end.state, whenFailed);
    assert.deepEqual(end.culprits, whenFailed === 'Failed' ? ['A'] : []);
  });

test('an activity that fails is tried again as often as it may, and after its interval', () => {
  const retried = activity('A', {}, { retry: 2 });
  assert.deepEqual(run([retried], { A: ['Failed', 'Failed', 'Succeeded'] }).began, ['A', 'A', 'A']);
  assert.equal(run([retried], { A: ['Failed', 'Failed', 'Failed'] }).state, 'Failed');
  const latest = new Map<string, Attempt>([['A', { attempt: 0, state: 'TimedOut', endedAtMs: 1000 }]]);
  const early = plan([retried], latest, 30_999);
  assert.deepEqual([early.start, early.retryAtMs, early.end], [[], 31_000, null]);
  assert.deepEqual(plan([retried], latest, 31_000).start, [{ activity: 'A', attempt: 1 }]);
});

test('an inactive activity is not run, counts as it is marked, and is not tried again', () => {
  for (const outcome of ['Succeeded', 'Failed', 'Skipped'] as const) {
    const { outcomes, began } = run([
      activity('A', {}, { inactive: outcome, retry: 3 }),
      activity('B', { A: [outcome] }),
      activity('C', { B: ok }, { inactive: 'Succeeded' }),
    ]);
    assert.deepEqual([began, outcomes], [['B'], { A: outcome, B: 'Succeeded', C: 'Succeeded' }]);
  }
});

test('an inactive activity whose conditions are not met is skipped', () => {
  const { outcomes } = run([activity('A'), activity('B', { A: failed }, { inactive: 'Failed' })]);
  assert.equal(outcomes.B, 'Skipped');
});

test('activities in a circle, or after one that is not there, end the run instead of holding it', () => {
  const circle = run([activity('A', { B: ok }), activity('B', { A: ok })]);
  assert.deepEqual([circle.state, circle.culprits], ['Failed', ['A', 'B']]);
  assert.deepEqual(run([activity('A', { gone: ok })]).outcomes, { A: 'Skipped' });
});

const conditions = fc.uniqueArray(fc.constantFrom<Condition>('Succeeded', 'Failed', 'Skipped', 'Completed'), {
  minLength: 1,
});
const pipelines = fc.integer({ min: 1, max: 9 }).chain((size) =>
  fc.tuple(
    ...Array.from({ length: size }, (_, index) =>
      fc.record({
        conditions: fc.array(fc.option(conditions), { minLength: index, maxLength: index }),
        retry: fc.integer({ min: 0, max: 2 }),
        inactive: fc.option(fc.constantFrom<Outcome>('Succeeded', 'Failed', 'Skipped'), { freq: 5 }),
        ends: fc.array(fc.constantFrom<Outcome>('Succeeded', 'Failed'), { minLength: 3, maxLength: 3 }),
      }),
    ),
  ),
);

test('whatever the pipeline: it ends, each activity ends once, and none begins before its conditions hold', () => {
  fc.assert(
    fc.property(pipelines, (parts) => {
      const activities = parts.map((part, index) =>
        activity(
          `a${index}`,
          Object.fromEntries(part.conditions.flatMap((each, on) => (each ? [[`a${on}`, each]] : []))),
          { retry: part.retry, inactive: part.inactive },
        ),
      );
      const { outcomes, began, state, culprits } = run(
        activities,
        Object.fromEntries(parts.map((part, index) => [`a${index}`, part.ends])),
      );
      assert.equal(Object.keys(outcomes).length, activities.length);
      for (const each of activities) {
        const times = began.filter((name) => name === each.name).length;
        const holds = each.dependsOn.every(({ activity: on, conditions: met }) => {
          const outcome = outcomes[on] as Outcome;
          return met.includes(outcome) || (outcome !== 'Skipped' && met.includes('Completed'));
        });
        assert.equal(times > 0, holds && each.inactive === null);
        assert.ok(times <= each.retry + 1);
        if (!holds) assert.equal(outcomes[each.name], 'Skipped');
      }
      assert.equal(state === 'Failed', culprits.length > 0);
      for (const name of culprits) assert.equal(outcomes[name], 'Failed');
      if (!Object.values(outcomes).includes('Failed')) assert.equal(state, 'Succeeded');
    }),
  );
});
