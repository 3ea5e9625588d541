// Changes of a pipeline that is being drawn. Pure: each gives the pipeline as it is afterwards.
import type { JsonObject } from '../../../../src/base/json.ts';
import type { Activity, PipelineBody } from '../../api/authoring.ts';

const listOf = ({ activities }: PipelineBody): Activity[] => activities ?? [];

/** A name that no activity has yet: `Copy1`. */
export const freeName = (pipeline: PipelineBody, type: string): string => {
  const taken = new Set(listOf(pipeline).map(({ name }) => name.toLowerCase()));
  for (let number = 1; ; number++) if (!taken.has(`${type}${number}`.toLowerCase())) return `${type}${number}`;
};

/** With a new activity, after the one that is chosen, if one is. */
export const addActivity = (
  pipeline: PipelineBody,
  type: string,
  after: string | null,
): { pipeline: PipelineBody; name: string } => {
  const name = freeName(pipeline, type);
  const activity: Activity = {
    name,
    type,
    dependsOn: after === null ? [] : [{ activity: after, dependencyConditions: ['Succeeded'] }],
    ...(type !== 'Wait' && { policy: { timeout: '0.12:00:00', retry: 0 } }),
    ...(type === 'Copy' && { inputs: [], outputs: [] }),
    typeProperties: type === 'Wait' ? { waitTimeInSeconds: 5 } : {},
  };
  return { pipeline: { ...pipeline, activities: [...listOf(pipeline), activity] }, name };
};

/** With an activity as it is now; where its name is another, what depends on it names it so. */
export const replaceActivity = (pipeline: PipelineBody, before: string, activity: Activity): PipelineBody => ({
  ...pipeline,
  activities: listOf(pipeline).map((one) => {
    if (one.name === before) return activity;
    if (before === activity.name || !one.dependsOn?.some((need) => need.activity === before)) return one;
    return {
      ...one,
      dependsOn: one.dependsOn.map((need) => (need.activity === before ? { ...need, activity: activity.name } : need)),
    };
  }),
});

/** Without an activity, and without anything that depended on it. */
export const removeActivity = (pipeline: PipelineBody, name: string): PipelineBody => ({
  ...pipeline,
  activities: listOf(pipeline)
    .filter((one) => one.name !== name)
    .map((one) =>
      one.dependsOn ? { ...one, dependsOn: one.dependsOn.filter(({ activity }) => activity !== name) } : one,
    ),
});

/** With `to` waiting for `from`, if it did not already. */
export const connectActivities = (pipeline: PipelineBody, from: string, to: string): PipelineBody => {
  const target = listOf(pipeline).find(({ name }) => name === to);
  if (!target || from === to || target.dependsOn?.some(({ activity }) => activity === from)) return pipeline;
  const dependsOn = [...(target.dependsOn ?? []), { activity: from, dependencyConditions: ['Succeeded'] }];
  return replaceActivity(pipeline, to, { ...target, dependsOn });
};

/** The values that a pipeline's parameters begin with, but for secrets: the server has those. */
export const defaultsOf = ({ parameters }: PipelineBody): JsonObject =>
  Object.fromEntries(
    Object.entries(parameters ?? {}).flatMap(([name, { type, defaultValue }]) =>
      defaultValue === undefined || type === 'SecureString' ? [] : [[name, defaultValue]],
    ),
  );
