// Activities inside activities, as the canvas finds and changes them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Activity } from '../../studio/src/api/pipeline.ts';
import { innersOf, lookIn, putIn } from '../../studio/src/page/authoring/container.ts';
import { freeName } from '../../studio/src/page/authoring/pipeline-change.ts';

const wait = (name: string): Activity => ({ name, type: 'Wait', typeProperties: { waitTimeInSeconds: 1 } });
const pipeline = {
  description: 'kept',
  activities: [
    {
      name: 'Each',
      type: 'ForEach',
      typeProperties: {
        items: 'kept',
        activities: [
          {
            name: 'Which',
            type: 'Switch',
            typeProperties: {
              on: 'kept',
              cases: [
                { value: 'a', activities: [wait('Wait1')] },
                { value: 'b', more: 'kept', activities: [wait('wait2')] },
              ],
              defaultActivities: [wait('D')],
            },
          },
        ],
      },
    },
    { name: 'If', type: 'IfCondition', typeProperties: { expression: 'kept', ifTrueActivities: [wait('T')] } },
    { name: 'Until', type: 'Until', typeProperties: { activities: [] } },
    wait('Last'),
  ],
};
const names = (activities: readonly Activity[]) => activities.map(({ name }) => name);

test('every list of the four containers is found, and no other', () => {
  const [each, either, until, last] = pipeline.activities as Activity[];
  const told = (activity: Activity) =>
    innersOf(activity).map(({ key, title, activities }) => [key, title, ...names(activities)]);
  assert.deepEqual(told(each!), [['activities', 'For each', 'Which']]);
  assert.deepEqual(told(either!), [
    ['ifTrueActivities', 'If true', 'T'],
    ['ifFalseActivities', 'If false'],
  ]);
  assert.deepEqual(told(until!), [['activities', 'Until']]);
  assert.deepEqual(told(last!), []);
  assert.deepEqual(told(innersOf(each!)[0]!.activities[0]!), [
    ['cases[0]', 'Case a', 'Wait1'],
    ['cases[1]', 'Case b', 'wait2'],
    ['defaultActivities', 'Otherwise', 'D'],
  ]);
  assert.deepEqual(told({ name: 'x', type: 'Switch', typeProperties: { cases: 7 as never } }), [
    ['defaultActivities', 'Otherwise'],
  ]);
});

test('what is changed inside is changed there, and everything around it stays', () => {
  const way = [
    { name: 'Each', key: 'activities' },
    { name: 'Which', key: 'cases[1]' },
  ];
  const found = lookIn(pipeline, way);
  assert.deepEqual([names(found.activities), found.titles], [['wait2'], ['Each: For each', 'Which: Case b']]);
  const changed = putIn(pipeline, way, [...found.activities, wait('New')]);
  const expected = JSON.parse(
    JSON.stringify(pipeline).replace(
      JSON.stringify(wait('wait2')),
      JSON.stringify([wait('wait2'), wait('New')]).slice(1, -1),
    ),
  );
  assert.deepEqual(changed, expected);
  assert.deepEqual(putIn(pipeline, [{ name: 'If', key: 'ifFalseActivities' }], [wait('F')]).activities?.[1], {
    name: 'If',
    type: 'IfCondition',
    typeProperties: { expression: 'kept', ifTrueActivities: [wait('T')], ifFalseActivities: [wait('F')] },
  });
});

test('a way that leads nowhere any more ends where it still led; a new name is new at every depth', () => {
  const found = lookIn(pipeline, [
    { name: 'Each', key: 'activities' },
    { name: 'Gone', key: 'activities' },
  ]);
  assert.deepEqual([found.way.length, names(found.activities)], [1, ['Which']]);
  assert.equal(freeName(pipeline, 'Wait'), 'Wait3');
});
