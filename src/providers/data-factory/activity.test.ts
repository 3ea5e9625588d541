import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '../../base/json.ts';
import { activitiesOf, requireOrder } from './activity.ts';

const activity = (name: string, needs: string[] = [], typeProperties: JsonObject = {}): JsonObject => ({
  name,
  type: 'Wait',
  dependsOn: needs.map((need) => ({ activity: need, dependencyConditions: ['Succeeded'] })),
  typeProperties,
});
const pipeline = (...activities: Json[]): JsonObject => ({ properties: { activities } });
const refusal = (body: JsonObject) => {
  try {
    requireOrder(body);
  } catch (error) {
    return error as { code: string; target: string; message: string };
  }
  return null;
};

test('activities inside containers are found, with their paths', () => {
  const body = pipeline(
    activity('Each', [], { activities: [activity('Inner')] }),
    activity('Which', [], {
      ifTrueActivities: [activity('Yes')],
      cases: [{ value: '1', activities: [activity('One')] }],
    }),
  );
  assert.deepEqual(
    activitiesOf(body).map(({ path }) => path),
    [
      'properties.activities[0]',
      'properties.activities[0].typeProperties.activities[0]',
      'properties.activities[1]',
      'properties.activities[1].typeProperties.ifTrueActivities[0]',
      'properties.activities[1].typeProperties.cases[0].activities[0]',
    ],
  );
  assert.equal(refusal(body), null);
});

test('duplicate names, unknown dependencies and circles are refused, each by its place', () => {
  const duplicate = refusal(pipeline(activity('A'), activity('B', [], { activities: [activity('a')] })));
  assert.deepEqual(
    [duplicate?.code, duplicate?.target],
    ['BadRequest', 'properties.activities[1].typeProperties.activities[0].name'],
  );
  const unknown = refusal(pipeline(activity('A', ['Z'])));
  assert.equal(unknown?.target, 'properties.activities[0].dependsOn[0].activity');
  const outside = refusal(pipeline(activity('A'), activity('B', [], { activities: [activity('C', ['A'])] })));
  assert.match(outside?.message ?? '', /'C' depends on 'A'/);
  const circle = refusal(
    pipeline(activity('A'), activity('B', ['A', 'D']), activity('C', ['B']), activity('D', ['C'])),
  );
  assert.match(circle?.message ?? '', /B -> D -> C -> B/);
  assert.match(refusal(pipeline(activity('A', ['A'])))?.message ?? '', /A -> A/);
  assert.equal(refusal(pipeline(activity('A'), activity('B', ['A']), activity('C', ['A', 'B']))), null);
});
