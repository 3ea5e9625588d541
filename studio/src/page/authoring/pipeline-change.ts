// Changes of activities that are being drawn: a pipeline's, or those inside one of its activities. Pure: each gives them as
// they are afterwards.
import type { JsonObject } from '../../../../src/base/json.ts';
import type { Activity, PipelineBody } from '../../api/pipeline.ts';
import { allActivities } from './container.ts';

/** A name that no activity of the pipeline has yet, at whatever depth: `Copy1`. */
export const freeName = ({ activities }: PipelineBody, type: string): string => {
  const taken = new Set(allActivities(activities ?? []).map(({ name }) => name.toLowerCase()));
  for (let number = 1; ; number++) if (!taken.has(`${type}${number}`.toLowerCase())) return `${type}${number}`;
};

/** With a new activity, after the one that is chosen, if one is. */
export const addActivity = (
  activities: readonly Activity[],
  type: string,
  name: string,
  after: string | null,
): Activity[] => [
  ...activities,
  {
    name,
    type,
    dependsOn: after === null ? [] : [{ activity: after, dependencyConditions: ['Succeeded'] }],
    ...(type !== 'Wait' && { policy: { timeout: '0.12:00:00', retry: 0 } }),
    ...(type === 'Copy' && { inputs: [], outputs: [] }),
    typeProperties: type === 'Wait' ? { waitTimeInSeconds: 5 } : {},
  },
];

/** With an activity as it is now; where its name is another, what depends on it names it so. */
export const replaceActivity = (activities: readonly Activity[], before: string, activity: Activity): Activity[] =>
  activities.map((one) => {
    if (one.name === before) return activity;
    if (before === activity.name || !one.dependsOn?.some((need) => need.activity === before)) return one;
    return {
      ...one,
      dependsOn: one.dependsOn.map((need) => (need.activity === before ? { ...need, activity: activity.name } : need)),
    };
  });

/** Without an activity, and without anything that depended on it. */
export const removeActivity = (activities: readonly Activity[], name: string): Activity[] =>
  activities
    .filter((one) => one.name !== name)
    .map((one) =>
      one.dependsOn ? { ...one, dependsOn: one.dependsOn.filter(({ activity }) => activity !== name) } : one,
    );

/** With `to` waiting for `from`, if it did not already. */
export const connectActivities = (activities: readonly Activity[], from: string, to: string): Activity[] => {
  const target = activities.find(({ name }) => name === to);
  if (!target || from === to || target.dependsOn?.some(({ activity }) => activity === from)) return [...activities];
  const dependsOn = [...(target.dependsOn ?? []), { activity: from, dependencyConditions: ['Succeeded'] }];
  return replaceActivity(activities, to, { ...target, dependsOn });
};

/** The values that a pipeline's parameters begin with, but for secrets: the server has those. */
export const defaultsOf = ({ parameters }: PipelineBody): JsonObject =>
  Object.fromEntries(
    Object.entries(parameters ?? {}).flatMap(([name, { type, defaultValue }]) =>
      defaultValue === undefined || type === 'SecureString' ? [] : [[name, defaultValue]],
    ),
  );
