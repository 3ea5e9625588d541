import type { TSchema } from 'typebox';
import type { JsonObject } from '../base/json.ts';
import type { ActivityJob, HostToken } from './job.ts';

/** What an activity may use while it runs inside a worker. */
export type ActivityContext = {
  signal: AbortSignal;
  /** Tells how far the work is: shown as the activity run's `output` until it ends. At most a few times a second. */
  progress(output: JsonObject): void;
  /** The job's tokens for key vaults, by host, for an activity that `keepsTokens`. */
  tokens?: Readonly<Record<string, HostToken>>;
};

/** An activity that a worker runs. Its run code is loaded in the worker only. */
export type ActivityDefinition = {
  /** Azure's type name. */
  type: string;
  /** One sentence for documentation. */
  summary: string;
  /** Schema of `typeProperties`; unknown properties are kept. */
  typeProperties: TSchema;
  /** It asks a vault itself, so it gets the tokens that are otherwise gone before an activity begins. */
  keepsTokens?: true;
  /** Runs to its output, or throws an `ActivityError`. */
  run: () => Promise<{ run(job: ActivityJob, context: ActivityContext): Promise<JsonObject> }>;
};
