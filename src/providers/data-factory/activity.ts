// The activities of a pipeline, also those inside containers, and the rules between them. Pure.
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';

/** One activity and where it stands. Activities of one `scope` may depend on each other. */
export type Activity = { activity: JsonObject; path: string; scope: string };

const containerFields = ['activities', 'ifTrueActivities', 'ifFalseActivities', 'defaultActivities'];

const listAt = (value: Json | undefined, path: string): Activity[] =>
  Array.isArray(value)
    ? value.filter(isJsonObject).flatMap((activity, index) => {
        const at = `${path}[${index}]`;
        const inside = isJsonObject(activity.typeProperties) ? activity.typeProperties : {};
        const fields = containerFields.flatMap((field) => listAt(inside[field], `${at}.typeProperties.${field}`));
        const cases = (Array.isArray(inside.cases) ? inside.cases : []).flatMap((one, number) =>
          isJsonObject(one) ? listAt(one.activities, `${at}.typeProperties.cases[${number}].activities`) : [],
        );
        return [{ activity, path: at, scope: path }, ...fields, ...cases];
      })
    : [];

/** All activities of a pipeline's body, outer before inner. */
export const activitiesOf = (pipeline: JsonObject): Activity[] =>
  isJsonObject(pipeline.properties) ? listAt(pipeline.properties.activities, 'properties.activities') : [];

const refuse = (message: string, target: string) => new ServiceError(400, 'BadRequest', message, { target });

const dependenciesOf = ({ activity, path }: Activity): { name: string; path: string }[] =>
  (Array.isArray(activity.dependsOn) ? activity.dependsOn : [])
    .filter(isJsonObject)
    .map((dependency, index) => ({ name: String(dependency.activity), path: `${path}.dependsOn[${index}].activity` }));

const nameOf = ({ activity }: Activity) => String(activity.name);

/** A way from an activity back to itself, as names, or null. */
const findCircle = (activities: readonly Activity[]): string[] | null => {
  const needs = new Map(activities.map((one) => [nameOf(one), dependenciesOf(one).map(({ name }) => name)]));
  const done = new Set<string>();
  for (const start of needs.keys()) {
    const way: { name: string; next: number }[] = [{ name: start, next: 0 }];
    const onWay = new Set([start]);
    while (way.length > 0) {
      const here = way.at(-1)!;
      const need = done.has(here.name) ? undefined : needs.get(here.name)?.[here.next];
      here.next += 1;
      if (need === undefined) {
        done.add(here.name);
        onWay.delete(here.name);
        way.pop();
      } else if (onWay.has(need))
        return [...way.map(({ name }) => name).slice(way.findIndex(({ name }) => name === need)), need];
      else {
        onWay.add(need);
        way.push({ name: need, next: 0 });
      }
    }
  }
  return null;
};

/** Refuses two activities of one name, a dependency on what is not there, and dependencies in a circle. */
export const requireOrder = (pipeline: JsonObject): void => {
  const all = activitiesOf(pipeline);
  const seen = new Map<string, string>();
  for (const one of all) {
    const name = nameOf(one).toLowerCase();
    const first = seen.get(name);
    if (first !== undefined)
      throw refuse(
        `Two activities are named '${nameOf(one)}': ${first} and ${one.path}. Names are unique in a pipeline.`,
        `${one.path}.name`,
      );
    seen.set(name, one.path);
  }
  for (const [, scope] of Map.groupBy(all, ({ scope: at }) => at)) {
    const names = new Set(scope.map(nameOf));
    for (const one of scope)
      for (const { name, path } of dependenciesOf(one))
        if (!names.has(name))
          throw refuse(
            `The activity '${nameOf(one)}' depends on '${name}', which is not among the activities beside it.`,
            path,
          );
    const circle = findCircle(scope);
    if (circle)
      throw refuse(
        `Activities depend on each other in a circle: ${circle.join(' -> ')}. None of them could start.`,
        scope[0]!.scope,
      );
  }
};
