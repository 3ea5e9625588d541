// An activity as its pipeline writes it, read once: its place in the plan and its policy.
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { evaluate, type Scope } from '../expressions/evaluate.ts';
import { activitiesOf, type Definition, objectOf } from './definition.ts';
import type { Condition, Outcome, PlannedActivity } from './plan.ts';

export type Activity = PlannedActivity & {
  type: string;
  timeoutMs: number;
  secureInput: boolean;
  secureOutput: boolean;
  /** Where it stands in the pipeline's list. */
  index: number;
  /** As it is written. */
  written: JsonObject;
};

const defaultTimeoutMs = 12 * 3600 * 1000;
/** The longest that one attempt may take, as in Azure. */
export const mostTimeoutMs = 7 * 86_400_000;
const defaultRetryIntervalSeconds = 30;
const spanForm = /^(?:(\d{1,3})\.)?(\d{1,2}):(\d{2}):(\d{2})$/;
const conditions: readonly Condition[] = ['Succeeded', 'Failed', 'Skipped', 'Completed'];
const outcomes: readonly Outcome[] = ['Succeeded', 'Failed', 'Skipped'];

/** A policy whose values cannot be read. */
export class PolicyError extends Error {
  readonly code = 'InvalidPolicy';
}

/** Milliseconds of a span (`d.hh:mm:ss`), or undefined. */
export const readSpan = (text: string): number | undefined => {
  const found = spanForm.exec(text);
  if (!found) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((part) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
};

const readDependencies = (written: JsonObject): PlannedActivity['dependsOn'] =>
  (Array.isArray(written.dependsOn) ? written.dependsOn : []).filter(isJsonObject).map((dependency) => ({
    activity: String(dependency.activity),
    conditions: Array.isArray(dependency.dependencyConditions)
      ? conditions.filter((condition) => (dependency.dependencyConditions as Json[]).includes(condition))
      : [],
  }));

const readActivity = (written: JsonObject, index: number, scope: Scope): Activity => {
  const name = String(written.name);
  const policy = objectOf(evaluate(written.policy ?? {}, scope, `activities.${name}.policy`));
  const refuse = (field: string, rule: string): never => {
    throw new PolicyError(`The policy of activity ${name} has ${field} ${JSON.stringify(policy[field])}: ${rule}.`);
  };
  const timeoutMs =
    policy.timeout === undefined
      ? defaultTimeoutMs
      : (readSpan(String(policy.timeout)) ?? refuse('timeout', 'it is a span, d.hh:mm:ss'));
  if (timeoutMs > mostTimeoutMs) refuse('timeout', 'it is a span of at most seven days');
  const retry = Number(policy.retry ?? 0);
  if (!Number.isInteger(retry) || retry < 0 || retry > 1000) refuse('retry', 'it is a whole number from 0');
  const intervalSeconds = Number(policy.retryIntervalInSeconds ?? defaultRetryIntervalSeconds);
  if (!(intervalSeconds >= 0 && intervalSeconds <= 86_400))
    refuse('retryIntervalInSeconds', 'it is a number of seconds, at most 86400');
  const inactive = outcomes.find((outcome) => outcome === (written.onInactiveMarkAs ?? 'Succeeded')) ?? 'Succeeded';
  return {
    name,
    type: String(written.type),
    dependsOn: readDependencies(written),
    retry,
    retryIntervalMs: intervalSeconds * 1000,
    timeoutMs,
    inactive: written.state === 'Inactive' ? inactive : null,
    secureInput: policy.secureInput === true,
    secureOutput: policy.secureOutput === true,
    index,
    written,
  };
};

/** The activities of a run. Errors: `ExpressionError`, `PolicyError`. */
export const readActivities = (definition: Definition, scope: Scope): Activity[] =>
  activitiesOf(definition.pipeline).map((written, index) => readActivity(written, index, scope));
