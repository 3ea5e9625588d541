// Activities inside activities: the inner lists of those that hold others, the way to one of them, and a pipeline with one
// changed. Pure.
import { isJsonObject, type JsonObject } from '../../../../src/base/json.ts';
import type { Activity, PipelineBody } from '../../api/pipeline.ts';

/** A list inside an activity. `key` names it among the lists of that activity. */
export type Inner = { key: string; title: string; activities: Activity[] };

/** One step of a way in: an activity by its name, and which of its lists. */
export type Step = { name: string; key: string };

const titles: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ForEach: { activities: 'For each' },
  Until: { activities: 'Until' },
  IfCondition: { ifTrueActivities: 'If true', ifFalseActivities: 'If false' },
  Switch: { defaultActivities: 'Otherwise' },
};

const listOf = (value: unknown): Activity[] => (Array.isArray(value) ? (value.filter(isJsonObject) as Activity[]) : []);
const propertiesOf = ({ typeProperties }: Activity): JsonObject => (isJsonObject(typeProperties) ? typeProperties : {});
const casesOf = (activity: Activity): JsonObject[] => {
  const { cases } = propertiesOf(activity);
  return activity.type === 'Switch' && Array.isArray(cases) ? cases.filter(isJsonObject) : [];
};

const caseKey = (index: number) => `cases[${index}]`;

/** The lists inside an activity; none where it holds no others. */
export const innersOf = (activity: Activity): Inner[] => {
  const properties = propertiesOf(activity);
  return [
    ...casesOf(activity).map(({ value, activities }, index) => ({
      key: caseKey(index),
      title: `Case ${String(value)}`,
      activities: listOf(activities),
    })),
    ...Object.entries(titles[activity.type] ?? {}).map(([key, title]) => ({
      key,
      title,
      activities: listOf(properties[key]),
    })),
  ];
};

/** Every activity, outer before inner. */
export const allActivities = (activities: readonly Activity[]): Activity[] =>
  activities.flatMap((one) => [one, ...innersOf(one).flatMap((inner) => allActivities(inner.activities))]);

const innerAt = (activities: readonly Activity[], { name, key }: Step): Inner | undefined => {
  const holder = activities.find((one) => one.name === name);
  return holder && innersOf(holder).find((inner) => inner.key === key);
};

/** The activities at the end of a way, as far as it still leads anywhere, and the titles of its steps. */
export const lookIn = (
  { activities }: PipelineBody,
  way: readonly Step[],
): { way: Step[]; titles: string[]; activities: Activity[] } => {
  const found = { way: [] as Step[], titles: [] as string[], activities: listOf(activities) };
  for (const step of way) {
    const inner = innerAt(found.activities, step);
    if (!inner) break;
    found.way.push(step);
    found.titles.push(`${step.name}: ${inner.title}`);
    found.activities = inner.activities;
  }
  return found;
};

const withInner = (activity: Activity, key: string, activities: Activity[]): Activity => {
  const properties = propertiesOf(activity);
  const cases = casesOf(activity);
  const isCase = cases.some((_, index) => caseKey(index) === key);
  const changed = isCase
    ? { cases: cases.map((one, index) => (caseKey(index) === key ? { ...one, activities } : one)) }
    : { [key]: activities };
  return { ...activity, typeProperties: { ...properties, ...changed } };
};

const changeIn = (activities: readonly Activity[], [step, ...rest]: readonly Step[], to: Activity[]): Activity[] => {
  if (!step) return to;
  return activities.map((one) =>
    one.name === step.name
      ? withInner(one, step.key, changeIn(innerAt(activities, step)?.activities ?? [], rest, to))
      : one,
  );
};

/** The pipeline with other activities at the end of a way. */
export const putIn = (pipeline: PipelineBody, way: readonly Step[], activities: Activity[]): PipelineBody => ({
  ...pipeline,
  activities: changeIn(listOf(pipeline.activities), way, activities),
});
