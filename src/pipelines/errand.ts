// An errand: one activity that no pipeline holds, run where, with what and as whom a pipeline's would be. Nothing of it is
// stored.
import { randomUUID } from 'node:crypto';
import type { Json, JsonObject } from '../base/json.ts';
import type { Tx } from '../database/database.ts';
import { literal } from '../expressions/evaluate.ts';
import { readActivities } from './activity.ts';
import { type AttemptEnd, runAttempt, type Workshop } from './attempt.ts';
import { type GivenParts, objectOf, readAround } from './definition.ts';
import { scopeOf } from './run-parameter.ts';

/** What is asked: an activity as a pipeline would write it, but for its `typeProperties`, which hold no expressions; and the parts that stand in for stored ones. */
export type ErrandRequest = { factoryKey: string; activity: JsonObject; given: GivenParts };

/** Runs it to its end. Never throws: what goes wrong is its failure. Aborting stops it. */
export type Errand = (signal: AbortSignal) => Promise<AttemptEnd>;

/** Reads all that the activity refers to, as it is now. Errors: 400 `BadRequest` naming the reference or the policy. */
export const planErrand = async (workshop: Workshop, tx: Tx, request: ErrandRequest): Promise<Errand> => {
  const { factoryKey, activity, given } = request;
  const name = String(activity.name);
  // A person typed them: a folder may well begin with @.
  const typed = Object.entries(objectOf(activity.typeProperties)).map(([property, value]): [string, Json] => [
    property,
    typeof value === 'string' ? literal(value) : value,
  ]);
  const written = { ...activity, typeProperties: Object.fromEntries(typed) };
  const pipeline = { key: '', name, body: { properties: { activities: [written] } } };
  const definition = await readAround(tx, factoryKey, pipeline, name, given);
  const runId = randomUUID();
  const queuedAt = new Date(workshop.clock.now()).toISOString();
  const scope = scopeOf(definition, { runId, runGroupId: runId, queuedAt }, {});
  const [planned] = readActivities(definition, scope);
  return (signal) =>
    runAttempt(workshop, {
      definition,
      activity: planned!,
      row: {
        id: runId,
        activity: name,
        attempt: 0,
        state: 'InProgress',
        startedAtMs: workshop.clock.now(),
        endedAtMs: null,
        failure: null,
      },
      scope,
      signal,
      onStart: async () => {},
      onProgress: () => {},
    });
};
