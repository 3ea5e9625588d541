// A pipeline as it is written. Types only, so that what is pure can be tested without a browser.
import type { JsonObject } from '../../../src/base/json.ts';

/** A mention of another resource of the factory. */
export type Reference = { type: string; referenceName: string };

/** An activity of a pipeline. */
export type Activity = JsonObject & {
  name: string;
  type: string;
  dependsOn?: { activity: string; dependencyConditions: string[] }[];
  inputs?: Reference[];
  outputs?: Reference[];
  typeProperties?: JsonObject;
};

/** The `properties` of a pipeline. */
export type PipelineBody = JsonObject & {
  activities?: Activity[];
  parameters?: Record<string, { type: string; defaultValue?: JsonObject[string] }>;
};
